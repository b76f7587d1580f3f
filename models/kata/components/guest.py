"""Source that runs in the guest, and libraries that host and guest share."""

from __future__ import annotations

from threatmodel.dsl import Component


def guest() -> None:
    """The agent, its parts and its policy."""
    Component(
        "policy-engine", "src/agent/policy/**", "src/agent/src/policy.rs", runs_in=["policy-engine", "agent"]
    )
    Component("agent-rustjail", "src/agent/rustjail/**", runs_in=["agent"])
    Component("agent-tracing", "src/agent/vsock-exporter/**", "src/agent/src/tracer.rs", runs_in=["agent"])
    Component("agent-coco-glue", "src/agent/src/confidential_data_hub/**", runs_in=["agent"])
    Component("agent-initdata", "src/agent/src/initdata.rs", runs_in=["agent"])
    Component(
        "agent-storage",
        "src/agent/src/storage/**",
        "src/agent/src/mount.rs",
        "src/agent/src/watcher.rs",
        "src/agent/src/guest_extension_image.rs",
        "src/agent/kata-extension-*",
        runs_in=["agent"],
    )
    Component(
        "agent-device",
        "src/agent/src/device/**",
        "src/agent/src/{ap,ccw,pci,uevent,linux_abi}.rs",
        runs_in=["agent"],
    )
    Component("agent-network", "src/agent/src/{netlink,network}.rs", runs_in=["agent"])
    Component("agent-debug-console", "src/agent/src/console.rs", runs_in=["agent"])
    Component("agent-passfd-io", "src/agent/src/passfd_io.rs", runs_in=["agent"])
    Component("agent-metrics", "src/agent/src/metrics.rs", runs_in=["agent"])
    Component("agent", "src/agent/**", runs_in=["agent"])
    Component("mem-agent", "src/libs/mem-agent/**", runs_in=["agent"])
    Component("default-policies", "src/kata-opa/**", runs_in=["policy-engine"])


def libraries() -> None:
    """Libraries: a finding there counts on both sides."""
    Component(
        "protocol-definitions",
        "src/libs/protocols/protos/**",
        "src/libs/protocols/**",
        runs_in=["shim-rs", "agent", "kata-ctl"],
    )
    Component("annotation-parsing-rs", "src/libs/kata-types/src/annotations/**", runs_in=["shim-rs"])
    Component("initdata-lib", "src/libs/kata-types/src/initdata.rs", runs_in=["shim-rs", "agent"])
    Component("guest-image-lib", "src/libs/kata-types/src/{dmverity,gpt_disk}.rs", runs_in=["shim-rs"])
    Component(
        "config-rs",
        "src/libs/kata-types/src/config/**",
        "src/runtime-rs/config/**",
        runs_in=["shim-rs", "kata-ctl"],
    )
    Component("kata-types-lib", "src/libs/kata-types/**", runs_in=["shim-rs", "agent", "kata-ctl"])
    Component("kata-sys-util-lib", "src/libs/kata-sys-util/**", runs_in=["shim-rs", "agent", "kata-ctl"])
    Component("safe-path-lib", "src/libs/safe-path/**", runs_in=["shim-rs", "agent"])
    Component(
        "shim-mgmt-api-rs",
        "src/libs/shim-interface/**",
        "src/runtime-rs/crates/runtimes/src/shim_mgmt/**",
        runs_in=["shim-rs", "kata-ctl"],
    )
    Component("kubelet-podresources-client", "src/libs/pod-resources-rs/**", runs_in=["shim-rs"])
    Component("oci-spec-lib", "src/libs/runtime-spec/**", runs_in=["shim-rs", "agent"])
    Component(
        "logging-lib", "src/libs/logging/**", runs_in=["shim-rs", "agent", "kata-ctl", "trace-forwarder"]
    )
