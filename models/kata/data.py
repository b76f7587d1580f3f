"""What is worth protecting, and who writes its content."""

from __future__ import annotations

from threatmodel.dsl import Data

SHIMS = ["shim-rs", "shim-go"]

pod_spec = Data(
    "pod-spec",
    name="Pod and OCI specification",
    description="Images, commands, mounts and devices that a pod asks for",
    integrity="high",
    confidentiality="medium",
    origin=["pod-author"],
)
pod_annotations = Data(
    "pod-annotations",
    name="Pod annotations",
    description="Keys io.katacontainers.* that reach the shim with the OCI specification",
    integrity="high",
    origin=["pod-author"],
)
image_layers = Data(
    "image-layers",
    name="Container image layers",
    confidentiality="medium",
    integrity="high",
    availability="medium",
    origin=["image-author", "registry"],
)
workload_data = Data(
    "workload-data",
    name="Workload data",
    description="Files and memory of the workload",
    confidentiality="high",
    integrity="high",
    availability="medium",
    origin=["containers"],
)
workload_secrets = Data(
    "workload-secrets",
    name="Workload secrets",
    description="Kubernetes secrets and tokens mounted into the pod",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["kube-apiserver"],
)
workload_output = Data(
    "workload-output",
    name="Standard output and error",
    confidentiality="medium",
    origin=["containers"],
)
stdin = Data(
    "workload-input", name="Standard input and exec", confidentiality="medium", origin=["node-admin"]
)
host_files = Data(
    "host-files",
    name="Files of the node",
    description="Everything on the node outside one sandbox, other pods included",
    confidentiality="high",
    integrity="high",
    availability="high",
    origin=["node-admin"],
)
host_resources = Data(
    "host-resources",
    name="Processor time, memory and disk of the node",
    availability="high",
    origin=["host-kernel"],
)
runtime_configuration = Data(
    "runtime-configuration",
    name="configuration.toml",
    description="Paths of programs that run as root, kernel parameters, hypervisor settings",
    integrity="high",
    availability="medium",
    origin=["node-admin"],
)
sandbox_state = Data("sandbox-state-data", name="Sandbox state", integrity="high", origin=SHIMS)
volume_info = Data(
    "volume-info",
    name="Direct volume description",
    description="mountInfo.json: device, file system type, options",
    integrity="high",
    origin=["csi-directvolume"],
)
network_config = Data(
    "network-config", name="Network interfaces of the pod", integrity="medium", origin=["cni-plugin"]
)
agent_requests = Data(
    "agent-requests",
    name="Requests to the agent",
    description="Container creation, mounts, exec, files, network, policy",
    confidentiality="medium",
    integrity="high",
    availability="high",
    origin=SHIMS,
)
agent_replies = Data(
    "agent-replies",
    name="Replies and events of the agent",
    integrity="medium",
    origin=["agent"],
)
guest_memory = Data(
    "guest-memory",
    name="Guest memory",
    description="Memory of the virtual machine: code, secrets and data of the pod",
    confidentiality="high",
    integrity="high",
    origin=["guest-kernel"],
)
descriptors = Data(
    "virtio-descriptors",
    name="Virtio descriptors and buffers",
    description="Addresses, lengths and requests that the guest driver writes for a device",
    integrity="high",
    origin=["guest-kernel"],
)
fuse_requests = Data(
    "fuse-requests",
    name="FUSE requests",
    description="File operations by handle and name",
    integrity="high",
    origin=["guest-kernel"],
)
packets = Data(
    "network-packets",
    name="Network packets of the pod",
    confidentiality="medium",
    integrity="medium",
    origin=["containers", "network-peer"],
)
guest_image = Data(
    "guest-image-data",
    name="Guest kernel, firmware and root file system",
    integrity="high",
    availability="medium",
    origin=["kata-releases"],
)
release_artefacts = Data(
    "release-artefacts",
    name="Kata release artefacts",
    description="Shim, hypervisors, virtiofsd, kernel and image as installed on a node",
    integrity="high",
    origin=["kata-releases"],
)
guest_policy = Data(
    "guest-policy",
    name="Agent policy",
    description="Rego document that allows or refuses requests to the agent",
    integrity="high",
    origin=["pod-author"],
)
initdata = Data(
    "initdata",
    name="Initdata",
    description="Configuration of attestation components, and agent policy; TDX and SNP bind it to the launch",
    integrity="high",
    origin=["pod-author"],
)
evidence = Data(
    "attestation-evidence",
    name="Attestation evidence",
    description="Quote or report of the processor over the guest's measurements; without a TEE a sample made by software",
    integrity="high",
    origin=["aa", "tdx-qgs"],
)
released_secrets = Data(
    "released-secrets",
    name="Secrets of the key broker",
    description="Keys and credentials that the key broker releases to a guest whose evidence it accepts",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["kbs"],
)
cluster_credentials = Data(
    "cluster-credentials",
    name="Service account token of the installer",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["kube-apiserver"],
)
guest_logs = Data(
    "guest-logs", name="Guest and agent logs", confidentiality="medium", origin=["agent", "guest-kernel"]
)
metrics = Data(
    "metrics-data", name="Metrics", confidentiality="low", integrity="low", origin=["agent", *SHIMS]
)
traces = Data("trace-spans", name="Trace spans", confidentiality="medium", origin=["agent"])
admin_requests = Data(
    "admin-requests",
    name="Requests of the node administrator",
    description="Policy text, iptables rules, volume paths, exec",
    integrity="high",
    origin=["node-admin"],
)
