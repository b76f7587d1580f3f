"""What stands alone in the overview, and selections that cut across the privilege zones, one subject each.

Neighbours are drawn by themselves, so a view names its subject and no more: where a configuration has nothing of it,
it has no such view.
"""

from __future__ import annotations

from threatmodel.dsl import View

SHIMS = ["shim-rs", "shim-go"]
VMMS = ["vmm-qemu", "vmm-clh", "vmm-fc", "vmm-dragonball", "vmm-stratovirt", "vmm-openvmm", "hyp-remote"]
FILE_SERVERS = ["virtiofsd", "inline-virtiofs"]

View(
    "overview",
    name="Overview",
    description="Who acts on a pod, and the parts at which a trust boundary is crossed",
    elements=[
        *SHIMS, *VMMS, "agent", "host-kernel", "containers", "guest-kernel", "pod-author", "cloud-api", "node-admin",
        "registry", "kbs", "cri-containerd", "kube-apiserver", "kubelet", "local-user",
    ],
)  # fmt: skip
View(
    "runtime",
    name="Runtime",
    description="From a pod to a running sandbox on the node",
    elements=[
        "pod-author", "kube-apiserver", "kubelet", "cri-containerd", *SHIMS, "configuration", "manager-config",
        "sandbox-state", "cni-plugin", "host-hooks",
    ],
)  # fmt: skip
View(
    "shim",
    name="Shim",
    description="The process of uid 0 between container manager, VMM and agent",
    elements=[*SHIMS, *VMMS, *FILE_SERVERS, "fc-jailer", "jail-folder", "host-share", "agent", "host-kernel"],
)
View(
    "hypervisor",
    name="Hypervisor",
    description="Where the guest meets device models, file server and host kernel",
    elements=[
        *VMMS, *FILE_SERVERS, "host-kernel", "guest-kernel", "processor", "other-sandbox", "assigned-device",
        "mshv", "network-peer", "device-plugin", "cdi-specs", "guest-cdi",
    ],
)  # fmt: skip
View(
    "agent",
    name="Agent",
    description="What reaches the agent, and what it acts on",
    elements=[
        "agent", "policy-engine", "policy-log", "containers", "container-init", "container-rootfs", "neighbours",
        "guest-rootfs", "guest-init", "local-user",
    ],
)  # fmt: skip
View(
    "images",
    name="Images and root file systems",
    description="How the layers of an image become the root file system of a container",
    elements=[
        "image-author", "registry", "nydus-snapshotter", "image-store", "snapshot-disks", "erofs-layers", "merged-disk",
        "host-share", "guest-share", "guest-image-store", "container-rootfs",
    ],
)  # fmt: skip
View(
    "volumes",
    name="Volumes",
    description="How data that outlives a container, or is shared with it, gets into the guest",
    elements=[
        "csi-directvolume", "csi-provisioner", "csi-registrar", "csi-liveness", "direct-volumes", "block-volumes",
        "emptydir-disks", "emptydir-folders", "pod-volumes", "secure-mounts", "vhost-user-store",
    ],
)  # fmt: skip
View(
    "boot",
    name="Boot of the guest",
    description="What the guest starts from, who can change it and what measures it",
    elements=[
        "guest-image", "guest-fw", "guest-kernel", "guest-rootfs", "guest-init", "extension-images",
        "extension-mounter", "guest-extensions", "initdata-disk", "initdata-files", "page-cache", "vm-template",
        "vm-cache", "pod-vm-image",
    ],
)  # fmt: skip
View(
    "attestation",
    name="Attestation and secrets",
    description="How a guest proves what it is, and how keys reach it",
    elements=[
        "aa", "cdh", "api-server-rest", "kbs", "attestation-service", "reference-values", "trustee-admin",
        "kbs-client", "tdx-qgs", "tee-module", "vendor-certificates", "initdata-files",
    ],
)  # fmt: skip
View(
    "peer-pods",
    name="Peer pods",
    description="A pod in a virtual machine of a cloud, away from its node",
    elements=[
        "hyp-remote", "cloud-api", "adaptor-secrets", "cloud-metadata", "cloud-peer", "pod-vm-image",
        "agent-forwarder",
    ],
)  # fmt: skip
View(
    "operations",
    name="Operations",
    description="What operators see of a sandbox, and the tools that reach into it",
    elements=[
        "kata-monitor", "prometheus", "journal", "log-parser", "jaeger", "otlp-collector", "trace-forwarder",
        "kata-runtime", "kata-ctl", "agent-ctl", "shim-ctl", "kata-debug", "debug-shell", "memory-dumps",
    ],
)  # fmt: skip
View(
    "installation",
    name="Installation",
    description="From a release to a node that can run sandboxes",
    elements=[
        "node-admin", "kata-releases", "kata-registry", "chart-jobs", "kata-deploy", "kata-webhook", "systemd",
        "systemd-units", "installed-programs", "node-files", "manager-config", "configuration", "guest-image",
    ],
)  # fmt: skip
View(
    "policy",
    name="Policy of a pod",
    description="How the author of a pod makes the policy that the agent enforces",
    elements=[
        "pod-author",
        "genpolicy",
        "registry-credentials",
        "layers-cache",
        "kata-webhook",
        "policy-rules",
        "policy-engine",
    ],
)
View(
    "change",
    name="From change to merge",
    description="Who can change the source, and what judges a change",
    elements=[
        "contributor", "maintainer", "source-repository", "ci-workflows", "gatekeeper", "code-scanning", "update-bot",
        "own-runners", "test-clusters", "pipeline-vault",
    ],
)  # fmt: skip
View(
    "release",
    name="From source to release",
    description="What a release is made of, and who signs for it",
    elements=[
        "source-repository", "release-workflow", "component-builders", "build-cache", "builder-registry",
        "provenance-log", "kata-releases", "kata-registry", "upstream-sources", "package-sources",
        "language-registries", "pipeline-vault",
    ],
)  # fmt: skip
