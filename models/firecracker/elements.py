"""What runs and lies on the host, in the Firecracker process, in the guest and outside."""

from __future__ import annotations

from threatmodel.dsl import Actor, Datastore, ExternalEntity, Process

from . import data
from .controls import api, devices, jail, operator, process
from .options import FirecrackerOptions

ROOT = "host-userspace"
VMM = "vmm-process"


def elements(o: FirecrackerOptions) -> None:
    """All elements of one configuration."""
    _outside()
    _host(o)
    _stores(o)
    _process(o)
    _guest()


def _outside() -> None:
    Actor(
        "image-supplier",
        inside="external",
        name="Image supplier",
        description="Makes kernels, root file systems and snapshots; how they reach the host is the operator's choice",
    )
    ExternalEntity(
        "firecracker-releases",
        inside="external",
        name="Firecracker releases",
        description="Release archives on GitHub, with a file SHA256SUMS",
        traits=["supplies-code", "network-facing"],
        data=[data.release_artefacts],
    )
    ExternalEntity(
        "network-peer", inside="external", name="Network peer", description="Any host that can send packets"
    )


def _host(o: FirecrackerOptions) -> None:
    Process(
        "orchestrator",
        inside=ROOT,
        name="Orchestrator",
        runs_as="uid 0",
        description="The operator's program that prepares files, network and cgroups; no part of Firecracker",
        traits=["orchestrates", "spawns-processes", "pulls-artefacts", "shared-by-tenants"],
        data=[data.jail_arguments, data.host_files],
    )
    if o.jailed:
        Process(
            "jailer",
            inside=ROOT,
            name="Jailer",
            language="rust",
            runs_as="uid 0, until it executes Firecracker",
            description="Its documents take all of its inputs for trusted",
            traits=["spawns-processes", "mounts-filesystems", "configuration-driven"],
            data=[data.jail_arguments],
            controls=[jail.instance_id, jail.jailer_clean_process, process.rust],
        )
    Process(
        "vsock-peer",
        inside=ROOT,
        name="Host end of vsock",
        runs_as="as the operator decides",
        description="A program that listens on, or connects to, the Unix socket of the vsock device",
    )
    Process(
        "collector",
        inside=ROOT,
        name="Log collector",
        runs_as="as the operator decides",
        description="Reads logs, metrics and console output; the operator's own",
        traits=["aggregates-metrics", "shared-by-tenants"],
        data=[data.vmm_logs, data.metrics],
    )
    Process(
        "api-client",
        inside="api-clients",
        name="API client",
        description="Whoever configures one microVM over its socket",
        data=[data.api_requests, data.metadata],
    )
    Actor(
        "local-user",
        inside="local-users",
        name="Local process",
        runs_as="unprivileged user",
        description="A program on the host that has nothing to do with the microVM",
    )
    Process(
        "host-kernel",
        inside="host-kernel-zone",
        name="Host kernel",
        language="c",
        runs_as="kernel",
        description="KVM with its own interrupt controllers and timer, tap devices, cgroups, namespaces; one for all",
        traits=["kernel", "hypervisor", "shared-by-tenants", "emulates-devices"],
        data=[data.host_resources],
        controls=[operator.host_hardening] if o.jailed else [],
    )


def _stores(o: FirecrackerOptions) -> None:
    owner = [operator.protected_paths] if o.jailed else []
    Datastore(
        "kernel-image",
        inside=ROOT,
        name="Guest kernel file",
        description="Uncompressed ELF (x86_64) or PE (aarch64), with an initrd or without",
        traits=["supplies-code"],
        data=[data.guest_image],
        controls=owner,
    )
    Datastore(
        "rootfs-image",
        inside=ROOT,
        name="Disk files",
        description="Root file system and further disks, linked or copied into the jail",
        traits=["supplies-code", "stores-state"],
        data=[data.disk_blocks],
    )
    Datastore(
        "snapshot-files",
        inside=ROOT,
        name="Snapshot files",
        description="State file and memory file; Firecracker neither packages nor manages them",
        traits=["stores-state"],
        data=[data.snapshot],
        controls=[operator.protected_snapshots] if o.jailed else [],
    )
    Datastore(
        "log-files",
        inside=ROOT,
        name="Logs and console output",
        description="Named pipe, socket or file for logs and metrics; standard output for the console",
        traits=["stores-state"],
        data=[data.vmm_logs, data.metrics, data.serial_output],
        controls=[operator.bounded_output] if o.jailed else [],
    )
    if o.restored:
        Process(
            "uffd-handler",
            inside=ROOT,
            name="Page fault handler",
            runs_as="as the operator decides, in the jail",
            description="Serves pages of the memory file over userfaultfd; written by the operator",
            data=[data.snapshot],
        )


def _process(o: FirecrackerOptions) -> None:
    Process(
        "api-thread",
        inside=VMM,
        name="API thread",
        language="rust",
        runs_as="uid of the jail" if o.jailed else "whoever starts it",
        description="HTTP server on a Unix socket; never in the fast path",
        traits=["configuration-driven", "broker"],
        data=[data.api_requests],
        controls=[api.local_socket],
    )
    Process(
        "vmm-thread",
        inside=VMM,
        name="VMM thread",
        language="rust",
        runs_as="uid of the jail" if o.jailed else "whoever starts it",
        description="Machine model, virtio devices, serial console (8250), partial keyboard controller (i8042)",
        traits=[
            "hypervisor",
            "emulates-devices",
            "boots-guest",
            "configuration-driven",
            "parses-images",
            "logs-events",
        ],
        data=[data.guest_memory, data.disk_blocks],
        controls=[devices.zeroed_memory],
    )
    Process(
        "vcpu-threads",
        inside=VMM,
        name="vCPU threads",
        language="rust",
        runs_as="uid of the jail" if o.jailed else "whoever starts it",
        multiple=True,
        description="One per guest processor; run KVM_RUN and the accesses to devices that leave the guest",
        traits=["hypervisor"],
        data=[data.guest_memory],
    )
    Process(
        "mmds",
        inside=VMM,
        name="Metadata service",
        language="rust",
        runs_as="part of the VMM thread",
        description="A small TCP/IP and HTTP stack behind the network device; off until it is configured. "
        + (
            "Version 2: session tokens"
            if o.mmds == "v2"
            else "Version 1, deprecated, the value when none is given: no token"
        ),
        traits=["stores-secrets"],
        data=[data.metadata],
        controls=[api.mmds_limits, *([api.mmds_session] if o.mmds == "v2" else [])],
    )


def _guest() -> None:
    Process(
        "guest-kernel",
        inside="guest-kernel-zone",
        name="Guest kernel",
        language="c",
        runs_as="kernel of the guest",
        traits=["kernel", "mounts-filesystems"],
        data=[data.guest_memory, data.workload_data],
    )
    Process(
        "guest-workload",
        inside="guest-user",
        name="Guest workload",
        runs_as="as the image says",
        multiple=True,
        traits=["executes-supplied-code", "network-facing"],
        data=[data.workload_data],
    )
