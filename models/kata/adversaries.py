"""Attackers, where they start, and what they are after."""

from __future__ import annotations

from threatmodel.dsl import Adversary

CONFIDENTIAL = {"tee": ["tdx", "snp", "se"]}
ATTESTED = {"tee": ["tdx", "snp", "se", "coco-dev"]}
PEER_POD = {"hypervisor": "remote"}

Adversary(
    "hostile-container",
    name="Hostile container",
    description="A workload under an attacker's control, still inside its container",
    family="host-protecting",
    controls=["guest-container"],
    goals=["become root in the guest", "reach the node or other pods", "exhaust the node"],
)
Adversary(
    "hostile-guest",
    name="Hostile guest",
    description="An attacker who has broken out of the container and controls the guest kernel and the agent",
    family="host-protecting",
    controls=["guest-vm"],
    goals=["run code on the node", "read files of the node or of other pods", "exhaust the node"],
)
Adversary(
    "malicious-pod-author",
    name="Malicious pod author",
    description="Someone who may create pods of a Kata runtime class and nothing else",
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
    description="A host on a network that the pod, the node or its collectors can reach",
    family="host-protecting",
    controls=["network-peer", "cloud-peer"],
    goals=["read or change traffic", "reach interfaces of the node that are meant to be local"],
)
Adversary(
    "local-process",
    name="Unprivileged local process",
    description="A process on the node that runs without root and outside every sandbox",
    family="host-protecting",
    controls=["local-users"],
    goals=["control a sandbox", "read what passes between shim, VMM and guest"],
)
Adversary(
    "hostile-host",
    name="Hostile host operator",
    description="Whoever runs the node and the cluster of a confidential guest: root, VMM, kernel and control plane",
    family="guest-protecting",
    controls=["node", "control-plane"],
    goals=["read secrets of the guest", "change what runs in the guest", "pass a false state as attested"],
    when=CONFIDENTIAL,
)
Adversary(
    "hostile-vmm",
    name="Hostile VMM",
    description="A virtual machine monitor under an attacker's control, kernel and shim of the node apart: it owns the "
    "devices and the memory that a confidential guest shares",
    family="guest-protecting",
    controls=["vmm-qemu", "vmm-clh"],
    goals=["feed the guest's drivers", "swap disks", "read what the guest shares"],
    when={**CONFIDENTIAL, "hypervisor": ["qemu", "clh"]},
)
Adversary(
    "hostile-shim",
    name="Hostile shim",
    description="The caller of the agent under an attacker's control: it has the agent's calls, not the machine",
    family="guest-protecting",
    controls=["shim-rs", "shim-go"],
    goals=["run commands in the guest", "change files, network and policy of the guest", "read output"],
    when=CONFIDENTIAL,
)
Adversary(
    "hostile-worker",
    name="Hostile worker node",
    description="Root on the node of a peer pod: shim, adaptor and its credentials, but not the machine of the pod. The "
    "cloud is trusted unless a TEE protects the guest from it",
    family="guest-protecting",
    controls=["node"],
    goals=["run commands in the guest", "make or delete machines", "bring another image or initdata"],
    when=PEER_POD,
)
Adversary(
    "hostile-cloud",
    name="Hostile cloud",
    description="The provider of a peer pod whose machine has a TEE",
    family="guest-protecting",
    controls=["cloud", "cloud-network"],
    goals=["read memory of the guest", "bring another image or initdata"],
    when={**PEER_POD, **CONFIDENTIAL},
)
Adversary(
    "malicious-broker-client",
    name="Malicious broker client",
    description="Whoever can reach the key broker, without a guest that it would accept",
    family="guest-protecting",
    controls=["kbs-client"],
    goals=["get a secret", "exhaust the key broker", "reach its administration"],
    when=ATTESTED,
)
Adversary(
    "supply-chain",
    name="Compromised supply chain",
    description="Whoever changes release artefacts between their source and the node",
    family="supply-chain",
    controls=["kata-releases"],
    goals=["run code as root on every node", "ship a guest image with a back door"],
)
Adversary(
    "malicious-contributor",
    name="Malicious contributor",
    description="Whoever can open a pull request and nothing else",
    family="supply-chain",
    controls=["contributors"],
    goals=["run code with the secrets of the pipeline", "bring a change into a release unseen"],
)
Adversary(
    "compromised-registry",
    name="Compromised registry of the project",
    description="Whoever changes what a tag of the project's registries points to",
    family="supply-chain",
    controls=["artefact-registries"],
    goals=["run code as root on every node that installs", "change what components are built with"],
)
Adversary(
    "compromised-runner",
    name="Compromised build machine",
    description="Whoever has left something on a machine that builds for the project",
    family="supply-chain",
    controls=["own-machines"],
    goals=["change the artefacts of an architecture", "read secrets of later jobs"],
)
Adversary(
    "compromised-upstream",
    name="Compromised upstream",
    description="Whoever changes what an upstream project serves",
    family="supply-chain",
    controls=["upstreams"],
    goals=["bring code into hypervisor, kernel or image"],
)
