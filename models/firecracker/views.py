"""Selections with a diagram of their own."""

from __future__ import annotations

from threatmodel.dsl import View

View(
    "control",
    name="Control",
    description="From the operator to a configured microVM",
    elements=[
        "orchestrator",
        "jailer",
        "api-client",
        "local-user",
        "api-thread",
        "vmm-thread",
        "vcpu-threads",
        "mmds",
    ],
)
View(
    "devices",
    name="Devices",
    description="Where the guest meets Firecracker and the host kernel",
    elements=[
        "guest-workload", "guest-kernel", "vmm-thread", "vcpu-threads", "mmds", "host-kernel", "vsock-peer",
        "rootfs-image", "log-files", "network-peer",
    ],
)  # fmt: skip
View(
    "files",
    name="Files",
    description="Images, snapshots, logs, and who writes them",
    elements=[
        "image-supplier", "firecracker-releases", "orchestrator", "kernel-image", "rootfs-image", "snapshot-files",
        "uffd-handler", "log-files", "collector", "vmm-thread", "guest-kernel",
    ],
)  # fmt: skip
