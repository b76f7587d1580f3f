"""Defences of the processes on the node and of what surrounds them."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, file_exists, present, proposed, value

from .templates import GO_NVIDIA, NVIDIA_PLAIN, NVIDIA_TEE, assigned_once, default_in_each

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
_CGROUP_SWITCHES = (("qemu", "QEMU"), ("clh", "CLH"), ("dragonball", "DB"), ("fc", "FC"))
CHART = "tools/packaging/kata-deploy/helm-chart/kata-deploy"

shim_per_sandbox = Control(
    "shim-per-sandbox",
    "Each sandbox has a shim process of its own",
    provides=["single-tenant-instance", "process-isolation"],
    description="A container of a pod is handed to the shim that its sandbox has",
    claims=[
        present(
            "src/runtime-rs/crates/shim/src/shim_start.rs",
            r"(?s)ContainerType::PodSandbox \| ContainerType::SingleContainer => \{.{0,200}"
            r"self\.create_shim_process\(socket\)\?;.{0,300}ContainerType::PodContainer => \{"
            r".{0,200}self\.socket_address\(&sid\)",
            when=RUST,
        ),
        present(
            "src/runtime/pkg/containerd-shim-v2/utils.go",
            r"(?s)if containerType == vc\.PodContainer \{\s*sandboxID, err := oci\.SandboxID\(ociSpec\)"
            r".{0,100}cdshim\.SocketAddress\(ctx, address, sandboxID\)",
            when=GO,
        ),
    ],
)
shim_per_sandbox_threads = Control(
    "built-in-monitor-per-sandbox",
    "Monitor and file server of a sandbox are threads of its own shim and of no other",
    provides=["single-tenant-instance"],
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/vmm_instance.rs",
            r'(?s)thread::Builder::new\(\)\s*\.name\("vmm_master"\.to_owned\(\)\)',
        ),
        present(
            "src/runtime-rs/crates/shim/src/shim_start.rs",
            r"(?s)ContainerType::PodSandbox \| ContainerType::SingleContainer => \{.{0,200}create_shim_process\(",
        ),
    ],
)
shim_language = Control(
    "shim-memory-safe",
    "The shim is written in a memory-safe language",
    provides=["memory-safe-language"],
    claims=[
        file_exists("src/runtime-rs/crates/shim/Cargo.toml", when=RUST),
        file_exists("src/runtime/go.mod", when=GO),
    ],
)
sandbox_cgroup = Control(
    "sandbox-cgroup",
    "VMM, file server and shim are counted in the cgroup of their pod",
    provides=["resource-accounting"],
    description="sandbox_cgroup_only is true in the Rust runtime, false in the Go runtime. Memory and processor time are "
    "counted, not bytes on a disk; a limit is there only where the pod has one",
    claims=[
        *(
            claim
            for hypervisor, name in _CGROUP_SWITCHES
            for claim in (
                *assigned_once("rust", f"DEFSANDBOXCGROUPONLY_{name}", "true", hypervisor=hypervisor),
                *default_in_each(
                    "runtime",
                    "sandbox_cgroup_only",
                    True,
                    runtimes=("rust",),
                    hypervisors=(hypervisor,),
                    but=(*NVIDIA_PLAIN, *NVIDIA_TEE),
                ),
            )
        ),
        *assigned_once("rust", "DEFSANDBOXCGROUPONLY_NV", "true", hypervisor="qemu"),
        *default_in_each("runtime", "sandbox_cgroup_only", True, only=(*NVIDIA_PLAIN, *NVIDIA_TEE)),
        *assigned_once("go", "DEFSANDBOXCGROUPONLY_NV", "true", hypervisor="qemu", sandbox_cgroup="on"),
        *default_in_each("runtime", "sandbox_cgroup_only", True, only=GO_NVIDIA),
        present(
            "src/runtime-rs/crates/resource/src/cgroups/resource_inner.rs",
            r"(?s)let overhead_cgroup = if config\.sandbox_cgroup_only \{\s*None\s*\} else",
            when=RUST,
        ),
    ],
)
pod_limits = Control(
    "pod-limits",
    "The pod has limits for memory and processor time, and its runtime class an overhead",
    provides=["memory-quota", "cpu-quota"],
    description="Whoever creates the pod, or the administrator of its namespace, decides. In the Rust runtime "
    "default_memory and default_vcpus are annotations that are enabled by default",
    claims=[
        present(
            f"{CHART}/templates/runtimeclasses.yaml",
            r"^overhead:\n  podFixed:\n(?:\{\{- if \$shimOverheadEnabled \}\}\n)?"
            r"    memory: \{\{ \.config\.memory \| quote \}\}\n"
            r"    cpu: \{\{ \.config\.cpu \| quote \}\}$",
        ),
        value(f"{CHART}/values.yaml", "runtimeClasses.overheadEnabled", True),
        proposed(
            "Whoever creates the pod sets limits, or a limit range of its namespace does",
            evidence="https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/",
        ),
    ],
    references=["https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/"],
)
root_socket = Control(
    "root-owned-socket",
    "The socket is created by root and other users cannot open it",
    provides=["access-control-file-permissions", "access-limited-to-host-root"],
    description="By the container manager or the kubelet: not checked here",
    claims=[
        proposed(
            "Container manager and kubelet create their sockets for root, unless their configuration names another owner",
            evidence="https://github.com/containerd/containerd/blob/main/docs/man/containerd-config.toml.5.md",
        ),
    ],
)
management_socket = Control(
    "management-socket-local",
    "The management server of the shim listens on a Unix socket only",
    provides=["no-listener-on-network"],
    claims=[
        present("src/runtime-rs/crates/runtimes/src/shim_mgmt/server.rs", r"UnixListener", when=RUST),
        absent("src/runtime-rs/crates/runtimes/src/shim_mgmt/server.rs", r"TcpListener", when=RUST),
        present(
            "src/runtime/pkg/containerd-shim-v2/shim_management.go",
            r"(?s)metricsAddress := ServerSocketAddress\(s\.id\)\s*listener, err := cdshim\.NewSocket\(metricsAddress\)",
            when=GO,
        ),
        present(
            "src/runtime/pkg/containerd-shim-v2/shim_management.go",
            r'return fmt\.Sprintf\("unix://%s", SocketPathGo\(id\)\)',
            when=GO,
        ),
    ],
)
monitor_off = Control(
    "kata-monitor-off",
    "The installer does not start kata-monitor by default",
    provides=["interface-disabled"],
    claims=[
        value(f"{CHART}/values.yaml", "monitor.enabled", False),
        present(f"{CHART}/templates/kata-monitor.yaml", r"\A\{\{- if \.Values\.monitor\.enabled \}\}"),
    ],
)
monitor_loopback = Control(
    "kata-monitor-loopback",
    "kata-monitor listens on the loopback address unless told otherwise",
    provides=["no-listener-on-network"],
    description="The chart tells it to listen on all addresses where it is switched on",
    claims=[
        present("src/runtime/cmd/kata-monitor/main.go", r'defaultListenAddress = "127\.0\.0\.1:8090"'),
    ],
)
forwarder_not_started = Control(
    "trace-forwarder-not-started",
    "Nothing that is installed starts the trace forwarder",
    provides=["interface-disabled"],
    description="A pod can ask its agent for traces by annotation, but on the node nobody listens for them",
    claims=[
        absent(
            [
                "tools/packaging/kata-deploy/helm-chart/kata-deploy/templates/*.yaml",
                "tools/packaging/kata-deploy/helm-chart/kata-deploy/values.yaml",
                "tools/packaging/kata-deploy/binary/src/**/*.rs",
            ],
            r"(?i)trace[-_]forwarder",
        ),
        absent(
            ["src/runtime-rs/crates/**/*.rs", "src/runtime/{cmd,pkg,virtcontainers}/**/*.go"],
            r"(?i)trace[-_]forwarder",
        ),
    ],
)
forwarder_drops_root = Control(
    "trace-forwarder-drops-root",
    "The trace forwarder gives up root after it has opened its socket",
    provides=["least-privilege-user"],
    description="With a hybrid vsock; with vhost-vsock it keeps the user who starts it",
    claims=[
        present("src/tools/trace-forwarder/src/server.rs", r'NON_PRIV_USER: &str = "nobody"'),
        present("src/tools/trace-forwarder/src/server.rs", r"PrivDrop::default\(\)"),
        present(
            "src/tools/trace-forwarder/src/server.rs",
            r"(?s)let listener = UnixListener::bind\(socket_path\)\?;.{0,80}\sdrop_privs\(&logger\)\?;",
        ),
    ],
)
pod_network = Control(
    "pod-network-namespace",
    "The VMM runs in the network namespace of its pod",
    provides=["network-isolation"],
    description="What the guest writes into its packets is not looked at. The annotation disable_new_netns is "
    "outside the list of enabled annotations",
    claims=default_in_each("runtime", "disable_new_netns", False, but=("go:remote",)),
)
pod_resources_off = Control(
    "pod-resources-off",
    "The shim does not ask the kubelet for devices",
    provides=["interface-disabled"],
    description="pod_resource_api_sock is empty outside the NVIDIA classes",
    claims=[
        absent("src/runtime/Makefile", r"^DEFPODRESOURCEAPISOCK\s*:?=\s*\"?[/$]", when=GO),
        absent("src/runtime-rs/Makefile", r"^DEFPODRESOURCEAPISOCK\s*:?=\s*\"?/", when=RUST),
    ],
)
installer_unprivileged = Control(
    "installer-not-privileged",
    "The containers that change a node are not privileged, and their root file system is read-only",
    provides=["read-only-mount"],
    description="They run as uid 0, and nothing keeps them from more: allowPrivilegeEscalation is false for "
    "the dispatcher alone. They write systemd units and the container manager's settings: as good as root",
    claims=[
        present(
            f"{CHART}/templates/kata-deploy.yaml",
            r"(?s)securityContext:\s*privileged: false\s*readOnlyRootFilesystem: true",
            when={"deploy": "daemonset"},
        ),
        absent(f"{CHART}/templates/*.yaml", r"^\s*privileged: true"),
        present(
            f"{CHART}/templates/_helpers.tpl",
            r"(?s)securityContext:\s*privileged: \{\{ \.privileged \}\}\s*readOnlyRootFilesystem: true",
            when={"deploy": "job"},
        ),
        absent(
            f"{CHART}/templates/_helpers.tpl",
            r'kata-deploy\.stageContainer.*"privileged" true',
            when={"deploy": "job"},
        ),
    ],
)
image_digests = Control(
    "image-digests",
    "Layers are fetched over TLS and compared with their digests",
    provides=["tls", "integrity-protection", "encryption-in-transit"],
    description="By the container manager: not checked here",
    claims=[
        proposed(
            "The container manager stores content by its digest, and fetches it over TLS unless told otherwise",
            evidence="https://containerd.io/docs/2.1/content-flow",
        ),
    ],
)
api_server_tls = Control(
    "api-server-tls",
    "Clients of the API server use TLS and a token or certificate",
    provides=["tls", "encryption-in-transit", "peer-authentication", "authorization-policy"],
    description="By Kubernetes: not checked here",
    claims=[
        present(
            "tools/packaging/kata-deploy/binary/src/k8s/client.rs", r"let client = Client::try_default\(\)"
        ),
        absent(
            [
                "tools/packaging/kata-deploy/binary/src/**/*.rs",
                "tools/packaging/kata-deploy/job-dispatcher/src/**/*.rs",
            ],
            r"accept_invalid_certs|insecure_skip_tls_verify",
        ),
        present(
            "tools/packaging/kata-deploy/{binary,job-dispatcher}/Cargo.toml",
            r'(?s)^kube = \{[^}]*"rustls-tls",',
            each=True,
        ),
        proposed(
            "The API server serves TLS and asks each client for a token or a certificate",
            evidence="https://kubernetes.io/docs/concepts/security/controlling-access/",
        ),
    ],
)
umount_no_follow = Control(
    "umount-no-follow",
    "Unmounts of the shared tree follow no link, and container ids are checked before they become paths",
    provides=["symlink-refusal"],
    description="Network namespaces, the jailer's root and nydus mounts are unmounted without the flag: their names do "
    "not come from a guest",
    claims=[
        present("src/libs/kata-sys-util/src/mount.rs", r"MntFlags::UMOUNT_NOFOLLOW", when=RUST),
        present(
            "src/runtime-rs/crates/resource/src/share_fs/virtio_fs_share_mount.rs",
            r"umount_timeout\(",
            when=RUST,
        ),
        present(
            "src/runtime-rs/crates/runtimes/common/src/types/mod.rs",
            r"validate::verify_id\(container_id\)\.context\(\"verify container id\"\)\?;",
            when=RUST,
        ),
        present(
            "src/runtime/virtcontainers/fs_share_linux.go", r"syscall\.MNT_DETACH\|UmountNoFollow", when=GO
        ),
        present(
            "src/runtime/pkg/containerd-shim-v2/service.go",
            r"if err := katautils\.VerifyContainerID\(r\.ID\); err != nil \{\s*return nil, err",
            when=GO,
        ),
    ],
)
structured_logs = Control(
    "structured-logs",
    "The shim writes records by a library that escapes or frames each value",
    provides=["output-encoding"],
    description="A line of a guest is one value of a record and cannot begin a record of its own",
    claims=[
        present("src/libs/logging/src/lib.rs", r"slog_journald::JournaldDrain", when=RUST),
        present("src/runtime/pkg/katautils/logger.go", r"logrus\.TextFormatter", when=GO),
    ],
)
console_lines_quoted = Control(
    "console-lines-quoted",
    "A line of the guest console is logged quoted and under its own name",
    provides=["output-encoding"],
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs",
            r'"vm console: \{:\?\}"',
            when={**RUST, "hypervisor": "qemu"},
        ),
        present("src/runtime/virtcontainers/sandbox.go", r'"vmconsole":', when={**GO, "hypervisor": "qemu"}),
    ],
)
api_limits = Control(
    "api-server-limits",
    "The API server limits size and nesting of objects and the rate of requests",
    provides=["rate-limit", "bounded-request-size", "bounded-nesting", "type-safe-parser"],
    description="By Kubernetes: not checked here",
    claims=[
        proposed(
            "The API server limits size and nesting of objects and the rate of requests",
            evidence="https://kubernetes.io/docs/concepts/cluster-administration/flow-control/",
        ),
    ],
    references=["https://kubernetes.io/docs/concepts/cluster-administration/flow-control/"],
)
confined_unpack = Control(
    "layers-unpacked-below-a-root",
    "The container manager resolves names of a layer below the folder it unpacks to",
    provides=["path-resolution-confined"],
    description="By the container manager: not checked here",
    claims=[
        proposed(
            "containerd resolves each name of a layer below the folder that it unpacks to, links included",
            evidence="https://github.com/containerd/continuity/blob/main/fs/path.go",
        ),
    ],
)
