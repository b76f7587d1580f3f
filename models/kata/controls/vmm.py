"""Defences of the virtual machine monitors and of their devices."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present

from .templates import each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
QEMU = {"hypervisor": "qemu"}
CLH = {"hypervisor": "clh"}
FC = {"hypervisor": "fc"}

clh_seccomp = Control(
    "clh-seccomp",
    "Cloud Hypervisor filters its system calls",
    provides=["syscall-filter"],
    description="Built in; the shims pass --seccomp false only where disable_seccomp is set",
    claims=[
        present(
            "src/runtime-rs/config/configuration-clh-runtime-rs.toml.in",
            r"^disable_seccomp = false",
            when=RUST,
        ),
        present("src/runtime/config/configuration-clh.toml.in", r"^disable_seccomp = false", when=GO),
    ],
)
fc_seccomp = Control(
    "firecracker-seccomp",
    "Firecracker filters its system calls",
    provides=["syscall-filter"],
    description="Built in; the Go shim has no switch for it",
    claims=[
        absent("src/runtime/virtcontainers/fc.go", r'"--no-seccomp"', when=GO),
        absent("src/runtime-rs/config/configuration-rs-fc.toml.in", r"^disable_seccomp = true", when=RUST),
    ],
)
fc_jailer = Control(
    "firecracker-jailer",
    "The jailer starts Firecracker in a chroot of its own",
    provides=["jailer", "chroot"],
    description="The jailer is told to keep uid 0 and gid 0, so it drops no privilege by user",
    claims=[
        present("src/runtime/config/configuration-fc.toml.in", r'^jailer_path = "@FCJAILERPATH@"', when=GO),
        present("src/runtime/virtcontainers/fc.go", r'"--chroot-base-dir"', when=GO),
        present("src/runtime-rs/config/configuration-rs-fc.toml.in", r"^jailer_path = ", when=RUST),
        present("src/runtime-rs/crates/hypervisor/src/firecracker/*.rs", r'"--chroot-base-dir"', when=RUST),
    ],
)
upstream_device_models = Control(
    "rust-vmm-device-models",
    "Device models of Cloud Hypervisor and Firecracker check descriptors and use volatile accessors",
    provides=["bounds-checked-descriptors", "volatile-access-checked", "memory-safe-language"],
    description="Code of other projects: not checked here",
    references=["https://github.com/rust-vmm/vm-memory"],
)
monitor_off = Control(
    "extra-monitor-off",
    "QEMU's extra monitor socket is not created",
    provides=["interface-disabled", "debug-disabled-by-default"],
    claims=[
        present(
            "src/runtime-rs/config/configuration-qemu-runtime-rs.toml.in",
            r'^extra_monitor_socket = ""',
            when=RUST,
        ),
        present("src/runtime/config/configuration-qemu.toml.in", r'^extra_monitor_socket = ""', when=GO),
    ],
)
vm_folder_mode = Control(
    "vm-folder-mode",
    "Sockets of a VM lie in a folder that only root can enter",
    provides=["access-control-file-permissions", "access-limited-to-host-root"],
    description="Mode 0750, owner root",
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
    description="hot_plug_vfio and cold_plug_vfio are no-port, except in the NVIDIA and SE classes",
    claims=[
        *each_template(r'^cold_plug_vfio = "no-port"', hypervisors=("qemu",), tees=("none",)),
        *each_template(
            r'^(hot|cold)_plug_vfio = "no-port"', runtimes=("go",), hypervisors=("clh",), tees=("none",)
        ),
        absent(
            "src/runtime/config/configuration-{qemu,clh}.toml.in",
            r'^(hot|cold)_plug_vfio = "(root|switch|bridge)-port"',
            when=GO,
        ),
        absent(
            "src/runtime-rs/config/configuration-qemu-runtime-rs.toml.in",
            r'^(hot|cold)_plug_vfio = "(root|switch|bridge)-port"',
            when=RUST,
        ),
    ],
)
iommu = Control(
    "host-iommu",
    "VFIO gives out a device only behind an IOMMU of the host",
    provides=["iommu"],
    description="Depends on the node's hardware and kernel options: not checked here",
    references=["https://docs.kernel.org/driver-api/vfio.html"],
)
clh_image_on_disk = Control(
    "clh-image-not-on-pmem",
    "The guest image of Cloud Hypervisor is a block device, not persistent memory",
    provides=["device-not-exposed"],
    claims=[
        present("src/runtime/Makefile", r"^DEFDISABLEIMAGENVDIMM_CLH \?= true", when=GO),
        present("src/runtime-rs/Makefile", r"^\s*VMROOTFSDRIVER_CLH := virtio-blk-pci", when=RUST),
    ],
)
image_read_only = Control(
    "guest-image-read-only",
    "The guest image is attached read-only",
    provides=["disk-read-only"],
    claims=[
        present(
            "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs", r"is_readonly: true", when=RUST
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs",
            r"set_readonly\(is_readonly\)",
            when={**RUST, **QEMU},
        ),
        present("src/runtime/virtcontainers/fc.go", r"isReadOnly := true", when={**GO, **FC}),
        present("src/runtime/virtcontainers/qemu_arch_base.go", r"(?i)readonly:\s+true", when={**GO, **QEMU}),
        present("src/runtime/virtcontainers/clh.go", r"disk\.SetReadonly\(true\)", when={**GO, **CLH}),
    ],
)
balloon_off = Control(
    "balloon-off",
    "No balloon device",
    provides=["device-not-exposed", "interface-disabled"],
    description="reclaim_guest_freed_memory is false",
    claims=each_template(r"^reclaim_guest_freed_memory = false", hypervisors=("qemu", "clh")),
)
virtio_mem_off = Control(
    "virtio-mem-off",
    "No virtio-mem device",
    provides=["device-not-exposed", "interface-disabled"],
    claims=[
        present(
            ["src/runtime-rs/Makefile", "src/runtime-rs/config/configuration-qemu-runtime-rs.toml.in"],
            r"^(DEFENABLEVIRTIOMEM \?= false|enable_virtio_mem = false)",
            when=RUST,
        ),
        present("src/runtime/Makefile", r"^DEFENABLEVIRTIOMEM \?= false", when=GO),
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
        present("src/runtime/virtcontainers/clh.go", r"exec\.Command\(", when={**GO, **CLH}),
        present("src/runtime/virtcontainers/fc.go", r"exec\.Command(Context)?\(", when={**GO, **FC}),
    ],
)
