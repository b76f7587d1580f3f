"""Defences of disks, layers, volumes and file servers on the node."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, constant, present

from .devices_templates import defaults_in
from .templates import assigned_once

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
NYDUS_RUST = {**RUST, "shared_fs": "virtio-fs-nydus"}
NYDUS_GO = {**GO, "shared_fs": "virtio-fs-nydus"}
EROFS = "src/runtime-rs/crates/resource/src/rootfs/erofs_rootfs.rs"
GPT = "src/libs/kata-types/src/gpt_disk.rs"
MOUNT_RS = "src/libs/kata-types/src/mount.rs"
DIRECT_GO = "src/runtime/pkg/direct-volume/utils.go"
NYDUSD_RS = "src/runtime-rs/crates/resource/src/share_fs/nydus"
NYDUSD_GO = "src/runtime/virtcontainers/nydusd.go"
DISK_RS = "src/runtime-rs/crates/resource/src/volume/block_emptydir_volume.rs"
DISK_GO = "src/runtime/virtcontainers/container.go"
SHARE_GO = "src/runtime/virtcontainers/fs_share_linux.go"
EXTENSION = "src/agent/kata-extension-mount.sh"
SANDBOX = "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs"

erofs_read_only = Control(
    "erofs-layers-read-only",
    "The disk that holds the layers of an image is attached read-only",
    provides=["disk-read-only"],
    description="Writes of a container go to a layer of its own",
    claims=[
        present(EROFS, r"path_on_host: erofs_path,\s*is_readonly: true,", when=RUST),
        absent(EROFS, r"path_on_host: erofs_path,\s*(?:is_readonly: [^t]|[^i\s])", when=RUST),
    ],
)
erofs_regular_files = Control(
    "erofs-layers-are-files",
    "A layer that is not a regular file is refused before it becomes a part of a disk",
    provides=["input-validation"],
    claims=[
        present(
            EROFS,
            r"(?s)if !metadata\.is_file\(\) \{\s*return Err\(anyhow!\(\s*"
            r'"EROFS (device|layer) path is not a regular file',
            when=RUST,
        )
    ],
)
erofs_layer_limit = Control(
    "erofs-layer-limit",
    "An image of more than 128 layers is refused",
    provides=["bounded-nesting"],
    claims=[
        constant(EROFS, "MAX_ROOTFS_LAYER_DEVICES", equals=129, when=RUST),
        present(
            EROFS, r"(?s)if expected_device_count > MAX_ROOTFS_LAYER_DEVICES \{\s*return Err\(", when=RUST
        ),
    ],
)
verity_metadata_limit = Control(
    "verity-metadata-limit",
    "The record with the root hash of a layer is read only up to a size, and parsed into a type",
    provides=["bounded-request-size", "type-safe-parser"],
    claims=[
        constant(GPT, "MAX_DMVERITY_METADATA_SIZE", equals=65536, when=RUST),
        present(
            GPT,
            r"(?s)if file_meta\.len\(\) > MAX_DMVERITY_METADATA_SIZE \{\s*return Err\(.{0,600}serde_json::from_str\(",
            when=RUST,
        ),
    ],
)
volume_path_encoded = Control(
    "direct-volume-path-encoded",
    "The path of a volume becomes one encoded name below the folder of the records",
    provides=["path-resolution-confined"],
    claims=[
        present(
            MOUNT_RS,
            r"(?s)(?:URL_SAFE\.encode\(volume_path\.as_bytes\(\)\)|encode_config\(volume_path\.as_bytes\(\), "
            r"base64::URL_SAFE\));\s*"
            r"Ok\(safe_path::scoped_join\(prefix, b64_url_encoded_path\)\?\)",
            when=RUST,
        ),
        present(
            DIRECT_GO,
            r"mountInfoFilePath := filepath\.Join\(kataDirectVolumeRootPath, "
            r"b64\.URLEncoding\.EncodeToString\(\[\]byte\(volumePath\)\)",
            when=GO,
        ),
    ],
)
volume_record_mode = Control(
    "direct-volume-record-mode",
    "Records of direct volumes that the Go tool writes can be read and written by root only",
    provides=["access-control-file-permissions", "access-limited-to-host-root"],
    claims=[
        present(DIRECT_GO, r"os\.MkdirAll\(volumeDir, 0700\)", when=GO),
        present(
            DIRECT_GO,
            r"os\.WriteFile\(filepath\.Join\(volumeDir, mountInfoFileName\), \[\]byte\(mountInfo\), 0600\)",
            when=GO,
        ),
    ],
)
vhost_user_store_off = Control(
    "vhost-user-store-off",
    "The Go runtime gives no sockets of vhost-user block devices to QEMU",
    provides=["interface-disabled", "device-not-exposed"],
    description="enable_vhost_user_store is false",
    claims=[
        *assigned_once("go", "DEFENABLEVHOSTUSERSTORE", "false"),
        *defaults_in("hypervisor", "enable_vhost_user_store", False, runtimes=("go",), hypervisors=("qemu",)),
        present(
            "src/runtime/pkg/device/config/config.go",
            r'(?s)if vhostUserStoreEnabled && devInfo\.DevType == "b" &&.{0,120}return getVhostUserHostPath\(',
            when=GO,
        ),
    ],
)
vhost_user_store_names = Control(
    "vhost-user-store-by-number",
    "A socket is chosen by the device number that it stands for, in one folder",
    provides=["allow-list"],
    claims=[
        present(
            "src/runtime/pkg/device/config/config.go",
            r"(?s)if devMajor == majorNum && devMinor == minorNum \{\s*return file\.Name\(\), nil",
            when=GO,
        )
    ],
)
disk_counted = Control(
    "emptydir-disk-counted",
    "The disk of an empty directory lies in the folder that the kubelet watches",
    provides=["resource-accounting"],
    description="A limit is there only where the pod sets one; the disk itself claims the size of the whole file system",
    claims=[
        present(DISK_RS, r"let disk_path = emptydir_path\.join\(DISK_IMG\);", when=RUST),
        present(DISK_GO, r'diskPath = filepath\.Join\(emptyDirPath, "disk\.img"\)', when=GO),
    ],
)
bind_mounts_off = Control(
    "sandbox-bind-mounts-off",
    "No folder of the node is bound into the shared tree beside those of the pod",
    provides=["interface-disabled"],
    description="sandbox_bind_mounts is empty",
    claims=[
        *assigned_once("rust", "DEFBINDMOUNTS", r"\[\]"),
        *assigned_once("go", "DEFBINDMOUNTS", r"\[\]"),
        *defaults_in(
            "runtime", "sandbox_bind_mounts", [], hypervisors=("qemu", "clh", "dragonball", "openvmm")
        ),
    ],
)
bind_mounts_read_only = Control(
    "sandbox-bind-mounts-read-only",
    "A folder that the administrator binds into the shared tree is read-only",
    provides=["read-only-mount"],
    description="In the Rust runtime :rw behind a path makes it writable",
    claims=[
        present(
            "src/runtime-rs/crates/resource/src/share_fs/sandbox_bind_mounts.rs",
            r"(?s)if bindmount_mode == SANDBOX_BIND_MOUNTS_RO \{.{0,500}"
            r"mount::bind_remount\(sandbox_bindmounts_ro, true\)",
            when=RUST,
        ),
        present(
            SHARE_GO,
            r"(?s)bindMount\(ctx, m, mountDest, true,.{0,260}"
            r"if err := remountRo\(ctx, mountDest\); err != nil \{\s*return ",
            when=GO,
        ),
    ],
)
share_propagation = Control(
    "share-propagation-one-way",
    "A mount made on the side that is shared does not appear on the other side",
    provides=["private-mount-propagation"],
    claims=[
        present(
            "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs.rs",
            r"(?s)bind_mount_unchecked\(&host_rw_dest, &host_ro_dest, [^,()]+, MsFlags::MS_SLAVE\)",
            when=RUST,
        ),
        present(SHARE_GO, r'bindMount\(ctx, mountPath, sharePath, [^,()]+, "slave"\)', when=GO),
    ],
)
nydusd_per_sandbox = Control(
    "nydusd-per-sandbox",
    "Each sandbox has a nydusd of its own, with sockets in its own folder",
    provides=["single-tenant-instance", "process-isolation"],
    description="No argument for a sandbox or a filter is passed, and none is claimed",
    claims=[
        present(
            "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs_nydus.rs",
            r"(?s)let jailer_root = h\.get_jailer_root\(\)\.await\?;.{0,120}"
            r"Path::new\(&jailer_root\)\.join\(NYDUSD_API_SOCK\)",
            when=NYDUS_RUST,
        ),
        present(NYDUSD_GO, r"cmd := exec\.Command\(", when=NYDUS_GO),
    ],
)
nydusd_timeout = Control(
    "nydusd-request-timeout",
    "A request to nydusd ends after half a minute",
    provides=["timeout"],
    claims=[
        constant(f"{NYDUSD_RS}/nydus_client.rs", "HTTP_CLIENT_TIMEOUT_SECS", equals=30, when=NYDUS_RUST),
        present(
            f"{NYDUSD_RS}/nydus_client.rs",
            r"timeout\(Duration::from_secs\(timeout_secs\), self\.client\.request\(",
            when=NYDUS_RUST,
        ),
        present(NYDUSD_GO, r"^\s*defaultHttpClientTimeout = 30 \* time\.Second", when=NYDUS_GO),
        present(NYDUSD_GO, r"^\s*Timeout:\s+defaultHttpClientTimeout,", when=NYDUS_GO),
    ],
)
nydusd_paths = Control(
    "nydusd-paths-checked",
    "Program, folder and sockets of nydusd are checked for kind and place before it starts",
    provides=["configuration-validation"],
    claims=[
        present(
            f"{NYDUSD_RS}/nydus_daemon.rs",
            r"(?s)validate_path\(&self\.path, PathType::File\)\?;\s*"
            r"validate_path\(&self\.sock_path, PathType::Socket\)\?;",
            when=NYDUS_RUST,
        ),
        present(
            NYDUSD_GO,
            r"(?s)func \(nd \*nydusd\) valid\(\) error \{\s*if err := checkPathValid\(nd\.sockPath\)",
            when=NYDUS_GO,
        ),
    ],
)
extension_read_only = Control(
    "extension-image-read-only",
    "Images that extend the guest are attached read-only",
    provides=["disk-read-only"],
    claims=[
        present(SANDBOX, r"(?s)path_on_host: extra\.path\.clone\(\),\s*is_readonly: true,", when=RUST),
        present(
            "src/runtime/virtcontainers/qemu.go",
            r'(?s)fmt\.Sprintf\("extension-%s", extra\.Name\),\s*ShareRW:\s+true,\s*ReadOnly:\s+true,',
            when=GO,
        ),
    ],
)
extension_verified = Control(
    "extension-image-verified",
    "An extension that has a hash tree is not mounted without its root hash",
    provides=["verified-root-filesystem", "fail-closed"],
    description="The root hash is a kernel parameter: worth something against the host only where the launch is measured",
    claims=[
        present(
            EXTENSION,
            r'(?s)if \[\[ -b "\$\{HASH_DEV\}" \]\]; then\s*if \[\[ -z "\$\{VERITY_PARAMS\}" \]\]; then\s*'
            r"echo [^\n]*\s*exit 1",
        ),
        present(EXTENSION, r'local key="kata\.extension\.\$\{EXTENSION_NAME\}\.verity_params"'),
    ],
)
