"""Each control loses its state `verified` when the defence that it claims is taken out of the source."""

from __future__ import annotations

import pytest

from tests.models.mutations import Row, check_control_falls, rows
from tests.models.outside import load
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow

RS = "qemu-runtime-rs"
GO = "qemu"
CLH = "clh-runtime-rs"
DB = "dragonball"
FC = "fc"
TDX = "qemu-tdx-runtime-rs"

RS_MAKE = "src/runtime-rs/Makefile"
GO_MAKE = "src/runtime/Makefile"
T_RS = "src/runtime-rs/config/configuration-qemu-runtime-rs.toml.in"
T_CLH = "src/runtime-rs/config/configuration-clh-runtime-rs.toml.in"
T_DB = "src/runtime-rs/config/configuration-dragonball.toml.in"
T_TDX = "src/runtime-rs/config/configuration-qemu-tdx-runtime-rs.toml.in"
T_GO = "src/runtime/config/configuration-qemu.toml.in"
SHARE = "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs_standalone.rs"
GO_SHARE = "src/runtime/virtcontainers/virtiofsd.go"
ANNOTATIONS = "src/libs/kata-types/src/annotations/mod.rs"
HYPERVISOR = "src/libs/kata-types/src/config/hypervisor/mod.rs"
CONFIG = "src/libs/kata-types/src/config/mod.rs"
MANAGER = "src/runtime-rs/crates/runtimes/src/manager.rs"
SANDBOX = "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs"
CMDLINE = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"
OCI = "src/runtime/pkg/oci/utils.go"
CREATE = "src/runtime/pkg/containerd-shim-v2/create.go"
GO_CONFIG = "src/runtime/pkg/katautils/config.go"
DB_BLOCK = "src/dragonball/crates/dbs_virtio_devices/src/block/handler.rs"
GO_REPLIES = "src/runtime/virtcontainers/pkg/agent/protocols/grpc/agent.pb.go"
RPC = "src/agent/src/rpc.rs"
POLICY = "src/agent/src/policy.rs"
VALIDATE = "src/libs/kata-sys-util/src/validate.rs"
BUILD = "tools/packaging/static-build/shim-v2/build.sh"
CHART = "tools/packaging/kata-deploy/helm-chart/kata-deploy"
DEFAULT = r"DEFENABLEANNOTATIONS := [\"enable_iommu\", "
ALL = r"DEFENABLEANNOTATIONS := [\".*\", "
APPEND = '\nDEFENABLEANNOTATIONS += [\\"virtio_fs_extra_args\\"]\n'
EXEC = 'ExecProcessRequest,\n    ) -> ttrpc::Result<Empty> {\n        trace_rpc_call!(ctx, "exec_process", req);\n'

