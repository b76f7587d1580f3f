"""F42.* and K56 to K58: volumes, empty directories and the back ends that serve them."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_devices as assets
from .. import data
from ..controls import devices_storage as storage
from ..controls import host
from ..options import KataOptions
from .devices import RING, disk


def device_volumes(o: KataOptions) -> None:
    """What a pod keeps, and where."""
    if not o.local:
        if o.emptydir == "guest-tmpfs":
            _in_the_guest()
        return
    _direct(o)
    _empty(o)
    if o.spdk == "on":
        _spdk(o)
    if o.runtime == "go" and o.hypervisor == "qemu":
        _store(o)


def _direct(o: KataOptions) -> None:
    Flow(
        "K57",
        o.vmm if o.spdk == "off" else "spdk",
        "block-volumes",
        "Writes to volumes",
        over="block device, file",
        authentication="file-permissions",
        traits=["block-device"],
        data=[assets.volume_blocks],
    )
    Flow(
        "K57.read",
        "block-volumes",
        o.vmm if o.spdk == "off" else "spdk",
        "Blocks of volumes",
        over="block device, file",
        authentication="file-permissions",
        description="The host does not mount the file system; the guest does",
        traits=["block-device"],
        data=[assets.volume_blocks],
    )
    Flow(
        "K57.make",
        "csi-directvolume" if o.kubernetes else "node-admin",
        "block-volumes",
        "Volumes made and formatted",
        over="file, system calls",
        authentication="file-permissions",
        traits=["block-device", "path-names"],
        data=[assets.volume_blocks],
    )
    Flow(
        "F42.volume",
        "spdk" if o.spdk == "on" else o.vmm,
        "guest-kernel",
        "Blocks of volumes in the guest",
        protocol="vhost-user-blk" if o.spdk == "on" else disk(o),
        over="virtqueue (vhost-user)" if o.spdk == "on" else "virtqueue in the VMM",
        shares_memory=True,
        traits=[*RING, "block-device"],
        data=[assets.volume_blocks],
    )


def _empty(o: KataOptions) -> None:
    if o.emptydir in ("block-plain", "block-encrypted"):
        Flow(
            "K56.make",
            o.shim,
            "emptydir-disks",
            "Sparse file as a disk",
            over="file",
            authentication="file-permissions",
            description="As large as the file system that it lies in; described by a record of a direct volume",
            traits=["path-names"],
            data=[assets.scratch_blocks],
            controls=[storage.disk_counted],
        )
        Flow(
            "K56",
            o.vmm,
            "emptydir-disks",
            "Writes to empty directories",
            over="file",
            authentication="file-permissions",
            traits=["block-device", "resource-requests"],
            data=[assets.scratch_blocks],
        )
        Flow(
            "K56.read",
            "emptydir-disks",
            o.vmm,
            "Blocks of empty directories read",
            over="file",
            authentication="file-permissions",
            traits=["block-device"],
            data=[assets.scratch_blocks],
        )
    if o.emptydir == "block-plain":
        Flow(
            "F42.emptydir",
            o.vmm,
            "guest-kernel",
            "Blocks of empty directories",
            protocol=disk(o),
            over="virtqueue in the VMM",
            description="Neither encrypted nor checked by the guest",
            shares_memory=True,
            traits=[*RING, "block-device"],
            data=[assets.scratch_blocks],
        )
    if o.emptydir == "shared-fs" and o.shared_fs != "none":
        Flow(
            "K56.bind",
            "emptydir-folders",
            "host-share",
            "Empty directories bound in",
            over="bind mount by the shim",
            authentication="file-permissions",
            description="Writable by the guest, by any user id that it chooses",
            traits=["mount-requests", "path-names", "resource-requests"],
            data=[assets.scratch_blocks],
            controls=[storage.share_propagation],
        )
    if o.emptydir == "guest-tmpfs":
        _in_the_guest()


def _in_the_guest() -> None:
    Flow(
        "K56.tmpfs",
        "agent",
        "container-rootfs",
        "Empty directories in guest memory",
        over="mount",
        authentication="file-permissions",
        traits=["mount-requests"],
        data=[assets.scratch_blocks],
    )


def _spdk(o: KataOptions) -> None:
    Flow(
        "F42.spdk",
        "guest-kernel",
        "spdk",
        "Block requests to SPDK",
        protocol="vhost-user-blk",
        over="virtqueue (vhost-user)",
        shares_memory=True,
        traits=RING,
        data=[data.descriptors, assets.volume_blocks],
    )
    Flow(
        "F42.spdk-setup",
        o.vmm,
        "spdk",
        "Queues and memory for SPDK",
        protocol="vhost-user",
        over="uds",
        authentication="file-permissions",
        description="Hands over the whole memory of the guest",
        shares_memory=True,
        traits=["control-api", "direct-memory-access", "length-prefixed"],
        data=[data.guest_memory],
    )
    Flow(
        "K58",
        "csi-directvolume" if o.kubernetes else "node-admin",
        "spdk",
        "Disks and controllers of SPDK",
        protocol="JSON-RPC",
        over="uds",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "path-names"],
        data=[data.volume_info],
    )


def _store(o: KataOptions) -> None:
    off = o.vhost_user_store == "off"
    Flow(
        "F42.store",
        "vhost-user-store",
        o.shim,
        "Sockets by device number",
        over="file",
        authentication="file-permissions",
        description="A block device of major 241 or 242 stands for a socket of the store",
        traits=["path-names", "carries-configuration"],
        data=[assets.block_sockets],
        controls=[storage.vhost_user_store_names, *([storage.vhost_user_store_off] if off else [])],
    )
    Flow(
        "F42.store-write",
        "node-admin",
        "vhost-user-store",
        "Device nodes and sockets placed",
        over="file",
        authentication="file-permissions",
        traits=["path-names"],
        data=[assets.block_sockets],
        controls=[host.root_socket],
    )
