"""The Go runtime."""

from __future__ import annotations

from threatmodel.dsl import Component


def runtime_go() -> None:
    """Everything below src/runtime but its core."""
    Component(
        "shim-mgmt-api-go",
        "src/runtime/pkg/containerd-shim-v2/shim_management*.go",
        "src/runtime/pkg/containerd-shim-v2/shim_metrics*.go",
        runs_in=["shim-go"],
    )
    Component(
        "shim-go",
        "src/runtime/cmd/containerd-shim-kata-v2/**",
        "src/runtime/pkg/containerd-shim-v2/**",
        runs_in=["shim-go"],
    )
    Component("kata-runtime-cli", "src/runtime/cmd/kata-runtime/**", runs_in=["kata-runtime"])
    Component(
        "kata-monitor",
        "src/runtime/cmd/kata-monitor/**",
        "src/runtime/pkg/kata-monitor/**",
        "tools/packaging/kata-monitor/**",
        runs_in=["kata-monitor"],
    )
    Component(
        "vmm-glue-qemu-go",
        "src/runtime/pkg/govmm/**",
        "src/runtime/virtcontainers/qemu*.go",
        runs_in=["shim-go"],
    )
    Component(
        "vmm-glue-clh-go",
        "src/runtime/virtcontainers/clh*.go",
        "src/runtime/virtcontainers/pkg/cloud-hypervisor/**",
        runs_in=["shim-go"],
    )
    Component(
        "vmm-glue-fc-go",
        "src/runtime/virtcontainers/fc*.go",
        "src/runtime/virtcontainers/pkg/firecracker/**",
        runs_in=["shim-go"],
    )
    Component("vmm-glue-stratovirt-go", "src/runtime/virtcontainers/stratovirt*.go", runs_in=["shim-go"])
    Component("vmm-glue-remote-go", "src/runtime/virtcontainers/remote*.go", runs_in=["shim-go"])
    Component(
        "vmm-glue-darwin-go",
        "src/runtime/virtcontainers/virtframework*.go",
        "src/runtime/virtcontainers/{hypervisor,virtframework}*darwin*.go",
        runs_in=["shim-go"],
    )
    Component(
        "vmm-glue-common-go",
        "src/runtime/virtcontainers/hypervisor*.go",
        "src/runtime/virtcontainers/vm*.go",
        "src/runtime/pkg/hypervisors/**",
        runs_in=["shim-go"],
    )
    Component(
        "sharedfs-glue-go",
        "src/runtime/virtcontainers/virtiofsd*.go",
        "src/runtime/virtcontainers/nydusd*.go",
        "src/runtime/virtcontainers/fs_share*.go",
        runs_in=["shim-go"],
    )
    Component(
        "storage-glue-go",
        "src/runtime/virtcontainers/mount*.go",
        "src/runtime/pkg/direct-volume/**",
        runs_in=["shim-go", "kata-runtime"],
    )
    Component(
        "network-glue-go",
        "src/runtime/virtcontainers/*network*.go",
        "src/runtime/virtcontainers/*endpoint*.go",
        runs_in=["shim-go"],
    )
    Component(
        "agent-client-go",
        "src/runtime/virtcontainers/kata_agent*.go",
        "src/runtime/virtcontainers/agent.go",
        "src/runtime/virtcontainers/pkg/agent/**",
        runs_in=["shim-go"],
    )
    Component("vmcache-grpc-go", "src/runtime/protocols/**", runs_in=["shim-go", "kata-runtime"])
    Component(
        "vm-factory-go",
        "src/runtime/virtcontainers/factory*.go",
        "src/runtime/virtcontainers/factory/**",
        runs_in=["shim-go", "kata-runtime"],
    )
    Component(
        "sandbox-state-go",
        "src/runtime/virtcontainers/persist*.go",
        "src/runtime/virtcontainers/persist/**",
        runs_in=["shim-go"],
    )
    Component(
        "annotation-parsing-go",
        "src/runtime/pkg/oci/**",
        "src/runtime/virtcontainers/pkg/annotations/**",
        runs_in=["shim-go"],
    )
    Component("device-manager-go", "src/runtime/pkg/device/**", runs_in=["shim-go"])
    Component(
        "cgroup-glue-go",
        "src/runtime/pkg/resourcecontrol/**",
        "src/runtime/virtcontainers/pkg/{rootless,cpuset}/**",
        runs_in=["shim-go"],
    )
    Component(
        "config-go",
        "src/runtime/pkg/katautils/*config*.go",
        "src/runtime/config/**",
        runs_in=["shim-go", "kata-runtime"],
    )
    Component("oci-hooks-go", "src/runtime/pkg/katautils/hook*.go", runs_in=["shim-go"])
    Component("runtime-go-lib", "src/runtime/pkg/**", runs_in=["shim-go", "kata-runtime", "kata-monitor"])
