"""Defences in the agent: its policy, its limits, its paths, and the switches of its interfaces."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, constant, file_exists, key_set, present

from .templates import each_template

RPC = "src/agent/src/rpc.rs"
MAIN = "src/agent/src/main.rs"
CONFIG = "src/agent/src/config.rs"
POLICY = "src/agent/policy/src/policy.rs"
RULES = "src/tools/genpolicy/rules.rego"
EXTENSION = "src/agent/src/guest_extension_image.rs"
MOUNTER = "src/agent/kata-extension-mount.sh"
SANDBOX = "src/agent/src/sandbox.rs"
WATCHER = "src/agent/src/watcher.rs"
EROFS = "src/agent/src/storage/multi_layer_erofs.rs"
BLOCKS = "src/agent/src/storage/block_handler.rs"
MOUNTS = "src/agent/rustjail/src/mount.rs"
GENERATED = {"policy": "genpolicy"}
_REFUSED = (
    "AddARPNeighborsRequest", "AddSwapRequest", "AddSwapPathRequest", "CloseStdinRequest", "CopyFileRequest",
    "CreateContainerRequest", "CreateSandboxRequest", "ExecProcessRequest", "GetDiagnosticDataRequest",
    "GetIPTablesRequest", "GetMetricsRequest", "ListInterfacesRequest", "ListRoutesRequest", "MemAgentCompactConfig",
    "MemAgentMemcgConfig", "MemHotplugByProbeRequest", "PauseContainerRequest", "ReadStreamRequest",
    "ReseedRandomDevRequest", "ResizeVolumeRequest", "ResumeContainerRequest", "SetGuestDateTimeRequest",
    "SetIPTablesRequest", "SetPolicyRequest", "UpdateContainerRequest", "UpdateEphemeralMountsRequest",
    "UpdateInterfaceRequest", "UpdateRoutesRequest", "VolumeStatsRequest", "WriteStreamRequest",
)  # fmt: skip
_NEVER = (
    "AddSwapRequest", "AddSwapPathRequest", "GetIPTablesRequest", "GetMetricsRequest", "ListInterfacesRequest",
    "ListRoutesRequest", "MemAgentCompactConfig", "MemAgentMemcgConfig", "MemHotplugByProbeRequest",
    "PauseContainerRequest", "ReseedRandomDevRequest", "ResizeVolumeRequest", "ResumeContainerRequest",
    "SetGuestDateTimeRequest", "SetIPTablesRequest", "SetPolicyRequest", "UpdateContainerRequest", "VolumeStatsRequest",
    "AllowRequestsFailingPolicy",
)  # fmt: skip
"""Requests that no rule allows."""
_CONDITIONAL = tuple(name for name in _REFUSED if name not in _NEVER)
_ONE_RULE = tuple(name for name in _CONDITIONAL if name != "ExecProcessRequest")
_PROC_FILES = r"\s*".join(
    f'"/proc/{name}",'
    for name in ("cpuinfo", "diskstats", "meminfo", "stat", "swaps", "uptime", "loadavg", "net/dev")
)

policy_limits = Control(
    "policy-size-limits",
    "The policy engine refuses documents over 16 MiB, 200 000 lines or 64 KiB in a line",
    provides=["bounded-request-size", "bounded-allocation"],
    claims=[
        constant(POLICY, "POLICY_MAX_COL", equals=64 * 1024),
        constant(POLICY, "POLICY_MAX_FILE_BYTES", equals=16 * 1024 * 1024),
        constant(POLICY, "POLICY_MAX_LINES", equals=200_000),
        present(
            POLICY,
            r"(?s)fn new_engine\(\).{0,300}set_policy_length_config\(PolicyLengthConfig \{\s*"
            r"max_col: NonZeroU32::new\(POLICY_MAX_COL\)\.unwrap\(\),\s*"
            r"max_file_bytes: NonZeroUsize::new\(POLICY_MAX_FILE_BYTES\)\.unwrap\(\),\s*"
            r"max_lines: NonZeroUsize::new\(POLICY_MAX_LINES\)\.unwrap\(\),",
        ),
    ],
)
policy_or_abort = Control(
    "policy-or-no-guest",
    "Without a policy of the image the agent aborts",
    provides=["fail-closed"],
    description="The document may allow everything all the same",
    claims=[
        present(
            MAIN,
            r'(?s)#\[cfg\(feature = "agent-policy"\)\]\s*if let Err\(e\) = initialize_policy\(\)\.await \{\s*'
            r"error!\([^;]*;\s*(?:tokio::time::sleep\([^;]*;\s*)?std::process::abort\(\);\s*\}",
        )
    ],
)
policy_first = Control(
    "initdata-policy-before-requests",
    "The policy of initdata is in force before the agent takes its first request",
    provides=["fail-closed"],
    description="An error in it ends the start",
    claims=[
        present(
            MAIN,
            r'(?s)\.set_policy\(policy\)\s*\.await\s*\.context\("Failed to set policy from initdata"\)\?;'
            r".{0,999}rpc::start\(",
        ),
        absent(MAIN, r"(?s)rpc::start\(.*\.set_policy\("),
    ],
)
policy_sees_links = Control(
    "policy-sees-links",
    "The policy is asked about kind and target of a link; a target that is no text is refused",
    provides=["input-validation"],
    claims=[
        present(POLICY, r"(?s)FileType::Symlink => \{.{0,200}bail!\(\"invalid symlink content\"\)"),
        present(
            POLICY,
            r"(?s)Ok\(PolicyCopyFileRequest \{\s*path: req\.path\.clone\(\),\s*file_type,\s*symlink_target,",
        ),
    ],
)
output_withheld = Control(
    "output-withheld-by-policy",
    "Output of a container leaves the guest only where a policy of the pod allows it",
    provides=["secret-redaction"],
    description="One made by genpolicy does where its settings say so. Not asked about streams of port 1027",
    claims=[
        present(
            RPC,
            rf"(?s)async fn {name}\(.{{0,260}}if is_allowed\(&req\)\.await\.is_err\(\) \{{[^}}]{{0,120}}"
            r"response\.clear_data\(\);",
            when={"policy": ["genpolicy", "custom"]},
        )
        for name in ("read_stdout", "read_stderr")
    ],
)
generated_rules = Control(
    "generated-policy-refuses",
    "A policy made by genpolicy refuses what it does not describe",
    provides=["deny-by-default", "authorization-policy"],
    description="Start, removal, signals, waiting, terminal size, statistics, memory events, details of the guest, "
    "processors brought online and the end of the sandbox are allowed without a condition",
    claims=[
        *(present(RULES, rf"^default {name} := false$", when=GENERATED) for name in _CONDITIONAL),
        present(RULES, r"^default AllowRequestsFailingPolicy := false$", when=GENERATED),
        # a request without a default and a rule has no verdict, and is refused
        absent(RULES, rf"^(?:{'|'.join(_NEVER)})\b", when=GENERATED),
        absent(RULES, rf"^default (?:{'|'.join(_NEVER)})\s*:?=\s*[^f\s]", when=GENERATED),
        # commands, their settings, and commands of a container by their text
        absent(RULES, r"(?s)(?:\nExecProcessRequest\b.*){4}", when=GENERATED),
        *(absent(RULES, rf"(?s)(?:\n{name}\b.*){{2}}", when=GENERATED) for name in _ONE_RULE),
    ],
)
generated_mounts = Control(
    "generated-policy-binds-mounts",
    "A generated policy takes the source of a mount from a disk alone, and pulled images at the root of their container",
    provides=["authorization-policy"],
    description="Source and options of a pulled image are not judged",
    claims=[
        present(
            RULES,
            r'(?s)i_storage\.driver in \{"blk", "scsi"\}\s*i_storage\.mount_point == i_mount\.source',
            when=GENERATED,
        ),
        present(
            RULES,
            r'(?s)i_storage\.driver == "image_guest_pull".{0,600}expect_root_path == i_storage\.mount_point',
            when=GENERATED,
        ),
    ],
)
termination_cut = Control(
    "termination-message-cut",
    "Not more than 4 KiB of a termination message leave the guest",
    provides=["bounded-request-size"],
    description="Cut after reading: protects who asks, not the memory of the agent",
    claims=[
        present(
            RPC,
            r"(?s)const MAX_TERMINATION_MSG: usize = 4096;.{0,160}buf\.truncate\(MAX_TERMINATION_MSG\);",
        )
    ],
)
diagnosis_listed = Control(
    "diagnosis-listed",
    "The agent hands out one kind of diagnostic data and refuses others",
    provides=["allow-list"],
    claims=[
        present(
            RPC,
            r'(?s)match req\.log_type\.as_str\(\) \{\s*"termination_log" => self\s*\.do_read_termination_log\(.{0,120}'
            r"other => Err\(ttrpc_error\(",
        )
    ],
)
device_timeout = Control(
    "device-wait-timeout",
    "The agent waits for a device for a limited time",
    provides=["timeout"],
    claims=[
        present(CONFIG, r"^const DEFAULT_HOTPLUG_TIMEOUT: time::Duration = time::Duration::from_secs\(3\);"),
        present("src/agent/src/uevent.rs", r"match tokio::time::timeout\(hotplug_timeout, rx\)\.await"),
    ],
)
namespaces_replaced = Control(
    "namespace-paths-replaced",
    "Paths of IPC and UTS namespaces in a request are replaced by those of the sandbox",
    provides=["process-isolation"],
    claims=[
        present(RPC, r"update_container_namespaces\(&s, &mut oci, use_sandbox_pidns\)\?;"),
        present(RPC, r"(?s)== NSTYPEIPC \{\s*namespace\.set_path\(if !sandbox\.shared_ipcns"),
        present(RPC, r"(?s)== NSTYPEUTS \{\s*namespace\.set_path\(if !sandbox\.shared_utsns"),
    ],
)
own_process_namespace = Control(
    "own-process-namespace",
    "A container has its own process namespace unless the pod asks to share one",
    provides=["process-isolation"],
    claims=[
        present(RPC, r"(?s)let mut pid_ns = LinuxNamespace::default\(\);.{0,420}if sandbox_pidns \{"),
        present(RPC, r"^\s*namespaces\.push\(pid_ns\);"),
    ],
)
masked_paths = Control(
    "masked-kernel-paths",
    "Paths of the kernel that the specification lists are masked or made read-only",
    provides=["read-only-mount"],
    description="Container managers list them unless a container is privileged",
    claims=[
        present(MOUNTS, r"(?s)for path in linux_masked_paths\.iter\(\) \{\s*mask_path\(path\)\?;"),
        present(MOUNTS, r"(?s)for path in linux_readonly_paths\.iter\(\) \{\s*readonly_path\(path\)\?;"),
        present(
            MOUNTS,
            r"(?s)fn mask_path\(path: &str\) -> Result<\(\)> \{\s*check_paths\(path\)\?;\s*match mount\(\s*"
            r'Some\("/dev/null"\),\s*path,\s*None::<&str>,\s*MsFlags::MS_BIND,',
        ),
        present(
            MOUNTS,
            r"(?s)fn readonly_path\(path: &str\) -> Result<\(\)> \{\s*check_paths\(path\)\?;\s*if let Err\(e\) = mount\("
            r".{0,500}MsFlags::MS_BIND \| MsFlags::MS_REC \| MsFlags::MS_RDONLY \| MsFlags::MS_REMOUNT,",
        ),
    ],
)
proc_mounts = Control(
    "proc-mounts-listed",
    "Below /proc of a container only eight listed files can be mounted over, and /proc itself by its own kind only",
    provides=["allow-list"],
    claims=[
        present(MOUNTS, r'(?s)if mount_typ == "bind" \{\s*check_proc_mount\(m\)\?;'),
        present(
            MOUNTS,
            r"(?s)fn check_proc_mount\(m: &Mount\) -> Result<\(\)> \{\s*let valid_destinations = \[\s*"
            rf"{_PROC_FILES}\s*\];\s*let mount_dest = [^;]*;\s*for i in valid_destinations\.iter\(\) \{{\s*"
            r"if mount_dest == \*i \{\s*return Ok\(\(\)\);\s*\}\s*\}\s*if mount_dest == PROC_PATH \{",
        ),
        present(
            MOUNTS,
            r"(?s)if mount_dest\.starts_with\(PROC_PATH\) \{\s*return Err\(",
        ),
    ],
)
no_new_privileges = Control(
    "container-no-new-privileges",
    "A container that asks for it gains no privileges by executing a program",
    provides=["no-new-privileges"],
    description="Kubernetes asks for it where allowPrivilegeEscalation is false",
    claims=[
        present(
            "src/agent/rustjail/src/container.rs",
            r"(?s)\}\s*if oci_process\.no_new_privileges\(\)\.unwrap_or_default\(\) \{\s*"
            r"capctl::prctl::set_no_new_privs\(\)\.map_err\([^\n]*\)\?;",
        )
    ],
)
container_limits = Control(
    "container-limits",
    "Memory and processor time of each container are counted, and limited where the pod asks for it",
    provides=["resource-accounting"],
    description="Without limits the containers of a pod share what the guest has; the Go runtime passes no limit of "
    "processes on",
    claims=[
        present("src/agent/rustjail/src/cgroups/fs/mod.rs", rf"^\s*set_{name}_resources\(&self\.cgroup, ")
        for name in ("cpu", "memory")
    ],
)
watched_mounts = Control(
    "watched-mounts-limited",
    "A mount whose changes are copied has at most 16 entries and 1 MiB",
    provides=["bounded-allocation", "storage-quota"],
    claims=[
        constant(WATCHER, "MAX_ENTRIES_PER_STORAGE", equals=16),
        constant(WATCHER, "MAX_SIZE_PER_WATCHABLE_MOUNT", equals=1024 * 1024),
        present(WATCHER, r"self\.watched_files\.len\(\) <= MAX_ENTRIES_PER_STORAGE"),
        present(WATCHER, r"size <= MAX_SIZE_PER_WATCHABLE_MOUNT"),
    ],
)
layer_mounts = Control(
    "layer-mount-points-checked",
    "The mount point of joined layers names no parent folder; folders made in a layer stay in it",
    provides=["input-validation"],
    description="The mount point may be any absolute path",
    claims=[
        present(EROFS, r"(?s)fn validate_mount_point\(.{0,420}mount_point\.contains\(\"\.\.\"\)"),
        present(EROFS, r"^\s*validate_mount_point\(&target_mount_point\)\?;"),
        present(
            EROFS, r"let resolved_path = resolve_mkdir_path\(&mkdir_dir\.raw_path, &upper_mount, None\)\?;"
        ),
        present(EROFS, r"let safe = scoped_join\(scope_root, &relative\)"),
    ],
)
fresh_before_encrypted = Control(
    "ephemeral-key-needs-new-file-system",
    "A volume with a key of the moment is refused unless its file system is made anew",
    provides=["configuration-validation"],
    claims=[
        present(BLOCKS, r"(?s)if has_ephemeral_encryption && !should_create_filesystem \{\s*return Err\("),
        present(
            BLOCKS,
            r"(?s)async fn handle_block_storage\(.{0,200}let options = block_storage_driver_options\(storage\)\?;",
        ),
    ],
)
ext4_only = Control(
    "new-file-systems-ext4",
    "The agent makes ext4 file systems on fresh disks and no others",
    provides=["allow-list"],
    description="Which ones it mounts decides the kernel",
    claims=[
        present(BLOCKS, r'(?s)"ext4" => ensure_ext4_filesystem\(.{0,80}_ => Err\(anyhow!\('),
    ],
)
options_checked = Control(
    "agent-options-typed",
    "A level, time-out, number or choice of the command line that does not parse ends the start",
    provides=["configuration-validation"],
    description="Says nothing about who wrote the command line. Unknown options are passed over; what is no yes is a no",
    claims=[
        key_set(
            CONFIG,
            r"agent\.[a-z0-9_]+",
            operations_of="F76",
            except_={
                "cgroup_no_v1",
                "systemd.unified_cgroup_hierarchy",
            },  # options of the kernel and of systemd
        ),
        present(CONFIG, r"(?s)macro_rules! parse_cmdline_param \{.{0,700}let val = \$func\(\$param\)\?;"),
        present(
            CONFIG, r"(?s)parse_cmdline_param!\(param, LOG_LEVEL_OPTION, config\.log_level, get_log_level\);"
        ),
        present(CONFIG, r"(?s)GUEST_COMPONENTS_PROCS_OPTION,.{0,80}get_guest_components_procs_value\s*\);"),
        present(CONFIG, r"ensure!\(value >= 0, ERR_INVALID_CONTAINER_PIPE_NEGATIVE\);"),
        present(
            MAIN, r'AgentConfig::from_cmdline\("/proc/cmdline", env::args\(\)\.collect\(\)\)\.unwrap\(\);'
        ),
    ],
)
visible_devices_off = Control(
    "visible-devices-off",
    "The environment of a container chooses no device",
    provides=["interface-disabled"],
    description="An option of the agent: whoever may set kernel_params for a pod can switch it on there",
    claims=[
        present(CONFIG, r"^\s*visible_cdi_devices: false,"),
        *each_template("", unlike=r"^\s*visible_cdi_devices = true"),
    ],
)
manifest_paths = Control(
    "extension-paths-confined",
    "Names and paths in the manifest of an extension stay below its folder",
    provides=["path-resolution-confined", "input-validation"],
    claims=[
        present(EXTENSION, r"(?s)fn extension_root\(.{0,120}validate_extension_name\(extension_name\)\?;"),
        present(
            EXTENSION,
            r"(?s)fn resolve_rel_path\(.{0,320}Component::ParentDir \| Component::Prefix\(_\)\)\)\s*\{\s*bail!",
        ),
    ],
)
manifest_strict = Control(
    "extension-manifest-strict",
    "A mounted extension without a manifest, of another schema or with an unknown variable ends the start",
    provides=["fail-closed", "configuration-validation"],
    claims=[
        present(EXTENSION, r"(?s)if !manifest_path\.exists\(\) \{[^}]{0,200}bail!\("),
        present(EXTENSION, r"(?s)if manifest\.schema_version != 1 \{\s*bail!\("),
        present(
            EXTENSION, r"(?s)\.get\(name\)\s*\.ok_or_else\(\|\| anyhow!\(\"unknown substitution variable"
        ),
        present(
            MAIN, r"let launch_plan = build_coco_launch_plan\(config, &initdata_return_value, gc_procs\)\?;"
        ),
    ],
)
extension_names = Control(
    "extension-names-checked",
    "Names of extensions on the command line are letters, digits, dash and underscore; others are passed over",
    provides=["input-validation"],
    claims=[
        present(
            "src/agent/kata-extension-mount-generator.sh",
            r'^\s*\[\[ "\$\{name\}" =~ \^\[a-zA-Z0-9_-\]\+\$ \]\] \|\| continue$',
        )
    ],
)
mounter_strict = Control(
    "extension-mounter-strict",
    "An extension with root hash and no hash tree, or the other way round, is not mounted",
    provides=["fail-closed"],
    description="One without either is mounted as it is: the command line has to be measured to say which is meant",
    claims=[
        present(MOUNTER, r"^set -euo pipefail$"),
        present(
            MOUNTER,
            r'(?s)if \[\[ -b "\$\{HASH_DEV\}" \]\]; then\s*if \[\[ -z "\$\{VERITY_PARAMS\}" \]\]; then\s*'
            r"echo [^\n]*\s*exit 1",
        ),
        present(MOUNTER, r'veritysetup open "\$\{DATA_DEV\}"'),
        present(MOUNTER, r'(?s)if \[\[ -z "\$\{ROOT_HASH\}" \]\]; then\s*echo [^\n]*\s*exit 1'),
        present(MOUNTER, r'(?s)if \[\[ -n "\$\{VERITY_PARAMS\}" \]\]; then\s*echo [^\n]*\s*exit 1'),
    ],
)
extension_mounted_read_only = Control(
    "extension-mounted-read-only",
    "The guest mounts extensions read-only",
    provides=["read-only-mount"],
    claims=[present(MOUNTER, r'^mount -t erofs -o ro "\$\{MOUNT_SRC\}" "\$\{MOUNT_DIR\}"$')],
)
hook_files = Control(
    "hooks-are-plain-files",
    "Only executable files of the hook folder run; links do not",
    provides=["symlink-refusal", "input-validation"],
    claims=[
        present(
            SANDBOX,
            r"(?s)if !entry\.file_type\(\)\?\.is_file\(\)\s*\|\| entry\.file_type\(\)\?\.is_symlink\(\)\s*"
            r"\|\| entry\.metadata\(\)\?\.permissions\(\)\.mode\(\) & 0o111 == 0\s*\{\s*continue;",
            when={"guest_hooks": "on"},
        )
    ],
)
console_shells = Control(
    "console-shells-fixed",
    "The debug console starts one of three shells, and none that a request names",
    provides=["fixed-executable-paths"],
    claims=[
        present(
            "src/agent/src/console.rs",
            r"(?s)if !cfg!\(test\) \{\s*(?:v\.push\(DEVKIT_DEBUG_CONSOLE_SHELL\.to_string\(\)\);\s*)?"
            r'v\.push\("/bin/bash"\.to_string\(\)\);\s*'
            r'v\.push\("/bin/sh"\.to_string\(\)\);\s*\}',
        )
    ],
)
agent_failure = Control(
    "agent-failure-stops-the-guest",
    "The guest powers off when the agent fails, and runs short of memory elsewhere first",
    provides=["restart-on-failure"],
    description="Where systemd starts the agent; as process 1 its end is the end of the guest by itself",
    claims=[
        present("src/agent/kata-agent.service.in", r"^FailureAction=poweroff$"),
        present("src/agent/kata-agent.service.in", r"^OOMScoreAdjust=-997$"),
    ],
)
no_loopback = Control(
    "no-vsock-loopback",
    "No fragment of the guest kernel asks for vsock inside of the guest",
    provides=["interface-disabled"],
    description="Read in the fragments on top of an empty configuration, not tried; kernels that are built otherwise, as "
    "those of peer pods, may have it",
    claims=[
        absent(
            "tools/packaging/kernel/configs/fragments/{arm64,common,gpu,powerpc,riscv,s390,x86_64}/*.{conf,conf.in}",
            r"^CONFIG_VSOCKETS_LOOPBACK=[ym]",
        ),
        present("tools/packaging/kernel/build-kernel.sh", r"\$\{cmdpath\} -r -n \$\{all_configs\}"),
    ],
)
typed_spans = Control(
    "spans-built-by-the-agent",
    "Spans are written as typed values, each with its length",
    provides=["output-encoding"],
    claims=[
        present("src/agent/vsock-exporter/src/lib.rs", r"serde_json::to_vec\(span\)", when={"tracing": "on"}),
        file_exists("src/agent/vsock-exporter/Cargo.toml", when={"tracing": "on"}),
    ],
)
cdi_timeout = Control(
    "cdi-wait-timeout",
    "The agent waits for descriptions of devices for a limited time, and for none that cannot come",
    provides=["timeout"],
    claims=[
        present(CONFIG, r"^const DEFAULT_CDI_TIMEOUT: time::Duration = time::Duration::from_secs\(100\);"),
        present("src/agent/src/device/mod.rs", r"for i in 0\.\.=cdi_timeout\.as_secs\(\) \{"),
        present("src/agent/src/device/mod.rs", r"if !unsatisfiable\.is_empty\(\) \{"),
    ],
)
