"""Where disks, layers, volumes and memory of sandboxes lie on the node, and who serves them."""

from __future__ import annotations

from threatmodel.dsl import Datastore, ExternalEntity, Process

from .. import assets_devices as assets
from .. import data
from ..controls import devices_storage as storage
from ..controls import host
from ..options import KataOptions

ROOT = "host-userspace"


def device_stores(o: KataOptions) -> None:
    """Stores of the node that only one kind of configuration has."""
    if o.local:
        _images(o)
        _nydus(o)
        _volumes(o)
        _block_servers(o)
        _memory(o)
        _devices(o)


def _images(o: KataOptions) -> None:
    if o.image_source == "block":
        Datastore(
            "snapshot-disks",
            inside=ROOT,
            name="Snapshot disks",
            description="Thin pool of devmapper, or block files: one device per container",
            traits=["shared-by-tenants", "stores-state"],
            data=[assets.layer_blocks, assets.scratch_blocks],
        )
    if o.image_source == "erofs":
        Datastore(
            "erofs-layers",
            inside=ROOT,
            name="EROFS layers",
            description="One file per layer, shared by all sandboxes that use it, and its root hash",
            traits=["shared-by-tenants", "stores-state"],
            data=[assets.layer_blocks, assets.layer_metadata],
        )
        Datastore(
            "merged-disk",
            inside=ROOT,
            name="Merged disk",
            description="Description that joins the layers of one container to a disk, below /run/kata-containers",
            traits=["stores-state"],
            data=[assets.layer_metadata],
        )
    if extended(o):
        Datastore(
            "extension-images",
            inside=ROOT,
            name="Extension images",
            description="Attestation components and drivers beside the guest image",
            traits=["shared-by-tenants", "supplies-code"],
            data=[assets.extension_image_data],
        )
    if o.hypervisor == "fc":
        Datastore(
            "jail-folder",
            inside="fc-jail",
            name="Jail folder",
            description="Root of Firecracker: bind mounts of kernel, image and disks, and its sockets",
            data=[assets.jailed_files],
        )
    if o.shared_fs != "none":
        Datastore(
            "node-files",
            inside=ROOT,
            name="Folders of the node",
            description="What sandbox_bind_mounts may name",
            data=[data.host_files],
        )


def extended(o: KataOptions) -> bool:
    """True where images that extend the guest are configured."""
    return o.runtime == "rust" and o.hypervisor == "qemu" and (o.tee != "none" or o.pod_resources == "on")


def _nydus(o: KataOptions) -> None:
    if o.image_source in ("nydus", "guest-pull"):
        Process(
            "nydus-snapshotter",
            inside=ROOT,
            name="Nydus snapshotter",
            language="go",
            runs_as="uid 0, systemd unit",
            description="Tells the shim by mount options what to do with an image; code of another project",
            traits=[
                "shared-by-tenants",
                "broker",
                *(["pulls-artefacts"] if o.image_source == "nydus" else []),
            ],
            data=[assets.rafs_blobs, data.pod_spec],
        )
    if o.file_server == "nydusd":
        Process(
            "nydusd",
            inside="file-server-zone",
            name="nydusd",
            language="rust",
            runs_as="uid 0",
            description="Serves images chunk by chunk and the shared folder; no sandbox argument is passed",
            traits=["file-server", "pulls-artefacts", "parses-images"],
            data=[data.host_files, data.workload_data, assets.rafs_blobs],
            controls=[
                storage.nydusd_per_sandbox,
                *([host.sandbox_cgroup, host.pod_limits] if o.sandbox_cgroup == "on" else []),
            ],
        )
    if o.image_source == "nydus":
        Datastore(
            "blob-cache",
            inside=ROOT,
            name="Blob cache",
            description="Chunks that were fetched before, for all sandboxes",
            traits=["shared-by-tenants", "stores-state"],
            data=[assets.rafs_blobs],
        )


