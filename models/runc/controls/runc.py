"""What runc does, shown by its source.

A claim shows that runc does what its input asks. That a pod asks for it is what the configuration states.
"""

from __future__ import annotations

from threatmodel.dsl import Control, absent, file_exists, present

SPEC = "https://github.com/opencontainers/runtime-spec/blob/v1.3.0"
K8S = "https://kubernetes.io/docs"
LIB = "libcontainer"
ROOTFS = f"{LIB}/rootfs_linux.go"
INIT = f"{LIB}/init_linux.go"
STANDARD = f"{LIB}/standard_init_linux.go"

own_root = Control(
    "runc-own-root",
    "A container has a mount namespace and a root of its own; its mounts do not propagate to the node",
    provides=["mount-namespace", "chroot", "private-mount-propagation"],
    description="pivot_root, then the old root is unmounted. --no-pivot exists and falls back to a move and chroot. "
    "Mounts of the node still propagate into the container where the specification asks for it",
    claims=[
        present(ROOTFS, r'unix\.PivotRoot\("\.", "\."\)'),
        present(ROOTFS, r'unmount\("\.", unix\.MNT_DETACH\)'),
        present(ROOTFS, r"flag := unix\.MS_SLAVE \| unix\.MS_REC"),
        present(ROOTFS, r"rootfsParentMountPrivate\(config\.Rootfs\)"),
    ],
    references=[f"{SPEC}/config-linux.md", "https://man7.org/linux/man-pages/man2/pivot_root.2.html"],
)
confined_paths = Control(
    "runc-confined-paths",
    "Mount points and devices are resolved below the container's root, links included",
    provides=["path-resolution-confined", "symlink-refusal"],
    description="By handles relative to the root. Release 1.5.0-rc.3 closed one more place (CVE-2026-41579), so that a "
    "place was missed before is a fact",
    claims=[
        present(ROOTFS, r"pathrs\.OpenInRoot\(root, unsafePath, unix\.O_PATH\)"),
        present(ROOTFS, r"pathrs\.MkdirAllInRoot\(root, unsafePath, 0o755\)"),
        present(ROOTFS, r"pathrs\.MkdirAllParentInRoot\(rootFd, node\.Path, 0o755\)"),
        present("internal/pathrs/root_pathrslite.go", r"pathrs\.OpenatInRoot\(root, subpath\)"),
    ],
    references=[
        "https://github.com/opencontainers/runc/blob/v1.5.1/CHANGELOG.md",
        "https://man7.org/linux/man-pages/man2/openat2.2.html",
    ],
)
proc_mounts = Control(
    "runc-proc-mounts",
    "Nothing is mounted below /proc but a few files that are named",
    provides=["allow-list"],
    claims=[
        present(ROOTFS, r"validProcMounts := \[\]string\{"),
        present(ROOTFS, r'cannot be mounted because it is inside /proc", dest\)'),
    ],
    references=["https://github.com/opencontainers/runc/security/advisories/GHSA-fh74-hm69-rqjw"],
)
masked_paths = Control(
    "runc-masked-paths",
    "What hides a masked path is checked to be the null device",
    provides=["symlink-refusal"],
    description="Since the fix of CVE-2025-31133. Which paths are masked is containerd's choice",
    claims=[
        present(ROOTFS, r"(?s)func maskPaths\(.{0,500}verifyDevNull\(devNull\)"),
        present(ROOTFS, r"container's /dev/null is invalid"),
    ],
    references=[
        "https://github.com/opencontainers/runc/security/advisories/GHSA-9493-h29p-rfm2",
        f"{SPEC}/config-linux.md",
    ],
)
procfs_handles = Control(
    "runc-procfs-handles",
    "Labels and kernel settings are written through handles that are known to be procfs",
    provides=["path-resolution-confined"],
    description="Since the fix of CVE-2025-52881",
    claims=[
        present(f"{LIB}/apparmor/apparmor_linux.go", r"pathrs\.ProcThreadSelfOpen\(attrSubPath"),
        present("internal/sys/sysctl_linux.go", r"pathrs|procfs"),
    ],
    references=["https://github.com/opencontainers/runc/security/advisories/GHSA-cgrx-mc8f-2prm"],
)
fails_closed = Control(
    "runc-fails-closed",
    "A container does not start where a confinement that it was given cannot be set",
    provides=["fail-closed"],
    description="Seccomp, capabilities, AppArmor and no_new_privs. Where none is given, none is set",
    claims=[
        present(STANDARD, r"unable to init seccomp: %w"),
        present(STANDARD, r"unable to apply apparmor profile: %w"),
        present(STANDARD, r'Syscall: "prctl\(SET_NO_NEW_PRIVS\)"'),
        present(INIT, r"unable to apply bounding set: %w"),
        present(INIT, r"unable to apply caps: %w"),
    ],
    references=[f"{SPEC}/runtime.md"],
)
sealed_binary = Control(
    "runc-sealed-binary",
    "The container cannot write to the binary of runc through the process that starts it",
    provides=["read-only-mount"],
    description="A read-only overlay mount or a sealed copy; the answer to CVE-2019-5736",
    claims=[
        present(f"{LIB}/container_linux.go", r"exeseal\.CloneSelfExe\(c\.stateDir\)"),
        present(
            f"{LIB}/exeseal/cloned_binary_linux.go",
            r"unix\.F_SEAL_SEAL \| unix\.F_SEAL_SHRINK \| unix\.F_SEAL_GROW \| unix\.F_SEAL_WRITE",
        ),
        present(f"{LIB}/exeseal/cloned_binary_linux.go", r'sealedOverlayfs\("/proc/self/exe", tmpDir\)'),
    ],
    references=["https://www.openwall.com/lists/oss-security/2019/02/11/2"],
)
closed_descriptors = Control(
    "runc-closed-descriptors",
    "No descriptor of runc is left open in the container, and its working directory lies inside",
    provides=["credential-isolation"],
    description="The answer to CVE-2024-21626",
    claims=[
        present(STANDARD, r"utils\.UnsafeCloseFrom\(l\.config\.PassedFilesCount \+ 3\)"),
        present(f"{LIB}/setns_init_linux.go", r"utils\.UnsafeCloseFrom\(l\.config\.PassedFilesCount \+ 3\)"),
        present(INIT, r"current working directory is outside of container mount namespace root"),
    ],
    references=["https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv"],
)
container_id = Control(
    "runc-container-id",
    "A container id has letters, digits and four signs, and is no path",
    provides=["input-validation"],
    claims=[
        present(f"{LIB}/factory_linux.go", r"if err := validateID\(id\); err != nil \{"),
        present(f"{LIB}/factory_linux.go", r"(?s)default:\s*return ErrInvalidID"),
    ],
)
state_mode = Control(
    "runc-state-mode",
    "The folder of container states can be entered by its owner only",
    provides=["access-control-file-permissions", "access-limited-to-host-root"],
    claims=[present(f"{LIB}/factory_linux.go", r"os\.MkdirAll\(root, 0o700\)")],
)
specification_checked = Control(
    "runc-specification-checked",
    "The specification is parsed into types, and namespaces, kernel settings and mounts are checked before use",
    provides=["type-safe-parser", "configuration-validation", "input-validation"],
    description="Kernel settings that are not namespaced are refused. Paths of the node that are mounted are taken as "
    "they are: whether a pod may name them is decided in the control plane",
    claims=[
        present(f"{LIB}/configs/validate/validator.go", r"(?s)validSysctlMap := map\[string\]bool\{"),
        present(f"{LIB}/configs/validate/validator.go", r"is not allowed in the hosts ipc namespace"),
        present("spec.go", r"json\.NewDecoder\(cf\)\.Decode\(&spec\)"),
    ],
    references=[f"{SPEC}/config.md"],
)
cgroup_first = Control(
    "runc-cgroup-first",
    "The first process is placed in its cgroup before it starts anything",
    provides=["resource-accounting"],
    description="Limits are those of the specification; without a limit in the pod there is none",
    claims=[present(f"{LIB}/process_linux.go", r"p\.manager\.Apply\(p\.pid\(\)\)")],
    references=[f"{SPEC}/config-linux.md", "https://docs.kernel.org/admin-guide/cgroup-v2.html"],
)
read_only_mounts = Control(
    "runc-read-only-mounts",
    "A mount that the specification calls read-only is remounted read-only",
    provides=["read-only-mount"],
    description="Whether a volume is read-only is the pod's choice",
    claims=[present(ROOTFS, r"flags \|= unix\.MS_REMOUNT \| unix\.MS_BIND \| unix\.MS_RDONLY")],
    references=[f"{SPEC}/config.md"],
)
own_keyring = Control(
    "runc-own-keyring",
    "A container gets a session keyring of its own",
    provides=["credential-isolation"],
    description="Unless --no-new-keyring is given; best effort where the kernel has none",
    claims=[present(STANDARD, r"keys\.JoinSessionKeyring\(ringname\)")],
)
drop_all = Control(
    "drop-all-capabilities",
    "The container has no capabilities",
    provides=["capability-drop"],
    description="The profile asks for drop: ALL; NET_BIND_SERVICE may be added back",
    claims=[
        present(INIT, r"w\.ApplyBoundingSet\(\)"),
        present(INIT, r"w\.ApplyCaps\(\)"),
    ],
    references=[f"{K8S}/concepts/security/pod-security-standards/", f"{SPEC}/config.md"],
)
no_new_privileges = Control(
    "no-new-privileges",
    "Executing a program gives no new privileges",
    provides=["no-new-privileges"],
    description="allowPrivilegeEscalation: false",
    claims=[present(STANDARD, r"unix\.Prctl\(unix\.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0\)")],
    references=[
        f"{K8S}/concepts/security/pod-security-standards/",
        "https://docs.kernel.org/userspace-api/no_new_privs.html",
    ],
)
ordinary_user = Control(
    "ordinary-user",
    "The container runs as a user other than root",
    provides=["least-privilege-user"],
    description="runAsNonRoot: true, which the kubelet checks; runc changes to the user before it executes the workload",
    claims=[present(INIT, r"unix\.Setuid\(config\.UID\)"), present(INIT, r"unix\.Setgid\(config\.GID\)")],
    references=[f"{K8S}/concepts/security/pod-security-standards/"],
)
user_namespace = Control(
    "user-namespace",
    "Root in the container is an ordinary user of the node, another one for each pod",
    provides=["user-namespace", "least-privilege-user"],
    description="hostUsers: false. The kubelet picks ranges that do not overlap",
    claims=[
        present(f"{LIB}/specconv/spec_linux.go", r"specs\.UserNamespace:\s+configs\.NEWUSER,"),
        present(f"{LIB}/specconv/spec_linux.go", r"setupUserNamespace\(spec, config\)"),
        present(f"{LIB}/nsenter/nsexec.c", r"static void update_uidmap\("),
    ],
    references=[
        f"{K8S}/concepts/workloads/pods/user-namespaces/",
        "https://man7.org/linux/man-pages/man7/user_namespaces.7.html",
    ],
)
signed_release = Control(
    "runc-signed-release",
    "Releases are signed with keys that the repository lists",
    provides=["code-signing"],
    description="By the release script. Nodes mostly get runc from a distribution or with containerd: who checks what on "
    "that way is not known here",
    claims=[
        file_exists("runc.keyring"),
        present("script/release_sign.sh", r"--detach-sign --armor"),
    ],
)
local_only = Control(
    "runc-no-listener",
    "runc is no daemon and listens nowhere",
    provides=["process-isolation", "no-listener-on-network"],
    description="A process for each operation, which ends with it",
    claims=[absent(["*.go", f"{LIB}/*.go"], r'net\.Listen\("tcp|ListenAndServe')],
)
