"""Defences of the shim towards container manager, hooks and administrators, and of what it keeps."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, constant, present

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
GO_SERVICE = "src/runtime/pkg/containerd-shim-v2/service.go"
GO_HOOKS = "src/runtime/pkg/katautils/hook.go"
RS_TASK = "src/runtime-rs/crates/service/src/task_service.rs"
RS_HOOKS = "src/libs/kata-sys-util/src/hooks.rs"
RS_CONTAINER = "src/runtime-rs/crates/runtimes/virt_container/src/container_manager/container.rs"
RS_MANAGEMENT = "src/runtime-rs/crates/runtimes/src/shim_mgmt/handlers.rs"
RS_STATE = "src/runtime-rs/crates/persist/src/lib.rs"
POD_RESOURCES = "src/libs/pod-resources-rs/src/pod_resources/mod.rs"
GO_STATE = "src/runtime/virtcontainers/persist/fs/fs.go"

checkpoint_missing = Control(
    "checkpoint-not-implemented",
    "A container cannot be checkpointed",
    provides=["interface-disabled"],
    description="The Go shim answers that it is not implemented; the Rust shim does not have the call",
    claims=[
        present(
            GO_SERVICE,
            r"(?s)\) Checkpoint\(ctx context\.Context, r \*taskAPI\.CheckpointTaskRequest\).{0,700}"
            r'return nil, errdefs\.ToGRPCf\(errdefs\.ErrNotImplemented, "service Checkpoint"\)\s*\}',
            when=GO,
        ),
        absent(RS_TASK, r"(?i)checkpoint", when=RUST),
    ],
)
task_messages_typed = Control(
    "task-messages-typed",
    "Requests and replies of the task API are generated types of containerd's definitions",
    provides=["type-safe-parser"],
    claims=[
        present(
            GO_SERVICE, r"^\s*_\s+taskAPI\.TaskService = \(taskAPI\.TaskService\)\(&service\{\}\)", when=GO
        ),
        present(RS_TASK, r"impl shim_async::Task for TaskService", when=RUST),
        present(
            "src/runtime-rs/crates/service/Cargo.toml",
            r'^containerd-shim-protos = \{ workspace = true, features = \["async", "sandbox"\] \}',
            when=RUST,
        ),
    ],
)
hook_without_shell = Control(
    "hook-without-shell",
    "A hook is started by its path with a list of arguments, never by a shell",
    provides=["argument-separation"],
    claims=[
        present(GO_HOOKS, r"(?s)cmd := &exec\.Cmd\{\s*Path:\s+hook\.Path,\s*Args:\s+hook\.Args,", when=GO),
        absent(GO_HOOKS, r'"(/bin/)?(ba)?sh"', when=GO),
        present(
            RS_HOOKS,
            r"(?s)Exec::cmd\(&self\.executable\)\s*\.args\(&self\.args\[1\.\.\]\)|Popen::create\(\s*&executor\.args,",
            when=RUST,
        ),
        absent(RS_HOOKS, r"Exec::shell\(", when=RUST),
    ],
)
hook_paths = Control(
    "hook-paths-absolute",
    "A hook of the host is named by an absolute path that exists",
    provides=["input-validation"],
    claims=[
        present(
            RS_HOOKS,
            r"(?s)if !(?:path|hook\.path\(\))\.exists\(\) \{\s*return Err\(.{0,200}"
            r"if !path\.is_absolute\(\) \{\s*return Err\(",
            when=RUST,
        )
    ],
)
hook_limits = Control(
    "hook-limits",
    "A hook gets an empty environment but for its own, and ends after ten seconds unless it says otherwise",
    provides=["timeout", "credential-isolation"],
    description="In the Rust shim; in the Go shim a hook without a timeout of its own is waited for",
    claims=[
        constant(RS_HOOKS, "DEFAULT_HOOK_TIMEOUT_SEC", equals=10, when=RUST),
        present(RS_HOOKS, r"\.limit_time\(Duration::from_secs\((?:executor|self)\.timeout\)\)", when=RUST),
        present(
            RS_HOOKS,
            r"(?s)\.arg0\(&self\.args\[0\]\)\s*\.env_clear\(\)|env: Some\(executor\.envs\.clone\(\)\)",
            when=RUST,
        ),
    ],
)
host_hooks_stay = Control(
    "host-hooks-stay-on-the-host",
    "Hooks of the host are taken out of the specification before the guest gets it",
    provides=["allow-list"],
    description="The Rust shim leaves those of startContainer, the Go shim none",
    claims=[
        present("src/runtime/virtcontainers/kata_agent.go", r"^\s*grpcSpec\.Hooks = nil$", when=GO),
        present(
            RS_CONTAINER,
            r"(?s)let mut oci_hooks = oci::Hooks::default\(\);\s*"
            r"oci_hooks\.set_start_container\(hooks\.start_container\(\)\.clone\(\)\);\s*"
            r"spec\.set_hooks\(Some\(oci_hooks\)\);",
            when=RUST,
        ),
    ],
)
management_routes = Control(
    "management-routes-listed",
    "The management server answers listed pairs of method and path only",
    provides=["allow-list"],
    description="In the Rust shim. The Go shim looks at the method for firewall rules and the policy only",
    claims=[
        present(RS_MANAGEMENT, r"match \(req\.method\(\), req\.uri\(\)\.path\(\)\) \{", when=RUST),
        present(RS_MANAGEMENT, r"^\s*_ => Ok\(not_found\(req\)\.await\),", when=RUST),
        present(
            RS_MANAGEMENT,
            r"\(&Method::PUT, AGENT_POLICY_URL\) => set_agent_policy_handler\(sandbox, req\)\.await,",
            when=RUST,
        ),
    ],
)
state_mode = Control(
    "state-owner-only",
    "Folder and file of the state can be opened by their owner only",
    provides=["access-control-file-permissions"],
    claims=[
        present(GO_STATE, r"^const dirMode = os\.FileMode\(0700\) \| os\.ModeDir$", when=GO),
        present(GO_STATE, r"^const fileMode = os\.FileMode\(0600\)$", when=GO),
        present(GO_STATE, r"utils\.MkdirAllWithInheritedOwner\(sandboxDir, dirMode\)", when=GO),
        present(
            GO_STATE,
            r"os\.OpenFile\(sandboxFile, os\.O_WRONLY\|os\.O_CREATE\|os\.O_TRUNC, fileMode\)",
            when=GO,
        ),
    ],
)
state_typed = Control(
    "state-typed",
    "The state is read into typed structures",
    provides=["type-safe-parser"],
    claims=[
        present(RS_STATE, r"return serde_json::from_reader\(reader\)", when=RUST),
        present(GO_STATE, r"json\.NewDecoder\(f\)\.Decode\(fs\.sandboxState\)", when=GO),
    ],
)
shim_address = Control(
    "shim-address-per-sandbox",
    "The socket of a shim has a name that is derived from its sandbox, and is removed with it",
    provides=["fresh-endpoint"],
    claims=[
        present(
            "src/runtime-rs/crates/shim/src/shim.rs",
            r'(?s)let data = \[&self\.args\.address, &self\.args\.namespace, id\]\.join\("/"\);\s*'
            r"let mut hasher = sha2::Sha256::new\(\);",
            when=RUST,
        ),
        present(
            "src/runtime-rs/crates/shim/src/shim_delete.rs",
            r"fs::remove_file\(file_path\)\.ok\(\);",
            when=RUST,
        ),
    ],
)
pod_resources_timeout = Control(
    "pod-resources-timeout",
    "A question to the kubelet is given up after ten seconds, and its answer has a size limit",
    provides=["timeout", "bounded-request-size"],
    claims=[
        present(
            POD_RESOURCES,
            r"timeout\(DEFAULT_POD_RESOURCES_TIMEOUT, client\.get\(request\)\)",
            when={**RUST, "pod_resources": "on"},
        ),
        present(
            POD_RESOURCES,
            r"DEFAULT_POD_RESOURCES_TIMEOUT: Duration = Duration::from_secs\(10\);",
            when={**RUST, "pod_resources": "on"},
        ),
        present(
            POD_RESOURCES,
            r"\.max_decoding_message_size\(MAX_RECV_MSG_SIZE\)",
            when={**RUST, "pod_resources": "on"},
        ),
    ],
)
state_path_checked = Control(
    "state-path-checked",
    "The identifier of a sandbox is checked and resolved below the folder of states before it is a path",
    provides=["path-resolution-confined", "input-validation"],
    claims=[
        present(
            RS_STATE,
            r"(?s)pub fn from_disk<T>.{0,120}\{\s*verify_id\(sid\)\.context\(\"failed to verify sid\"\)\?;\s*"
            r"let mut path = scoped_join\(",
            when=RUST,
        ),
        present(
            RS_STATE,
            r"(?s)pub fn to_disk<T: serde::Serialize>\([^{]*\{\s*verify_id\(sid\)\.context\(",
            when=RUST,
        ),
    ],
)
