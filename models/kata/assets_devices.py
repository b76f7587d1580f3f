"""What is worth protecting in devices, disks and memory, and who writes its content."""

from __future__ import annotations

from threatmodel.dsl import Data

volume_blocks = Data(
    "volume-blocks",
    name="Blocks of volumes",
    description="File systems of persistent volumes as their devices hold them",
    confidentiality="high",
    integrity="high",
    availability="medium",
    origin=["containers"],
)
scratch_blocks = Data(
    "scratch-blocks",
    name="Scratch data of pods",
    description="Empty directories, and the writable layer of a container",
    confidentiality="high",
    integrity="medium",
    availability="low",
    origin=["containers"],
)
layer_blocks = Data(
    "layer-blocks",
    name="Layers as disks",
    description="Snapshots and layers in the form in which a guest mounts them",
    confidentiality="medium",
    integrity="high",
    availability="medium",
    origin=["image-author", "registry"],
)
layer_metadata = Data(
    "layer-metadata",
    name="Description of layers",
    description="Root hashes, partition tables and the file that joins layers to one disk",
    integrity="high",
    origin=["image-author", "cri-containerd"],
)
rafs_blobs = Data(
    "rafs-blobs",
    name="Nydus blobs and bootstraps",
    description="Chunks of image content fetched when they are read, and the tree that refers to them",
    confidentiality="medium",
    integrity="high",
    availability="medium",
    origin=["image-author", "registry"],
)
block_sockets = Data(
    "block-sockets",
    name="Sockets of block back ends",
    description="Names and numbers by which a device finds its vhost-user back end",
    integrity="high",
    origin=["node-admin"],
)
template_memory = Data(
    "template-memory",
    name="Memory of the template",
    description="State of a booted guest from which many sandboxes start: kernel, agent, addresses, random state",
    confidentiality="high",
    integrity="high",
    origin=["guest-kernel", "kata-releases"],
)
memory_dumps = Data(
    "memory-dump-data",
    name="Dumps of guest memory",
    description="Memory and metadata of a crashed guest as files",
    confidentiality="high",
    integrity="low",
    origin=["guest-kernel"],
)
device_memory = Data(
    "device-memory",
    name="Memory of an assigned device",
    description="What a device keeps for the guest that drives it, models and keys among it",
    confidentiality="high",
    integrity="high",
    origin=["containers"],
)
device_descriptions = Data(
    "device-descriptions",
    name="Device descriptions (CDI)",
    description="Which nodes and mounts belong to a device that a container asked for",
    integrity="high",
    origin=["node-admin"],
)
network_devices = Data(
    "network-devices",
    name="Directly attached networks",
    description="Taps, sockets, addresses and routes that a network plugin hands over in a file",
    integrity="high",
    origin=["cni-plugin"],
)
entropy = Data(
    "entropy",
    name="Random numbers for the guest",
    confidentiality="high",
    integrity="high",
    origin=["host-kernel"],
)
shared_processor_state = Data(
    "shared-processor-state",
    name="State of shared hardware",
    description="Caches, branch predictors and timing that programs on one processor leave behind for each other",
    confidentiality="high",
    origin=["other-sandbox", "containers"],
)
cached_pages = Data(
    "cached-pages",
    name="Pages of shared files",
    description="Pages of image, layers or template that several guests map from one cache of the host",
    confidentiality="low",
    integrity="high",
    origin=["kata-releases", "image-author"],
)
jailed_files = Data(
    "jailed-files",
    name="Files in the jail",
    description="Kernel, image, disks, configuration and sockets that are bound into Firecracker's root",
    integrity="high",
    availability="medium",
    origin=["kata-releases", "image-author"],
)
extension_image_data = Data(
    "extension-image-data",
    name="Images that extend the guest",
    description="Attestation components or drivers as read-only file systems",
    integrity="high",
    availability="medium",
    origin=["kata-releases"],
)
