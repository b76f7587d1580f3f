"""Emulated devices other than the network."""

from __future__ import annotations

from threatmodel.dsl import Control, Flow

from .. import data
from ..controls import devices as defences
from ..controls import jail, operator, process
from ..options import FirecrackerOptions

RING = ("virtqueue", "length-prefixed")
ALL = (defences.ring_checks, defences.volatile_reads, process.rust)


def devices(o: FirecrackerOptions) -> None:
    """Block, vsock, balloon, entropy, console, reset."""
    limited = [operator.rate_limiters] if o.jailed else []
    _block(limited)
    _vsock(o)
    _memory()
    _entropy(limited)
    _console(o)


def _block(limited: list[Control]) -> None:
    Flow(
        "D01",
        "guest-kernel",
        "vmm-thread",
        "Block requests",
        protocol="virtio-block",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=[*RING, "block-device"],
        data=[data.descriptors, data.workload_data],
        controls=[*ALL, defences.copied_headers, defences.block_bounds, *limited],
    )
    Flow(
        "D01.reply",
        "vmm-thread",
        "guest-kernel",
        "Blocks of the disks",
        protocol="virtio-block",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=["virtqueue", "block-device"],
        data=[data.disk_blocks],
    )


def _vsock(o: FirecrackerOptions) -> None:
    Flow(
        "D10",
        "guest-kernel",
        "vmm-thread",
        "Socket packets",
        protocol="virtio-vsock",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=[*RING, "byte-stream"],
        data=[data.descriptors, data.vsock_bytes],
        controls=[*ALL, defences.copied_headers, defences.vsock_limits],
    )
    Flow(
        "D10.reply",
        "vmm-thread",
        "guest-kernel",
        "Socket packets of the host",
        protocol="virtio-vsock",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=["virtqueue", "byte-stream"],
        data=[data.host_bytes],
    )
    Flow(
        "D11",
        "vmm-thread",
        "vsock-peer",
        "Connections of the guest",
        over="uds",
        port="<uds_path>_<port>",
        authentication="file-permissions",
        traits=["byte-stream", "path-names"],
        description="The port is a number that the guest chooses; what listens there gets the guest's bytes",
        data=[data.vsock_bytes],
        controls=[defences.vsock_names],
    )
    for id_, source, name in (
        ("D12", "vsock-peer", "Connections of the host"),
        ("D13", "local-user", "Connections of other local processes"),
    ):
        Flow(
            id_,
            source,
            "vmm-thread",
            name,
            protocol="CONNECT <port>",
            over="uds",
            port="<uds_path>",
            authentication="file-permissions",
            traits=["byte-stream"],
            data=[data.host_bytes],
            controls=_mode(o),
        )


def _mode(o: FirecrackerOptions) -> list[Control]:
    return [jail.jail_folder_mode] if o.jailed else []


def _memory() -> None:
    Flow(
        "D20",
        "guest-kernel",
        "vmm-thread",
        "Pages given back, statistics",
        protocol="virtio-balloon",
        over="virtqueue in the VMM",
        shares_memory=True,
        description="Statistics come from the guest's driver and are an indication, not a guarantee",
        traits=[*RING, "measurements"],
        data=[data.descriptors],
        controls=[*ALL, defences.balloon_bounds, defences.zeroed_memory],
    )
    Flow(
        "D20.size",
        "vmm-thread",
        "guest-kernel",
        "Wanted size of the balloon",
        protocol="virtio-balloon",
        over="configuration space",
        traits=["resource-requests"],
        data=[data.api_requests],
    )


def _entropy(limited: list[Control]) -> None:
    Flow(
        "D30",
        "guest-kernel",
        "vmm-thread",
        "Requests for entropy",
        protocol="virtio-rng",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=[*RING],
        data=[data.descriptors],
        controls=[*ALL, defences.rng_cap, defences.zeroed_memory, *limited],
    )
    Flow(
        "D30.reply",
        "vmm-thread",
        "guest-kernel",
        "Entropy",
        protocol="virtio-rng",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=["virtqueue"],
    )


def _console(o: FirecrackerOptions) -> None:
    Flow(
        "D40",
        "guest-kernel",
        "vmm-thread",
        "Console output",
        protocol="8250 serial",
        over="port I/O",
        description="Firecracker's documents disagree: docs/design.md says that production builds do not expose the "
        "port, docs/prod-host-setup.md that the guest sees it and can switch it on again",
        traits=["byte-stream", "stdio"],
        data=[data.serial_output],
    )
    Flow(
        "D41",
        "vmm-thread",
        "log-files",
        "Console bytes",
        over="standard output",
        authentication="file-permissions",
        description="Unbounded unless a rate limiter is configured for the serial device",
        traits=["byte-stream", "stdio", "log-records"],
        data=[data.serial_output],
        controls=[operator.bounded_output] if o.jailed else [],
    )
    Flow(
        "D42",
        "guest-kernel",
        "vmm-thread",
        "Reset",
        protocol="i8042",
        over="port I/O",
        description="Partial keyboard controller; ends the microVM",
        traits=["hypercalls"],
    )
