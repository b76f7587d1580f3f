"""What a pod author may not reach: annotations, paths, hooks and devices of the node."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present

from .templates import REMOTE, assigned_once, default_annotations, default_in_each, each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
GO_OCI = "src/runtime/pkg/oci/utils.go"
GO_OCI_EVER = (GO_OCI, "src/runtime/virtcontainers/pkg/oci/utils.go")
"""With the place of the file in releases before 2.4."""
RS_ANNOTATIONS = "src/libs/kata-types/src/annotations/**"
RS_HYPERVISOR = "src/libs/kata-types/src/config/hypervisor/mod.rs"
RS_MANAGER = "src/runtime-rs/crates/runtimes/src/manager.rs"
GO_CREATE = "src/runtime/pkg/containerd-shim-v2/create.go"
RS_CONFIG = "src/libs/kata-types/src/config/mod.rs"
GO_CONFIG = "src/runtime/pkg/katautils/config.go"
PATH_LISTS = (
    present(
        GO_OCI,
        r"(?s)func checkPathIsInGlobs\([^{]*\{\s*for _, glob := range globs \{\s*"
        r"filenames, _ := filepath\.Glob\(glob\)\s*"
        r"for _, a := range filenames \{\s*if path == a \{\s*return true\s*\}\s*\}\s*\}\s*return false",
        when=GO,
    ),
    present(
        RS_CONFIG,
        r"(?s)pub fn validate_path_pattern[^{]*\{\s*let path = [^;]*;\s*for p in patterns\.iter\(\) \{\s*"
        r"if let Ok\(glob\) = glob::Pattern::new\(p\) \{\s*if glob\.matches\(path\) \{\s*return Ok\(\(\)\);"
        r"[\s}]*Err\(",
        when=RUST,
    ),
)
"""A path is on a list where a pattern of the list matches it, and nowhere else."""

annotation_allow_list = Control(
    "annotation-allow-list",
    "Hypervisor annotations must be on a list, and the shipped lists name seven of them at most",
    provides=["allow-list"],
    description="enable_annotations holds regular expressions. The list is about hypervisor.* only. The administrator, "
    "and the installer where it is told to, can make it longer",
    claims=[
        *default_annotations("rust"),
        *default_annotations("go"),
        present(
            GO_OCI_EVER,
            r"(?s)if !checkAnnotationNameIsValid\(runtime\.HypervisorConfig\.EnableAnnotations, key, "
            r"[\w.]+\) \{\s*return fmt\.Errorf\(",
            when=GO,
        ),
        present(
            GO_OCI_EVER,
            r"(?s)func checkAnnotationNameIsValid\([^{]*\{\s*if strings\.HasPrefix\(name, prefix\) \{\s*"
            r"return regexpContains\(list, strings\.TrimPrefix\(name, prefix\)\)\s*\}",
            when=GO,
        ),
        present(
            RS_HYPERVISOR,
            r"(?s)if let Ok\(set\) = RegexSet::new\(&self\.enable_annotations\) \{\s*"
            r"return set\.is_match\(key\);\s*\}\s*false\s*\}",
            when=RUST,
        ),
        present(
            RS_ANNOTATIONS,
            r"(?s)for \(key, value\) in &self\.annotations \{\s*"
            r"if hv\.security_info\.is_annotation_enabled\(key\) \{\s*match key\.as_str\(\) \{",
            when=RUST,
        ),
    ],
)
no_virtiofsd_arguments = Control(
    "no-virtiofsd-arguments",
    "Arguments of virtiofsd cannot be set by an annotation",
    provides=["allow-list"],
    description="virtio_fs_extra_args is not in the shipped list of enabled annotations",
    claims=[*default_annotations("rust"), *default_annotations("go")],
)
config_path_ignored = Control(
    "config-path-ignored",
    "The configuration file is not chosen by the pod",
    provides=["configuration-validation", "allow-list", "interface-disabled"],
    description="No code of the shims reads the annotation config_path; KATA_CONF_FILE must name a shipped file",
    claims=[
        absent("src/runtime/{pkg,cmd,virtcontainers}/**/*.go", r"SandboxConfigPath(Key)?\b", when=GO),
        present(
            GO_CREATE,
            r"(?s)if isShippedKataConfigPath\(envConfigPath\) \{\s*configPath = envConfigPath\s*\} else \{\s*"
            r"return nil, fmt\.Errorf\(",
            when=GO,
        ),
        present(
            GO_CREATE,
            r"(?s)func isShippedKataConfigPath\(configPath string\) bool \{\s*"
            r"resolvedConfigPath, err := katautils\.ResolvePath\(configPath\)\s*if err != nil \{\s*return false\s*\}"
            r".{0,400}if \w+ == \w+ \{\s*return true\s*\}\s*\}\s*return false\s*\}",
            when=GO,
        ),
        absent("src/runtime-rs/crates/{runtimes,shim,service}/**/*.rs", r"sandbox_config_path", when=RUST),
        present(
            RS_MANAGER,
            r"(?s)std::env::var\(KATA_CONF_FILE\) \{\s*if is_shipped_kata_config_path\(&path\) \{\s*path\s*"
            r"\} else \{\s*return Err\(",
            when=RUST,
        ),
        present(
            RS_MANAGER,
            r"(?s)fn is_shipped_kata_config_path\(config_path: &str\) -> bool \{\s*config_path_matches_defaults\("
            r"config_path, TomlConfig::get_default_config_file_list\(\)\)\s*\}",
            when=RUST,
        ),
        present(
            RS_MANAGER,
            r"(?s)fn config_path_matches_defaults\([^{]*\{\s*let Ok\(resolved_config_path\) = "
            r"std::fs::canonicalize\(config_path\) else \{\s*return false;\s*\};.{0,200}"
            r"\.any\(\|path\| path == resolved_config_path\)\s*\}",
            when=RUST,
        ),
    ],
)
bind_mounts_refused = Control(
    "bind-mounts-refused",
    "Host bind mounts are not taken from annotations",
    provides=["interface-disabled"],
    description="sandbox_bind_mounts is read from configuration.toml only",
    claims=[
        present(
            RS_ANNOTATIONS,
            r"(?s)KATA_ANNO_CFG_SANDBOX_BIND_MOUNTS => \{\s*warn!\([^;{}]*\{\}[^;{}]*\);\s*\}",
            when=RUST,
        ),
        absent(RS_ANNOTATIONS, r"sandbox_bind_mounts\s*[=.(]", when=RUST),
        absent("src/runtime/virtcontainers/pkg/annotations/annotations.go", r"sandbox_bind_mounts", when=GO),
        present(GO_OCI, r"SandboxBindMounts:\s+runtime\.SandboxBindMounts,", when=GO),
        absent(GO_OCI, r"SandboxBindMounts\s*=", when=GO),
    ],
)
fixed_paths = Control(
    "fixed-executable-paths",
    "Programs that run as root come from lists of allowed paths",
    provides=["fixed-executable-paths"],
    description="valid_hypervisor_paths, valid_jailer_paths and valid_virtio_fs_daemon_paths hold the shipped paths",
    claims=[
        *(
            present(
                GO_OCI,
                rf"(?s)if !checkPathIsInGlobs\(runtime\.HypervisorConfig\.{name}, value\) \{{\s*return fmt\.Errorf\(",
                when=GO,
            )
            for name in ("HypervisorPathList", "JailerPathList", "VirtioFSDaemonList")
        ),
        *PATH_LISTS,
        present(
            RS_ANNOTATIONS,
            r"(?s)KATA_ANNO_CFG_HYPERVISOR_PATH => \{\s*hv\.validate_hypervisor_path\(value\)\?;",
            when=RUST,
        ),
        present(
            RS_ANNOTATIONS,
            r"(?s)KATA_ANNO_CFG_HYPERVISOR_JAILER_PATH => \{\s*hv\.validate_jailer_path\(value\)\?;",
            when=RUST,
        ),
        present(
            RS_ANNOTATIONS,
            r"(?s)KATA_ANNO_CFG_HYPERVISOR_VIRTIO_FS_DAEMON => \{\s*"
            r"hv\.shared_fs\.validate_virtiofs_daemon_path\(value\)\?;",
            when=RUST,
        ),
        *(
            present(
                RS_HYPERVISOR,
                rf"(?s)fn validate_{name}_path[^{{]*\{{\s*validate_path_pattern\(&self\.valid_{paths}, path\)",
                when=RUST,
            )
            for name, paths in (
                ("hypervisor", "hypervisor_paths"),
                ("jailer", "jailer_paths"),
                ("virtiofs_daemon", "virtio_fs_daemon_paths"),
            )
        ),
        *each_template(
            r"^valid_hypervisor_paths = @\w+@$", unlike=r"^valid_hypervisor_paths = \[", but=REMOTE
        ),
        *each_template("", unlike=r"^valid_(jailer|virtio_fs_daemon)_paths = \[", but=REMOTE),
    ],
)
config_validation = Control(
    "configuration-validation",
    "configuration.toml is parsed into types and validated before a sandbox starts",
    provides=["configuration-validation", "type-safe-parser"],
    claims=[
        present(
            RS_MANAGER,
            r"(?s)annotation\.update_config_by_annotation\(&mut toml_config\)\?;.{0,300}\stoml_config\.validate\(\)\?;",
            when=RUST,
        ),
        present(
            RS_CONFIG,
            r"(?s)pub fn validate\(&self\) -> Result<\(\)> \{\s*Hypervisor::validate\(self\)\?;\s*"
            r"Runtime::validate\(self\)\?;\s*Agent::validate\(self\)\?;",
            when=RUST,
        ),
        present(RS_HYPERVISOR, r"^\s*plugin\.validate\(conf\)\?;", when=RUST),
        present(RS_HYPERVISOR, r"^\s*hv\.security_info\.validate\(\)\?;", when=RUST),
        present(
            GO_CONFIG, r"(?s)if err := checkConfig\(config\); err != nil \{\s*return [^}]*err\s*\}", when=GO
        ),
        present(
            GO_CONFIG,
            r"(?s)func checkConfig\([^{]*\{.{0,200}if err := checkHypervisorConfig\(config\.HypervisorConfig\); "
            r"err != nil \{\s*return err",
            when=GO,
        ),
        present(GO_CONFIG, r"toml\.Decode\(string\(configData\), &tomlConf\)", when=GO),
    ],
)
no_host_devices = Control(
    "no-host-devices-for-privileged",
    "A privileged pod gets no devices of the node",
    provides=["device-not-exposed"],
    description="The installer sets privileged_without_host_devices for every Kata runtime class",
    claims=[
        present(
            "tools/packaging/kata-deploy/binary/src/runtime/containerd.rs",
            r'(?s)&format!\("\{runtime_table\}\.privileged_without_host_devices"\),\s*"true",',
            when={"cri": "containerd"},
        ),
        present(
            "tools/packaging/kata-deploy/binary/src/runtime/crio.rs",
            r"privileged_without_host_devices = true",
            when={"cri": "cri-o"},
        ),
    ],
)
block_use_off = Control(
    "block-device-use-off",
    "Host block devices are not passed on as a root file system",
    provides=["device-not-exposed"],
    description="disable_block_device_use is true in every template of the Go runtime but that of Firecracker; devices "
    "that a pod names, and empty directories on disks, are passed on all the same. Where it is true, the Rust runtime "
    "has no driver for a disk and refuses it",
    claims=[
        *assigned_once("go", "DEFDISABLEBLOCK", "true"),
        *default_in_each(
            "hypervisor",
            "disable_block_device_use",
            True,
            runtimes=("go",),
            hypervisors=("qemu", "clh", "stratovirt"),
        ),
        present(
            "src/runtime/virtcontainers/container.go",
            r"(?s)func \(c \*Container\) checkBlockDeviceSupport\([^{]*\{\s*"
            r"if !c\.sandbox\.config\.HypervisorConfig\.DisableBlockDeviceUse \{"
            r".{0,300}return true\s*\}\s*\}\s*return false",
            when=GO,
        ),
        present(
            RS_HYPERVISOR,
            r'(?s)if self\.disable_block_device_use \{\s*self\.block_device_driver = ""\.to_string\(\);',
            when={**RUST, "block_rootfs": "off"},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/device/device_manager.rs",
            r"(?s)match block_config\.driver_option\.as_str\(\) \{.{0,900}?_ => \{\s*return Err\(anyhow!\(\s*"
            r'"unsupported driver type \{\}"',
            when={**RUST, "block_rootfs": "off"},
        ),
    ],
)
