"""What is worth protecting in the guest and around its attestation, and who writes its content."""

from __future__ import annotations

from threatmodel.dsl import Data

SHIMS = ["shim-rs", "shim-go"]

process_specs = Data(
    "process-specs",
    name="Commands to run in containers",
    description="Arguments, environment and user of processes that are started from outside",
    confidentiality="medium",
    integrity="high",
    origin=["node-admin", *SHIMS],
)
policy_state = Data(
    "policy-state",
    name="State of the policy",
    description="What the policy remembers from one request to the next",
    integrity="high",
    origin=["policy-engine"],
)
agent_options = Data(
    "agent-options",
    name="Options of the agent",
    description="Switches and time-outs from command line, file and environment",
    integrity="high",
    availability="medium",
    origin=["node-admin", "pod-author"],
)
guest_network = Data(
    "guest-network-settings",
    name="Network settings of the guest",
    description="Interfaces, routes, neighbours, name servers and packet filter",
    integrity="high",
    availability="medium",
    origin=SHIMS,
)
guest_clock = Data(
    "guest-clock",
    name="Clock of the guest",
    description="Decides whether certificates and tokens are still good",
    integrity="high",
    origin=SHIMS,
)
random_state = Data(
    "random-state",
    name="Random state of the guest",
    description="What keys of the guest are made from",
    confidentiality="high",
    integrity="high",
    origin=["guest-kernel", *SHIMS],
)
kernel_modules = Data(
    "kernel-modules-data",
    name="Kernel modules and parameters",
    description="Names that the guest loads into its kernel",
    integrity="high",
    origin=["node-admin", "pod-author"],
)
hot_plugged = Data(
    "hot-plugged-resources",
    name="Added processors and memory",
    description="What the guest brings online after it was added",
    integrity="medium",
    availability="high",
    origin=SHIMS,
)
swap_blocks = Data(
    "swap-blocks",
    name="Swap of the guest",
    description="Pages of guest memory on a device or file",
    confidentiality="high",
    integrity="high",
    origin=["guest-kernel"],
)
core_dumps = Data(
    "core-dumps",
    name="Core dumps of workloads",
    description="Memory of a crashed process, as a file in its container",
    confidentiality="high",
    integrity="low",
    origin=["containers"],
)
termination_messages = Data(
    "termination-messages",
    name="Termination messages",
    description="What a container leaves for its operator when it ends",
    confidentiality="low",
    integrity="low",
    origin=["containers"],
)
device_events = Data(
    "device-events",
    name="Device events",
    description="Names and paths under which the guest finds a device",
    integrity="high",
    origin=["guest-kernel"],
)
component_manifest = Data(
    "component-manifest",
    name="Manifest of components",
    description="Which programs the agent starts, with which arguments and environment",
    integrity="high",
    availability="medium",
    origin=["kata-releases"],
)
hook_programs = Data(
    "hook-programs",
    name="Hooks of the guest",
    description="Programs of the image that run beside a container",
    integrity="high",
    origin=["kata-releases"],
)
pod_shared = Data(
    "pod-shared-data",
    name="Data shared inside a pod",
    description="Shared memory, volumes and local connections of the containers of one pod",
    confidentiality="medium",
    integrity="medium",
    availability="medium",
    origin=["containers", "neighbours"],
)
mounted_files = Data(
    "mounted-files",
    name="Files copied into the guest",
    description="Config maps, secrets, host names and the like",
    confidentiality="high",
    integrity="high",
    origin=["kube-apiserver", *SHIMS],
)
sealed_secrets = Data(
    "sealed-secrets",
    name="Sealed secrets",
    description="Secrets that only an attested guest can open; they pass through host and cluster",
    integrity="high",
    availability="medium",
    origin=["pod-author"],
)
unsealed_secrets = Data(
    "unsealed-secrets",
    name="Unsealed secrets",
    description="The same secrets in the clear, as variables and files of a container",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["kbs"],
)
volume_keys = Data(
    "volume-keys",
    name="Keys of encrypted volumes",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["cdh", "kbs"],
)
image_policy = Data(
    "image-policy",
    name="Image policy",
    description="Which signatures and keys an image needs, and credentials of registries",
    confidentiality="medium",
    integrity="high",
    origin=["trustee-admin"],
)
attestation_tokens = Data(
    "attestation-tokens",
    name="Attestation tokens",
    description="Signed results of an appraisal, good for a while",
    confidentiality="medium",
    integrity="high",
    secret=True,
    origin=["attestation-service"],
)
attestation_policy = Data(
    "attestation-policy",
    name="Policies of attestation",
    description="Which claims about a guest suffice, and which resource it gets for them",
    integrity="high",
    origin=["trustee-admin"],
)
reference_values = Data(
    "reference-values-data",
    name="Reference values",
    description="Measurements that a good guest has",
    integrity="high",
    availability="medium",
    origin=["trustee-admin", "kata-releases"],
)
measurements = Data(
    "launch-measurements",
    name="Launch measurements",
    description="Digests of what was started: firmware, kernel, command line, initdata, as far as the platform measures",
    integrity="high",
    origin=["guest-fw", "guest-kernel"],
)
launch_policy = Data(
    "launch-policy",
    name="Launch policy",
    description="What the platform allows to a guest: debugging, migration, threads; id block of its owner",
    integrity="high",
    origin=["node-admin"],
)
vendor_certificates = Data(
    "vendor-certificates-data",
    name="Certificates of the vendor",
    description="Chains and revocation lists for the keys that sign evidence",
    integrity="high",
    availability="high",
    origin=["vendor-certificates"],
)
gpu_evidence = Data(
    "gpu-evidence",
    name="Evidence of a GPU",
    description="Signed report of an assigned device over its firmware and mode",
    integrity="high",
    origin=["assigned-device"],
)
cloud_credentials = Data(
    "cloud-credentials",
    name="Credentials of the cloud",
    description="Keys with which machines are made and deleted",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["node-admin"],
)
tunnel_keys = Data(
    "tunnel-keys",
    name="Keys of the tunnel",
    description="Certificates and keys of both ends between node and machine of the pod",
    confidentiality="high",
    integrity="high",
    secret=True,
    origin=["hyp-remote"],
)
machine_data = Data(
    "machine-data",
    name="User data of the machine",
    description="What the cloud hands to a machine at its start: initdata, certificates, addresses",
    confidentiality="high",
    integrity="high",
    origin=["hyp-remote"],
)
