"""What the jailer does before it hands over to Firecracker."""

from __future__ import annotations

from threatmodel.dsl import Control, present

DOCS = "https://github.com/firecracker-microvm/firecracker/blob/v1.16.1/docs"
ENV = "src/jailer/src/env.rs"
CHROOT = "src/jailer/src/chroot.rs"
MAIN = "src/jailer/src/main.rs"

jailer_chroot = Control(
    "jailer-chroot",
    "The jailer moves Firecracker into a mount namespace and a root of its own",
    provides=["jailer", "chroot", "mount-namespace"],
    description="pivot_root, then the old root is unmounted. docs/jailer.md says that mounts become private; the source "
    "makes them MS_SLAVE, so mounts of the host still propagate into the namespace and none propagates out",
    claims=[
        present(CHROOT, r"libc::unshare\(libc::CLONE_NEWNS\)"),
        present(CHROOT, r"libc::MS_SLAVE \| libc::MS_REC"),
        present(CHROOT, r"libc::SYS_pivot_root"),
        present(CHROOT, r"libc::umount2\(OLD_ROOT_DIR\.as_ptr\(\), libc::MNT_DETACH\)"),
        present(ENV, r"\bchroot\(self\.chroot_dir\(\)\)\?;"),
    ],
    references=[f"{DOCS}/jailer.md"],
)
jailer_user = Control(
    "jailer-changes-user",
    "The jailer executes Firecracker under the uid and gid of its arguments",
    provides=["jailer"],
    description="Both arguments are required; 0 is accepted. Whether the user has rights on the host is for the operator",
    claims=[
        present(
            ENV,
            r"(?s)Command::new\(chroot_exec_file\).{0,700}\.uid\(self\.uid\(\)\)\s*\.gid\(self\.gid\(\)\)",
        ),
        present(MAIN, r'(?s)Argument::new\("uid"\)\s*\.required\(true\)'),
        present(MAIN, r'(?s)Argument::new\("gid"\)\s*\.required\(true\)'),
    ],
    references=[f"{DOCS}/jailer.md"],
)
jailer_clean_process = Control(
    "jailer-clean-process",
    "The jailer closes inherited descriptors and removes the environment",
    provides=["credential-isolation"],
    description="Everything but the three standard streams",
    claims=[
        present(MAIN, r"(?s)libc::SYS_close_range,\s*3,\s*libc::c_uint::MAX"),
        present(MAIN, r"p_env::remove_var\(key\);"),
        present(MAIN, r"(?s)fn main_exec\(\)[^{]*\{\s*sanitize_process\(\)"),
    ],
)
jailer_exec_copy = Control(
    "jailer-exec-copy",
    "The binary is copied into the jail, not to a link and not to a file with a second name",
    provides=["symlink-refusal"],
    description="The last part of the destination only; folders above it are inputs that the jailer trusts",
    claims=[
        present(ENV, r"\.custom_flags\(libc::O_NOFOLLOW\)"),
        present(ENV, r"(?s)if 1 < dst_file_metadata\.nlink\(\) \{\s*return Err\(JailerError::HardLink"),
    ],
    references=[f"{DOCS}/jailer.md"],
)
jailer_limits = Control(
    "jailer-descriptor-limit",
    "The number of open files has a limit even where the operator sets none",
    provides=["resource-quota"],
    description="2048. docs/jailer.md and the source agree; docs/prod-host-setup.md says 4096",
    claims=[
        present("src/jailer/src/resource_limits.rs", r"const NO_FILE: u64 = 2048;"),
        present("src/jailer/src/resource_limits.rs", r"no_file: NO_FILE,"),
        present(ENV, r"self\.resource_limits\.install\(\)\?;"),
    ],
    references=[f"{DOCS}/jailer.md", f"{DOCS}/prod-host-setup.md"],
)
jail_folder_mode = Control(
    "jail-folder-mode",
    "Folders in the jail can be entered by the user of this microVM only",
    provides=["access-control-file-permissions"],
    description="Mode 0700. The sockets of API and vsock lie there",
    claims=[
        present(ENV, r"const FOLDER_PERMISSIONS: u32 = 0o700;"),
        present(ENV, r"fs::set_permissions\(folder_path, Permissions::from_mode\(FOLDER_PERMISSIONS\)\)"),
        present(ENV, r'const FOLDER_HIERARCHY: \[&str; 4\] = \["/", "/dev", "/dev/net", "/run"\];'),
    ],
    references=[f"{DOCS}/jailer.md"],
)
instance_id = Control(
    "instance-id-checked",
    "An instance id has 1 to 64 letters, digits and hyphens",
    provides=["input-validation"],
    description="It becomes a folder name",
    claims=[
        present(ENV, r"validators::validate_instance_id\(id\)\.map_err\(JailerError::InvalidInstanceId\)\?;"),
        present("src/utils/src/validators.rs", r"if !\(c == '-' \|\| c\.is_alphanumeric\(\)\)"),
    ],
)
