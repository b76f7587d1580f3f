"""Defences inside the guest, and the guest itself as one."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, file_exists, present

from .templates import each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
AGENT_RPC = "src/agent/src/rpc.rs"

vm_per_sandbox = Control(
    "vm-per-sandbox",
    "Each pod has a virtual machine of its own",
    provides=["vm-isolation", "single-tenant-instance"],
    claims=[
        present(
            "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs",
            r"hypervisor\.start_vm\(",
            when=RUST,
        ),
        present("src/runtime/virtcontainers/sandbox.go", r"func \(s \*Sandbox\) startVM\(", when=GO),
    ],
)
rustjail = Control(
    "rustjail-isolation",
    "The agent starts containers in namespaces and cgroups and takes capabilities away",
    provides=["process-isolation", "mount-namespace", "capability-drop", "resource-quota"],
    description="Extent as the OCI specification asks; guest seccomp and SELinux are off by default and not counted",
    claims=[
        present("src/agent/rustjail/src/container.rs", r"CloneFlags::CLONE_NEWPID"),
        present("src/agent/rustjail/src/container.rs", r"CloneFlags::CLONE_NEWNS"),
        present("src/agent/rustjail/src/capabilities.rs", r"fn drop_privileges"),
        file_exists("src/agent/rustjail/src/cgroups/fs/mod.rs"),
    ],
)
container_devices = Control(
    "container-device-cgroup",
    "A container reaches only listed devices of the guest",
    provides=["device-not-exposed", "allow-list"],
    claims=[present("src/agent/rustjail/src/cgroups/**", r"DEFAULT_ALLOWED_DEVICES")],
)
verify_id = Control(
    "container-id-checked",
    "Container ids are checked for form before they become paths",
    provides=["input-validation", "path-resolution-confined"],
    claims=[
        present(AGENT_RPC, r"validate::verify_id\(&cid\)"),
        present("src/libs/kata-sys-util/src/validate.rs", r"pub fn verify_id\("),
    ],
)
copy_file_scoped = Control(
    "copy-file-scoped",
    "CopyFile resolves its path below the shared folder, links included",
    provides=["path-resolution-confined", "symlink-refusal"],
    claims=[
        present("src/agent/Cargo.toml", r"^pathrs"),
        present(AGENT_RPC, r"pathrs::Root::open\(shared_dir\)"),
    ],
)
agent_parser = Control(
    "agent-generated-parser",
    "Requests to the agent are decoded by code generated from protocol definitions",
    provides=["type-safe-parser"],
    claims=[
        present("src/libs/protocols/protos/agent.proto", r"service AgentService"),
        file_exists("src/libs/protocols/build.rs"),
    ],
)
reply_parser = Control(
    "reply-generated-parser",
    "Replies of the agent are decoded by code generated from protocol definitions",
    provides=["type-safe-parser"],
    claims=[
        file_exists("src/runtime/virtcontainers/pkg/agent/protocols/grpc/agent.pb.go", when=GO),
        file_exists("src/libs/protocols/build.rs", when=RUST),
    ],
)
agent_rust = Control(
    "agent-in-rust",
    "The agent is written in Rust",
    provides=["memory-safe-language"],
    claims=[file_exists("src/agent/Cargo.toml"), file_exists("src/agent/src/main.rs")],
)
policy_fail_closed = Control(
    "policy-fails-closed",
    "A request without a verdict is refused",
    provides=["fail-closed"],
    description="Unless the policy sets AllowRequestsFailingPolicy; the policy in the image allows every known request",
    claims=[
        present(
            "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh",
            r'AGENT_POLICY="\$\{AGENT_POLICY:-yes\}"',
        ),
        present("src/agent/src/policy.rs", r"PERMISSION_DENIED"),
        present(AGENT_RPC, r"(?s)async fn mem_agent_memcg_set\(.{0,500}is_allowed\("),
        present(AGENT_RPC, r"(?s)async fn mem_agent_compact_set\(.{0,500}is_allowed\("),
    ],
)
debug_console_off = Control(
    "debug-console-off",
    "The debug console of the guest is off",
    provides=["debug-disabled-by-default", "interface-disabled"],
    description="The annotation kernel_params is enabled by default, so a pod author can switch it on for his own pod",
    claims=[
        *each_template(r"^debug_console_enabled = false"),
        absent(
            ["src/runtime-rs/config/*.toml.in", "src/runtime/config/*.toml.in"],
            r"^debug_console_enabled = true",
        ),
    ],
)
minimal_kernel = Control(
    "minimal-guest-kernel",
    "The guest kernel is built from fragments on top of an empty configuration",
    provides=["kernel-attack-surface-reduction"],
    claims=[
        present("tools/packaging/kernel/build-kernel.sh", r"merge_config\.sh"),
        file_exists("tools/packaging/kernel/configs/fragments/common/*.conf"),
    ],
)
confined_mounts = Control(
    "container-mounts-confined",
    "Mount points of a container are resolved below its root, links included, in a mount namespace of its own",
    provides=["path-resolution-confined", "mount-namespace", "private-mount-propagation"],
    description="Resolved by name before the container runs; not pinned against a second container that shares the tree",
    claims=[
        present("src/agent/rustjail/src/mount.rs", r"let dest = scoped_join\(rootfs, mount_dest\)\?"),
        present("src/agent/rustjail/src/mount.rs", r"flags \|= MsFlags::MS_SLAVE"),
        present("src/agent/rustjail/src/container.rs", r"CloneFlags::CLONE_NEWNS"),
    ],
)
