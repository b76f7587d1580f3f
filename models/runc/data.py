"""What is worth protecting, and who writes its content. Ids are those of the Kata Containers model where the thing is the
same."""

from __future__ import annotations

from threatmodel.dsl import Data

pod_spec = Data(
    "pod-spec",
    name="Pod and OCI specification",
    description="Images, commands, mounts, devices and security context that a pod asks for",
    integrity="high",
    confidentiality="medium",
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
    "workload-output", name="Standard output and error", confidentiality="medium", origin=["containers"]
)
stdin = Data(
    "workload-input", name="Standard input and exec", confidentiality="medium", origin=["node-admin"]
)
host_files = Data(
    "host-files",
    name="Files of the node",
    description="Everything on the node outside one container, other pods included",
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
    name="config.toml of containerd",
    description="Runtimes, registries, default profiles",
    integrity="high",
    availability="medium",
    origin=["node-admin"],
)
container_state = Data(
    "sandbox-state-data",
    name="Container state",
    description="state.json of runc and the bundle's config.json",
    integrity="high",
    origin=["cri-containerd", "runc"],
)
network_config = Data(
    "network-config", name="Network interfaces of the pod", integrity="medium", origin=["cni-plugin"]
)
packets = Data(
    "network-packets",
    name="Network packets of the pod",
    confidentiality="medium",
    integrity="medium",
    origin=["containers", "network-peer"],
)
release_artefacts = Data(
    "release-artefacts",
    name="runc release artefacts",
    description="The binary of runc as installed on a node",
    integrity="high",
    origin=["runc-releases"],
)
