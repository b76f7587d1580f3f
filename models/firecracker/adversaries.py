"""Attackers, where they start, and what they are after.

Firecracker's own threat model trusts the host, whoever speaks to the API and the snapshot files (docs/design.md,
docs/snapshotting/snapshot-support.md). The API holder and the supplier stand here all the same: somebody else may judge
how much that trust is worth.
"""

from __future__ import annotations

from threatmodel.dsl import Adversary

Adversary(
    "hostile-guest",
    name="Hostile guest",
    description="Code in the guest, its kernel included; Firecracker takes every vCPU thread for hostile from its start",
    family="host-protecting",
    controls=["guest-vm"],
    goals=["run code on the host", "read memory or files of another microVM", "exhaust the host"],
)
Adversary(
    "local-process",
    name="Unprivileged local process",
    description="A process on the host that runs without root and outside every microVM",
    family="host-protecting",
    controls=["local-users"],
    goals=["control a microVM", "change what the jailer or Firecracker opens"],
)
Adversary(
    "api-holder",
    name="Holder of the API socket",
    description="Whoever can write to the API socket of one microVM and has no other right on the host",
    family="host-protecting",
    controls=["api-clients"],
    goals=["open files of the host through the VMM", "weaken the microVM", "reach other microVMs"],
)
Adversary(
    "network-attacker",
    name="Network peer",
    description="A host on a network that the microVM or its host can reach",
    family="host-protecting",
    controls=["network-peer"],
    goals=["read or change traffic of the microVM", "reach interfaces that are meant to be local"],
)
Adversary(
    "malicious-supplier",
    name="Compromised image or snapshot supplier",
    description="Whoever decides on the bytes of kernel, root file system or snapshot",
    family="supply-chain",
    controls=["image-supplier"],
    goals=["attack the loader of the kernel or of the snapshot", "run other code in the guest"],
)
