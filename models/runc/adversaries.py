"""Attackers, where they start, and what they are after. Ids are those of the Kata Containers model.

That model has two more: a hostile guest, for which there is no counterpart without a virtual machine, and a hostile host
operator, against whom containers of runc claim nothing.
"""

from __future__ import annotations

from threatmodel.dsl import Adversary

Adversary(
    "hostile-container",
    name="Hostile container",
    description="A workload under an attacker's control, still inside its container",
    family="host-protecting",
    controls=["container"],
    goals=["run code on the node", "reach the node's files or other pods", "exhaust the node"],
)
Adversary(
    "malicious-pod-author",
    name="Malicious pod author",
    description="Someone who may create pods and nothing else",
    family="host-protecting",
    controls=["pod-author"],
    goals=[
        "choose what runs as root on the node",
        "expose files of the node to a pod",
        "weaken the isolation of a pod",
    ],
)
Adversary(
    "malicious-registry",
    name="Malicious registry or image author",
    description="Whoever decides on the bytes of a container image",
    family="host-protecting",
    controls=["registry", "image-author"],
    goals=["attack the parsers of images", "replace the workload"],
)
Adversary(
    "network-attacker",
    name="Network peer",
    description="A host on a network that the pod or the node can reach",
    family="host-protecting",
    controls=["network-peer"],
    goals=["read or change traffic", "reach interfaces of the node that are meant to be local"],
)
Adversary(
    "local-process",
    name="Unprivileged local process",
    description="A process on the node that runs without root and outside every container",
    family="host-protecting",
    controls=["local-users"],
    goals=["control a container", "read what passes between containerd, shim and runc"],
)
Adversary(
    "supply-chain",
    name="Compromised supply chain",
    description="Whoever changes release artefacts between their source and the node",
    family="supply-chain",
    controls=["runc-releases"],
    goals=["run code as root on every node"],
)
