"""Trust boundaries: who can do what where, before any control. Ids are those of the Kata Containers model where the thing
is the same."""

from __future__ import annotations

from threatmodel.dsl import Boundary

from .controls import jail, operator, process
from .options import FirecrackerOptions


def boundaries(o: FirecrackerOptions) -> None:
    """The zones of a host that runs microVMs, and what surrounds it."""
    Boundary(
        "external",
        name="External",
        privilege="none",
        description="Networks, suppliers of images and the project's releases",
    )
    Boundary("node", name="Host", privilege="root", description="One machine that runs many microVMs")
    Boundary(
        "host-userspace",
        name="Host userspace (root)",
        privilege="root",
        inside="node",
        description="The operator's orchestration and the jailer; trusted by Firecracker",
    )
    Boundary(
        "api-clients",
        name="API clients",
        privilege="user",
        inside="node",
        description="Programs that may open the API socket of one microVM; trusted by Firecracker",
    )
    Boundary(
        "local-users",
        name="Other local processes",
        privilege="user",
        inside="node",
        description="Programs on the host without privileges",
    )
    Boundary("host-kernel-zone", name="Host kernel", privilege="kernel", inside="node")
    jailed = [
        jail.jailer_chroot,
        jail.jailer_user,
        jail.jailer_limits,
        operator.dedicated_user,
        operator.single_tenant,
        operator.cgroup_limits,
        operator.network_namespace,
    ]
    Boundary(
        "vmm-process",
        name="Firecracker process",
        privilege="restricted" if o.jailed else "user",
        inside="node",
        description="One process per microVM, in the jail of the jailer"
        if o.jailed
        else "One process per microVM, with the rights of whoever starts it",
        controls=[
            process.default_filters,
            process.one_vm_per_process,
            process.rust,
            *(jailed if o.jailed else []),
        ],
    )
    Boundary(
        "guest-vm",
        name="Guest VM",
        privilege="none",
        description="One virtual machine; nothing in it has power over the host by itself",
        controls=[process.vm_boundary],
    )
    Boundary("guest-kernel-zone", name="Guest kernel", privilege="kernel", inside="guest-vm")
    Boundary("guest-user", name="Guest userspace", privilege="user", inside="guest-vm")