ROWS: tuple[Row, ...] = (
    # control, configuration, path, old text (empty: append), new text
    ("annotation-allow-list", RS, RS_MAKE, DEFAULT, ALL),
    ("annotation-allow-list", GO, GO_MAKE, DEFAULT, ALL),
    ("annotation-allow-list", RS, RS_MAKE, "", APPEND),
    (
        "annotation-allow-list", TDX, RS_MAKE, r"DEFENABLEANNOTATIONS_COCO := [",
        r'DEFENABLEANNOTATIONS_COCO := [\".*\", ',
    ),
    (
        "annotation-allow-list", RS, T_RS, "enable_annotations = @DEFENABLEANNOTATIONS@",
        'enable_annotations = [".*"]',
    ),
    (
        "annotation-allow-list", RS, ANNOTATIONS, "if hv.security_info.is_annotation_enabled(key) {",
        "if true {",
    ),
    ("annotation-allow-list", RS, HYPERVISOR, "return set.is_match(key);", "return true;"),
    (
        "annotation-allow-list", GO, OCI, "if !checkAnnotationNameIsValid(",
        "if false && !checkAnnotationNameIsValid(",
    ),
    (
        "annotation-allow-list", GO, OCI, "return regexpContains(list, ",
        "return true || regexpContains(list, ",
    ),
    ("no-virtiofsd-arguments", RS, RS_MAKE, DEFAULT, ALL),
    ("no-virtiofsd-arguments", GO, GO_MAKE, "", APPEND),
    ("no-virtiofsd-arguments", RS, BUILD, "", '\nmake DEFENABLEANNOTATIONS="[]"\n'),
    ("config-path-ignored", RS, MANAGER, "if is_shipped_kata_config_path(&path) {", "if true {"),
    ("config-path-ignored", RS, MANAGER, ".any(|path| path == resolved_config_path)", ".any(|_| true)"),
    ("config-path-ignored", GO, CREATE, "if isShippedKataConfigPath(envConfigPath) {", "if true {"),
    ("config-path-ignored", GO, CREATE, "", "\nvar x = annotations.SandboxConfigPathKey\n"),
    (
        "bind-mounts-refused", RS, ANNOTATIONS, "",
        "\nfn f() { config.runtime.sandbox_bind_mounts = split(v); }\n",
    ),
    (
        "bind-mounts-refused", RS, ANNOTATIONS, "KATA_ANNO_CFG_SANDBOX_BIND_MOUNTS => {",
        "KATA_ANNO_CFG_SANDBOX_BIND_MOUNTS => { set(value);",
    ),
    (
        "bind-mounts-refused", GO, OCI, "SandboxBindMounts: runtime.SandboxBindMounts,",
        "SandboxBindMounts: fromPod(ocispec),",
    ),
    (
        "fixed-executable-paths", GO, OCI,
        "if !checkPathIsInGlobs(runtime.HypervisorConfig.HypervisorPathList, value) {", "if false {",
    ),
    ("fixed-executable-paths", RS, ANNOTATIONS, "hv.validate_hypervisor_path(value)?;", ""),
    ("fixed-executable-paths", RS, CONFIG, "if glob.matches(path) {", "if true {"),
    ("configuration-validation", RS, MANAGER, "    toml_config.validate()?;", ""),
    ("configuration-validation", RS, CONFIG, "Hypervisor::validate(self)?;", ""),
    ("configuration-validation", GO, GO_CONFIG, "if err := checkConfig(config); err != nil {", "if false {"),
    (
        "virtiofsd-sandbox", RS, T_RS, "virtio_fs_extra_args = @DEFVIRTIOFSEXTRAARGS@",
        'virtio_fs_extra_args = ["--sandbox=none"]',
    ),
    (
        "virtiofsd-sandbox", CLH, T_CLH, "virtio_fs_extra_args = @DEFVIRTIOFSEXTRAARGS@",
        'virtio_fs_extra_args = ["--seccomp=none"]',
    ),
    (
        "virtiofsd-sandbox", RS, SHARE, 'args.push(String::from("--xattr"));',
        'args.push(format!("--sandbox={}", "none"));',
    ),
    (
        "virtiofsd-sandbox", RS, SHARE, 'String::from("--cache"),',
        'String::from(OPTION), String::from("none"), String::from("--cache"),',
    ),
    ("virtiofsd-sandbox", GO, GO_SHARE, '"--syslog",', '"--syslog", "--sandbox", "none",'),
    ("virtiofsd-sandbox", GO, GO_MAKE, "", '\nDEFVIRTIOFSEXTRAARGS += [\\"--sandbox=none\\"]\n'),
    ("virtiofsd-sandbox", RS, "versions.yaml", '"v1.14.0"', '"v1.2.0"'),
    (
        "virtiofsd-in-rust", RS, "versions.yaml", '"https://gitlab.com/virtio-fs/virtiofsd"',
        '"https://gitlab.com/virtio-fs/qemu"',
    ),
    (
        "dax-window-off", DB, T_DB, "virtio_fs_cache_size = @DEFVIRTIOFSCACHESIZE@",
        "virtio_fs_cache_size = 1024",
    ),
    ("dax-window-off", GO, GO_MAKE, "DEFVIRTIOFSCACHESIZE ?= 0", "DEFVIRTIOFSCACHESIZE ?= 512"),
    ("virtio-9p-off", GO, T_GO, 'shared_fs = "@DEFSHAREDFS_QEMU_VIRTIOFS@"', 'shared_fs = "virtio-9p"'),
    ("virtio-mem-off", RS, T_RS, "enable_virtio_mem = @DEFENABLEVIRTIOMEM@", "enable_virtio_mem = true"),
    ("virtio-mem-off", TDX, T_TDX, "enable_virtio_mem = false", "enable_virtio_mem = true"),
    ("virtio-mem-off", RS, RS_MAKE, "DEFENABLEVIRTIOMEM ?= false", "DEFENABLEVIRTIOMEM ?= true"),
    (
        "virtio-mem-off", RS, "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs",
        "if self.config.memory_info.enable_virtio_mem {", "",
    ),
    (
        "virtio-mem-off", GO, "src/runtime/virtcontainers/qemu.go", "if q.config.VirtioMem {\n\t\terr",
        "if true {\n\t\terr",
    ),
    ("balloon-off", RS, T_RS, "\nreclaim_guest_freed_memory = false", "\nreclaim_guest_freed_memory = true"),
    (
        "balloon-off", CLH, T_CLH, "\nreclaim_guest_freed_memory = false",
        "\nreclaim_guest_freed_memory = true",
    ),
    ("balloon-off", RS, CMDLINE, "if config.device_info.reclaim_guest_freed_memory {", "if true {"),
    ("vfio-ports-off", GO, T_GO, 'hot_plug_vfio = "no-port"', 'hot_plug_vfio = "root-port"'),
    ("vfio-ports-off", GO, T_GO, 'cold_plug_vfio = "no-port"', 'cold_plug_vfio = "root-port"'),
    ("extra-monitor-off", RS, T_RS, 'extra_monitor_socket = ""', 'extra_monitor_socket = "hmp"'),
    ("extra-monitor-off", TDX, T_TDX, 'extra_monitor_socket = ""', 'extra_monitor_socket = "qmp"'),
    (
        "extra-monitor-off", GO, "src/runtime/virtcontainers/qemu.go",
        'if q.HypervisorConfig().Debug && q.config.ExtraMonitorSocket != "" {', "if true {",
    ),
    (
        "encrypted-empty-dir", TDX, T_TDX, 'emptydir_mode = "@DEFEMPTYDIRMODE_COCO@"',
        'emptydir_mode = "shared-fs"',
    ),
    (
        "encrypted-empty-dir", TDX, RS_MAKE, "DEFEMPTYDIRMODE_COCO := block-encrypted",
        "DEFEMPTYDIRMODE_COCO := shared-fs",
    ),
    (
        "verity-guest-rootfs", TDX, BUILD,
        'RUST_EXTRA_OPTS="$(read_verity_param "base" "KERNELVERITYPARAMS")"', 'RUST_EXTRA_OPTS=""',
    ),
    ("verity-guest-rootfs", TDX, BUILD, "${EXTRA_OPTS}${RUST_EXTRA_OPTS}", "${EXTRA_OPTS}"),
    (
        "verity-guest-rootfs", TDX, T_TDX, 'kernel_verity_params = "@KERNELVERITYPARAMS@"',
        'kernel_verity_params = ""',
    ),
    ("verity-guest-rootfs", TDX, CMDLINE, "&config.boot_info.kernel_verity_params,", '"",'),
    (
        "guest-image-read-only", RS, SANDBOX,
        "path_on_host: boot_info.image.clone(),\n            is_readonly: true",
        "path_on_host: boot_info.image.clone(),\n            is_readonly: false",
    ),
    ("guest-image-read-only", RS, CMDLINE, "mem_file.set_readonly(is_readonly);", ""),
    (
        "guest-image-read-only", CLH, "src/runtime-rs/crates/hypervisor/ch-config/src/convert.rs", "if use_image {",
        "if use_image && tdx {",
    ),
    (
        "guest-image-read-only", "clh", "src/runtime/virtcontainers/clh.go", "disk := chclient.NewDiskConfig()",
        "disk := chclient.NewPmemConfig(assetPath)",
    ),
    (
        "guest-image-read-only", FC, "src/runtime/virtcontainers/fc.go", "isReadOnly := true",
        "isReadOnly := false",
    ),
    (
        "guest-image-read-only", GO, "src/runtime/virtcontainers/qemu_arch_base.go", "ReadOnly: true,",
        "ReadOnly: false,",
    ),
    (
        "sandbox-cgroup", RS, T_RS, "sandbox_cgroup_only = @DEFSANDBOXCGROUPONLY_QEMU@",
        "sandbox_cgroup_only = false",
    ),
    ("sandbox-cgroup", CLH, RS_MAKE, "DEFSANDBOXCGROUPONLY_CLH := true", "DEFSANDBOXCGROUPONLY_CLH := false"),
    (
        "sandbox-cgroup", DB, "src/runtime-rs/crates/resource/src/cgroups/resource_inner.rs",
        "if config.sandbox_cgroup_only {", "if false {",
    ),
    ("pod-network-namespace", RS, T_RS, "disable_new_netns = false", "disable_new_netns = true"),
    ("debug-console-not-default", RS, T_RS, "debug_console_enabled = false", "debug_console_enabled = true"),
    (
        "trace-forwarder-not-started", RS, f"{CHART}/values.yaml", "",
        "\ntraceForwarder: {image: trace-forwarder}\n",
    ),
    (
        "trace-forwarder-drops-root", CLH, "src/tools/trace-forwarder/src/server.rs", "PrivDrop::default()",
        "Nothing::default()",
    ),
    (
        "container-id-checked", RS, VALIDATE, "chars.all(|c| c.is_alphanumeric()",
        "chars.all(|c| true || c.is_alphanumeric()",
    ),
    (
        "container-id-checked", RS, RPC, "kata_sys_util::validate::verify_id(&cid)?;",
        "// kata_sys_util::validate::verify_id(&cid)?;",
    ),
    ("policy-fails-closed", RS, POLICY, "if allowed {", "if true {"),
    ("policy-fails-closed", RS, RPC, EXEC + "        is_allowed(&req).await?;\n", EXEC),
    ("policy-fails-closed", RS, RPC, "do_set_policy(&req).await?;", "set(&req);"),
    (
        "agent-message-limit", RS, "Cargo.lock", 'name = "ttrpc"\nversion = "0.',
        'name = "ttrpc"\nversion = "0.5.0" # 0.',
    ),
    (
        "reply-message-limit", GO, "src/runtime/go.mod", "github.com/containerd/ttrpc v1.",
        "github.com/containerd/ttrpc v0.",
    ),
    (
        "agent-generated-parser", RS, "src/libs/protocols/protos/agent.proto", "service AgentService",
        "service Other",
    ),
    (
        "container-mounts-confined", RS, "src/agent/rustjail/src/mount.rs",
        "let dest = scoped_join(rootfs, mount_dest)?", "let dest = join(rootfs, mount_dest)",
    ),
    (
        "kata-monitor-off", RS, f"{CHART}/values.yaml", "monitor:\n  enabled: false",
        "monitor:\n  enabled: true",
    ),
    (
        "umount-no-follow", RS, "src/libs/kata-sys-util/src/mount.rs", "MntFlags::UMOUNT_NOFOLLOW",
        "MntFlags::empty()",
    ),
    ("structured-logs", RS, "src/libs/logging/src/lib.rs", "slog_journald::JournaldDrain", "plain::Drain"),
    ("reply-generated-parser", RS, "src/libs/protocols/build.rs", "    Codegen::new()", "    Other::new()"),
    ("reply-generated-parser", GO, GO_REPLIES, "func (x *StatsContainerResponse) ProtoReflect()", "func parse()"),
    ("agent-generated-parser", RS, "src/libs/protocols/build.rs", "    Codegen::new()", "    Other::new()"),
    ("copy-file-scoped", RS, RPC, "pathrs::Root::open(shared_dir)", "open(shared_dir)"),
    ("console-lines-quoted", RS, "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs", "vm console: {:?}", "{}"),
    ("dragonball-block-range-check", DB, DB_BLOCK, "io.data_len)", "4096)"),
)  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return load("kata").project


@rows(ROWS)
def test_control_falls_with_its_defence(project: Project, source: SourceTree, row: Row) -> None:
    check_control_falls(project, source, row)
