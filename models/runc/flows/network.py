"""Packets of the pod."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import kubernetes


def network() -> None:
    """Packets between pod, node and network."""
    Flow(
        "R40",
        "containers",
        "host-kernel",
        "Packets of the workload",
        protocol="IP",
        over="veth",
        description="With NET_RAW, which is among containerd's default capabilities, the workload chooses addresses",
        traits=["network-packets"],
        data=[data.packets],
        controls=[kubernetes.network_namespace],
    )
    Flow(
        "R41",
        "host-kernel",
        "containers",
        "Packets to the workload",
        protocol="IP",
        over="veth",
        traits=["network-packets"],
        data=[data.packets],
    )
    Flow(
        "K40",
        "network-peer",
        "host-kernel",
        "Packets to the pod",
        protocol="IP",
        over="network",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )
    Flow(
        "K41",
        "host-kernel",
        "network-peer",
        "Packets of the pod",
        protocol="IP",
        over="network",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )
