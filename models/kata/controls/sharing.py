"""Defences of the shared file system."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present, proposed, value, version

from ..options import KataOptions
from .templates import assigned_once, default_in_each, each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
RS_SHARE = "src/runtime-rs/crates/resource/src/share_fs/**"
RS_STANDALONE = "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs_standalone.rs"
SERVED = ("qemu", "clh", "dragonball", "openvmm", "stratovirt")
RS_SHARED = "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs"
GO_QEMU = "src/runtime/virtcontainers/qemu.go"
GO_VIRTIOFSD = "src/runtime/virtcontainers/virtiofsd.go"
GO_SHARE = "src/runtime/virtcontainers/fs_share_linux.go"

virtiofsd_sandbox = Control(
    "virtiofsd-sandbox",
    "Kata does not switch off the sandbox of virtiofsd",
    provides=["confinement-not-disabled"],
    description="The whole list of arguments is claimed, in code, Makefile and template, and the version that Kata pins: "
    "from 1.10 on the daemon documents --sandbox=namespace and --seccomp=kill as its defaults. What these "
    "defaults do is a control of its own",
    claims=[
        present(
            RS_STANDALONE,
            r'(?s)let mut args: Vec<String> = vec!\[\s*String::from\("--socket-path"\),\s*String::from\(sock_path\),\s*'
            r'String::from\("--shared-dir"\),\s*String::from\(shared_dir\),\s*String::from\("--cache"\),\s*'
            r"self\.config\.virtio_fs_cache\.clone\(\),\s*\];\s*"
            r"if !self\.config\.virtio_fs_extra_args\.is_empty\(\) \{\s*"
            r"let mut extra_args: Vec<String> = self\.config\.virtio_fs_extra_args\.clone\(\);\s*"
            r"args\.append\(&mut extra_args\);\s*\}\s*if !disable_guest_selinux \{\s*"
            r'args\.push\(String::from\("--xattr"\)\);\s*\}\s*Ok\(args\)',
            when=RUST,
        ),
        absent(RS_SHARE, arguments=["--sandbox", "none"], when=RUST),
        absent(RS_SHARE, arguments=["--seccomp", "none"], when=RUST),
        absent(RS_SHARE, r"--(sandbox|seccomp)\b", when=RUST),
        *assigned_once(
            "rust",
            "DEFVIRTIOFSEXTRAARGS",
            r'\[\\"--thread-pool-size=1\\", \\"-o\\", \\"announce_submounts\\"\]',
        ),
        present(
            GO_VIRTIOFSD,
            r'(?s)args := \[\]string\{\s*"--syslog",\s*"--cache=" \+ v\.cache,\s*"--shared-dir=" \+ v\.sourcePath,\s*'
            r'fmt\.Sprintf\("--fd=%v", FdSocketNumber\),\s*\}\s*if len\(v\.extraArgs\) != 0 \{\s*'
            r"args = append\(args, v\.extraArgs\.\.\.\)\s*\}\s*return args, nil",
            when=GO,
        ),
        absent(GO_VIRTIOFSD, arguments=["--sandbox", "none"], when=GO),
        absent(GO_VIRTIOFSD, arguments=["--seccomp", "none"], when=GO),
        absent(GO_VIRTIOFSD, r"--(sandbox|seccomp)\b", when=GO),
        *assigned_once(
            "go", "DEFVIRTIOFSEXTRAARGS", r'\[\\"--thread-pool-size=1\\", \\"--announce-submounts\\"\]'
        ),
        *default_in_each(
            "hypervisor",
            "virtio_fs_extra_args",
            ["--thread-pool-size=1", "-o", "announce_submounts"],
            runtimes=("rust",),
            hypervisors=SERVED,
        ),
        *default_in_each(
            "hypervisor",
            "virtio_fs_extra_args",
            ["--thread-pool-size=1", "--announce-submounts"],
            runtimes=("go",),
            hypervisors=SERVED,
        ),
        version("versions.yaml", "externals.virtiofsd.version", ">=1.10"),
    ],
    references=["https://gitlab.com/virtio-fs/virtiofsd/-/blob/main/README.md"],
)
virtiofsd_defaults = Control(
    "virtiofsd-defaults",
    "virtiofsd confines itself unless told otherwise: own mount and process namespace, filtered system calls",
    provides=["mount-namespace", "syscall-filter", "path-resolution-confined"],
    description="Its root is the shared folder. Code of another project: not checked here",
    claims=[
        version("versions.yaml", "externals.virtiofsd.version", ">=1.10"),
        value("versions.yaml", "externals.virtiofsd.url", "https://gitlab.com/virtio-fs/virtiofsd"),
        proposed(
            "virtiofsd 1.10 and later enters a namespace of its own and filters its system calls by default",
            evidence="https://gitlab.com/virtio-fs/virtiofsd/-/blob/main/README.md",
        ),
    ],
    references=["https://gitlab.com/virtio-fs/virtiofsd/-/blob/main/README.md"],
)
no_extended_attributes = Control(
    "virtiofsd-without-xattr",
    "virtiofsd refuses extended attributes of the guest unless SELinux is on in the guest",
    provides=["extended-attributes-refused"],
    description="Kata asks for them by --xattr with SELinux in the guest alone, which every template switches off",
    claims=[
        present(
            RS_STANDALONE,
            r'(?s)if !disable_guest_selinux \{\s*args\.push\(String::from\("--xattr"\)\);\s*\}\s*Ok\(args\)',
            when=RUST,
        ),
        absent(RS_STANDALONE, r"(?s)--xattr.*--xattr", when=RUST),
        present(
            "src/libs/kata-types/src/config/hypervisor/mod.rs",
            r'#\[serde\(default = "yes"\)\]\s*pub disable_guest_selinux: bool,',
            when=RUST,
        ),
        present(
            GO_QEMU,
            r"(?s)if !q\.config\.DisableGuestSeLinux \{[^}]*"
            r'VirtioFSExtraArgs = append\(q\.config\.VirtioFSExtraArgs, "--xattr"\)\s*\}',
            when=GO,
        ),
        absent(GO_QEMU, r'(?s)"--xattr".*"--xattr"', when=GO),
        absent(
            (GO_VIRTIOFSD, "src/runtime/virtcontainers/clh.go", "src/runtime/virtcontainers/stratovirt.go"),
            r"--xattr",
            when=GO,
        ),
        *assigned_once("rust", "DEFDISABLEGUESTSELINUX", "true"),
        *assigned_once("go", "DEFDISABLEGUESTSELINUX", "true"),
        *assigned_once(
            "rust",
            "DEFVIRTIOFSEXTRAARGS",
            r'\[\\"--thread-pool-size=1\\", \\"-o\\", \\"announce_submounts\\"\]',
        ),
        *assigned_once(
            "go", "DEFVIRTIOFSEXTRAARGS", r'\[\\"--thread-pool-size=1\\", \\"--announce-submounts\\"\]'
        ),
        *each_template("", unlike=r"^\s*disable_guest_selinux\s*=\s*false|--xattr", hypervisors=SERVED),
        proposed(
            "virtiofsd answers extended attributes as not supported unless it is started with --xattr",
            evidence="https://gitlab.com/virtio-fs/virtiofsd/-/blob/main/README.md",
        ),
    ],
    references=["https://gitlab.com/virtio-fs/virtiofsd/-/blob/main/README.md"],
)
virtiofsd_version = Control(
    "virtiofsd-in-rust",
    "The virtiofsd that Kata builds is the one that is written in Rust",
    provides=["memory-safe-language"],
    description="Follows from the repository that versions.yaml names",
    claims=[value("versions.yaml", "externals.virtiofsd.url", "https://gitlab.com/virtio-fs/virtiofsd")],
)
share_read_only = Control(
    "share-read-only",
    "The top of the tree that is shared is a bind mount that the host has made read-only",
    provides=["read-only-mount"],
    description="Mounts below it keep their own rights: root file systems and writable volumes stay writable",
    claims=[
        present(
            "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs.rs",
            r"bind_mount_unchecked\(&host_rw_dest, &host_ro_dest, true,",
            when=RUST,
        ),
        present(
            RS_STANDALONE,
            r"let source_path = get_host_ro_shared_path\(&self\.config\.id\);",
            when={**RUST, "shared_fs": "virtio-fs"},
        ),
        present(
            f"{RS_SHARED}.rs",
            r"(?s)fn setup_inline_virtiofs\(.{0,700}let source = host_ro_shared_path\s*\.join\(PASSTHROUGH_FS_DIR\)",
            when={**RUST, "shared_fs": "inline-virtio-fs"},
        ),
        present(
            (GO_SHARE, "src/runtime/virtcontainers/kata_agent.go"),  # its place in releases before 2.4
            r"(?s)sharePath := [Gg]etSharePath\(.{0,600}"
            r'bindMount\([\w.]+(?:\(\))?, mountPath, sharePath, true, "slave"\)',
            when=GO,
        ),
    ],
)
volumes_read_only = Control(
    "volumes-read-only-on-the-host",
    "What a container may only read is bound read-only on the host, not in the guest alone",
    provides=["read-only-mount"],
    claims=[
        present(
            "src/runtime-rs/crates/resource/src/share_fs/virtio_fs_share_mount.rs",
            r"(?s)fn share_volume\([^{]{0,160}\{\s*"
            r"let mut guest_path = utils::share_to_guest\([^;]{0,160}config\.readonly,",
            when=RUST,
        ),
        present(
            "src/runtime-rs/crates/resource/src/share_fs/utils.rs",
            r"bind_mount_unchecked\(source, &host_dest, readonly, MsFlags::MS_SLAVE\)",
            when=RUST,
        ),
        present(
            "src/runtime-rs/crates/resource/src/share_fs/utils.rs",
            r"(?s)if readonly \{\s*let dst = [^;]{0,120};\s*mount::bind_remount\(dst, readonly\)",
            when=RUST,
        ),
        present(
            (GO_SHARE, "src/runtime/virtcontainers/container.go"),  # its place in releases before 2.4
            r'bindMount\([\w.]+, (?:m\.Source|privateDest), privateDest, true, "private"\)',
            when=GO,
        ),
    ],
)
virtiofsd_per_sandbox = Control(
    "virtiofsd-per-sandbox",
    "Each sandbox has a file server and a shared tree of its own",
    provides=["single-tenant-instance", "process-isolation"],
    claims=[
        present(RS_STANDALONE, r"Command::new\(&self\.config\.virtio_fs_daemon\)", when=RUST),
        present(RS_STANDALONE, r"get_host_ro_shared_path\(&self\.config\.id\)", when=RUST),
        present(GO_VIRTIOFSD, r"cmd := exec\.Command\(v\.path\)", when=GO),
        present(GO_SHARE, r"GetSharePath\(f\.sandbox\.ID\(\)\)", when=GO),
    ],
)
dax_off = Control(
    "dax-window-off",
    "No file of the host is mapped into guest memory by virtio-fs",
    provides=["device-not-exposed", "interface-disabled"],
    description="virtio_fs_cache_size is 0, so there is no DAX window. Says nothing about the file requests themselves",
    claims=[
        *assigned_once("rust", "DEFVIRTIOFSCACHESIZE", "0"),
        *assigned_once("go", "DEFVIRTIOFSCACHESIZE", "0"),
        *default_in_each("hypervisor", "virtio_fs_cache_size", 0, hypervisors=("qemu", "dragonball")),
        *each_template("", unlike=r"^\s*virtio_fs_is_dax = true", hypervisors=("qemu", "dragonball")),
        present(
            "src/runtime/pkg/govmm/qemu/qemu.go",
            r'(?s)if vhostuserDev\.CacheSize != 0 \{\s*\S+ = append\([^)]*"cache-size=',
            when={"runtime": "go", "hypervisor": "qemu"},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/inner_device.rs",
            r"cache_size: \(self\.config\.shared_fs\.virtio_fs_cache_size as u64\)",
            when={"hypervisor": "dragonball"},
        ),
    ],
)
ninep_off = Control(
    "virtio-9p-off",
    "QEMU gets no 9p device unless shared_fs is changed",
    provides=["device-not-exposed", "interface-disabled"],
    claims=[
        *assigned_once("go", "DEFSHAREDFS_QEMU_VIRTIOFS", "virtio-fs", tee="none"),
        *default_in_each(
            "hypervisor",
            "shared_fs",
            "virtio-fs",
            runtimes=("go",),
            hypervisors=("qemu",),
            tees=("none",),
        ),
        *assigned_once("go", "DEFSHAREDFS_QEMU_COCO_DEV_VIRTIOFS", "none", tee="coco-dev"),
        *default_in_each(
            "hypervisor",
            "shared_fs",
            "none",
            runtimes=("go",),
            hypervisors=("qemu",),
            tees=("coco-dev",),
        ),
    ],
)


def serves_read_only(o: KataOptions) -> bool:
    """False where nydusd of the Rust runtime serves the tree itself and not its read-only twin."""
    return not (o.runtime == "rust" and o.shared_fs == "virtio-fs-nydus")
