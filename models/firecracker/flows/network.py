"""The network device and the tap behind it."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import devices as defences
from ..controls import operator, process
from ..options import FirecrackerOptions


def network(o: FirecrackerOptions) -> None:
    """Frames and packets."""
    limited = [operator.rate_limiters] if o.jailed else []
    outside = [operator.network_namespace, operator.egress_filter] if o.jailed else []
    Flow(
        "N01",
        "guest-kernel",
        "vmm-thread",
        "Frames of the guest",
        protocol="virtio-net",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=["virtqueue", "length-prefixed", "network-packets"],
        data=[data.descriptors, data.packets],
        controls=[defences.ring_checks, defences.volatile_reads, process.rust, *limited],
    )
    Flow(
        "N01.reply",
        "vmm-thread",
        "guest-kernel",
        "Frames to the guest",
        protocol="virtio-net",
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=["virtqueue", "network-packets"],
        data=[data.packets],
    )
    Flow(
        "N02",
        "vmm-thread",
        "host-kernel",
        "Frames to the tap",
        over="/dev/net/tun",
        authentication="file-permissions",
        description="Firecracker filters no packets",
        traits=["network-packets", "system-calls"],
        data=[data.packets],
        controls=[process.default_filters, *outside],
    )
    Flow(
        "N02.reply",
        "host-kernel",
        "vmm-thread",
        "Frames from the tap",
        over="/dev/net/tun",
        authentication="file-permissions",
        traits=["network-packets"],
        data=[data.packets],
    )
    Flow(
        "N03",
        "host-kernel",
        "network-peer",
        "Packets of the microVM",
        protocol="IP",
        over="network",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
        controls=outside,
    )
    Flow(
        "N04",
        "network-peer",
        "host-kernel",
        "Packets to the microVM",
        protocol="IP",
        over="network",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )
