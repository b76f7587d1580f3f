"""F40 to F45: devices. The guest kernel writes what a backend outside the guest reads, and the other way round."""

from __future__ import annotations

from threatmodel.dsl import Control, Flow

from .. import data, trust
from ..controls import confidential, devices_io, dragonball, host, kernel, sharing, vmm
from ..controls import devices_vmm as monitors
from ..options import KataOptions

RING = ["virtqueue", "length-prefixed"]
BLOCK = {
    "qemu": "virtio-scsi, virtio-blk",
    "clh": "virtio-blk",
    "fc": "virtio-mmio block",
    "dragonball": "virtio-blk",
    "stratovirt": "virtio-mmio block",
    "openvmm": "virtio-blk",
}
BACKENDS = {
    "vhost-net": "vhost-net",
    "in-vmm": "virtqueue in the VMM",
    "vhost-user": "virtqueue (vhost-user)",
}
FILE_SOCKETS = {("go", "qemu"): "vhost-fs.sock", ("go", "stratovirt"): "virtiofs_kata.socket"}
READERS = {
    "virtiofsd": [kernel.virtiofsd_reader],
    "inline-virtiofs": [dragonball.dragonball_fuse_reader],
}
NETWORKS = {
    "tcfilter": "A traffic filter mirrors each packet between the pod's interface and the tap",
    "macvtap": "The tap hangs on the pod's interface and has its own address",
    "l3forwarding": "The pod's namespace routes between its interface and the tap",
    "dan-tap": "A tap of the network plugin, outside of the pod's namespace",
    "dan-vhost-user": "Past the host kernel, to a switch in user space",
}


def disk(o: KataOptions) -> str:
    """What a disk is for the guest."""
    return "virtio-blk-ccw, virtio-scsi-ccw" if o.arch == "s390x" else BLOCK[o.hypervisor]


def devices(o: KataOptions) -> None:
    """The devices that the guest of this configuration has."""
    if not o.local:
        return
    if o.net_backend:
        _network(o)
    _vsock(o)
    _block(o)
    _pmem(o)
    _files(o)


def _network(o: KataOptions) -> None:
    backend = {"vhost-net": "host-kernel", "vhost-user": "vhost-user-switch"}.get(o.net_backend, o.vmm)
    off = [devices_io.vhost_net_off] if o.net_backend == "in-vmm" and o.hypervisor == "qemu" else []
    Flow(
        "F40.tx",
        "guest-kernel",
        backend,
        "Packets sent",
        protocol="virtio-net",
        over=BACKENDS[o.net_backend],
        description=NETWORKS.get(o.net, ""),
        shares_memory=True,
        traits=[*RING, "network-packets"],
        data=[data.descriptors, data.packets],
        controls=[
            *([host.pod_network] if o.pod_netns else []),
            *([kernel.vhost_descriptor_checks] if o.vhost_kernel else []),
            *off,
        ],
    )
    Flow(
        "F40.rx",
        backend,
        "guest-kernel",
        "Packets received",
        protocol="virtio-net",
        over=BACKENDS[o.net_backend],
        shares_memory=True,
        traits=[*RING, "network-packets"],
        data=[data.packets],
    )
    if o.net_backend == "in-vmm":
        Flow(
            "F40.tap",
            o.vmm,
            "host-kernel",
            "Packets to the tap device",
            over="tap descriptor",
            authentication="file-permissions",
            traits=["network-packets", "system-calls"],
            data=[data.packets],
            controls=[host.pod_network] if o.pod_netns else [],
        )


def _vsock(o: KataOptions) -> None:
    backend = "host-kernel" if o.vhost_vsock else o.vmm
    over = "vhost-vsock" if o.vhost_vsock else "virtqueue in the VMM, Unix socket outside"
    Flow(
        "F41",
        "guest-kernel",
        backend,
        "vsock packets sent",
        protocol="virtio-vsock",
        over=over,
        shares_memory=True,
        traits=RING,
        data=[data.descriptors, data.agent_replies],
        controls=[kernel.vhost_descriptor_checks] if o.vhost_vsock else [],
    )
    Flow(
        "F41.reply",
        backend,
        "guest-kernel",
        "vsock packets received",
        protocol="virtio-vsock",
        over=over,
        shares_memory=True,
        traits=RING,
        data=[data.agent_requests],
    )


def _block_checks(o: KataOptions) -> list[Control]:
    """What guards the block device's side of the ring."""
    if o.hypervisor == "dragonball":
        return [dragonball.dragonball_block_range, dragonball.dragonball_guest_memory]
    return [kernel.qemu_virtqueue_mapping] if o.hypervisor == "qemu" else []


def _block(o: KataOptions) -> None:
    checks = _block_checks(o)
    Flow(
        "F42",
        "guest-kernel",
        o.vmm,
        "Block requests",
        protocol=disk(o),
        over="virtqueue in the VMM",
        description="Guest image, root file systems and volumes",
        shares_memory=True,
        traits=[*RING, "block-device"],
        data=[data.descriptors, data.workload_data],
        controls=checks,
    )
    Flow(
        "F42.reply",
        o.vmm,
        "guest-kernel",
        "Blocks read",
        protocol=disk(o),
        over="virtqueue in the VMM",
        description="Root file systems and volumes",
        shares_memory=True,
        traits=[*RING, "block-device"],
        data=[data.image_layers, data.workload_data],
    )
    if o.emptydir == "block-encrypted":
        Flow(
            "F42.emptydir",
            o.vmm,
            "guest-kernel",
            "Blocks of empty directories",
            protocol=disk(o),
            over="virtqueue in the VMM",
            shares_memory=True,
            traits=[*RING, "block-device"],
            data=[data.workload_data],
            controls=[confidential.encrypted_volumes],
        )
    if o.guest_image == "block" and o.tee != "se":
        _image(o)


