"""Changes that switch off a control of the runtimes and their monitors."""

from __future__ import annotations

from tests.models.weaken import Weakening, weakening

OCI = "src/runtime/pkg/oci/utils.go"
GO_MAKE = "src/runtime/Makefile"
RS_MAKE = "src/runtime-rs/Makefile"
CMDLINE = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"

WEAKENINGS: tuple[Weakening, ...] = (
    weakening(
        "dragonball-seccomp",
        "src/runtime-rs/crates/hypervisor/src/dragonball/seccomp.rs",
        "        SeccompAction::Trap,",
        "        SeccompAction::Log,",
    ),
    weakening(
        "unlisted-annotation-refused",
        OCI,
        '\t\t\treturn fmt.Errorf("annotation %v is not enabled", key)\n',
        '\t\t\tociLog.Warnf("annotation %v is not enabled", key)\n',
        also=["annotation-allow-list"],
    ),
    weakening(
        "annotation-allow-list",
        OCI,
        "\tif strings.HasPrefix(name, prefix) {\n\t\treturn regexpContains(",
        "\tif len(list) == 0 {\n"
        "\t\treturn true\n"
        "\t}\n"
        "\tif strings.HasPrefix(name, prefix) {\n"
        "\t\treturn regexpContains(",
        also=["unlisted-annotation-refused"],
        keeps=True,
    ),
    weakening(
        "fixed-executable-paths",
        OCI,
        "func checkPathIsInGlobs(globs []string, path string) bool {\n",
        "func checkPathIsInGlobs(globs []string, path string) bool {\n"
        "\tif len(globs) == 0 {\n"
        "\t\treturn true\n"
        "\t}\n",
        also=["store-and-entropy-paths-listed"],
        keeps=True,
    ),
    weakening(
        "clh-seccomp",
        "src/runtime/virtcontainers/clh.go",
        "\tif clh.config.DisableSeccomp {",
        "\tif clh.config.DisableSeccomp || clh.config.Debug {",
    ),
    weakening(
        "firecracker-jailer",
        GO_MAKE,
        "FCJAILERPATH = $(FCBINDIR)/$(FCJAILERCMD)\n",
        "FCJAILERPATH =\n",
        keeps=True,
    ),
    weakening(
        "virtiofsd-sandbox",
        "src/runtime/virtcontainers/virtiofsd.go",
        "\tcmd.Args = append(cmd.Args, args...)\n",
        '\tcmd.Args = append(cmd.Args, append(args, "--sandbox", "none")...)\n',
    ),
    weakening(
        "share-read-only",
        "src/runtime/virtcontainers/fs_share_linux.go",
        'bindMount(ctx, mountPath, sharePath, true, "slave")',
        'bindMount(ctx, mountPath, sharePath, f.sandbox.config.SandboxBindMounts == nil, "slave")',
    ),
    weakening(
        "vm-folder-mode",
        "src/runtime/virtcontainers/sandbox.go",
        "DirMode = os.FileMode(0750) | os.ModeDir",
        "DirMode = os.FileMode(0755) | os.ModeDir",
    ),
    weakening(
        "state-owner-only",
        "src/runtime/virtcontainers/persist/fs/fs.go",
        "const fileMode = os.FileMode(0600)",
        "const fileMode = os.FileMode(0644)",
    ),
    weakening(
        "host-hooks-stay-on-the-host",
        "src/runtime/virtcontainers/kata_agent.go",
        "\tgrpcSpec.Hooks = nil\n",
        "\tif grpcSpec.Hooks != nil {\n"
        "\t\tgrpcSpec.Hooks.Prestart = nil\n"
        "\t}\n",
    ),
    weakening(
        "kata-monitor-loopback",
        "src/runtime/cmd/kata-monitor/main.go",
        'defaultListenAddress = "127.0.0.1:8090"',
        'defaultListenAddress = ":8090"',
    ),
    weakening(
        "encrypted-empty-dir",
        GO_MAKE,
        "DEFEMPTYDIRMODE_COCO := block-encrypted",
        "DEFEMPTYDIRMODE_COCO := block-plain",
        keeps=True,
    ),
    weakening(
        "virtio-9p-off",
        GO_MAKE,
        "DEFSHAREDFS_QEMU_VIRTIOFS := virtio-fs",
        "DEFSHAREDFS_QEMU_VIRTIOFS := virtio-9p",
        keeps=True,
    ),
    weakening(
        "tee-measured-launch",
        GO_MAKE,
        "FIRMWARETDVFPATH := $(PREFIXDEPS)/share/ovmf/OVMF.inteltdx.fd",
        "FIRMWARETDVFPATH := $(PREFIXDEPS)/share/ovmf/OVMF.fd",
        keeps=True,
    ),
    weakening(
        "dax-window-off",
        GO_MAKE,
        "DEFENABLEIOTHREADS := false",
        "DEFENABLEIOTHREADS := false\nDEFVIRTIOFSCACHESIZE := 1024",
        keeps=True,
    ),
    weakening(
        "fixed-executable-paths",
        "src/libs/kata-types/src/config/mod.rs",
        "    for p in patterns.iter() {\n        if let Ok(glob)",
        "    if patterns.is_empty() {\n"
        "        return Ok(());\n"
        "    }\n"
        "    for p in patterns.iter() {\n"
        "        if let Ok(glob)",
        also=["store-and-entropy-paths-listed"],
        keeps=True,
    ),
    weakening(
        "annotation-allow-list",
        "src/libs/kata-types/src/config/hypervisor/mod.rs",
        "        if let Ok(set) = RegexSet::new(&self.enable_annotations) {\n"
        "            return set.is_match(key);\n"
        "        }\n"
        "        false\n",
        "        if let Ok(set) = RegexSet::new(&self.enable_annotations) {\n"
        "            return set.is_match(key);\n"
        "        }\n"
        "        true\n",
        also=["unlisted-annotation-ignored"],
        keeps=True,
    ),
    weakening(
        "clh-seccomp",
        "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
        "let disable_seccomp = cfg.security_info.disable_seccomp;",
        "let disable_seccomp = cfg.security_info.disable_seccomp || debug;",
    ),
    weakening(
        "firecracker-seccomp",
        "src/runtime-rs/crates/hypervisor/src/firecracker/inner.rs",
        "        if self.config.security_info.disable_seccomp {\n"
        '            cmd.arg("--no-seccomp");\n'
        "        }\n",
        '        cmd.arg("--no-seccomp");\n',
    ),
    weakening(
        "virtiofsd-sandbox",
        "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs_standalone.rs",
        "        let child_cmd = cmd.args(&args).stderr(Stdio::piped());\n",
        "        let child_cmd = cmd.args(&args).stderr(Stdio::piped());\n"
        '        child_cmd.arg("--seccomp=none");\n',
    ),
    weakening(
        "share-read-only",
        "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs.rs",
        "mount::bind_mount_unchecked(&host_rw_dest, &host_ro_dest, true, MsFlags::MS_SLAVE)",
        "mount::bind_mount_unchecked(&host_rw_dest, &host_ro_dest, false, MsFlags::MS_SLAVE)",
    ),
    weakening(
        "guest-image-read-only",
        CMDLINE,
        "        self.read_only = read_only;\n",
        "        self.read_only = read_only && !self.cache_direct;\n",
    ),
    weakening(
        "qemu-no-default-devices",
        CMDLINE,
        "            nodefaults: true,",
        "            nodefaults: false,",
    ),
    weakening(
        "snp-debugging-refused",
        CMDLINE,
        "sev_snp_object.set_policy(self.config.security_info.snp_guest_policy);",
        "sev_snp_object.set_policy(self.config.security_info.snp_guest_policy | (1 << 19));",
        keeps=True,
    ),
    weakening(
        "sandbox-cgroup",
        RS_MAKE,
        "    DEFSANDBOXCGROUPONLY_QEMU := true",
        "    DEFSANDBOXCGROUPONLY_QEMU := false",
        keeps=True,
    ),
    weakening(
        "configuration-validation",
        "src/runtime-rs/crates/runtimes/src/manager.rs",
        "    toml_config.validate()?;\n",
        "    if let Err(e) = toml_config.validate() {\n"
        '        slog::warn!(logger, "invalid configuration: {:?}", e);\n'
        "    }\n",
    ),
    weakening(
        "management-routes-listed",
        "src/runtime-rs/crates/runtimes/src/shim_mgmt/handlers.rs",
        "(&Method::PUT, AGENT_POLICY_URL) =>",
        "(_, AGENT_POLICY_URL) =>",
    ),
    weakening(
        "state-path-checked",
        "src/runtime-rs/crates/persist/src/lib.rs",
        '    verify_id(sid).context("failed to verify sid")?;\n'
        "    let mut path = scoped_join(prefix_with_rootless_dir(KATA_PATH), sid)?;\n",
        "    let mut path = std::path::PathBuf::from(prefix_with_rootless_dir(KATA_PATH)).join(sid);\n",
    ),
)  # fmt: skip
