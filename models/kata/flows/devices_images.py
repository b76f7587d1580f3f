"""K53 to K55 and F42.*: the way of an image, by its source, from the container manager to the guest."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_devices as assets
from .. import data
from ..controls import devices_storage as storage
from ..controls import host, kernel, pod_input
from ..elements.devices_storage import extended
from ..options import KataOptions
from .devices import RING, disk


def device_images(o: KataOptions) -> None:
    """Root file systems as disks, layers and chunks; images beside the guest image."""
    if not o.local:
        return
    if o.image_source == "block":
        _snapshots(o)
    if o.image_source == "erofs":
        _layers(o)
    if o.image_source in ("nydus", "guest-pull"):
        _snapshotter(o)
    if o.file_server == "nydusd":
        _nydusd(o)
    if o.image_source == "nydus":
        _chunks(o)
    if extended(o):
        _extensions(o)
    if o.hypervisor == "fc":
        _jail(o)
    if o.shared_fs != "none":
        _below_the_share(o)


def _snapshots(o: KataOptions) -> None:
    Flow(
        "K52.disk",
        "cri-containerd",
        "snapshot-disks",
        "Layers written to a device",
        over="block device",
        authentication="file-permissions",
        description="devmapper or blockfile snapshotter of the container manager",
        traits=["archives", "block-device"],
        data=[assets.layer_blocks],
        controls=[host.confined_unpack],
    )
    if o.hypervisor != "fc":
        Flow(
            "K53.disk",
            "snapshot-disks",
            o.vmm,
            "Snapshot as a disk",
            over="block device",
            authentication="file-permissions",
            traits=["binds-code", "block-device"],
            data=[assets.layer_blocks, assets.scratch_blocks],
        )
    Flow(
        "K53.write",
        o.vmm,
        "snapshot-disks",
        "Writes of a container",
        over="block device",
        authentication="file-permissions",
        traits=["block-device"],
        data=[assets.scratch_blocks],
    )


def _layers(o: KataOptions) -> None:
    Flow(
        "K52.erofs",
        "cri-containerd",
        "erofs-layers",
        "Layers converted to EROFS",
        over="file",
        authentication="file-permissions",
        description="EROFS snapshotter of the container manager; with a root hash where it is told to make one",
        traits=["archives"],
        data=[assets.layer_blocks, assets.layer_metadata],
        controls=[host.confined_unpack],
    )
    Flow(
        "K54.verity",
        "erofs-layers",
        o.shim,
        "Root hashes of layers",
        protocol="JSON, superblock",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "path-names"],
        data=[assets.layer_metadata],
        controls=[storage.verity_metadata_limit, storage.erofs_regular_files],
    )
    Flow(
        "K54.join",
        o.shim,
        "merged-disk",
        "Layers joined to a disk",
        protocol="VMDK, GPT",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "path-names"],
        data=[assets.layer_metadata],
        controls=[storage.erofs_layer_limit],
    )
    Flow(
        "K54.vmdk",
        "merged-disk",
        o.vmm,
        "Description of the disk",
        protocol="VMDK",
        over="file",
        authentication="file-permissions",
        description="The monitor opens each file that is named in it",
        traits=["serialized-objects", "path-names"],
        data=[assets.layer_metadata],
        controls=[storage.erofs_regular_files],
    )
    Flow(
        "K54.blocks",
        "erofs-layers",
        o.vmm,
        "Layers as a disk",
        over="file",
        authentication="file-permissions",
        traits=["binds-code", "block-device"],
        data=[assets.layer_blocks],
        controls=[storage.erofs_read_only],
    )
    Flow(
        "F42.layers",
        o.vmm,
        "guest-kernel",
        "Blocks of layers",
        protocol=disk(o),
        over="virtqueue in the VMM",
        description="The guest mounts EROFS, through dm-verity where a root hash came along; the chart asks for none by "
        "default (snapshotter.erofsDmverity)",
        shares_memory=True,
        traits=[*RING, "block-device"],
        data=[assets.layer_blocks],
    )
    Flow(
        "F42.layer-requests",
        "guest-kernel",
        o.vmm,
        "Requests for layers",
        protocol=disk(o),
        over="virtqueue in the VMM",
        shares_memory=True,
        traits=[*RING, "block-device"],
        data=[data.descriptors],
        controls=[
            storage.erofs_read_only,
            *([kernel.qemu_virtqueue_mapping] if o.hypervisor == "qemu" else []),
        ],
    )


def _snapshotter(o: KataOptions) -> None:
    pull = o.image_source == "guest-pull"
    Flow(
        "K55",
        "cri-containerd",
        "nydus-snapshotter",
        "Snapshot requests",
        protocol="gRPC (snapshots)",
        over="uds",
        port="/run/containerd-nydus/containerd-nydus-grpc.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "path-names"],
        operations=["Prepare", "View", "Mounts", "Commit", "Remove"],
        data=[data.pod_spec],
        controls=[host.root_socket],
    )
    Flow(
        "K55.reply",
        "nydus-snapshotter",
        "cri-containerd",
        "Mounts with an instruction for Kata",
        protocol="gRPC (snapshots)",
        over="uds",
        authentication="file-permissions",
        description="Names the image that the guest shall pull: no layer is unpacked on the node"
        if pull
        else "Names bootstrap and configuration of an image in base64",
        traits=["serialized-objects", "mount-requests", "path-names"],
        data=[data.pod_spec] if pull else [assets.rafs_blobs],
        controls=[host.root_socket],
    )


def _nydusd(o: KataOptions) -> None:
    Flow(
        "K06.nydusd",
        o.shim,
        "nydusd",
        "Start of nydusd",
        protocol="exec",
        over="process start",
        authentication="file-permissions",
        traits=["process-exec", "command-line", "carries-configuration", "path-names"],
        data=[data.runtime_configuration],
        controls=[pod_input.fixed_paths, storage.nydusd_paths],
    )
    Flow(
        "F44.api",
        o.shim,
        "nydusd",
        "Mounts of images and folders",
        protocol="HTTP/1 (REST)",
        over="uds",
        port="nydusd-api.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "mount-requests", "path-names"],
        operations=["GET /api/v1/daemon", "POST /api/v1/mount", "DELETE /api/v1/mount"],
        data=[assets.rafs_blobs],
        controls=[storage.nydusd_timeout],
    )
    Flow(
        "F44.api.reply",
        "nydusd",
        o.shim,
        "State and errors of nydusd",
        protocol="HTTP/1 (REST)",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects", "log-records"],
        data=[data.guest_logs],
        controls=[storage.nydusd_timeout],
    )


def _chunks(o: KataOptions) -> None:
    server = o.file_server
    Flow(
        "K50.chunks",
        server,
        "registry",
        "Requests for chunks",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        port="443",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "queries"],
        data=[data.pod_spec],
    )
    Flow(
        "K50.chunks.reply",
        "registry",
        server,
        "Chunks of images",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        description="Fetched while the container runs, after the image was accepted",
        traits=["remote", "archives", "binds-code"],
        data=[assets.rafs_blobs],
    )
    Flow(
        "K55.cache",
        server,
        "blob-cache",
        "Chunks kept",
        over="file",
        authentication="file-permissions",
        data=[assets.rafs_blobs],
    )
    Flow(
        "K55.cached",
        "blob-cache",
        server,
        "Chunks read again",
        over="file",
        authentication="file-permissions",
        traits=["binds-code"],
        data=[assets.rafs_blobs],
    )


def _extensions(o: KataOptions) -> None:
    Flow(
        "K54.extension",
        "extension-images",
        o.vmm,
        "Extension image read",
        over="file",
        authentication="file-permissions",
        traits=["binds-code", "block-device"],
        data=[assets.extension_image_data],
        controls=[storage.extension_read_only],
    )
    Flow(
        "K61.extension",
        "kata-deploy" if o.kubernetes else "node-admin",
        "extension-images",
        "Installed extension images",
        over="file",
        authentication="file-permissions",
        traits=["binds-code"],
        data=[data.release_artefacts, assets.extension_image_data],
    )
    Flow(
        "F42.extension",
        o.vmm,
        "guest-kernel",
        "Extension image in the guest",
        protocol="virtio-blk",
        over="virtqueue in the VMM",
        description="Found by its serial number and mounted by a unit of the guest",
        shares_memory=True,
        traits=[*RING, "block-device", "binds-code"],
        data=[assets.extension_image_data],
        controls=[storage.extension_verified] if o.tee != "se" else [],
    )


def _jail(o: KataOptions) -> None:
    Flow(
        "K53.jail",
        o.shim,
        "jail-folder",
        "Kernel, image and disks bound in",
        over="bind mount",
        authentication="file-permissions",
        traits=["mount-requests", "path-names"],
        data=[assets.jailed_files],
    )
    if o.image_source == "block":
        Flow(
            "K53.jail.disk",
            "snapshot-disks",
            "jail-folder",
            "Snapshot bound into the jail",
            over="bind mount",
            authentication="file-permissions",
            traits=["binds-code", "block-device"],
            data=[assets.layer_blocks],
        )
    Flow(
        "K53.jail.read",
        "jail-folder",
        o.vmm,
        "Files in the jail",
        over="file",
        authentication="file-permissions",
        description="The mounts are not read-only; the disks are, where the requests to Firecracker say so",
        traits=["binds-code", "block-device", "path-names"],
        data=[assets.jailed_files, assets.layer_blocks],
    )


def _below_the_share(o: KataOptions) -> None:
    Flow(
        "K53.bind",
        "node-files",
        "host-share",
        "Folders of the administrator bound in",
        over="bind mount by the shim",
        authentication="file-permissions",
        description="sandbox_bind_mounts: each sandbox sees the same folders",
        traits=["mount-requests", "path-names"],
        data=[data.host_files],
        controls=[
            storage.bind_mounts_read_only,
            storage.share_propagation,
            *([storage.bind_mounts_off] if o.bind_mounts == "off" else []),
        ],
    )
    if o.image_source == "overlay" and o.hypervisor in ("qemu", "clh", "dragonball", "stratovirt", "openvmm"):
        Flow(
            "K53.block",
            "image-store",
            o.vmm,
            "Root file systems on block devices",
            over="block device",
            authentication="file-permissions",
            description="Where the source of a root file system is a block device, the device goes to the guest",
            traits=["binds-code", "block-device"],
            data=[data.image_layers],
            controls=[pod_input.block_use_off] if o.block_rootfs == "off" else [],
        )
