"""Each control of the guest loses its state `verified` when its defence is taken out of the source."""

from __future__ import annotations

import pytest

from tests.models.mutations import Row, check_control_falls, kata_with, rows
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow

OTHERS: dict[str, dict[str, str]] = {
    "generated": {"policy": "genpolicy"},
    "hooks": {"guest_hooks": "on"},
    "console": {"debug_console": "on"},
    "traced": {"tracing": "on"},
}
RS, GO, TDX, TDXGO, SNP, SNPGO, SE, GPU, GPUGO, REMOTE, REMOTEGO = (
    "qemu-runtime-rs", "qemu", "qemu-tdx-runtime-rs", "qemu-tdx", "qemu-snp-runtime-rs", "qemu-snp",
    "qemu-se-runtime-rs", "qemu-nvidia-gpu-tdx-runtime-rs", "qemu-nvidia-gpu-tdx", "remote-runtime-rs", "remote",
)  # fmt: skip

AGENT = "src/agent/src"
RPC = f"{AGENT}/rpc.rs"
MAIN = f"{AGENT}/main.rs"
CONFIG = f"{AGENT}/config.rs"
POLICY = "src/agent/policy/src/policy.rs"
RULES = "src/tools/genpolicy/rules.rego"
EXTENSION = f"{AGENT}/guest_extension_image.rs"
MOUNTER = "src/agent/kata-extension-mount.sh"
WATCHER = f"{AGENT}/watcher.rs"
EROFS = f"{AGENT}/storage/multi_layer_erofs.rs"
BLOCK = f"{AGENT}/storage/block_handler.rs"
PULL = f"{AGENT}/storage/image_pull_handler.rs"
CDH = f"{AGENT}/confidential_data_hub/mod.rs"
IMAGE = f"{AGENT}/confidential_data_hub/image.rs"
INITDATA = f"{AGENT}/initdata.rs"
INITDATA_LIB = "src/libs/kata-types/src/initdata.rs"
CGROUPS = "src/agent/rustjail/src/cgroups/fs/mod.rs"
JAIL = "src/agent/rustjail/src/container.rs"
GENERATOR = "src/agent/kata-extension-mount-generator.sh"
GOVMM = "src/runtime/pkg/govmm/qemu/qemu.go"
RS_SANDBOX = "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs"
T_TDXGO = "src/runtime/config/configuration-qemu-tdx.toml.in"
JAIL_MOUNT = "src/agent/rustjail/src/mount.rs"
UNIT = "src/agent/kata-agent.service.in"
FRAGMENT = "tools/packaging/kernel/configs/fragments/common/network.conf"
T_SNP = "src/runtime-rs/config/configuration-qemu-snp-runtime-rs.toml.in"
T_SNPGO = "src/runtime/config/configuration-qemu-snp.toml.in"
T_GPU = "src/runtime-rs/config/configuration-qemu-nvidia-gpu-tdx-runtime-rs.toml.in"
CMDLINE = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"
REMOTE_RS = "src/runtime-rs/crates/hypervisor/src/remote/inner.rs"
REMOTE_GO = "src/runtime/virtcontainers/remote.go"
SE_BUILD = "tools/packaging/guest-image/lib_se.sh"

