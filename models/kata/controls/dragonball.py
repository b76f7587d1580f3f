"""Defences of the built-in monitor and of its devices."""

from __future__ import annotations

from threatmodel.dsl import Control, file_exists, present

dragonball_seccomp = Control(
    "dragonball-seccomp",
    "The shim with Dragonball runs under an allow-list of system calls",
    provides=["syscall-filter"],
    description="One list for all threads of the process, from the start of the guest on; what is not on it raises "
    "a trap",
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/seccomp.rs",
            r"(?s)rules\.into_iter\(\)\.collect\(\),\s*SeccompAction::Trap,\s*SeccompAction::Allow,",
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/inner_hypervisor.rs",
            r"(?s)if !self\.config\.security_info\.disable_seccomp \{\s*let seccomp =\s*HashMap::from\("
            r"\[\(ALL_THREADS\.to_string\(\), get_seccomp_filter\(ALL_THREADS\)\)\]\);\s*"
            r"self\.vmm_instance\.set_seccomp\(seccomp\);",
        ),
        present(
            "src/dragonball/src/vm/mod.rs",
            r"(?s)fn start_microvm\(.{0,900}if let Err\(e\) = apply_filter_all_threads\(process_seccomp_filter\)",
        ),
        present(
            "src/dragonball/src/api/v1/vmm_action.rs",
            r"(?s)fn start_microvm\([^{]*\{[^}]*let seccomp_filters = vmm\.seccomp_filters\(\);[^}]*\}\s*"
            r"vm\.start_microvm\(event_mgr, seccomp_filters\)",
        ),
        present(
            "src/dragonball/src/vmm.rs",
            r"(?s)pub fn seccomp_filters\(&self\)[^{]*\{\s*self\.seccomp_filters\.clone\(\)\s*\}",
        ),
        present("src/runtime-rs/config/configuration-dragonball.toml.in", r"^disable_seccomp = false"),
    ],
)
dragonball_block_range = Control(
    "dragonball-block-range-check",
    "Dragonball's block device checks the whole buffer against guest memory",
    provides=["bounds-checked-descriptors"],
    claims=[
        present(
            "src/dragonball/{crates/,}dbs_virtio_devices/src/block/handler.rs",
            r"get_slice\(GuestAddress\(io\.data_addr\), io\.data_len\)",
        )
    ],
)
dragonball_guest_memory = Control(
    "dragonball-guest-memory-access",
    "Dragonball's block device reaches guest memory through the checked accessors of vm-memory",
    provides=["volatile-access-checked"],
    description="Request headers are copied before they are judged. Not claimed for vsock, whose packet header is used "
    "in place through a raw pointer",
    claims=[
        present("src/dragonball/Cargo.toml", r"^vm-memory = "),
        present("src/dragonball/{crates/,}dbs_virtio_devices/Cargo.toml", r"^vm-memory"),
        present(
            "src/dragonball/{crates/,}dbs_virtio_devices/src/block/request.rs",
            r"memory\.read_obj\(addr\)",
        ),
    ],
)
in_process_control = Control(
    "in-process-control",
    "Dragonball is driven inside one address space",
    provides=["peer-authentication", "no-listener-on-network"],
    description="There is no socket that another process could open",
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/vmm_instance.rs",
            r"(?s)let \(to_vmm, from_runtime\) = unbounded\(\);.{0,400}VmmService::new\(from_runtime, to_runtime\)",
        )
    ],
)
dragonball_fuse_reader = Control(
    "dragonball-fuse-reader",
    "Inline virtio-fs reads requests through the checked reader of the fuse-backend-rs crate",
    provides=["bounds-checked-descriptors", "volatile-access-checked"],
    description="The reader turns each descriptor into a slice that is checked against guest memory, and copies the "
    "header of a request before it looks at it",
    claims=[
        present(
            "src/dragonball/{crates/,}dbs_virtio_devices/src/fs/handler.rs",
            r"Reader::from_descriptor_chain\(mem",
        ),
        present("Cargo.lock", r'name = "fuse-backend-rs"\nversion = "0\.(1[0-9])\.\d+"'),
    ],
    references=["https://github.com/cloud-hypervisor/fuse-backend-rs"],
)
dragonball_legacy_rust = Control(
    "dragonball-legacy-devices-in-rust",
    "Serial port, clock and keyboard controller are emulated in Rust",
    provides=["memory-safe-language"],
    description="Not claimed for the upcall channel, which casts buffers without a check of the compiler",
    claims=[
        file_exists("src/dragonball/{crates/,}dbs_legacy_devices/src/serial.rs"),
        file_exists("src/dragonball/{crates/,}dbs_legacy_devices/src/i8042.rs"),
        file_exists("src/dragonball/{crates/,}dbs_legacy_devices/src/cmos.rs"),
    ],
)
