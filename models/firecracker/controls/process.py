"""Defences of the Firecracker process as a whole."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present, value

from .jail import DOCS

SECCOMP = "resources/seccomp"
MODEL = "src/vmm/src"

default_filters = Control(
    "seccomp-filters",
    "Each thread filters its system calls before the guest runs",
    provides=["syscall-filter"],
    description="One filter for each of vmm, api and vcpu; release builds for musl targets only, other builds have an "
    "empty one. --no-seccomp and --seccomp-filter switch to none or to another; a call outside the filter traps",
    claims=[
        *(
            value(f"{SECCOMP}/{arch}-unknown-linux-musl.json", f"{thread}.default_action", "trap")
            for arch in ("x86_64", "aarch64")
            for thread in ("vmm", "api", "vcpu")
        ),
        present("src/firecracker/src/seccomp.rs", r"None => Ok\(SeccompConfig::Advanced\),"),
        present("src/firecracker/src/api_server/mod.rs", r"vmm::seccomp::apply_filter\(seccomp_filter\)"),
        present(f"{MODEL}/vstate/vcpu.rs", r"crate::seccomp::apply_filter\(seccomp_filter\)"),
        present(
            f"{MODEL}/builder.rs", r"(?s)crate::seccomp::apply_filter\(\s*seccomp_filters\s*\.get\(\"vmm\"\)"
        ),
    ],
    references=[f"{DOCS}/seccomp.md"],
)
one_vm_per_process = Control(
    "one-microvm-per-process",
    "A process runs one microVM and starts no second one",
    provides=["process-isolation", "single-tenant-instance"],
    claims=[
        present(f"{MODEL}/rpc_interface.rs", r"while preboot_controller\.built_vmm\.is_none\(\) \{"),
        present(
            f"{MODEL}/rpc_interface.rs",
            r"(?s)\| StartMicroVm\s*\| UpdateMachineConfiguration\(_\) => "
            r"Err\(VmmActionError::OperationNotSupportedPostBoot\)",
        ),
    ],
    references=[f"{DOCS}/design.md"],
)
vm_boundary = Control(
    "hardware-virtualisation",
    "The guest runs in a virtual machine of KVM",
    provides=["vm-isolation"],
    claims=[present(f"{MODEL}/vstate/vm.rs", r"kvm\.fd\.create_vm\(\)")],
    references=[f"{DOCS}/design.md"],
)
rust = Control(
    "rust-code",
    "VMM and jailer are written in Rust, and a lint asks for a reason at each unsafe block",
    provides=["memory-safe-language"],
    description="About 240 unsafe blocks below src/vmm/src, tests included, at the modelled release",
    claims=[
        value("Cargo.toml", "workspace.lints.clippy.undocumented_unsafe_blocks", "warn"),
        present("src/vmm/Cargo.toml", r"(?s)\[lints\]\s*workspace = true"),
        present("src/jailer/Cargo.toml", r"(?s)\[lints\]\s*workspace = true"),
    ],
)
log_limiter = Control(
    "log-rate-limiter",
    "Records that a guest can cause are limited at each place that writes them",
    provides=["log-rate-limit"],
    description="Ten in five seconds. Nothing limits how large files get over time",
    claims=[
        present(f"{MODEL}/logger/rate_limited.rs", r"pub const DEFAULT_BURST: u64 = 10;"),
        present(f"{MODEL}/logger/rate_limited.rs", r"pub const DEFAULT_REFILL_TIME_MS: u64 = 5000;"),
        present(
            f"{MODEL}/logger/mod.rs",
            r"(?s)macro_rules! error \{\s*\(\$\(\$arg:tt\)\+\) => \{\s*\$crate::__log_rate_limited_impl!",
        ),
        present(
            f"{MODEL}/logger/mod.rs",
            r"(?s)macro_rules! warn \{\s*\(\$\(\$arg:tt\)\+\) => \{\s*\$crate::__log_rate_limited_impl!",
        ),
    ],
    references=[f"{DOCS}/logger.md"],
)
gdb_off = Control(
    "debugger-off",
    "The debugger's socket exists only in builds that ask for it",
    provides=["debug-disabled-by-default", "interface-disabled"],
    description="The feature gdb is in no default of the two crates",
    claims=[
        present("src/vmm/Cargo.toml", r"^default = \[\]$"),
        absent("src/firecracker/Cargo.toml", r"^default = "),
        present(
            f"{MODEL}/vmm_config/machine_config.rs",
            r'(?s)#\[cfg\(feature = "gdb"\)\][^}]{0,120}pub gdb_socket_path',
        ),
    ],
    references=[f"{DOCS}/gdb-debugging.md"],
)
hotplug_off = Control(
    "hotplug-off",
    "Devices can be added to a running microVM only where PCI was asked for",
    provides=["interface-disabled"],
    description="--enable-pci is absent unless given; plugging is a developer preview",
    claims=[
        present("src/firecracker/src/main.rs", r'let pci_enabled = arguments\.flag_present\("enable-pci"\);'),
        present("src/firecracker/src/main.rs", r'(?s)Argument::new\("enable-pci"\)\s*\.takes_value\(false\)'),
    ],
    references=[f"{DOCS}/device-hotplug.md"],
)
