"""Defences of the shared file system."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, file_exists, present, version

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
RS_SHARE = "src/runtime-rs/crates/resource/src/share_fs/**"
GO_VIRTIOFSD = "src/runtime/virtcontainers/virtiofsd.go"

virtiofsd_sandbox = Control(
    "virtiofsd-sandbox",
    "virtiofsd confines itself: own mount and process namespace, filtered system calls",
    provides=["mount-namespace", "syscall-filter", "path-resolution-confined"],
    description="These are the daemon's defaults, and its root is the shared folder; they hold as long as Kata does not "
    "switch them off",
    claims=[
        absent(RS_SHARE, arguments=["--sandbox", "none"], when=RUST),
        absent(RS_SHARE, arguments=["--seccomp", "none"], when=RUST),
        absent("src/runtime-rs/Makefile", r"VIRTIOFSEXTRAARGS.*--(sandbox|seccomp)", when=RUST),
        absent(GO_VIRTIOFSD, arguments=["--sandbox", "none"], when=GO),
        absent(GO_VIRTIOFSD, arguments=["--seccomp", "none"], when=GO),
        absent("src/runtime/Makefile", r"VIRTIOFSEXTRAARGS.*--(sandbox|seccomp)", when=GO),
    ],
    references=["https://gitlab.com/virtio-fs/virtiofsd"],
)
virtiofsd_version = Control(
    "virtiofsd-version",
    "A maintained virtiofsd in Rust is pinned",
    provides=["update-process", "memory-safe-language"],
    claims=[version("versions.yaml", "externals.virtiofsd.version", ">=1.10")],
)
share_read_only = Control(
    "share-read-only",
    "The tree that is shared is a bind mount that the host has made read-only",
    provides=["read-only-mount"],
    description="Writable volumes stay writable below it",
    claims=[
        present(
            "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs.rs",
            r"bind_mount_unchecked\(&host_rw_dest, &host_ro_dest, true,",
            when=RUST,
        ),
        present(
            "src/runtime/virtcontainers/fs_share_linux.go",
            r'bindMount\(ctx, mountPath, sharePath, true, "slave"\)',
            when=GO,
        ),
    ],
)
virtiofsd_per_sandbox = Control(
    "virtiofsd-per-sandbox",
    "Each sandbox has a file server and a shared tree of its own",
    provides=["single-tenant-instance", "process-isolation"],
    claims=[
        file_exists("src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs_standalone.rs", when=RUST),
        present(RS_SHARE, r"get_host_ro_shared_path\(&self\.config\.id\)", when=RUST),
        present(
            "src/runtime/virtcontainers/fs_share_linux.go", r"GetSharePath\(f\.sandbox\.ID\(\)\)", when=GO
        ),
    ],
)
dax_off = Control(
    "dax-window-off",
    "No file of the host is mapped into guest memory by virtio-fs",
    provides=["device-not-exposed"],
    description="virtio_fs_cache_size is 0, so there is no DAX window",
    claims=[
        present("src/runtime-rs/Makefile", r"^DEFVIRTIOFSCACHESIZE \?= 0$", when=RUST),
        present("src/runtime/Makefile", r"^DEFVIRTIOFSCACHESIZE \?= 0$", when=GO),
    ],
)
ninep_off = Control(
    "virtio-9p-off",
    "QEMU gets no 9p device unless shared_fs is changed",
    provides=["device-not-exposed", "interface-disabled"],
    claims=[present("src/runtime/Makefile", r"^DEFSHAREDFS_QEMU_VIRTIOFS := virtio-fs$", when=GO)],
)
