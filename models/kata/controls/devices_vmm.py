"""Defences of the monitors: what confines them, what they are not given, and which of their interfaces are off."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present

from .devices_templates import defaults_in, in_templates
from .templates import assigned_once

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
QEMU = {"hypervisor": "qemu"}
CLH = {"hypervisor": "clh"}
ROOTLESS = {"rootless": "on"}
RS = "src/runtime-rs/crates/hypervisor/src"
RS_CMDLINE = f"{RS}/qemu/cmdline_generator.rs"
RS_QMP = f"{RS}/qemu/qmp.rs"
CH_CONVERT = "src/runtime-rs/crates/hypervisor/ch-config/src/convert.rs"
GO_QEMU = "src/runtime/virtcontainers/qemu.go"
GO_CLH = "src/runtime/virtcontainers/clh.go"
GOVMM = "src/runtime/pkg/govmm/qemu/qemu.go"
LABELLED = {"qemu": "qemu/inner.rs", "clh": "ch/inner_hypervisor.rs", "fc": "firecracker/inner_hypervisor.rs"}

qemu_no_defaults = Control(
    "qemu-no-default-devices",
    "QEMU starts without its default devices and without a user's configuration",
    provides=["secure-defaults"],
    claims=[
        present(RS_CMDLINE, r"(?s)no_user_config: true,\s*nodefaults: true,", when={**RUST, **QEMU}),
        present(
            RS_CMDLINE, r'(?s)if self\.nodefaults \{\s*result\.push\("-nodefaults"', when={**RUST, **QEMU}
        ),
        present(GO_QEMU, r"(?s)NoUserConfig:\s+true,\s*NoDefaults:\s+true,", when={**GO, **QEMU}),
        present(
            GOVMM,
            r'(?s)if config\.Knobs\.NoDefaults \{\s*\S+ = append\([^)]*"-nodefaults"',
            when={**GO, **QEMU},
        ),
    ],
)
qemu_disk_format = Control(
    "qemu-disk-format-given",
    "QEMU is told the format of each disk and does not find it out from the blocks",
    provides=["fixed-format"],
    description="Raw but for the description that joins layers, which the shim writes",
    claims=[
        present(
            RS_CMDLINE, r'(?s)-> BlockBackend \{\s*BlockBackend \{\s*driver: "file"', when={**RUST, **QEMU}
        ),
        absent(RS_CMDLINE, r"\.set_driver\(", when={**RUST, **QEMU}),
        present(
            RS_QMP, r"(?s)BlockDeviceFormat::Raw => BlockdevOptions::raw \{\s*base:", when={**RUST, **QEMU}
        ),
        absent(RS_QMP, r"(?i)qcow|BlockdevOptions::(?:vdi|vhdx|vpc|parallels)\b", when={**RUST, **QEMU}),
        present(
            GOVMM,
            r'blkParams = append\(blkParams, fmt\.Sprintf\("format=%s", blkdev\.Format\)\)',
            when={**GO, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/qemu_arch_base.go",
            r'drive\.ID == "" \|\| drive\.Format == "" \{\s*return govmmQemu\.BlockDevice\{\}, fmt\.Errorf\(',
            when={**GO, **QEMU},
        ),
        present(
            "src/runtime/pkg/govmm/qemu/qmp.go",
            r"(?s)\) blockdevAddBaseArgs\([^{]*map\[string\]interface\{\} \{\s*"
            r'blockdevArgs := map\[string\]interface\{\}\{\s*"driver":\s+"raw",',
            when={**GO, **QEMU},
        ),
        absent(
            "src/runtime/pkg/govmm/qemu/qmp.go", r'blockdevArgs\["driver"\]|(?i)qcow', when={**GO, **QEMU}
        ),
    ],
)
qemu_reduced_build = Control(
    "qemu-reduced-build",
    "QEMU is built without the network and file back ends that a sandbox has no use for",
    provides=["kernel-attack-surface-reduction"],
    description="libiscsi, libnfs, libssh, glusterfs, curl, VNC, SPICE and old image formats are left out",
    claims=[
        present(
            "tools/packaging/scripts/configure-hypervisor.sh", rf"^\s*qemu_options\+=\(\w+:--disable-{name}\)"
        )
        for name in ("libiscsi", "libnfs", "libssh", "glusterfs", "curl", "slirp", "vnc", "spice", "vvfat")
    ],
)
qemu_seccomp = Control(
    "qemu-seccomp",
    "QEMU filters its system calls",
    provides=["syscall-filter"],
    description="seccompsandbox (Go) or seccomp_sandbox (Rust) is set; the shipped value is empty",
    claims=[
        present(
            RS_CMDLINE,
            r"(?s)\.filter\(\|s\| !s\.is_empty\(\)\)\s*\{\s*qemu_cmd_line\.add_seccomp_sandbox\(seccomp_sandbox\);",
            when={**RUST, **QEMU, "vmm_seccomp": "on"},
        ),
        present(
            GOVMM,
            r'(?s)func \(config \*Config\) appendSeccompSandbox\(\) \{\s*if config\.SeccompSandbox != "" \{\s*'
            r'\S+ = append\(\S+, "-sandbox"\)',
            when={**GO, **QEMU, "vmm_seccomp": "on"},
        ),
        present(
            GO_QEMU,
            r"^\s*SeccompSandbox: q\.config\.SeccompSandbox,",
            when={**GO, **QEMU, "vmm_seccomp": "on"},
        ),
    ],
)
label_passed = Control(
    "vmm-label-passed-on",
    "The shim starts the monitor under the SELinux label that the container manager chose",
    provides=["confinement-not-disabled"],
    description="disable_selinux is false. Whether the label confines is up to SELinux of the node and is not counted. "
    "Dragonball has no process of its own, and the drivers of OpenVMM and StratoVirt set no label",
    claims=[
        *assigned_once("rust", "DEFDISABLESELINUX", "false"),
        *assigned_once("go", "DEFDISABLESELINUX", "false"),
        *defaults_in("hypervisor", "disable_selinux", False, runtimes=("rust",), hypervisors=("qemu", "fc")),
        *defaults_in(
            "hypervisor", "disable_selinux", False, runtimes=("go",), hypervisors=("qemu", "clh", "fc")
        ),
        *(
            present(
                f"{RS}/{path}",
                r"(?s)if !self\.hypervisor_config\(\)\.disable_selinux \{\s*"
                r"if let Some\(label\) = selinux_label\.as_ref\(\)",
                when={**RUST, "hypervisor": name},
            )
            for name, path in LABELLED.items()
        ),
        *(
            present(
                f"src/runtime/virtcontainers/{name}.go",
                r"(?s)\.DisableSeLinux \{.{0,160}selinux\.SetExecLabel\(\w+\.config\.SELinuxProcessLabel\)",
                when={**GO, "hypervisor": name},
            )
            for name in ("qemu", "clh", "fc")
        ),
    ],
)
rootless_user = Control(
    "rootless-vmm-user",
    "The monitor runs under a user made for it, with the group of /dev/kvm as the only other one",
    provides=["least-privilege-user", "rootless"],
    description="Shim and file server stay root. The user is removed with the sandbox",
    claims=[
        present(
            f"{RS}/qemu/inner.rs",
            r"(?s)set_groups_fn\(&user\.groups\)\.context\([^;]*;\s*set_gid_fn\(user\.gid\)[^;]*;\s*set_uid_fn\(user\.uid\)",
            when={**RUST, **QEMU, **ROOTLESS},
        ),
        present(
            f"{RS}/ch/inner_hypervisor.rs",
            r"(?s)let _ = set_groups\(&groups\);\s*let _ = setgid\(gid\)[^;]*;\s*let _ = setuid\(uid\)",
            when={**RUST, **CLH, **ROOTLESS},
        ),
        present(
            "src/runtime-rs/crates/runtimes/src/manager.rs",
            r"groups: vec!\[kvm_gid\],",
            when={**RUST, **ROOTLESS},
        ),
        present(
            f"{RS}/utils.rs",
            r'format!\("kata-\{\}", rng\(\)\.random_range\(0\.\.10000\)\)',
            when={**RUST, **ROOTLESS},
        ),
        present(
            GOVMM,
            r"(?s)Uid:\s+config\.Uid,\s*Gid:\s+config\.Gid,\s*Groups:\s+config\.Groups,",
            when={**GO, **QEMU, **ROOTLESS},
        ),
        present(
            GO_CLH,
            r"(?s)Uid:\s+clh\.config\.Uid,\s*Gid:\s+clh\.config\.Gid,\s*Groups:\s+clh\.config\.Groups,",
            when={**GO, **CLH, **ROOTLESS},
        ),
        present(
            "src/runtime/pkg/containerd-shim-v2/create.go",
            r"Groups = append\(runtimeConfig\.HypervisorConfig\.Groups, stat\.Gid\)",
            when={**GO, **ROOTLESS},
        ),
    ],
)
clh_console_off = Control(
    "clh-console-off",
    "Cloud Hypervisor gives its guest no console unless debugging is on",
    provides=["interface-disabled", "debug-disabled-by-default"],
    claims=[
        present(
            CH_CONVERT,
            r"(?s)fn get_serial_cfg\(.{0,200}\} else if debug \{\s*ConsoleOutputMode::Tty\s*"
            r"\} else \{\s*ConsoleOutputMode::Off",
            when={**RUST, **CLH},
        ),
        present(
            GO_CLH,
            r"(?s)if clh\.config\.Debug \{\s*clh\.vmconfig\.Serial = chclient\.NewConsoleConfig\(cctTTY\)\s*\} else \{\s*"
            r"clh\.vmconfig\.Serial = chclient\.NewConsoleConfig\(cctOFF\)",
            when={**GO, **CLH},
        ),
        *defaults_in("hypervisor", "enable_debug", False, hypervisors=("clh",)),
    ],
)
nested_off = Control(
    "nested-virtualisation-off",
    "The guest is not offered the processor's virtualisation",
    provides=["interface-disabled"],
    description="On the Microsoft hypervisor both shims switch it off; on KVM the Rust runtime has a setting for it",
    claims=[
        present(
            CH_CONVERT,
            r"(?s)if Path::new\(MSHV_DEVICE_PATH\)\.exists\(\) \{\s*Some\(false\)\s*\} else \{\s*"
            r"disable_nested_virtualization\.map\(\|value\| !value\)",
            when={**RUST, **CLH},
        ),
        *assigned_once("rust", "DEFDISABLENESTEDVIRTUALIZATION_CLH_AZURE", "true", host_hv="mshv"),
        *defaults_in(
            "hypervisor",
            "disable_nested_virtualization",
            True,
            names=("clh-azure-runtime-rs",),
        ),
        present(
            GO_CLH,
            r'(?s)if pathExists\("/dev/mshv"\) \{\s*clh\.vmconfig\.Cpus\.SetNested\(false\)',
            when={**GO, **CLH, "host_hv": "mshv"},
        ),
    ],
)
memory_dump_off = Control(
    "memory-dump-off",
    "Guest memory is not written to a disk when the guest crashes",
    provides=["interface-disabled"],
    description="guest_memory_dump_path is empty, so the crash device is missing and the shim writes nothing",
    claims=[
        *defaults_in(
            "hypervisor",
            "guest_memory_dump_path",
            "",
            runtimes=("go",),
            hypervisors=("qemu",),
        ),
        present(
            GO_QEMU,
            r"(?s)if q\.config\.IfPVPanicEnabled\(\) \{\s*devices, _ = q\.arch\.appendPVPanicDevice\(",
            when={**GO, **QEMU},
        ),
        present(
            "src/runtime/virtcontainers/hypervisor.go",
            r'(?s)func \(conf \*HypervisorConfig\) IfPVPanicEnabled\(\) bool \{\s*return conf\.GuestMemoryDumpPath != ""',
            when=GO,
        ),
        present(
            GO_QEMU,
            r'(?s)func \(q \*qemu\) dumpGuestMemory\([^{]*\{\s*if dumpSavePath == "" \{\s*return nil',
            when={**GO, **QEMU},
        ),
    ],
)
memory_dump_space = Control(
    "memory-dump-space-checked",
    "A dump is written only where the disk has room for it",
    provides=["fail-closed"],
    description="Nothing bounds how many dumps there are",
    claims=[
        present(
            GO_QEMU,
            r"(?s)if err := q\.canDumpGuestMemory\(dumpSavePath\); err != nil \{[^}]*return err",
            when={**GO, **QEMU},
        )
    ],
)
static_resources = Control(
    "resources-fixed-at-start",
    "Processors and memory of a sandbox are sized at its start and not changed later",
    provides=["interface-disabled"],
    description="static_sandbox_resource_mgmt is true. Says nothing about plugging of disks and devices",
    claims=[
        *(
            claim
            for name, hypervisor in (
                ("DB", "dragonball"),
                ("CLH", "clh"),
                ("CLH_AZURE", "clh"),
                ("FC", "fc"),
                ("OPENVMM_AZURE", "openvmm"),
            )
            for claim in assigned_once("rust", f"DEFSTATICRESOURCEMGMT_{name}", "true", hypervisor=hypervisor)
        ),
        present("src/runtime-rs/Makefile", r"^\s*DEFSTATICRESOURCEMGMT_QEMU := true$", when={**RUST, **QEMU}),
        absent("src/runtime-rs/Makefile", r"^\s*DEFSTATICRESOURCEMGMT_\w+ [:?]?= (false|\$)", when=RUST),
        *defaults_in("runtime", "static_sandbox_resource_mgmt", True, runtimes=("rust",)),
        *assigned_once("go", "DEFSTATICRESOURCEMGMT_TEE", "true"),
        *assigned_once("go", "DEFSTATICRESOURCEMGMT_NV", "true"),
        *assigned_once("go", "DEFSTATICRESOURCEMGMT_FC", "true", hypervisor="fc"),
        *defaults_in(
            "runtime",
            "static_sandbox_resource_mgmt",
            True,
            runtimes=("go",),
            without=("qemu", "clh"),
        ),
    ],
)
legacy_serial_off = Control(
    "legacy-serial-off",
    "QEMU's guest has no serial port of the old kind",
    provides=["device-not-exposed", "interface-disabled"],
    description="use_legacy_serial is false; the console is a virtio device",
    claims=[
        *in_templates(
            r"^use_legacy_serial = false$",
            unlike=r"^\s*use_legacy_serial = true",
            runtimes=("go",),
            hypervisors=("qemu",),
        ),
        present(
            "src/runtime/virtcontainers/qemu_arch_base.go",
            r"(?s)if q\.legacySerial \{\s*serial = govmmQemu\.LegacySerialDevice\{",
            when={**GO, **QEMU},
        ),
    ],
)
mmio_refused = Control(
    "mmio-refused-for-confidential-guests",
    "The Rust runtime refuses a confidential guest whose image would come over virtio-mmio",
    provides=["configuration-validation"],
    claims=[
        present(
            f"src/libs/kata-types/src/config/hypervisor/{path}.rs",
            rf"(?s)if {name}\.security_info\.confidential_guest\s*&& {name}\.boot_info\.vm_rootfs_driver == "
            r"VIRTIO_BLK_MMIO\s*\{\s*return Err\(",
            when={**RUST, "hypervisor": hypervisor},
        )
        for path, name, hypervisor in (("qemu", "qemu", "qemu"), ("ch", "ch", "clh"))
    ],
)
