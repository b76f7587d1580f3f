"""Each control of devices, storage and memory loses its state `verified` when its defence is taken out of the source."""

from __future__ import annotations

import pytest

from tests.models.mutations import Row, check_control_falls, kata_with, rows
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow

GO = {"runtime": "go"}
CLH = {"hypervisor": "clh", "guest_image": "block"}
NONE = {"shared_fs": "none", "image_source": "block"}
DRAGONBALL = {"hypervisor": "dragonball", "guest_image": "block", "shared_fs": "inline-virtio-fs"}
NYDUS = {"shared_fs": "virtio-fs-nydus", "image_source": "nydus"}
OTHERS: dict[str, dict[str, str]] = {
    "filtered": {"vmm_seccomp": "on"},
    "filtered-go": {**GO, "vmm_seccomp": "on"},
    "rootless": {"rootless": "on"},
    "rootless-clh": {**CLH, "rootless": "on"},
    "rootless-go": {**GO, "rootless": "on"},
    "rootless-clh-go": {**GO, **CLH, "rootless": "on"},
    "template-go": {**GO, **NONE, "factory": "template"},
    "template-clh": {**GO, **CLH, **NONE, "factory": "template"},
    "nydus": NYDUS,
    "nydus-go": {**GO, **NYDUS},
    "dan": {"net": "dan-tap"},
    "l3": {"net": "l3forwarding"},
    "vhost-net-off": {"vhost_net": "off"},
    "vhost-net-off-go": {**GO, "vhost_net": "off"},
    "nested-off": {**CLH, "nested": "off"},
    "vfio-go": {**GO, "vfio": "hot"},
}
RS, GOQ, CLHRS, CLHGO, AZURE, AZUREGO = (
    "qemu-runtime-rs", "qemu", "clh-runtime-rs", "clh", "clh-azure-runtime-rs", "clh-azure",
)  # fmt: skip
DB, FC, FCGO, OPEN, STRATO, SE, TDX, TDXGO, NV, GPU, NVGO = (
    "dragonball", "rs-fc", "fc", "openvmm-azure-runtime-rs", "stratovirt", "qemu-se-runtime-rs",
    "qemu-tdx-runtime-rs", "qemu-tdx", "qemu-nvidia-cpu-runtime-rs", "qemu-nvidia-gpu-runtime-rs", "qemu-nvidia-cpu",
)  # fmt: skip

RSH = "src/runtime-rs/crates/hypervisor"
RES = "src/runtime-rs/crates/resource/src"
CMDLINE = f"{RSH}/src/qemu/cmdline_generator.rs"
CONVERT = f"{RSH}/ch-config/src/convert.rs"
TRS = "src/runtime-rs/config/configuration-{}.toml.in"
TGO = "src/runtime/config/configuration-{}.toml.in"
RS_MAKE = "src/runtime-rs/Makefile"
GO_MAKE = "src/runtime/Makefile"
QEMU = "src/runtime/virtcontainers/qemu.go"
CLHF = "src/runtime/virtcontainers/clh.go"
GOVMM = "src/runtime/pkg/govmm/qemu/qemu.go"
FACTORY = "src/runtime/virtcontainers/factory"
DEVICES = "src/runtime/pkg/device/config/config.go"
DIRECT = "src/runtime/pkg/direct-volume/utils.go"
EROFS = f"{RES}/rootfs/erofs_rootfs.rs"
GPT = "src/libs/kata-types/src/gpt_disk.rs"
MOUNT = "src/libs/kata-types/src/mount.rs"
NYDUSD = f"{RES}/share_fs/nydus"
SHARE_GO = "src/runtime/virtcontainers/fs_share_linux.go"
CACHE = "src/runtime/cmd/kata-runtime/factory.go"

