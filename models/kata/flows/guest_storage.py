"""F78 and K11 of storage: devices that the agent finds, and what it formats and mounts, one operation per driver."""

from __future__ import annotations

from threatmodel.dsl import Flow, Operation

from .. import assets_devices, assets_guest, data
from ..controls import guest_agent
from ..elements.devices_hardware import assignable
from ..options import KataOptions

_DISK = "file system, mount options; may be formatted or encrypted"
DISKS = (
    Operation("blk", parses=f"PCI path or name of a device, {_DISK}"),
    Operation("blk-ccw", parses=f"CCW address, {_DISK}", note="s390x only"),
    Operation("mmioblk", parses=f"name of a device, {_DISK}"),
    Operation("scsi", parses=f"SCSI address, {_DISK}"),
    Operation("nvdimm", parses="name of a persistent memory device, file system, mount options"),
)
DRIVERS = (
    Operation("virtio-fs", parses="tag of a shared folder"),
    Operation("ephemeral", parses="options of a tmpfs or of huge pages"),
    Operation("local", parses="path, mode and group of a folder in the guest"),
    Operation("overlayfs", parses="lower, upper and work folders"),
    Operation("watchable-bind", parses="path whose changes are copied"),
    Operation("image_guest_pull", parses="name of an image, its metadata as JSON"),
)
LAYERS = (Operation("erofs.multi-layer", parses="layers, partitions, root hashes, folders to make"),)
HANDLERS = (
    Operation("blk", parses="PCI path"),
    Operation("blk-ccw", parses="CCW address", note="s390x only"),
    Operation("mmioblk", parses="name of a device"),
    Operation("scsi", parses="SCSI address"),
    Operation("nvdimm", parses="name of a device"),
    Operation("vfio-pci", parses="PCI addresses on the host and in the guest"),
    Operation("vfio-pci-gk", parses="PCI addresses on the host and in the guest"),
    Operation("vfio-ap", parses="queues of adapters", note="s390x only"),
    Operation("vfio-ap-cold", parses="queues of adapters", note="s390x only"),
)


def guest_storage(o: KataOptions) -> None:
    """Devices and storage of sandbox and containers."""
    _devices(o)
    _storage()


def _devices(o: KataOptions) -> None:
    Flow(
        "F78.wait",
        "guest-kernel",
        "agent",
        "Devices that were added",
        protocol="uevent, sysfs",
        over="netlink, file",
        authentication="in-process",
        description="Found by the address that a request named",
        traits=["hot-plug", "path-names"],
        operations=HANDLERS,
        data=[assets_guest.device_events],
        controls=[guest_agent.device_timeout],
    )
    if assignable(o) and o.arch != "s390x":
        Flow(
            "F78.cdi.write",
            "guest-init",
            "guest-cdi",
            "Descriptions of devices",
            protocol="YAML or JSON (CDI)",
            over="file",
            authentication="file-permissions",
            description="By NVRC or by a rule of udev, once the driver knows the device",
            traits=["carries-configuration"],
            data=[assets_devices.device_descriptions],
        )
        Flow(
            "F78.cdi",
            "guest-cdi",
            "agent",
            "Edits of a container for its device",
            protocol="YAML or JSON (CDI)",
            over="file",
            port="/var/run/cdi",
            authentication="file-permissions",
            description="Nodes, mounts, variables and hooks that go into the specification",
            traits=["serialized-objects", "mount-requests", "path-names"],
            data=[assets_devices.device_descriptions],
            controls=[guest_agent.cdi_timeout],
        )
        Flow(
            "F78.visible",
            "containers",
            "agent",
            "Devices chosen by an environment",
            protocol="VISIBLE_CDI_DEVICES",
            over="environment of the specification",
            description="By the image or the pod; only where the agent's option says so",
            traits=["carries-configuration"],
            data=[data.pod_spec],
            controls=[guest_agent.visible_devices_off],
        )


def _storage() -> None:
    Flow(
        "K11.storage",
        "agent",
        "guest-kernel",
        "Storage of sandbox and containers",
        over="system calls",
        authentication="in-process",
        description="One driver per kind; what each reads comes from a request",
        traits=["mount-requests", "path-names", "system-calls"],
        operations=DRIVERS,
        data=[data.agent_requests],
    )
    Flow(
        "K11.disks",
        "agent",
        "guest-kernel",
        "Disks formatted and mounted",
        over="system calls",
        authentication="in-process",
        description="Source, file system, options and mount point as a request says",
        traits=["mount-requests", "path-names", "system-calls"],
        operations=DISKS,
        data=[data.agent_requests],
        controls=[guest_agent.fresh_before_encrypted, guest_agent.ext4_only],
    )
    Flow(
        "K11.layers",
        "agent",
        "guest-kernel",
        "Layers joined to a root file system",
        over="system calls",
        authentication="in-process",
        traits=["mount-requests", "path-names", "system-calls"],
        operations=LAYERS,
        data=[data.image_layers],
        controls=[guest_agent.layer_mounts],
    )