def _image(o: KataOptions) -> None:
    """The guest image, where it is a block device and not mapped memory."""
    Flow(
        "F42.image",
        o.vmm,
        "guest-kernel",
        "Guest image read",
        protocol=disk(o),
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=[*RING, "block-device", "binds-code"],
        data=[data.guest_image],
        controls=[
            *trust.rootfs(o),
            *trust.launch(o),
            *([monitors.mmio_refused] if o.runtime == "rust" else []),
        ]
        if o.confidential
        else [],
    )
    Flow(
        "F42.write",
        "guest-kernel",
        o.vmm,
        "Writes to the guest image",
        protocol=disk(o),
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=[*RING, "block-device"],
        data=[data.descriptors, data.guest_image],
        controls=[
            vmm.image_read_only,
            *_block_checks(o),
        ],
    )


def _pmem(o: KataOptions) -> None:
    if o.guest_image == "pmem":
        Flow(
            "F43",
            "guest-kernel",
            o.vmm,
            "Guest image in memory",
            protocol="NVDIMM",
            over="mapped file",
            description="vm_rootfs_driver calls it virtio-pmem in the Rust runtime; QEMU gets an NVDIMM in both",
            shares_memory=True,
            traits=["image-mapping", "direct-memory-access"],
            data=[data.guest_image],
            controls=[vmm.image_read_only],
        )


def _files(o: KataOptions) -> None:
    if o.file_server:
        inline = o.file_server == "inline-virtiofs"
        over = "virtqueue in the shim" if inline else "virtqueue (vhost-user)"
        Flow(
            "F44",
            "guest-kernel",
            o.file_server,
            "File requests",
            protocol="FUSE over virtio-fs",
            over=over,
            shares_memory=True,
            traits=[*RING, "filesystem-requests", "path-names"],
            data=[data.descriptors, data.fuse_requests, data.workload_data],
            controls=READERS.get(o.file_server, []),
        )
        if o.dax_able:
            Flow(
                "F44.dax",
                "guest-kernel",
                o.file_server,
                "Files mapped into the guest",
                protocol="FUSE SETUPMAPPING",
                over="DAX window",
                description="Only where virtio_fs_cache_size is not 0",
                shares_memory=True,
                traits=["image-mapping", "direct-memory-access"],
                data=[data.workload_data],
                controls=[sharing.dax_off] if o.dax == "off" else [],
            )
        Flow(
            "F44.reply",
            o.file_server,
            "guest-kernel",
            "File contents and attributes",
            protocol="FUSE over virtio-fs",
            over=over,
            shares_memory=True,
            traits=[*RING, "filesystem-requests"],
            data=[data.image_layers, data.workload_data, data.workload_secrets],
        )
        _file_server(o, inline)
    if o.runtime == "go" and o.hypervisor == "qemu" and not o.confidential:
        _ninep(o)


def _ninep(o: KataOptions) -> None:
    if o.shared_fs == "virtio-9p":
        for id_, ends, name in (
            ("K34", (o.vmm, "host-share"), "File operations"),
            ("K35", ("host-share", o.vmm), "File contents"),
        ):
            Flow(
                id_,
                *ends,
                name,
                protocol="POSIX",
                over="system calls",
                authentication="file-permissions",
                traits=["filesystem-requests", "path-names"],
                data=[data.workload_data, data.fuse_requests],
                controls=[sharing.share_read_only, sharing.volumes_read_only],
            )
    Flow(
        "F45",
        "guest-kernel",
        o.vmm,
        "File requests by 9p",
        protocol="9P2000.L over virtio",
        over="virtqueue in the VMM",
        description="Only where shared_fs is changed to virtio-9p; the agent cannot mount it since 3.29.0",
        shares_memory=True,
        traits=[*RING, "filesystem-requests", "path-names"],
        data=[data.descriptors, data.fuse_requests],
        controls=[] if o.shared_fs == "virtio-9p" else [sharing.ninep_off],
    )


def _file_server(o: KataOptions, inline: bool) -> None:
    if not inline:
        Flow(
            "F44.vhost-user",
            o.vmm,
            o.file_server,
            "Queue and memory setup",
            protocol="vhost-user",
            over="uds",
            port=FILE_SOCKETS.get((o.runtime, o.hypervisor), "virtiofsd.sock"),
            authentication="file-permissions",
            shares_memory=True,
            traits=["control-api", "direct-memory-access", "length-prefixed"],
            data=[data.guest_memory],
        )
    Flow(
        "K34",
        o.file_server,
        "host-share",
        "File operations",
        protocol="POSIX",
        over="system calls",
        authentication="file-permissions",
        traits=["filesystem-requests", "path-names"],
        data=[data.workload_data, data.fuse_requests],
        controls=[
            *([sharing.share_read_only] if sharing.serves_read_only(o) else []),
            sharing.volumes_read_only,
        ],
    )
    Flow(
        "K35",
        "host-share",
        o.file_server,
        "File contents",
        over="file",
        authentication="file-permissions",
        traits=["filesystem-requests"],
        data=[data.image_layers, data.workload_data, data.workload_secrets],
    )
