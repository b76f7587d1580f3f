"""Selections with a diagram of their own."""

from __future__ import annotations

from threatmodel.dsl import View

View(
    "runtime",
    name="Runtime",
    description="From a pod to a running container",
    elements=[
        "pod-author", "kube-apiserver", "kubelet", "cri-containerd", "shim-runc", "runc", "runc-init", "oci-bundle",
        "sandbox-state", "configuration", "containers",
    ],
)  # fmt: skip
View(
    "container",
    name="Container",
    description="Where a container meets the node",
    elements=[
        "containers", "container-rootfs", "runc-init", "shim-runc", "host-kernel", "pod-volumes", "image-store",
        "network-peer",
    ],
)  # fmt: skip