ROWS: tuple[Row, ...] = (
    # control, configuration, path, old text (empty: append), new text
    ("qemu-no-default-devices", RS, CMDLINE, "nodefaults: true,", "nodefaults: false,"),
    ("qemu-no-default-devices", GOQ, QEMU, "NoDefaults:    true,", "NoDefaults:    false,"),
    (
        "qemu-reduced-build", RS, "tools/packaging/scripts/configure-hypervisor.sh",
        "qemu_options+=(size:--disable-libiscsi)", "qemu_options+=(size:--enable-libiscsi)",
    ),
    ("qemu-seccomp", "filtered", CMDLINE, "qemu_cmd_line.add_seccomp_sandbox(seccomp_sandbox);", ""),
    ("qemu-seccomp", "filtered-go", QEMU, "SeccompSandbox: q.config.SeccompSandbox,", ""),
    ("vmm-label-passed-on", RS, RS_MAKE, "DEFDISABLESELINUX := false", "DEFDISABLESELINUX := true"),
    ("vmm-label-passed-on", CLHGO, CLHF, "selinux.SetExecLabel(clh.config", "ignore(clh.config"),
    (
        "vmm-label-passed-on", FC, f"{RSH}/src/firecracker/inner_hypervisor.rs",
        "if !self.hypervisor_config().disable_selinux {", "if false {",
    ),
    ("rootless-vmm-user", "rootless", f"{RSH}/src/qemu/inner.rs", "set_uid_fn(user.uid)", "set_uid_fn(0)"),
    ("rootless-vmm-user", "rootless-clh", f"{RSH}/src/ch/inner_hypervisor.rs", "let _ = setuid(uid)", "let _ = ok(uid)"),
    ("rootless-vmm-user", "rootless-go", GOVMM, "Uid:    config.Uid,", "Uid:    0,"),
    ("rootless-vmm-user", "rootless-clh-go", CLHF, "Uid:    clh.config.Uid,", "Uid:    0,"),
    ("clh-console-off", CLHRS, TRS.format(CLHRS), "enable_debug = false", "enable_debug = true"),
    ("clh-console-off", CLHGO, CLHF, "Serial = chclient.NewConsoleConfig(cctOFF)\n\t\t}", "Serial = tty()\n\t\t}"),
    ("nested-virtualisation-off", AZURE, CONVERT, "Some(false)\n    } else {", "Some(true)\n    } else {"),
    (
        "nested-virtualisation-off", AZURE, RS_MAKE, "DEFDISABLENESTEDVIRTUALIZATION_CLH_AZURE := true",
        "DEFDISABLENESTEDVIRTUALIZATION_CLH_AZURE := false",
    ),
    ("nested-virtualisation-off", AZUREGO, CLHF, "Cpus.SetNested(false)", "Cpus.SetNested(true)"),
    (
        "nested-virtualisation-off", "nested-off", CONVERT, "disable_nested_virtualization.map(|value| !value)",
        "disable_nested_virtualization.map(|value| value)",
    ),
    (
        "memory-dump-off", GOQ, TGO.format("qemu"), 'guest_memory_dump_path = ""',
        'guest_memory_dump_path = "/var/crash"',
    ),
    ("memory-dump-off", TDXGO, QEMU, "if q.config.IfPVPanicEnabled() {", "if true {"),
    ("memory-dump-space-checked", GOQ, QEMU, "if err := q.canDumpGuestMemory(dumpSavePath); err != nil {", "if false {"),
    ("resources-fixed-at-start", DB, RS_MAKE, "DEFSTATICRESOURCEMGMT_DB := true", "DEFSTATICRESOURCEMGMT_DB := false"),
    (
        "resources-fixed-at-start", RS, TRS.format(RS), "static_sandbox_resource_mgmt = @DEFSTATICRESOURCEMGMT_QEMU@",
        "static_sandbox_resource_mgmt = false",
    ),
    ("resources-fixed-at-start", NVGO, GO_MAKE, "DEFSTATICRESOURCEMGMT_NV = true", "DEFSTATICRESOURCEMGMT_NV = false"),
    ("legacy-serial-off", GOQ, TGO.format("qemu"), "use_legacy_serial = false", "use_legacy_serial = true"),
    (
        "mmio-refused-for-confidential-guests", TDX, "src/libs/kata-types/src/config/hypervisor/qemu.rs",
        "if qemu.security_info.confidential_guest", "if false",
    ),
    ("erofs-layers-read-only", NV, EROFS, "is_readonly: true,", "is_readonly: false,"),
    ("erofs-layers-are-files", NV, EROFS, "if !metadata.is_file() {", "if false {"),
    ("erofs-layer-limit", NV, EROFS, "if expected_device_count > MAX_ROOTFS_LAYER_DEVICES {", "if false {"),
    ("erofs-layer-limit", NV, EROFS, "LAYER_DEVICES: usize = 129;", "LAYER_DEVICES: usize = 1_000_000;"),
    ("verity-metadata-limit", NV, GPT, "if file_meta.len() > MAX_DMVERITY_METADATA_SIZE {", "if false {"),
    ("direct-volume-path-encoded", RS, MOUNT, "Ok(safe_path::scoped_join(prefix, b64", "Ok(join(prefix, b64"),
    (
        "direct-volume-path-encoded", GOQ, DIRECT,
        "mountInfoFilePath := filepath.Join(kataDirectVolumeRootPath, b64.URLEncoding.EncodeToString([]byte(volumePath))",
        "mountInfoFilePath := filepath.Join(kataDirectVolumeRootPath, volumePath",
    ),
    ("direct-volume-record-mode", GOQ, DIRECT, "[]byte(mountInfo), 0600)", "[]byte(mountInfo), 0666)"),
    ("vhost-user-store-off", GOQ, GO_MAKE, "DEFENABLEVHOSTUSERSTORE := false", "DEFENABLEVHOSTUSERSTORE := true"),
    ("vhost-user-store-off", GOQ, DEVICES, 'if vhostUserStoreEnabled && devInfo.DevType == "b"', "if true"),
    ("vhost-user-store-by-number", GOQ, DEVICES, "if devMajor == majorNum && devMinor == minorNum {", "if true {"),
    (
        "emptydir-disk-counted", TDX, f"{RES}/volume/block_emptydir_volume.rs", "emptydir_path.join(DISK_IMG);",
        'Path::new("/var/tmp").join(DISK_IMG);',
    ),
    (
        "emptydir-disk-counted", TDXGO, "src/runtime/virtcontainers/container.go",
        'filepath.Join(emptyDirPath, "disk.img")', 'filepath.Join("/var/tmp", "disk.img")',
    ),
    ("sandbox-bind-mounts-off", RS, RS_MAKE, "DEFBINDMOUNTS := []", r"DEFBINDMOUNTS := [\"/etc\"]"),
    (
        "sandbox-bind-mounts-off", CLHGO, TGO.format("clh"),
        "sandbox_bind_mounts = @DEFBINDMOUNTS@",
        'sandbox_bind_mounts = ["/"]',
    ),
    (
        "sandbox-bind-mounts-read-only", RS, f"{RES}/share_fs/sandbox_bind_mounts.rs",
        "mount::bind_remount(sandbox_bindmounts_ro, true)", "mount::bind_remount(sandbox_bindmounts_ro, false)",
    ),
    ("sandbox-bind-mounts-read-only", GOQ, SHARE_GO, "remountRo(ctx, mountDest)", "nothing(ctx, mountDest)"),
    (
        "share-propagation-one-way", RS, f"{RES}/share_fs/share_virtio_fs.rs",
        "&host_ro_dest, true, MsFlags::MS_SLAVE)", "&host_ro_dest, true, MsFlags::MS_SHARED)",
    ),
    ("share-propagation-one-way", GOQ, SHARE_GO, 'sharePath, true, "slave")', 'sharePath, true, "shared")'),
    (
        "nydusd-per-sandbox", "nydus", f"{RES}/share_fs/share_virtio_fs_nydus.rs",
        "Path::new(&jailer_root).join(NYDUSD_API_SOCK)", 'Path::new("/run").join(NYDUSD_API_SOCK)',
    ),
    (
        "nydusd-request-timeout", "nydus", f"{NYDUSD}/nydus_client.rs",
        "timeout(Duration::from_secs(timeout_secs), self.client.request(", "forever(self.client.request(",
    ),
    (
        "nydusd-request-timeout", "nydus-go", "src/runtime/virtcontainers/nydusd.go",
        "Timeout:   defaultHttpClientTimeout,", "",
    ),
    ("nydusd-paths-checked", "nydus", f"{NYDUSD}/nydus_daemon.rs", "validate_path(&self.path, PathType::File)?;", ""),
    (
        "extension-image-read-only", TDX, "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs",
        "path_on_host: extra.path.clone(),\n                is_readonly: true",
        "path_on_host: extra.path.clone(),\n                is_readonly: false",
    ),
    (
        "extension-image-verified", TDX, "src/agent/kata-extension-mount.sh",
        'if [[ -z "${VERITY_PARAMS}" ]]; then\n\t\techo',
        "if false; then\n\t\techo",
    ),
    ("vm-template-off", RS, TRS.format(RS), "enable_template = false", "enable_template = true"),
    ("vm-template-off", GOQ, TGO.format("qemu"), "enable_template = false", "enable_template = true"),
    ("vm-template-off", CLHGO, TGO.format("clh"), "", "\n[factory]\nenable_template = true\n"),
    ("vm-template-mapped-privately", "template-go", QEMU, "if q.config.BootToBeTemplate {", "if true {"),
    (
        "vm-template-mapped-privately", "template-clh", CLHF, "memoryZoneConfig.SetShared(false)",
        "memoryZoneConfig.SetShared(true)",
    ),
    (
        "vm-template-mount-flags", "template-go", f"{FACTORY}/template/template_linux.go",
        "syscall.MS_NOSUID | syscall.MS_NODEV", "syscall.MS_NODEV",
    ),
    (
        "vm-template-mount-flags", RS, "src/runtime-rs/crates/runtimes/virt_container/src/factory/template.rs",
        "MsFlags::MS_NOSUID | MsFlags::MS_NODEV", "MsFlags::empty()",
    ),
    ("vm-template-reseeded", "template-go", f"{FACTORY}/factory_linux.go", "err = vm.ReseedRNG(ctx)", "err = nil"),
    ("vm-cache-off", GOQ, TGO.format("qemu"), "vm_cache_number = 0", "vm_cache_number = 4"),
    ("vm-cache-socket-mode", GOQ, CACHE, "os.Chmod(path, 0600)", "os.Chmod(path, 0666)"),
    ("huge-pages-off", DB, TRS.format(DB), "enable_hugepages = false", "enable_hugepages = true"),
    ("huge-pages-off", GOQ, TGO.format("qemu"), "enable_hugepages = false", "enable_hugepages = true"),
    (
        "dragonball-balloon-off", DB, TRS.format(DB), "reclaim_guest_freed_memory = false",
        "reclaim_guest_freed_memory = true",
    ),
    ("virtual-iommu-off", NV, TRS.format(NV), "enable_iommu = false", "enable_iommu = true"),
    (
        "virtual-iommu-off", NV, RS_MAKE, "DEFENABLEANNOTATIONS_NVIDIA := []",
        r"DEFENABLEANNOTATIONS_NVIDIA := [\"enable_iommu\"]",
    ),
    ("virtual-iommu-off", NV, CMDLINE, "if config.device_info.enable_iommu {", "if true {"),
    ("entropy-from-the-kernel", RS, CMDLINE, 'filename: "/dev/urandom"', 'filename: "/dev/zero"'),
    ("entropy-from-the-kernel", GOQ, GO_MAKE, "DEFENTROPYSOURCE := /dev/urandom", "DEFENTROPYSOURCE := /dev/zero"),
    ("vhost-net-off", SE, TRS.format(SE), "disable_vhost_net = true", "disable_vhost_net = false"),
    (
        "vhost-net-off", SE, CMDLINE, "netdev.set_disable_vhost_net(true);", "",
    ),
    ("vhost-net-off", "vhost-net-off-go", QEMU, "if !q.config.DisableVhostNet {", "if true {"),
    ("vhost-net-off", "vhost-net-off", CMDLINE, "if !self.disable_vhost_net {", "if true {"),
    (
        "vhost-net-off", "vhost-net-off-go", "src/runtime/virtcontainers/network_linux.go", "if !disableVhostNet {",
        "if true {",
    ),
    ("entropy-from-the-kernel", STRATO, TGO.format("stratovirt"), '"@DEFENTROPYSOURCE@"', '"/dev/zero"'),
    (
        "entropy-from-the-kernel", GOQ, "src/runtime/pkg/oci/utils.go",
        "if !checkPathIsInGlobs(runtime.HypervisorConfig.EntropySourceList, value) {", "if false {",
    ),
    ("dragonball-seccomp", DB, "src/dragonball/src/vm/mod.rs", "apply_filter_all_threads(process", "apply_filter(one"),
    (
        "dragonball-seccomp", DB, f"{RSH}/src/dragonball/inner_hypervisor.rs",
        "if !self.config.security_info.disable_seccomp {", "if false {",
    ),
    (
        "in-process-control", DB, f"{RSH}/src/dragonball/vmm_instance.rs", "let (to_vmm, from_runtime) = unbounded();",
        "let (to_vmm, from_runtime) = socket();",
    ),
    ("clh-seccomp", CLHRS, f"{RSH}/src/ch/inner_hypervisor.rs", "if disable_seccomp {", "if true {"),
    ("clh-seccomp", AZUREGO, TGO.format("clh-azure"), "disable_seccomp = false", "disable_seccomp = true"),
    ("clh-seccomp", CLHGO, CLHF, "if clh.config.DisableSeccomp {", "if true {"),
    ("firecracker-seccomp", FC, f"{RSH}/src/firecracker/inner.rs", "security_info.disable_seccomp {", "jailed {"),
    ("firecracker-jailer", FC, f"{RSH}/src/firecracker/inner_hypervisor.rs", "self.jailed = true;", ""),
    ("firecracker-jailer", FCGO, "src/runtime/virtcontainers/fc.go", "fc.jailed = true", "fc.jailed = false"),
    ("vm-folder-mode", GOQ, "src/runtime/virtcontainers/sandbox.go", "DirMode = os.FileMode(0750)", "DirMode = 0755"),
    (
        "vfio-ports-off", CLHGO, "src/runtime/pkg/device/drivers/vfio.go",
        'if vfio.Port == "" {', "if false {",
    ),
    (
        "guest-image-read-only", OPEN, f"{RSH}/src/openvmm/inner_hypervisor.rs",
        "blk_device_kind(disk_path.clone(), true)", "blk_device_kind(disk_path.clone(), false)",
    ),
    (
        "guest-image-read-only", STRATO, "src/runtime/virtcontainers/stratovirt.go",
        'Param{"readonly", "on"}', 'Param{"readonly", "off"}',
    ),
    ("vmm-per-sandbox", OPEN, f"{RSH}/src/openvmm/vmm_instance.rs", "Command::new(openvmm_path)", "connect(path)"),
    (
        "vmm-per-sandbox", STRATO, "src/runtime/virtcontainers/stratovirt.go",
        "exec.CommandContext(ctx, s.path, params...)", "connect(ctx, s.path, params...)",
    ),
    (
        "share-read-only", RS, f"{RES}/share_fs/share_virtio_fs_standalone.rs",
        "let source_path = get_host_ro_shared_path(", "let source_path = get_host_rw_shared_path(",
    ),
    (
        "share-read-only", DB, f"{RES}/share_fs/share_virtio_fs.rs", "let source = host_ro_shared_path",
        "let source = host_rw_shared_path",
    ),
    (
        "virtiofsd-per-sandbox", OPEN, f"{RES}/share_fs/share_virtio_fs_standalone.rs",
        "Command::new(&self.config.virtio_fs_daemon)", "connect(&self.config.virtio_fs_daemon)",
    ),
    ("dax-window-off", GOQ, GOVMM, "if vhostuserDev.CacheSize != 0 {", "if true {"),
    ("dax-window-off", DB, TRS.format(DB), "virtio_fs_cache_size = @DEFVIRTIOFSCACHESIZE@", "virtio_fs_cache_size = 8"),
    ("virtiofsd-sandbox", STRATO, TGO.format("stratovirt"), "@DEFVIRTIOFSEXTRAARGS@", '["--sandbox=none"]'),
    ("virtiofsd-sandbox", OPEN, TRS.format(OPEN), "@DEFVIRTIOFSEXTRAARGS@", '["--sandbox=none"]'),
    (
        "fixed-executable-paths", RS, "src/libs/kata-types/src/config/hypervisor/mod.rs",
        "validate_path_pattern(&self.valid_virtio_fs_daemon_paths, path)", "Ok(())",
    ),
    ("virtio-9p-off", "qemu-coco-dev", GO_MAKE, "DEFSHAREDFS_QEMU_COCO_DEV_VIRTIOFS := none",
        "DEFSHAREDFS_QEMU_COCO_DEV_VIRTIOFS := virtio-9p"),
    (
        "block-device-use-off", STRATO, TGO.format("stratovirt"), "disable_block_device_use = @DEFDISABLEBLOCK@",
        "disable_block_device_use = false",
    ),
    (
        "block-device-use-off", GOQ, "src/runtime/virtcontainers/container.go",
        "if !c.sandbox.config.HypervisorConfig.DisableBlockDeviceUse {", "if true {",
    ),
    ("dan-file-typed", "dan", f"{RES}/network/dan.rs", '#[serde(tag = "type")]', "#[serde(untagged)]"),
    (
        "l3forwarding-single-interface", "l3", f"{RES}/network/network_with_netns.rs",
        "&& entity_list.len() > 1",
        "&& false",
    ),
    (
        "cold-plug-off", RS, "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs",
        'if cold_plug_vfio.is_empty() || cold_plug_vfio == "no-port" {', "if cold_plug_vfio.is_empty() {",
    ),
    ("cold-plug-off", RS, TRS.format(RS), 'cold_plug_vfio = "no-port"', 'cold_plug_vfio = "root-port"'),
    (
        "one-kind-of-plugging", "vfio-go", "src/runtime/pkg/katautils/config.go",
        "if coldPlug != config.NoPort && hotPlug != config.NoPort {", "if false {",
    ),
    (
        "iommufd-for-confidential-guests", "qemu-nvidia-gpu-tdx", QEMU,
        "\t\t\tif q.config.ConfidentialGuest {\n\t\t\t\treturn fmt.Errorf(\"ConfidentialGuest needs",
        "\t\t\tif false {\n\t\t\t\treturn fmt.Errorf(\"ConfidentialGuest needs",
    ),
    ("cdi-kinds-listed", GPU, f"{RES}/cdi_devices/mod.rs", "CDI_DEVICE_KIND_TABLE.get(", "Some("),
    (
        "openvmm-no-physical-devices", OPEN, f"{RSH}/src/openvmm/inner_device.rs",
        "if matches!(other, DeviceType::Vfio(_)) {", "if false {",
    ),
    (
        "openvmm-plugs-disks-only", OPEN, f"{RSH}/src/openvmm/inner_device.rs",
        "if driver_option != KATA_BLK_DEV_TYPE {", "if false {",
    ),
    (
        "firecracker-no-physical-devices", FC, f"{RSH}/src/firecracker/inner_device.rs",
        '_ => Err(anyhow!("unhandled device', '_ => Ok(info!("handled device',
    ),
    (
        "firecracker-no-physical-devices", FCGO, "src/runtime/virtcontainers/fc.go",
        'return nil, fmt.Errorf("Could not hot add device', 'return nil, plug("Could not hot add device',
    ),
    (
        "stratovirt-plugs-disks-only", STRATO, "src/runtime/virtcontainers/stratovirt.go",
        "return nil, fmt.Errorf(\"Hotplug add device", "return nil, plug(\"Hotplug add device",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return kata_with(OTHERS)


@rows(ROWS)
def test_control_falls_with_its_defence(project: Project, source: SourceTree, row: Row) -> None:
    check_control_falls(project, source, row)
