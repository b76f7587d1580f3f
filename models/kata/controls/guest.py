"""Defences inside the guest, and the guest itself as one."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, file_exists, kernel_config, present, proposed, rpc_set, version

from .templates import default_in_each, each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
AGENT_RPC = "src/agent/src/rpc.rs"
AGENT_POLICY = "src/agent/src/policy.rs"
FRAGMENTS = "tools/packaging/kernel/configs/fragments/common"
POLICY_ENGINE = "src/agent/policy/src/policy.rs"
JAIL = "src/agent/rustjail/src/container.rs"
CAPABILITIES = "src/agent/rustjail/src/capabilities.rs"
_JUDGED = (
    "create_container", "start_container", "exec_process", "signal_process", "update_container", "remove_container",
    "update_ephemeral_mounts", "write_stdin", "update_interface", "update_routes", "set_ip_tables", "create_sandbox",
    "destroy_sandbox", "add_swap", "add_swap_path", "reseed_random_dev", "set_guest_date_time", "add_arp_neighbors",
    "mem_hotplug_by_probe", "online_cpu_mem", "get_diagnostic_data", "mem_agent_memcg_set", "mem_agent_compact_set",
    "wait_process", "stats_container", "pause_container", "resume_container", "remove_stale_virtiofs_share_mounts",
    "close_stdin", "tty_win_resize", "get_ip_tables", "list_interfaces", "list_routes", "get_guest_details",
    "get_metrics", "get_oom_event", "get_volume_stats", "resize_volume",
)  # fmt: skip
"""Every handler but those of output, which ask afterwards, of CopyFile and of SetPolicy, which ask in their own way."""

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
    provides=["process-isolation", "mount-namespace", "capability-drop", "resource-accounting"],
    description="Extent as the OCI specification asks; guest seccomp and SELinux are off by default and not counted",
    claims=[
        *(
            kernel_config(f"{FRAGMENTS}/{part}.conf", f"CONFIG_{name}", equals="y")
            for part, names in (
                ("namespaces", ("UTS_NS", "IPC_NS", "USER_NS", "PID_NS", "NET_NS")),
                ("cgroup", ("CGROUPS", "CGROUP_DEVICE", "CGROUP_PIDS", "MEMCG")),
            )
            for name in names
        ),
        present(JAIL, r"sched::unshare\(CloneFlags::CLONE_NEWPID\)\?;"),
        present(JAIL, r"\n    sched::unshare\(to_new & !CloneFlags::CLONE_NEWUSER\)\?;"),
        present(JAIL, r"if to_new\.contains\(CloneFlags::CLONE_NEWNS\) \{"),
        present(
            [JAIL, CAPABILITIES],
            r"(?s)fn drop_privileges\([^{]*\{\s*let all = get_all_caps\(\);\s*for c in all\.difference\([^{]*\{\s*"
            r"caps::drop\(None, CapSet::Bounding, \*c\)|"
            r"\}\s*if let Some\(caps\) = oci_process\.capabilities\(\)\.as_ref\(\) \{\s*"
            r"capabilities::restrict_bounding_set\(cfd_log, caps\)\?;",
        ),
        present(
            JAIL,
            r"(?s)\}\s*if oci_process\.capabilities\(\)\.is_some\(\) \{\s*"
            r"let c = oci_process\.capabilities\(\)\.as_ref\(\)\.unwrap\(\);\s*"
            r"capabilities::drop_privileges\(cfd_log, c\)\?;",
        ),
        present(
            CAPABILITIES,
            r"(?s)pub fn drop_privileges\([^)]*\) -> Result<\(\)> \{\s*"
            r"(?:let all = get_all_caps\(\);\s*for c in [^{]*\{\s*caps::drop\([^;]*;\s*\}\s*)?"
            r"caps::set\(\s*None,\s*CapSet::Effective,\s*&to_capshashset\(cfd_log, caps\.effective\(\)\),\s*\)[^;]*;\s*"
            r"caps::set\(\s*None,\s*CapSet::Permitted,\s*&to_capshashset\(cfd_log, caps\.permitted\(\)\),\s*\)[^;]*;\s*"
            r"caps::set\(\s*None,\s*CapSet::Inheritable,\s*&to_capshashset\(cfd_log, caps\.inheritable\(\)\),\s*\)",
        ),
        file_exists("src/agent/rustjail/src/cgroups/fs/mod.rs"),
    ],
)
verify_id = Control(
    "container-id-checked",
    "Container ids are checked for form before they become paths",
    provides=["input-validation", "path-resolution-confined"],
    description="Letters, digits, dot, dash and underscore, more than one of them, the first a letter or digit",
    claims=[
        present(
            AGENT_RPC,
            r"(?s)async fn do_create_container\(.{0,700}let cid = req\.container_id\.clone\(\);\s*"
            r"kata_sys_util::validate::verify_id\(&cid\)\?;",
        ),
        present(
            "src/libs/kata-sys-util/src/validate.rs",
            r"(?s)pub fn verify_id\(id: &str\)[^{]{0,60}\{\s*let mut chars = id\.chars\(\);\s*"
            r"let valid = matches!\(chars\.next\(\), Some\(first\) if first\.is_alphanumeric\(\)\s*&& id\.len\(\) > 1\s*"
            r"&& chars\.all\(\|c\| c\.is_alphanumeric\(\) \|\| \['\.', '-', '_'\]\.contains\(&c\)\)\);\s*"
            r"match valid \{\s*true => Ok\(\(\)\),\s*false => Err\(",
        ),
    ],
)
copy_file_scoped = Control(
    "copy-file-scoped",
    "CopyFile resolves its path below the shared folder, links included",
    provides=["path-resolution-confined"],
    description="A link that it makes may point elsewhere",
    claims=[
        present("src/agent/Cargo.toml", r"^pathrs"),
        present(
            AGENT_RPC,
            r"(?s)let path = insecure_full_path\s*\.strip_prefix\(shared_dir\).{0,400}"
            r"pathrs::Root::open\(shared_dir\)\?;",
        ),
        present(AGENT_RPC, r"(?s)let file = root\s*\.create_file\(\s*&tmpfile,"),
        present(
            AGENT_RPC,
            r"(?s)let root_path = PathBuf::from\(KATA_GUEST_SHARE_DIR\);\s*do_copy_file\(&req, &root_path\)",
        ),
    ],
)
agent_parser = Control(
    "agent-generated-parser",
    "Requests to the agent are decoded by code generated from protocol definitions",
    provides=["type-safe-parser"],
    claims=[
        # a call that the model does not name was not looked at
        rpc_set(
            ["src/libs/protocols/protos/agent.proto", "src/libs/protocols/protos/health.proto"],
            ["AgentService", "Health"],
            operations_of=["F60", "F60.*"],
            except_={"CreateContainer: hooks", "CreateSandbox: kernel_modules"},
        ),
        present("src/libs/protocols/build.rs", r"^\s*Codegen::new\(\)"),
    ],
)
reply_parser = Control(
    "reply-generated-parser",
    "Replies of the agent are decoded by code generated from protocol definitions",
    provides=["type-safe-parser"],
    claims=[
        present(
            "src/runtime/virtcontainers/pkg/agent/protocols/grpc/agent.pb.go",
            r"func \(x \*StatsContainerResponse\) ProtoReflect\(\)",
            when=GO,
        ),
        present("src/libs/protocols/build.rs", r"^\s*Codegen::new\(\)", when=RUST),
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
    description="Unless the policy sets AllowRequestsFailingPolicy. The policy in the image allows all calls but "
    "five that it does not name",
    claims=[
        present(
            "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh",
            r'AGENT_POLICY="\$\{AGENT_POLICY:-yes\}"',
        ),
        present(
            POLICY_ENGINE,
            r"(?s)if results\.result\.len\(\) != 1 \{\s*if self\.allow_failures \{\s*return Ok\(\(true, prints\)\);\s*"
            r"\}\s*bail!\(.{0,160}if results\.result\[0\]\.expressions\.len\(\) != 1 \{\s*bail!\(",
        ),
        present(
            POLICY_ENGINE,
            r"(?s)\n {12}_ => \{\s*error!\([^;]*;\s*bail!\([^;]*;\s*\}\s*\};\s*if !allow && self\.allow_failures \{"
            r"\s*warn!\([^;]*;\s*allow = true;\s*\}\s*Ok\(\(allow, prints\)\)\s*\}",
        ),
        absent(POLICY_ENGINE, r"(?s)return Ok\(\(.*return Ok\(\("),
        present(
            POLICY_ENGINE,
            r'(?s)self\.allow_failures = match self\.allow_request\("AllowRequestsFailingPolicy", "\{\}"\)\.await \{'
            r".{0,400}\s*allowed\s*\}\s*Err\(_\) => false,\s*\};",
        ),
        absent(POLICY_ENGINE, r"allow_failures\s*[:=]\s*true"),
        present(
            AGENT_POLICY,
            r"(?s)match policy\.allow_request\(ep, request\)\.await \{\s*Ok\(\(allowed, prints\)\) => \{\s*"
            r"if allowed \{\s*Ok\(\(\)\)\s*\} else \{\s*Err\(ttrpc_error\(\s*ttrpc::Code::PERMISSION_DENIED,.{0,160}"
            r"Err\(e\) => Err\(ttrpc_error\(",
        ),
        present(
            AGENT_POLICY,
            r"(?s)pub async fn is_allowed\([^{]{0,120}\{\s*"
            r"is_allowed_with_entrypoint\(req\.descriptor_dyn\(\)\.name\(\), &req\)\.await\s*\}",
        ),
        present(
            AGENT_POLICY,
            r"(?s)pub async fn is_allowed_with_entrypoint\([^{]{0,120}\{[^{}]{0,200}"
            r"allow_request\(&mut policy, ep, &request\)\.await\s*\}",
        ),
        present(
            AGENT_POLICY,
            r'(?s)pub async fn do_set_policy\([^{]{0,120}\{[^{}]{0,200}allow_request\(&mut policy, "SetPolicyRequest", '
            r"&request\)\.await\?;",
        ),
        present(
            AGENT_RPC, r"(?s)async fn set_policy\([^{]{0,200}\{[^{}]{0,80}do_set_policy\(&req\)\.await\?;"
        ),
        present(
            AGENT_RPC,
            r"(?s)async fn copy_file\(.{0,500}is_allowed_with_entrypoint\(req\.descriptor_dyn\(\)\.name\(\), "
            r"&req_for_policy\)\.await\?;",
        ),
        *(
            present(
                AGENT_RPC,
                rf"(?s)async fn {name}\([^{{]{{0,240}}\{{[^{{}}]{{0,260}}is_allowed\(&\w+\)\.await\?;",
            )
            for name in _JUDGED
        ),
    ],
)
debug_console_off = Control(
    "debug-console-not-default",
    "Neither the shipped configuration nor the agent by itself starts the debug console of the guest",
    provides=["secure-defaults"],
    description="No defence: kernel_params is an annotation that is enabled by default, so whoever may create pods can "
    "switch the console on for a pod of his own, and a hostile host for any",
    claims=[
        *default_in_each("agent.kata", "debug_console_enabled", False),
        *each_template("", unlike=r"^\s*(debug_console_enabled = true|kernel_params = .*debug_console)"),
        present(
            "src/agent/src/config.rs",
            r"(?s)impl Default for AgentConfig \{\s*fn default\(\) -> Self \{\s*AgentConfig \{\s*debug_console: false,",
        ),
        present(
            "src/agent/src/main.rs",
            r"(?s)\n    if config\.debug_console \{\s*let debug_console_task = [^;]{0,40}debug_console_handler\(",
        ),
    ],
)
kernel_seeded = Control(
    "kernel-seeded-by-the-processor",
    "The kernel of a confidential guest takes its first seed from the processor, or does not start",
    provides=["trusted-entropy-source"],
    description="Since Linux 6.9. Bytes of the host are mixed in beside it and cannot take it away",
    claims=[
        version("versions.yaml", "assets.kernel.version", ">=6.9"),
        proposed(
            "Linux 6.9 and later seeds a TDX or SEV-SNP guest by RDRAND, and stops where this fails",
            evidence="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/commit/"
            "?id=99485c4c026f024e7cb82da84c7951dbe3deb584",
        ),
    ],
)
minimal_kernel = Control(
    "minimal-guest-kernel",
    "The guest kernel is built from fragments on top of an empty configuration",
    provides=["kernel-attack-surface-reduction"],
    claims=[
        present(
            "tools/packaging/kernel/build-kernel.sh", r"results=\$\( \$\{cmdpath\} -r -n \$\{all_configs\} \)"
        ),
        kernel_config(f"{FRAGMENTS}/security.conf", "CONFIG_STACKPROTECTOR_STRONG", equals="y"),
        kernel_config(f"{FRAGMENTS}/seccomp.conf", "CONFIG_SECCOMP_FILTER", equals="y"),
    ],
)
confined_mounts = Control(
    "container-mounts-confined",
    "Mount points of a container are resolved below its root, links included, in a mount namespace of its own",
    provides=["path-resolution-confined", "mount-namespace", "private-mount-propagation"],
    description="Resolved by name before the container runs; not pinned against a second container that shares the tree",
    claims=[
        present(
            "src/agent/rustjail/src/mount.rs",
            r"(?s)fn mount_from\([^{]*\{\s*let mut d = String::from\(data\);\s*"
            r"let mount_dest = m\.destination\(\)\.display\(\)\.to_string\(\);\s*[^;]*;\s*"
            r"let dest = scoped_join\(rootfs, mount_dest\)\?",
        ),
        # one for cgroups, one for remounts, one for what is bound to the host's folders, and the one above
        absent("src/agent/rustjail/src/mount.rs", r"(?s)(?:\bdest\s*=[^=].*){5}"),
        present("src/agent/rustjail/src/mount.rs", r"flags \|= MsFlags::MS_SLAVE"),
        present("src/agent/rustjail/src/container.rs", r"CloneFlags::CLONE_NEWNS"),
    ],
)
