"""Four selections that cut across the privilege zones."""

from __future__ import annotations

from threatmodel.dsl import View

SHIMS = ["shim-rs", "shim-go"]
VMMS = ["vmm-qemu", "vmm-clh", "vmm-fc", "vmm-dragonball", "vmm-stratovirt", "vmm-openvmm", "hyp-remote"]
FILE_SERVERS = ["virtiofsd", "inline-virtiofs"]
LAYERS = ["snapshot-disks", "erofs-layers"]

View(
    "runtime",
    name="Runtime",
    description="From a pod to a running sandbox on the node",
    elements=[
        "pod-author", "kube-apiserver", "kubelet", "cri-containerd", *SHIMS, "configuration", "sandbox-state",
        "image-store", "cni-plugin", "csi-directvolume", "direct-volumes", "kata-runtime", "kata-ctl", "kata-monitor",
        "registry", "agent", "nydus-snapshotter", *LAYERS, "block-volumes", "manager-config", "host-hooks",
    ],
)  # fmt: skip
View(
    "agent",
    name="Agent",
    description="What reaches the agent, and what it acts on",
    elements=[
        *SHIMS, "local-user", "agent", "policy-engine", "guest-kernel", "guest-rootfs", "containers",
        "container-rootfs", "initdata-disk", "aa", "cdh", "api-server-rest", "guest-image-store", "kbs",
        "trace-forwarder", "kata-ctl", "kata-runtime", "container-init", "guest-share", "agent-forwarder",
        "agent-ctl",
    ],
)  # fmt: skip
View(
    "shim",
    name="Shim",
    description="The process of uid 0 between container manager, VMM and agent",
    elements=[
        "cri-containerd", *SHIMS, "configuration", "sandbox-state", *VMMS, *FILE_SERVERS, "host-share", "agent",
        "host-kernel", "kata-monitor", "kata-ctl", "kata-runtime", "cni-plugin", "direct-volumes", "initdata-disk",
        "emptydir-disks", "merged-disk", "cdi-specs", "host-hooks", "journal", "shim-ctl",
    ],
)  # fmt: skip
View(
    "hypervisor",
    name="Hypervisor",
    description="Where the guest meets device models, file server and host kernel",
    elements=[
        *SHIMS, *VMMS, "fc-jailer", *FILE_SERVERS, "host-share", "host-kernel", "guest-kernel", "guest-fw", "guest-image",
        "image-store", "network-peer", "tdx-qgs", "containers", "cloud-api",
        "processor", "other-sandbox", "assigned-device", "page-cache", "mshv", "jail-folder", "extension-images", *LAYERS,
        "tee-module", "adaptor-secrets", "cloud-metadata", "cloud-peer", "pod-vm-image", "agent-forwarder",
    ],
)  # fmt: skip