def _volumes(o: KataOptions) -> None:
    Datastore(
        "block-volumes",
        inside=ROOT,
        name="Volumes on block devices",
        description="Devices or files that a direct volume or a persistent volume names",
        traits=["shared-by-tenants"],
        data=[assets.volume_blocks],
    )
    if o.emptydir in ("block-plain", "block-encrypted"):
        Datastore(
            "emptydir-disks",
            inside=ROOT,
            name="Disks of empty folders",
            description="Sparse files below /var/lib/kubelet that the shim makes",
            data=[assets.scratch_blocks],
        )
    if o.emptydir == "shared-fs" and o.shared_fs != "none":
        Datastore(
            "emptydir-folders",
            inside=ROOT,
            name="Empty folders",
            description="Folders below /var/lib/kubelet",
            data=[assets.scratch_blocks],
        )


def _block_servers(o: KataOptions) -> None:
    if o.spdk == "on":
        Process(
            "spdk",
            inside=ROOT,
            name="SPDK",
            language="c",
            runs_as="uid 0",
            description="Serves disks of many sandboxes over vhost-user and maps the memory of each guest",
            traits=["emulates-devices", "shared-by-tenants"],
            data=[assets.volume_blocks],
        )
    if o.runtime == "go" and o.hypervisor == "qemu":
        Datastore(
            "vhost-user-store",
            inside=ROOT,
            name="Socket store",
            description="/var/run/kata-containers/vhost-user: device nodes and the sockets that they stand for",
            traits=["stores-state"],
            data=[assets.block_sockets],
            controls=[host.root_socket],
        )


def _memory(o: KataOptions) -> None:
    if templated(o):
        Datastore(
            "vm-template",
            inside=ROOT,
            name="Template of a sandbox",
            description="/run/vc/vm/template: memory and device state of a paused guest",
            traits=["shared-by-tenants"],
            data=[assets.template_memory],
        )
    if o.runtime == "go" and o.hypervisor == "qemu":
        Process(
            "vm-cache",
            inside=ROOT,
            name="Cache of sandboxes",
            language="go",
            runs_as="uid 0, kata-runtime factory init",
            description="Keeps started guests and hands them out; not started by default",
            traits=["shared-by-tenants", "spawns-processes", "boots-guest"],
            data=[assets.template_memory, data.runtime_configuration],
        )
    if o.runtime == "go" and o.hypervisor == "qemu":
        Datastore(
            "memory-dumps",
            inside=ROOT,
            name="Memory dumps",
            description="Folder of guest_memory_dump_path",
            data=[assets.memory_dumps],
        )
    if mapped_files(o):
        Datastore(
            "page-cache",
            inside="host-kernel-zone",
            name="Host page cache",
            description="One copy of a file for all guests that map it",
            traits=["shared-by-tenants"],
            data=[assets.cached_pages],
        )


def templated(o: KataOptions) -> bool:
    """True where sandboxes can start from a template."""
    return o.hypervisor in ("qemu", "clh", "dragonball") and not o.confidential


def mapped_files(o: KataOptions) -> bool:
    """True where a guest maps pages of a file that other guests map too."""
    return o.guest_image == "pmem" or o.dax == "on" or o.factory == "template"


def _devices(o: KataOptions) -> None:
    if o.net in ("dan-tap", "dan-vhost-user"):
        ExternalEntity(
            "dan-plugin",
            inside=ROOT,
            name="Network plugin (DAN)",
            description="Makes taps or sockets and describes them in a file per sandbox",
            data=[assets.network_devices],
        )
        Datastore(
            "dan-file",
            inside=ROOT,
            name="Network file (DAN)",
            description="/run/kata-containers/dans, one JSON file per sandbox",
            traits=["stores-state"],
            data=[assets.network_devices],
            controls=[host.root_socket],
        )
    if o.net == "dan-vhost-user":
        Process(
            "vhost-user-switch",
            inside=ROOT,
            name="User-space switch",
            language="c",
            runs_as="uid 0",
            description="DPDK or the like: serves the network devices of many guests and maps the memory of each",
            traits=["emulates-devices", "shared-by-tenants", "network-facing"],
            data=[data.packets],
        )
    if o.pod_resources == "on":
        Datastore(
            "cdi-specs",
            inside=ROOT,
            name="Device descriptions",
            description="/etc/cdi and /var/run/cdi",
            traits=["stores-state"],
            data=[assets.device_descriptions],
            controls=[host.root_socket],
        )
