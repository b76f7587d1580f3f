"""Defences of the virtual machine monitors and of their devices."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present, proposed, value

from .templates import assigned_once, default_in_each, each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
QEMU = {"hypervisor": "qemu"}
CLH = {"hypervisor": "clh"}
FC = {"hypervisor": "fc"}
RS_QEMU = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"
_MAPPED_READ_ONLY = (
    r"mem_file\.set_readonly\(is_readonly\);",
    r"self\.readonly = readonly;",
    r'(?s)"readonly=\{\}",\s*if self\.readonly \{ "on" \} else \{ "off" \}',
)
_DISK_READ_ONLY = (
    r"backend\.set_read_only\(is_readonly\);",
    r"self\.read_only = read_only;",
    r'(?s)"(?:\{prefix\})?read-only=\{\}",\s*if self\.read_only \{ "on" \} else \{ "off" \}',
)

clh_seccomp = Control(
    "clh-seccomp",
    "Cloud Hypervisor filters its system calls",
    provides=["syscall-filter"],
    description="Built in; the shims pass --seccomp false only where disable_seccomp is set",
    claims=[
        *default_in_each("hypervisor", "disable_seccomp", False, hypervisors=("clh",)),
        present(
            "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
            r"^\s*let disable_seccomp = cfg\.security_info\.disable_seccomp;$",
            when={**RUST, **CLH},
        ),
        absent(
            "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
            r"(?s)disable_seccomp\s*=[^=].*disable_seccomp\s*=[^=]",
            when={**RUST, **CLH},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
            r'(?s)if disable_seccomp \{\s*cmd\.args\(\["--seccomp", "false"\]\);\s*\}',
            when={**RUST, **CLH},
        ),
        absent(
            "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
            r'(?s)"--seccomp".*"--seccomp"',
            when={**RUST, **CLH},
        ),
        present(
            "src/runtime/virtcontainers/clh.go",
            r'(?s)if clh\.config\.DisableSeccomp \{\s*args = append\(args, "--seccomp", "false"\)\s*\}',
            when={**GO, **CLH},
        ),
        absent("src/runtime/virtcontainers/clh.go", r'(?s)"--seccomp".*"--seccomp"', when={**GO, **CLH}),
    ],
)
fc_seccomp = Control(
    "firecracker-seccomp",
    "Firecracker filters its system calls",
    provides=["syscall-filter"],
    description="Built in; the Go shim has no switch for it, the Rust shim switches it off where disable_seccomp is set",
    claims=[
        absent("src/runtime/virtcontainers/fc.go", r'"--no-seccomp"', when=GO),
        *default_in_each("hypervisor", "disable_seccomp", False, runtimes=("rust",), hypervisors=("fc",)),
        present(
            "src/runtime-rs/crates/hypervisor/src/firecracker/inner.rs",
            r'(?s)if self\.config\.security_info\.disable_seccomp \{\s*cmd\.arg\("--no-seccomp"\);',
            when={**RUST, **FC},
        ),
        absent(
            "src/runtime-rs/crates/hypervisor/src/firecracker/inner.rs",
            r'(?s)"--no-seccomp".*"--no-seccomp"',
            when={**RUST, **FC},
        ),
    ],
)
fc_jailer = Control(
    "firecracker-jailer",
    "The jailer starts Firecracker in a chroot of its own",
    provides=["jailer", "chroot"],
    description="The user stays uid 0",
    claims=[
        *default_in_each("hypervisor", "jailer_path", "/usr/bin/jailer", hypervisors=("fc",)),
        *(
            claim
            for runtime in ("rust", "go")
            for claim in assigned_once(
                runtime, "FCJAILERPATH", r"\$\(FCBINDIR\)/\$\(FCJAILERCMD\)", hypervisor="fc"
            )
        ),
        present(
            ["src/runtime-rs/arch/{x86_64,aarch64}-options.mk"],
            r"^FCJAILERCMD := jailer$",
            each=True,
            when=RUST,
        ),
        present(
            ["src/runtime/arch/{amd64,arm64}-options.mk"], r"^FCJAILERCMD := jailer$", each=True, when=GO
        ),
        present(
            "src/runtime/virtcontainers/fc.go",
            r'(?s)if fc\.config\.JailerPath != "" \{\s*fc\.jailed = true',
            when=GO,
        ),
        present(
            "src/runtime/virtcontainers/fc.go",
            r'(?s)if fc\.jailed \{\s*jailedArgs := \[\]string\{[^}]*"--chroot-base-dir", fc\.chrootBaseDir,',
            when=GO,
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/firecracker/inner_hypervisor.rs",
            r"(?s)if !self\.config\.jailer_path\.is_empty\(\) \{[^}]*self\.jailed = true;",
            when=RUST,
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/firecracker/inner.rs",
            r'(?s)Command::new\(&self\.config\.jailer_path\);[^}]*"--chroot-base-dir",\s*&self\.jailer_root,',
            when=RUST,
        ),
    ],
)
upstream_device_models = Control(
    "rust-vmm-device-models",
    "Device models of Cloud Hypervisor and Firecracker check descriptors and use volatile accessors",
    provides=["bounds-checked-descriptors", "volatile-access-checked", "memory-safe-language"],
    description="Code of other projects: not checked here",
    claims=[
        value(
            "versions.yaml",
            "assets.hypervisor.cloud_hypervisor.url",
            "https://github.com/cloud-hypervisor/cloud-hypervisor",
            when={"hypervisor": "clh"},
        ),
        value(
            "versions.yaml",
            "assets.hypervisor.firecracker.url",
            "https://github.com/firecracker-microvm/firecracker",
            when={"hypervisor": "fc"},
        ),
        proposed(
            "Device models of both monitors reach guest memory by the checked accessors of vm-memory",
            evidence="https://github.com/rust-vmm/vm-memory",
        ),
    ],
    references=["https://github.com/rust-vmm/vm-memory"],
)
monitor_off = Control(
    "extra-monitor-off",
    "QEMU's extra monitor socket is not created",
    provides=["interface-disabled", "debug-disabled-by-default"],
    claims=[
        *each_template("", unlike=r'^\s*extra_monitor_socket = "[^"]', hypervisors=("qemu",)),
        *default_in_each(
            "hypervisor",
            "extra_monitor_socket",
            "",
            runtimes=("rust",),
            hypervisors=("qemu",),
            but=("rust:qemu-se-runtime-rs",),
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs",
            r"(?s)if config\.debug_info\.enable_debug && !config\.debug_info\.extra_monitor_socket\.is_empty\(\) \{\s*"
            r"qemu_cmd_line\.add_monitor\(",
            when={**RUST, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/qemu.go",
            r'if q\.HypervisorConfig\(\)\.Debug && q\.config\.ExtraMonitorSocket != "" \{',
            when={**GO, **QEMU},
        ),
    ],
)
vm_folder_mode = Control(
    "vm-folder-mode",
    "Sockets of a VM lie in a folder that only root can enter",
    provides=["access-control-file-permissions", "access-limited-to-host-root"],
    description="Mode 0750, owner root. Not where the monitor is rootless: then its user owns the folder",
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs",
            r"create_dir_all_with_inherit_owner\(vm_path, 0o750\)",
            when={**RUST, **QEMU},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
            r"create_dir_all_with_inherit_owner\(&self\.run_dir, 0o750\)",
            when={**RUST, **CLH},
        ),
        present(
            "src/runtime/virtcontainers/sandbox.go",
            r"^\s*DirMode = os\.FileMode\(0750\) \| os\.ModeDir",
            when=GO,
        ),
        present(
            "src/runtime/virtcontainers/qemu.go",
            r"MkdirAllWithInheritedOwner\(vmPath, DirMode\)",
            when={**GO, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/clh.go",
            r"MkdirAllWithInheritedOwner\(vmPath, DirMode\)",
            when={**GO, **CLH},
        ),
    ],
)
vfio_off = Control(
    "vfio-ports-off",
    "No port for assigned devices",
    provides=["device-not-exposed", "interface-disabled"],
    description="hot_plug_vfio and cold_plug_vfio are no-port in the Go runtime. The Rust runtime has a switch for cold "
    "plug only and plugs a device of a pod into the running guest without asking one",
    claims=[
        *(
            claim
            for key in ("hot", "cold")
            for claim in default_in_each(
                "hypervisor",
                f"{key}_plug_vfio",
                "no-port",
                runtimes=("go",),
                but=("go:qemu-nvidia-gpu",),
                hypervisors=("qemu", "clh"),
                tees=("none", "coco-dev"),
            )
        ),
        present(
            "src/runtime/pkg/device/drivers/vfio.go",
            r'(?s)for _, vfio := range device\.VfioDevs \{\s*if vfio\.Port == "" \{\s*return fmt\.Errorf\(',
            when=GO,
        ),
    ],
)
iommu = Control(
    "host-iommu",
    "VFIO gives out a device only behind an IOMMU of the host",
    provides=["iommu"],
    description="Depends on the node's hardware and kernel options: not checked here",
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/device/driver/vfio.rs",
            r"(?s)fn get_vfio_iommu_group\([^{]*\{.{0,300}"
            r"if !iommugrp_path\.exists\(\) \{\s*warn!\([^;]*;\s*return Err\(",
            when={"runtime": "rust"},
        ),
        present(
            "src/runtime/pkg/device/drivers/vfio.go",
            r"(?s)func GetVFIODevPath\([^{]*\{\s*groupPath, err := os\.Readlink\(fmt\.Sprintf\(iommuGroupPath, bdf\)\)\s*"
            r'if err != nil \{\s*return "", err',
            when={"runtime": "go"},
        ),
        proposed(
            "The node has an IOMMU that is on, and its kernel gives out no device without one",
            evidence="https://docs.kernel.org/driver-api/vfio.html",
        ),
    ],
    references=["https://docs.kernel.org/driver-api/vfio.html"],
)
image_read_only = Control(
    "guest-image-read-only",
    "The guest image is attached read-only",
    provides=["disk-read-only"],
    claims=[
        present(
            "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs",
            r"(?s)path_on_host: boot_info\.image\.clone\(\),\s*is_readonly: true,",
            when=RUST,
        ),
        *(present(RS_QEMU, line, when={**RUST, **QEMU, "tee": "none"}) for line in _MAPPED_READ_ONLY),
        *(present(RS_QEMU, line, when={**RUST, **QEMU, "tee": ("tdx", "snp")}) for line in _DISK_READ_ONLY),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs",
            r"(?s)KATA_NVDIMM_DEV_TYPE => cmdline\.add_nvdimm\(\s*&[\w.]+,\s*[\w.]*is_readonly,?\s*\)\?",
            when={**RUST, **QEMU},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/ch-config/src/convert.rs",
            r"(?s)impl TryFrom<BootInfo> for DiskConfig \{.{0,600}\sreadonly: true,",
            when={**RUST, **CLH},
        ),
        present(  # a disk whatever the guest is: until 3.27.0 persistent memory, which the guest could write
            "src/runtime-rs/crates/hypervisor/ch-config/src/convert.rs",
            r"if use_image \{\s*let disk = DiskConfig::try_from\(boot_info\)",
            when={**RUST, **CLH},
        ),
        absent("src/runtime/virtcontainers/clh.go", r"\bNewPmemConfig\(", when={**GO, **CLH}),
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/inner_device.rs",
            r"\sis_read_only: read_only,",
            when={**RUST, "hypervisor": "dragonball"},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/firecracker/fc_api.rs",
            r'(?s)"drive_id": "rootfs",\s*"path_on_host": rootfs,\s*"is_root_device": \w+,\s*"is_read_only": true',
            when={**RUST, **FC},
        ),
        present(
            "src/runtime/virtcontainers/fc.go",
            r'(?s)driveID := "rootfs"\s*isReadOnly := true\s.{0,300}IsReadOnly:\s+&isReadOnly,',
            when={**GO, **FC},
        ),
        present(
            "src/runtime/virtcontainers/qemu_arch_base.go",
            r"(?s)MemPath:\s+path,\s*Size:\s+[^\n]*\s*ReadOnly:\s+true,",
            when={**GO, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/qemu_arch_base.go",
            r"(?s)ShareRW:\s+true,\s*ReadOnly:\s+true,",
            when={**GO, **QEMU},
        ),
        absent(  # its own way to map the image, without the line above, until 3.27.0
            "src/runtime/virtcontainers/qemu_arm64.go",
            r"\) appendNvdimmImage\(",
            when={**GO, **QEMU, "arch": "arm64"},
        ),
        present(
            "src/runtime/pkg/govmm/qemu/qemu.go",
            r'(?s)if object\.ReadOnly \{\s*objectParams = append\(objectParams, "readonly=on"\)',
            when={**GO, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/clh.go",
            r"(?s)disk\.Path = &assetPath\s*disk\.SetReadonly\(true\)",
            when={**GO, **CLH},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/openvmm/inner_hypervisor.rs",
            r'(?s)"rootfs",\s*OPENVMM_ROOTFS_PCI_DEVICE,\s*false,\s*'
            r"Some\(blk_device_kind\(disk_path\.clone\(\), true\)\),",
            when={"hypervisor": "openvmm"},
        ),
        present(
            "src/runtime/virtcontainers/stratovirt.go",
            r'driveParams = append\(driveParams, Param\{"readonly", "on"\}\)',
            when={"hypervisor": "stratovirt"},
        ),
    ],
)
balloon_off = Control(
    "balloon-off",
    "No balloon device",
    provides=["device-not-exposed", "interface-disabled"],
    description="Made only where reclaim_guest_freed_memory is true, which no template and no enabled annotation says",
    claims=[
        *default_in_each(
            "hypervisor",
            "reclaim_guest_freed_memory",
            False,
            but=("rust:qemu-se-runtime-rs",),
            hypervisors=("qemu", "clh"),
        ),
        present(
            RS_QEMU,
            r"(?s)if config\.device_info\.reclaim_guest_freed_memory \{\s*qemu_cmd_line\.add_virtio_balloon\(\);",
            when={**RUST, **QEMU},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/ch-config/src/convert.rs",
            r"(?s)let balloon = if cfg\.device_info\.reclaim_guest_freed_memory \{\s*Some\(",
            when={**RUST, **CLH},
        ),
        present(
            "src/runtime/virtcontainers/qemu.go",
            r"(?s)if q\.config\.ReclaimGuestFreedMemory && !q\.config\.ConfidentialGuest \{\s*\w+ := config\.BalloonDev",
            when={**GO, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/clh.go",
            r"(?s)if (!clh\.config\.ConfidentialGuest && )?clh\.config\.ReclaimGuestFreedMemory \{\s*"
            r"clh\.vmconfig\.Balloon = ",
            when={**GO, **CLH},
        ),
    ],
)
virtio_mem_off = Control(
    "virtio-mem-off",
    "No virtio-mem device",
    provides=["device-not-exposed", "interface-disabled"],
    claims=[
        *(
            present(
                [
                    "src/runtime-rs/Makefile",
                    f"src/runtime-rs/config/configuration-qemu-{name}runtime-rs.toml.in",
                ],
                r"^(DEFENABLEVIRTIOMEM \?= false|enable_virtio_mem = false)$",
                when={**RUST, **QEMU, "tee": tee},
            )
            for tee, name in (("none", ""), ("tdx", "tdx-"), ("snp", "snp-"))
        ),
        absent("src/runtime-rs/Makefile", r"^\s*DEFENABLEVIRTIOMEM\s*[:?+]?=\s*(true|\$)", when=RUST),
        *assigned_once("go", "DEFENABLEVIRTIOMEM", "false"),
        *default_in_each(
            "hypervisor",
            "enable_virtio_mem",
            False,
            hypervisors=("qemu",),
        ),
        absent(
            "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs",
            r"[;}]\s*(if cmdline\.has_memory_hotplug_region\(\) \{\s*)?qmp\.setup_virtio_mem\(",
            when={**RUST, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/qemu.go",
            r"(?s)if q\.config\.VirtioMem \{\s*err = q\.setupVirtioMem\(",
            when={**GO, **QEMU},
        ),
    ],
)
vmm_per_sandbox = Control(
    "vmm-per-sandbox",
    "Each sandbox has a monitor process of its own, apart from the shim",
    provides=["process-isolation", "single-tenant-instance"],
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs", r"Command::new\(", when={**RUST, **QEMU}
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/ch/inner_hypervisor.rs",
            r"Command::new\(",
            when={**RUST, **CLH},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/firecracker/inner.rs",
            r"Command::new\(",
            when={**RUST, **FC},
        ),
        present(
            "src/runtime/virtcontainers/qemu.go", r"LaunchQemu\(|LaunchCustomQemu\(", when={**GO, **QEMU}
        ),
        present("src/runtime/virtcontainers/clh.go", r"exec\.Command\(clhPath, args", when={**GO, **CLH}),
        present(
            "src/runtime/virtcontainers/fc.go",
            r"exec\.Command\(fc\.config\.JailerPath, args",
            when={**GO, **FC},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/openvmm/vmm_instance.rs",
            r"Command::new\(openvmm_path\)",
            when={"hypervisor": "openvmm"},
        ),
        present(
            "src/runtime/virtcontainers/stratovirt.go",
            r"exec\.CommandContext\(ctx, s\.path, params\.\.\.\)",
            when={"hypervisor": "stratovirt"},
        ),
    ],
)
