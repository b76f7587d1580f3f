"""What a pod author may not reach: annotations, paths, hooks and devices of the node."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present

from .templates import each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
GO_OCI = "src/runtime/pkg/oci/utils.go"
RS_ANNOTATIONS = "src/libs/kata-types/src/annotations/**"
RS_HYPERVISOR = "src/libs/kata-types/src/config/hypervisor/mod.rs"
MAKEFILES = ["src/runtime/Makefile", "src/runtime-rs/Makefile"]

annotation_allow_list = Control(
    "annotation-allow-list",
    "Hypervisor annotations must be enabled by the administrator",
    provides=["allow-list"],
    description="enable_annotations holds regular expressions that are not anchored, so an entry also admits keys that "
    "contain it; annotations of runtime.* and agent.* are outside the list in both runtimes",
    claims=[
        present(GO_OCI, r"func checkAnnotationNameIsValid\(", when=GO),
        present(GO_OCI, r"EnableAnnotations", when=GO),
        present(RS_HYPERVISOR, r"RegexSet::new\(&self\.enable_annotations\)", when=RUST),
        present(RS_ANNOTATIONS, r"is_annotation_enabled\(key\)", when=RUST),
    ],
)
no_virtiofsd_arguments = Control(
    "no-virtiofsd-arguments",
    "Arguments of virtiofsd cannot be set by an annotation",
    provides=["argument-separation"],
    description="virtio_fs_extra_args is not in the default list of enabled annotations",
    claims=[
        absent(MAKEFILES[0], r"^DEFENABLEANNOTATIONS\w*\s*:?=.*virtio_fs_extra_args", when=GO),
        absent(MAKEFILES[1], r"^DEFENABLEANNOTATIONS\w*\s*:?=.*virtio_fs_extra_args", when=RUST),
    ],
)
config_path_ignored = Control(
    "config-path-ignored",
    "The configuration file is not chosen by the pod",
    provides=["configuration-validation", "allow-list", "interface-disabled"],
    description="No code of the shims reads the annotation config_path; KATA_CONF_FILE must name a shipped file",
    claims=[
        absent("src/runtime/pkg/containerd-shim-v2/create.go", r"GetSandboxConfigPath\(", when=GO),
        absent("src/runtime-rs/crates/runtimes/src/manager.rs", r"get_sandbox_config_path\(", when=RUST),
        present("src/runtime-rs/crates/runtimes/src/manager.rs", r"is_shipped_kata_config_path\(", when=RUST),
    ],
)
bind_mounts_refused = Control(
    "bind-mounts-refused",
    "Host bind mounts are not taken from annotations",
    provides=["interface-disabled"],
    description="sandbox_bind_mounts is read from configuration.toml only",
    claims=[
        absent(RS_ANNOTATIONS, r"sandbox_bind_mounts\.(push|extend)", when=RUST),
        absent("src/runtime/virtcontainers/pkg/annotations/annotations.go", r"sandbox_bind_mounts", when=GO),
    ],
)
fixed_paths = Control(
    "fixed-executable-paths",
    "Programs that run as root come from lists of allowed paths",
    provides=["fixed-executable-paths"],
    description="valid_hypervisor_paths, valid_jailer_paths and valid_virtio_fs_daemon_paths hold the shipped paths",
    claims=[
        present(GO_OCI, r"checkPathIsInGlobs\(runtime\.HypervisorConfig\.HypervisorPathList", when=GO),
        present("src/libs/kata-types/src/config/**", r"validate_path_pattern\(", when=RUST),
        *each_template(r"^valid_hypervisor_paths = @\w+@"),
    ],
)
config_validation = Control(
    "configuration-validation",
    "configuration.toml is parsed into types and validated before a sandbox starts",
    provides=["configuration-validation", "type-safe-parser"],
    claims=[
        present("src/libs/kata-types/src/config/mod.rs", r"fn validate\(", when=RUST),
        present("src/runtime/pkg/katautils/config.go", r"func checkConfig\(", when=GO),
    ],
)
no_host_devices = Control(
    "no-host-devices-for-privileged",
    "A privileged pod gets no devices of the node",
    provides=["device-not-exposed"],
    description="The installer sets privileged_without_host_devices for every Kata runtime class",
    claims=[
        present(
            "tools/packaging/kata-deploy/binary/src/runtime/containerd.rs", r"privileged_without_host_devices"
        ),
        present(
            "tools/packaging/kata-deploy/binary/src/runtime/crio.rs",
            r"privileged_without_host_devices = true",
        ),
    ],
)
block_use_off = Control(
    "block-device-use-off",
    "Host block devices are not passed on as a root file system",
    provides=["device-not-exposed"],
    description="disable_block_device_use is true for QEMU and Cloud Hypervisor of the Go runtime",
    claims=[
        present("src/runtime/Makefile", r"^DEFDISABLEBLOCK := true", when=GO),
        *each_template(
            r"^disable_block_device_use = @DEFDISABLEBLOCK@", runtimes=("go",), hypervisors=("qemu", "clh")
        ),
    ],
)
