"""Trust boundaries: who can do what where, before any control. Ids are those of the Kata Containers model where the thing
is the same; that model has no boundary `container`, and this one nothing of a guest."""

from __future__ import annotations

from threatmodel.dsl import Boundary

from .confinement import confinement
from .controls import runc
from .options import RuncOptions


def boundaries(o: RuncOptions) -> None:
    """The zones of a node that runs containers of runc, and what surrounds it."""
    Boundary("tenant", name="Tenant", privilege="none", description="People who submit pods, and their tools")
    Boundary(
        "control-plane",
        name="Control plane",
        privilege="elevated",
        description="Kubernetes API, cluster administration and node administrators",
    )
    Boundary(
        "external",
        name="External services",
        privilege="none",
        description="Registries, releases and networks outside the cluster's power",
    )
    Boundary("node", name="Worker node", privilege="root", description="One machine that runs many pods")
    Boundary(
        "host-userspace",
        name="Host userspace (root)",
        privilege="root",
        inside="node",
        description="Processes of uid 0 in the node's own namespaces",
    )
    Boundary(
        "local-users",
        name="Other local processes",
        privilege="user",
        inside="node",
        description="Programs on the node without privileges",
    )
    Boundary(
        "host-kernel-zone",
        name="Host kernel",
        privilege="kernel",
        inside="node",
        description="The one kernel that all containers call",
    )
    Boundary(
        "container",
        name="Container",
        privilege="user",
        inside="node",
        description="The workload: a process of the node in namespaces and cgroups of its own",
        controls=[runc.own_root, *confinement(o)],
    )