ROWS: tuple[Row, ...] = (
    # control, configuration, path, old text (empty: append), new text
    ("policy-size-limits", RS, POLICY, "usize = 16 * 1024 * 1024;", "usize = usize::MAX;"),
    ("policy-size-limits", RS, POLICY, "engine.set_policy_length_config(PolicyLengthConfig {", "ignore(Limits {"),
    ("policy-or-no-guest", RS, MAIN, "std::process::abort();", "return Ok(());"),
    (
        "initdata-policy-before-requests", TDX, MAIN, '.context("Failed to set policy from initdata")?;',
        '.context("Failed to set policy from initdata").ok();',
    ),
    (
        "initdata-policy-before-requests", TDX, MAIN, "server.start().await?;",
        "server.start().await?;\n    AGENT_POLICY.lock().await.set_policy(later).await?;",
    ),
    ("policy-sees-links", RS, POLICY, 'bail!("invalid symlink content")', "None"),
    ("policy-sees-links", RS, POLICY, "            file_type,\n            symlink_target,", "            file_type,"),
    ("output-withheld-by-policy", "generated", RPC, "response.clear_data();", "();"),
    ("generated-policy-refuses", "generated", RULES, "ExecProcessRequest := false", "ExecProcessRequest := true"),
    ("generated-policy-refuses", "generated", RULES, "SetPolicyRequest := false", "SetPolicyRequest := true"),
    (
        "generated-policy-refuses", "generated", RULES, "AllowRequestsFailingPolicy := false",
        "AllowRequestsFailingPolicy := true",
    ),
    (
        "generated-policy-binds-mounts", "generated", RULES, 'i_storage.driver in {"blk", "scsi"}\n',
        'i_storage.driver != ""\n',
    ),
    ("generated-policy-binds-mounts", "generated", RULES, "expect_root_path == i_storage.mount_point", "true"),
    ("termination-message-cut", RS, RPC, "buf.truncate(MAX_TERMINATION_MSG);", "();"),
    ("diagnosis-listed", RS, RPC, "other => Err(ttrpc_error(", "other => Ok(self.read("),
    ("device-wait-timeout", RS, f"{AGENT}/uevent.rs", "tokio::time::timeout(hotplug_timeout, rx)", "forever(rx)"),
    (
        "namespace-paths-replaced", RS, RPC, "update_container_namespaces(&s, &mut oci, use_sandbox_pidns)?;", "();",
    ),
    ("own-process-namespace", RS, RPC, "        if sandbox_pidns {\n", "        if true {\n"),
    ("proc-mounts-listed", RS, JAIL_MOUNT, "                check_proc_mount(m)?;\n", ""),
    ("proc-mounts-listed", RS, JAIL_MOUNT, "if mount_dest.starts_with(PROC_PATH) {", "if false {"),
    (
        "container-no-new-privileges", RS, JAIL,
        "if oci_process.no_new_privileges().unwrap_or_default() {", "if false {",
    ),
    ("new-file-systems-ext4", RS, BLOCK, '"ext4" => ensure_ext4_filesystem(', '_ => ensure_any('),
    (
        "ephemeral-key-needs-new-file-system", RS, BLOCK, "let options = block_storage_driver_options(storage)?;",
        "let options = anything(storage);",
    ),
    ("extension-names-checked", TDX, GENERATOR, '[[ "${name}" =~ ^[a-zA-Z0-9_-]+$ ]] || continue', ""),
    ("extension-mounter-strict", TDX, MOUNTER, 'if [[ -z "${VERITY_PARAMS}" ]]; then', "if false; then"),
    ("extension-manifest-strict", TDX, MAIN, "gc_procs)?;", "gc_procs).unwrap_or_default();"),
    (
        "data-hub-generated-parser", TDX, "src/libs/protocols/build.rs", '"protos/confidential_data_hub.proto",', "",
    ),
    ("initdata-form-checked", TDX, MAIN, "initialize_initdata(logger).await?;", "initialize_initdata(logger).await.ok"),
    ("secure-execution-image", SE, SE_BUILD, '"${hkd_options}"', ""),
    ("tdx-debugging-off", TDX, CMDLINE, "debug: if debug { Some(debug) } else { None },", "debug: Some(true),"),
    ("tee-measured-launch", SNP, CMDLINE, "kernel_hashes: true,", "kernel_hashes: false,"),
    ("tee-measured-launch", SNPGO, GOVMM, '"kernel-hashes=on"', '"kernel-hashes=off"'),
    ("tee-measured-launch", TDXGO, T_TDXGO, 'firmware = "@FIRMWARETDVFPATH@"', 'firmware = "@FIRMWAREPATH@"'),
    ("initdata-bound-to-launch", TDX, RS_SANDBOX, "mrconfigid: init_data,", "mrconfigid: None,"),
    ("initdata-bound-to-launch", SNP, RS_SANDBOX, "host_data: init_data,", "host_data: None,"),
    ("initdata-bound-to-launch", SNPGO, GOVMM, '"host-data=%s", hostdata', '"x=%s", hostdata'),
    ("copy-file-scoped", RS, RPC, "PathBuf::from(KATA_GUEST_SHARE_DIR);\n", 'PathBuf::from("/");\n'),
    ("rustjail-isolation", RS, JAIL, "capabilities::drop_privileges(cfd_log, c)?;", "();"),
    (
        "fresh-context-id", "qemu", "src/runtime/virtcontainers/utils/utils_linux.go", "rand.Int(rand.Reader",
        "first(rand.Reader",
    ),
    ("fresh-agent-socket", "fc", "src/runtime/virtcontainers/fc.go", "\tfc.cleanupJail(ctx)\n", ""),
    ("minimal-guest-kernel", RS, "tools/packaging/kernel/build-kernel.sh", "-r -n ${all_configs}", "-r ${all_configs}"),
    (
        "policy-fails-closed", RS, RPC, 'trace_rpc_call!(ctx, "list_routes", req);\n        is_allowed(&req).await?;',
        'trace_rpc_call!(ctx, "list_routes", req);',
    ),
    ("masked-kernel-paths", RS, JAIL_MOUNT, "            mask_path(path)?;", "            ();"),
    ("masked-kernel-paths", RS, JAIL_MOUNT, "            readonly_path(path)?;", "            ();"),
    ("container-limits", RS, CGROUPS, "set_memory_resources(&self.cgroup, memory, update)?;", "();"),
    ("watched-mounts-limited", RS, WATCHER, "usize = 16;", "usize = usize::MAX;"),
    ("watched-mounts-limited", RS, WATCHER, "size <= MAX_SIZE_PER_WATCHABLE_MOUNT", "true"),
    ("layer-mount-points-checked", RS, EROFS, "validate_mount_point(&target_mount_point)?;", "();"),
    (
        "layer-mount-points-checked", RS, EROFS, "resolve_mkdir_path(&mkdir_dir.raw_path, &upper_mount, None)?;",
        "PathBuf::from(&mkdir_dir.raw_path);",
    ),
    ("layer-mount-points-checked", RS, EROFS, "scoped_join(scope_root, &relative)", "join(scope_root, &relative)"),
    (
        "ephemeral-key-needs-new-file-system", RS, BLOCK, "if has_ephemeral_encryption && !should_create_filesystem {",
        "if false {",
    ),
    ("agent-options-typed", RS, CONFIG, "let val = $func($param)?;", "let val = $func($param).unwrap_or_default();"),
    ("agent-options-typed", RS, MAIN, "env::args().collect()).unwrap();", "env::args().collect()).unwrap_or_default();"),
    ("visible-devices-off", GPU, CONFIG, "visible_cdi_devices: false,", "visible_cdi_devices: true,"),
    ("visible-devices-off", GPU, T_GPU, "visible_cdi_devices = false", "visible_cdi_devices = true"),
    ("extension-paths-confined", TDX, EXTENSION, "    validate_extension_name(extension_name)?;\n    Ok(", "    Ok("),
    ("extension-paths-confined", TDX, EXTENSION, "Component::ParentDir | Component::Prefix(_)", "Component::Prefix(_)"),
    ("extension-manifest-strict", TDX, EXTENSION, "if manifest.schema_version != 1 {", "if false {"),
    ("extension-mounter-strict", TDX, MOUNTER, "set -euo pipefail", "set -u"),
    ("extension-mounter-strict", TDX, MOUNTER, 'if [[ -z "${ROOT_HASH}" ]]; then', "if false; then"),
    ("extension-mounted-read-only", TDX, MOUNTER, "mount -t erofs -o ro ", "mount -t erofs -o rw "),
    (
        "hooks-are-plain-files", "hooks", f"{AGENT}/sandbox.rs", "|| entry.file_type()?.is_symlink()", "|| false",
    ),
    (
        "console-shells-fixed", "console", f"{AGENT}/console.rs", 'v.push("/bin/sh".to_string());',
        'v.push(std::env::var("SHELL").unwrap());',
    ),
    ("agent-failure-stops-the-guest", RS, UNIT, "FailureAction=poweroff", "FailureAction=none"),
    ("no-vsock-loopback", RS, FRAGMENT, "", "\nCONFIG_VSOCKETS_LOOPBACK=y\n"),
    (
        "no-vsock-loopback", RS, "tools/packaging/kernel/build-kernel.sh", "${cmdpath} -r -n ${all_configs}",
        "${cmdpath} -r ${all_configs}",
    ),
    (
        "spans-built-by-the-agent", "traced", "src/agent/vsock-exporter/src/lib.rs", "serde_json::to_vec(span)",
        "raw(span)",
    ),
    ("cdi-wait-timeout", GPU, f"{AGENT}/device/mod.rs", "for i in 0..=cdi_timeout.as_secs() {", "loop {"),
    (
        "component-call-timeouts", TDX, CDH,
        "ttrpc::context::with_timeout(AGENT_CONFIG.cdh_api_timeout.as_nanos() as i64)",
        "ttrpc::context::Context::default()",
    ),
    (
        "image-pull-timeout", TDX, CDH,
        "ttrpc::context::with_timeout(AGENT_CONFIG.image_pull_timeout.as_nanos() as i64)",
        "ttrpc::context::Context::default()",
    ),
    ("image-bundle-confined", TDX, PULL, "scoped_join(CONTAINER_BASE, &cid)?", "Path::new(CONTAINER_BASE).join(&cid)"),
    (
        "pause-program-of-the-guest", TDX, PULL, "if is_sandbox(&image_pull_volume.metadata) {", "if false {",
    ),
    ("pause-program-of-the-guest", TDX, IMAGE, "return get_pause_image_process();", "();"),
    ("sealed-secret-places", TDX, RPC, "if is_sealed_secret_path(source_path) {", "if true {"),
    ("sealed-secret-places", TDX, RPC, '        "serviceaccount",\n', ""),
    ("sealed-secrets-marked", TDX, CDH, "if value.starts_with(SEALED_SECRET_PREFIX) {", "if true {"),
    ("volumes-encrypted-and-checked", TDX, RPC, '("dataIntegrity".to_string(), integrity),', ""),
    ("volumes-encrypted-and-checked", TDX, CONFIG, "secure_storage_integrity: true,", "secure_storage_integrity: false,"),
    ("initdata-form-checked", TDX, INITDATA, "initdata.validate()?;", "();"),
    ("initdata-form-checked", TDX, INITDATA_LIB, "if self.version != INITDATA_VERSION {", "if false {"),
    ("initdata-passed-to-attestation", TDX, MAIN, 'args.push("--initdata-toml".to_string());', "();"),
    (
        "component-check-ends-the-guest", TDX, MAIN, "ErrorKind::NotFound => false,", "_ if true => false,",
    ),
    (
        "component-check-ends-the-guest", TDX, MAIN, '_ => panic!(\n                    "Path existence check failed for',
        '_ => ignore(\n                    "Path existence check failed for',
    ),
    ("snp-debugging-refused", SNP, T_SNP, "snp_guest_policy = 196608", "snp_guest_policy = 720896"),
    ("snp-debugging-refused", SNPGO, T_SNPGO, "snp_guest_policy = 196608", "snp_guest_policy = 720896"),
    ("tdx-page-exceptions-off", TDX, CMDLINE, "sept_ve_disable: true,", "sept_ve_disable: false,"),
    (
        "tdx-debugging-off", TDX, "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs", "debug: false,",
        "debug: true,",
    ),
    (
        "tdx-debugging-off", TDXGO, "src/runtime/virtcontainers/qemu_amd64.go", "Debug:          false,",
        "Debug:          true,",
    ),
    ("secure-execution-image", SE, SE_BUILD, "eval genprotimg", "eval cat"),
    ("secure-execution-image", SE, SE_BUILD, '--parmfile="${parmfile}"', ""),
    ("gpu-attester-chosen-by-init", GPU, MAIN, 'env::var("KATA_ATTESTER_VARIANT")', "request.variant()"),
    ("gpu-attester-chosen-by-init", GPUGO, CONFIG, "", '\nconst ATTESTER: &str = "agent.attester_variant";\n'),
    (
        "machine-request-listed", REMOTE, REMOTE_RS, "annotations: self.prepare_annotations(annotations),",
        "annotations: annotations.clone(),",
    ),
    (
        "machine-request-listed", REMOTEGO, REMOTE_GO, "annotations := map[string]string{}",
        "annotations := hypervisorConfig.PodAnnotations",
    ),
    ("machine-start-timeout", REMOTE, REMOTE_RS, "timeout = timeout.max(configured_timeout);", ""),
    (
        "machine-start-timeout", REMOTEGO, REMOTE_GO, "context.WithTimeout(context.Background(), time.Duration(timeout)",
        "context.WithCancel(context.Background(), time.Duration(timeout)",
    ),
    ("machine-needs-a-tunnel", REMOTE, REMOTE_RS, "if resp.agentSocketPath.is_empty() {", "if false {"),
    ("machine-needs-a-tunnel", REMOTEGO, REMOTE_GO, 'if res.AgentSocketPath == "" {', "if false {"),
)  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return kata_with(OTHERS)


@rows(ROWS)
def test_control_falls_with_its_defence(project: Project, source: SourceTree, row: Row) -> None:
    check_control_falls(project, source, row)


def test_every_claimed_control_of_the_guest_has_a_row(project: Project) -> None:
    claimed = {
        c.id
        for c in project.controls
        if any(claim.kind != "proposed" for claim in c.claims)
        and c.place
        and c.place.path.rpartition("/")[2] in ("guest_agent.py", "guest_attestation.py")
    }
    assert claimed <= {row[0] for row in ROWS}
