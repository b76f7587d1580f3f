"""The Rust runtime and Dragonball."""

from __future__ import annotations

from threatmodel.dsl import Component


def runtime_rs() -> None:
    """The crates of runtime-rs."""
    Component("agent-client-rs", "src/runtime-rs/crates/agent/**", runs_in=["shim-rs"])
    Component("vmm-glue-qemu-rs", "src/runtime-rs/crates/hypervisor/src/qemu/**", runs_in=["shim-rs"])
    Component(
        "vmm-glue-clh-rs",
        "src/runtime-rs/crates/hypervisor/src/ch/**",
        "src/runtime-rs/crates/hypervisor/ch-config/**",
        runs_in=["shim-rs"],
    )
    Component(
        "vmm-glue-dragonball-rs", "src/runtime-rs/crates/hypervisor/src/dragonball/**", runs_in=["shim-rs"]
    )
    Component("vmm-glue-fc-rs", "src/runtime-rs/crates/hypervisor/src/firecracker/**", runs_in=["shim-rs"])
    Component("vmm-glue-openvmm-rs", "src/runtime-rs/crates/hypervisor/src/openvmm/**", runs_in=["shim-rs"])
    Component("vmm-glue-remote-rs", "src/runtime-rs/crates/hypervisor/src/remote/**", runs_in=["shim-rs"])
    Component(
        "device-manager-rs",
        "src/runtime-rs/crates/hypervisor/src/device/**",
        "src/runtime-rs/crates/resource/src/cdi_devices/**",
        runs_in=["shim-rs"],
    )
    Component("vmm-glue-common-rs", "src/runtime-rs/crates/hypervisor/**", runs_in=["shim-rs"])
    Component("network-glue-rs", "src/runtime-rs/crates/resource/src/network/**", runs_in=["shim-rs"])
    Component("sharedfs-glue-rs", "src/runtime-rs/crates/resource/src/share_fs/**", runs_in=["shim-rs"])
    Component(
        "storage-glue-rs",
        "src/runtime-rs/crates/resource/src/{rootfs,volume}/**",
        "src/runtime-rs/crates/resource/src/block_device.rs",
        runs_in=["shim-rs"],
    )
    Component("coco-glue-rs", "src/runtime-rs/crates/resource/src/coco_data/**", runs_in=["shim-rs"])
    Component(
        "cgroup-glue-rs", "src/runtime-rs/crates/resource/src/{cgroups,cpu_mem}/**", runs_in=["shim-rs"]
    )
    Component(
        "vm-factory-rs", "src/runtime-rs/crates/runtimes/virt_container/src/factory/**", runs_in=["shim-rs"]
    )
    Component(
        "runtime-rs-core",
        "src/runtime-rs/crates/resource/**",
        "src/runtime-rs/crates/runtimes/**",
        runs_in=["shim-rs"],
    )
    Component(
        "shim-rs", "src/runtime-rs/crates/service/**", "src/runtime-rs/crates/shim/**", runs_in=["shim-rs"]
    )
    Component("shim-ctl", "src/runtime-rs/crates/shim-ctl/**", role="tools")
    Component("sandbox-state-rs", "src/runtime-rs/crates/persist/**", runs_in=["shim-rs"])


def dragonball() -> None:
    """The built-in VMM. Its crates moved into a folder of their own in 4.0.0."""
    Component(
        "dragonball-virtio",
        "src/dragonball/{crates/,}dbs_virtio_devices/**",
        runs_in=["vmm-dragonball", "inline-virtiofs"],
    )
    Component("dragonball-pci-vfio", "src/dragonball/{crates/,}dbs_pci/**", runs_in=["vmm-dragonball"])
    Component(
        "dragonball-legacy-devices",
        "src/dragonball/{crates/,}dbs_legacy_devices/**",
        runs_in=["vmm-dragonball"],
    )
    Component("dragonball-upcall", "src/dragonball/{crates/,}dbs_upcall/**", runs_in=["vmm-dragonball"])
    Component(
        "dragonball-boot",
        "src/dragonball/{crates/,}dbs_boot/**",
        "src/dragonball/{crates/,}dbs_acpi/**",
        runs_in=["vmm-dragonball"],
    )
    Component(
        "dragonball-core",
        "src/dragonball/crates/**",
        "src/dragonball/src/**",
        "src/dragonball/**",
        runs_in=["vmm-dragonball"],
    )
