"""Trust boundaries: who can do what where, before any control."""

from __future__ import annotations

from threatmodel.dsl import Boundary, Control

from .controls import confidential, devices_vmm, guest, host, vmm
from .options import KataOptions


def boundaries(o: KataOptions) -> None:
    """The zones of a node that runs Kata, and what surrounds it."""
    if o.kubernetes:
        Boundary(
            "tenant", name="Tenant", privilege="none", description="People who submit pods, and their tools"
        )
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
        description="Registries, key broker, collectors and networks outside the cluster's power",
    )
    if not o.local:
        Boundary(
            "cloud",
            name="Cloud",
            privilege="elevated",
            description="The provider whose virtual machines carry the pods, outside of the node",
        )
    _node(o)
    _guest(o)


def _node(o: KataOptions) -> None:
    Boundary("node", name="Worker node", privilege="root", description="One machine that runs many pods")
    Boundary(
        "host-userspace",
        name="Host userspace (root)",
        privilege="root",
        inside="node",
        description="Processes of uid 0 in the node's own namespaces",
    )
    if o.vhost_vsock:
        Boundary(
            "local-users",
            name="Other local processes",
            privilege="user",
            inside="node",
            description="Programs on the node without privileges",
        )
    Boundary("host-kernel-zone", name="Host kernel", privilege="kernel", inside="node")
    if o.hypervisor not in ("dragonball", "remote"):
        Boundary(
            "vmm-process",
            name="VMM process",
            privilege="user" if o.rootless == "on" else "root",
            inside="node",
            description="One virtual machine monitor per sandbox, under "
            + ("a user of its own; shim and file server stay root" if o.rootless == "on" else "uid 0"),
            controls=[
                vmm.vmm_per_sandbox,
                *([devices_vmm.rootless_user] if o.rootless == "on" else []),
                *([host.pod_network] if o.pod_netns else []),
                *_labels(o),
                *([host.sandbox_cgroup, host.pod_limits] if o.sandbox_cgroup == "on" else []),
            ],
        )


def _labels(o: KataOptions) -> list[Control]:
    """The label of SELinux, where the shim passes it on."""
    labelled = o.vmm_selinux == "on" and o.hypervisor in ("qemu", "clh", "fc")
    return [devices_vmm.label_passed] if labelled else []


def _guest(o: KataOptions) -> None:
    memory = [confidential.memory_encryption] if o.confidential else []
    Boundary(
        "guest-vm",
        name="Guest VM",
        privilege="none",
        description="One virtual machine per pod; nothing in it has power over the node by itself",
        controls=[guest.vm_per_sandbox, *memory],
    )
    Boundary("guest-kernel-zone", name="Guest kernel", privilege="kernel", inside="guest-vm")
    Boundary(
        "guest-root",
        name="Guest root",
        privilege="root",
        inside="guest-vm",
        description="The agent and its helpers, uid 0 in the guest",
    )
    Boundary(
        "guest-container",
        name="Guest container",
        privilege="user",
        inside="guest-root",
        description="The workload: namespaces and cgroups of the guest kernel; seccomp and SELinux off by default",
        controls=[guest.rustjail, host.pod_limits],
    )
