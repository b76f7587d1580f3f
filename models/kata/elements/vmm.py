"""The virtual machine monitor, where it is a process of its own and where it is not."""

from __future__ import annotations

from threatmodel.dsl import Control, ExternalEntity, Process

from .. import data
from ..controls import devices_vmm as monitors
from ..controls import dragonball, host, other_projects, vmm
from ..options import KataOptions

TRAITS = ["hypervisor", "emulates-devices", "boots-guest"]


def monitor(o: KataOptions) -> None:
    """The one VMM of the configuration."""
    {
        "qemu": _qemu,
        "clh": _clh,
        "fc": _fc,
        "dragonball": _dragonball,
        "stratovirt": _stratovirt,
        "openvmm": _openvmm,
        "remote": _remote,
    }[o.hypervisor](o)


def _user(o: KataOptions) -> str:
    return "a user of its own, group kvm" if o.rootless == "on" else "uid 0"


def _filter(o: KataOptions, *controls: Control) -> list[Control]:
    """The filter of system calls, where it is on."""
    return list(controls) if o.seccomp_on else []


def _qemu(o: KataOptions) -> None:
    Process(
        "vmm-qemu",
        inside="vmm-process",
        name="QEMU",
        language="c",
        runs_as=_user(o),
        description="Its system calls are filtered"
        if o.seccomp_on
        else "No system call filter unless seccompsandbox (Go) or seccomp_sandbox (Rust) is set",
        traits=[*TRAITS, "parses-images"],
        data=[data.guest_memory],
        controls=[
            monitors.qemu_no_defaults,
            monitors.qemu_disk_format,
            monitors.qemu_reduced_build,
            *_filter(o, monitors.qemu_seccomp),
        ],
    )


def _clh(o: KataOptions) -> None:
    Process(
        "vmm-clh",
        inside="vmm-process",
        name="Cloud Hypervisor",
        language="rust",
        runs_as=_user(o),
        traits=[*TRAITS, "parses-images"],
        data=[data.guest_memory],
        controls=[*_filter(o, vmm.clh_seccomp, other_projects.clh_filter), vmm.upstream_device_models],
    )


def _fc(o: KataOptions) -> None:
    Process(
        "fc-jailer",
        inside="host-userspace",
        name="Firecracker jailer",
        language="rust",
        runs_as="uid 0",
        description="Makes the chroot and becomes Firecracker in it; the user stays the same",
        traits=["spawns-processes", "mounts-filesystems"],
    )
    Process(
        "vmm-fc",
        inside="fc-jail",
        name="Firecracker",
        language="rust",
        runs_as="uid 0, started by the jailer",
        traits=TRAITS,
        data=[data.guest_memory],
        controls=[
            *_filter(o, vmm.fc_seccomp, other_projects.fc_filter),
            vmm.upstream_device_models,
            other_projects.fc_descriptors,
        ],
    )


def _dragonball(o: KataOptions) -> None:
    Process(
        "vmm-dragonball",
        inside="shim-process",
        name="Dragonball",
        language="rust",
        runs_as="uid 0, threads of the shim",
        description="No boundary between device models and shim",
        traits=TRAITS,
        data=[data.guest_memory],
        controls=[
            *_filter(o, dragonball.dragonball_seccomp),
            host.shim_per_sandbox_threads,
            host.sandbox_cgroup,
            host.pod_limits,
        ],
    )


def _stratovirt(_: KataOptions) -> None:
    Process(
        "vmm-stratovirt",
        inside="vmm-process",
        name="StratoVirt",
        language="rust",
        runs_as="uid 0",
        description="The Go shim starts it with -disable-seccomp; no other confinement is configured",
        traits=TRAITS,
        data=[data.guest_memory],
    )


def _openvmm(_: KataOptions) -> None:
    Process(
        "vmm-openvmm",
        inside="vmm-process",
        name="OpenVMM",
        language="rust",
        runs_as="uid 0",
        description="New in 4.1.0; its driver configures no confinement beside the network namespace",
        traits=TRAITS,
        data=[data.guest_memory],
    )


def _remote(_: KataOptions) -> None:
    Process(
        "hyp-remote",
        inside="adaptor-zone",
        name="Cloud API adaptor",
        language="go",
        runs_as="uid 0",
        description="Makes virtual machines of a cloud; code of another project",
        traits=["broker", "orchestrates", "network-facing", "shared-by-tenants", "stores-secrets"],
        data=[data.cluster_credentials],
    )
    ExternalEntity(
        "cloud-api",
        inside="cloud",
        name="Cloud API",
        description="Makes and runs the virtual machine of a peer pod",
        traits=["orchestrates", "boots-guest"],
    )
