"""F07, F40, F46 to F49: networks from a plugin, physical devices, vIOMMU and resizing."""

from __future__ import annotations

from threatmodel.dsl import Control, Flow

from .. import assets_devices as assets
from .. import data
from ..controls import devices_io as io
from ..controls import devices_memory as memory
from ..controls import devices_vmm as monitors
from ..controls import kernel, vmm
from ..elements.devices_hardware import assignable
from ..options import HOTPLUG, KataOptions
from .platform import REACHED, RESIZED


def device_io(o: KataOptions) -> None:
    """What is given to a guest beside virtio devices of the monitor."""
    if not o.local:
        return
    if o.net in ("dan-tap", "dan-vhost-user"):
        _plugin(o)
    if o.net == "dan-vhost-user":
        _switch(o)
    if o.net in ("tcfilter", "macvtap", "l3forwarding"):
        _joined(o)
    if o.net == "physical-vfio":
        _network_card()
    if assignable(o):
        _assigned(o)
    if o.pod_resources == "on":
        _descriptions(o)
    _translation(o)
    _resizing(o)
    if o.virtio_rng:
        _entropy(o)


def _plugin(o: KataOptions) -> None:
    Flow(
        "F07.dan-write",
        "dan-plugin",
        "dan-file",
        "Networks described",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "path-names"],
        data=[assets.network_devices],
    )
    Flow(
        "F07.dan",
        "dan-file",
        o.shim,
        "Directly attached networks",
        protocol="JSON",
        over="file",
        port="/run/kata-containers/dans/<sandbox>.json",
        authentication="file-permissions",
        description="Decides which tap or socket the guest is joined to",
        traits=["carries-configuration", "serialized-objects", "path-names"],
        data=[assets.network_devices],
        controls=[io.dan_typed],
    )
    if o.net == "dan-tap":
        Flow(
            "F07.dan-tap",
            "dan-plugin",
            "host-kernel",
            "Tap made for a sandbox",
            protocol="netlink",
            over="system calls",
            authentication="file-permissions",
            traits=["system-calls"],
            data=[assets.network_devices],
        )


def _switch(o: KataOptions) -> None:
    Flow(
        "F40.setup",
        o.vmm,
        "vhost-user-switch",
        "Queues and memory for the switch",
        protocol="vhost-user",
        over="uds",
        authentication="file-permissions",
        description="Hands over the whole memory of the guest",
        shares_memory=True,
        traits=["control-api", "direct-memory-access", "length-prefixed"],
        data=[data.guest_memory],
    )
    for id_, ends, name in (
        ("K41.switch", ("vhost-user-switch", "network-peer"), "Packets of the pod, past the kernel"),
        ("K40.switch", ("network-peer", "vhost-user-switch"), "Packets to the pod, past the kernel"),
    ):
        Flow(
            id_,
            *ends,
            name,
            protocol="IP",
            over="network",
            traits=["network-packets", "remote", "plaintext-network"],
            data=[data.packets],
        )
    Flow(
        "K41.neighbour",
        "vhost-user-switch",
        "other-sandbox",
        "Packets to other guests",
        protocol="Ethernet",
        over="virtqueue (vhost-user)",
        traits=["network-packets"],
        data=[data.packets],
    )


JOINED = {
    "tcfilter": (
        "F40.filter",
        "Mirror of packets set up",
        "Each packet of the pod's interface goes to the tap",
    ),
    "macvtap": ("F40.macvtap", "Tap on the pod's interface", "The guest has an address of the outer network"),
    "l3forwarding": (
        "F40.route",
        "Routes and forwarding set up",
        "Forwarding and proxy ARP in the pod's namespace instead of a mirror of each packet; IPv4 only",
    ),
}


def _joined(o: KataOptions) -> None:
    """How the shim joins the interface of the pod to the guest."""
    id_, name, description = JOINED[o.net]
    Flow(
        id_,
        o.shim,
        "host-kernel",
        name,
        protocol="netlink",
        over="system calls",
        authentication="file-permissions",
        description=description,
        traits=["system-calls"],
        data=[data.network_config],
        controls=[io.l3_single] if o.net == "l3forwarding" else [],
    )


def _network_card() -> None:
    Flow(
        "F47.nic",
        "guest-kernel",
        "physical-nic",
        "Packets by the guest's own driver",
        protocol="VFIO, PCI",
        over="mapped registers, DMA",
        shares_memory=True,
        traits=["device-assignment", "direct-memory-access", "network-packets"],
        data=[data.packets],
        controls=[vmm.iommu, kernel.vfio_reset],
    )
    Flow(
        "F47.nic-dma",
        "physical-nic",
        "guest-kernel",
        "Packets written by the card",
        protocol="PCI",
        over="DMA, interrupts",
        shares_memory=True,
        traits=["device-assignment", "direct-memory-access", "network-packets"],
        data=[data.packets],
        controls=[vmm.iommu],
    )
    Flow(
        "K41.nic",
        "physical-nic",
        "network-peer",
        "Packets past the host kernel",
        protocol="IP",
        over="network",
        description="No filter of the node sees them",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )


def _assigned(o: KataOptions) -> None:
    via = "VFIO-AP, VFIO-CCW" if o.arch == "s390x" else "VFIO, PCI"
    given: list[Control] = [vmm.iommu, kernel.vfio_reset]
    Flow(
        "F47.dma",
        "assigned-device",
        "guest-kernel",
        "Memory written by a device",
        protocol=via,
        over="DMA, interrupts",
        description="A confidential guest lets a device reach only memory that it has shared"
        if o.confidential
        else "The device reaches all memory of the guest",
        shares_memory=True,
        traits=["device-assignment", "direct-memory-access"],
        data=[assets.device_memory, data.guest_memory],
        controls=given,
    )
    Flow(
        "F47.host",
        "assigned-device",
        "host-kernel",
        "DMA of a device towards the host",
        protocol=via,
        over="DMA, interrupts",
        traits=["device-assignment", "direct-memory-access"],
        data=[data.host_resources],
        controls=[vmm.iommu],
    )
    _plugging(o)
    _driver(o, via)


def _plugging(o: KataOptions) -> None:
    """Cold where the configuration says so; hot where it says so, and in the Rust runtime where it says nothing."""
    given: list[Control] = []
    if o.runtime == "go" and o.hypervisor in ("qemu", "clh"):
        given.append(io.one_plug_kind)
    if o.confidential and o.runtime == "go" and o.arch != "s390x":
        given.append(io.iommufd_for_tee)
    off = o.vfio == "none" and o.hypervisor == "qemu" and o.tee == "none" and o.net != "physical-vfio"
    if o.vfio == "cold" or off:
        Flow(
            "F47.cold",
            o.shim,
            o.vmm,
            "Device attached before the boot",
            protocol="VFIO group or IOMMUFD device",
            over="command line, control interface",
            authentication="file-permissions",
            traits=["device-assignment", "path-names"],
            data=[data.pod_spec],
            controls=[*given, *([io.cold_plug_off] if off else [])],
        )
    if o.vfio != "cold":
        Flow(
            "F47.hot",
            o.shim,
            o.vmm,
            "Device plugged into the running guest",
            protocol="VFIO group or IOMMUFD device",
            over="control interface",
            authentication="file-permissions",
            description="The Rust runtime asks no setting for it" if o.runtime == "rust" else "",
            traits=["hot-plug", "device-assignment", "path-names"],
            data=[data.pod_spec],
            controls=given,
        )


def _driver(o: KataOptions, via: str) -> None:
    if o.vfio_mode == "vfio":
        Flow(
            "F47.user",
            "containers",
            "assigned-device",
            "Device driven by a container",
            protocol=via,
            over="/dev/vfio in the guest",
            description="The container has the device's registers and its DMA",
            shares_memory=True,
            traits=["device-assignment", "direct-memory-access"],
            data=[assets.device_memory],
        )
        return
    Flow(
        "F47.node",
        "containers",
        "guest-kernel",
        "Requests to the driver of a device",
        protocol="ioctl, mmap",
        over="device node in the guest",
        authentication="file-permissions",
        traits=["system-calls"],
        data=[assets.device_memory],
    )


def _descriptions(o: KataOptions) -> None:
    Flow(
        "F06.cdi",
        "cdi-specs",
        o.shim,
        "Descriptions of devices",
        protocol="JSON, YAML (CDI)",
        over="file",
        authentication="file-permissions",
        description="Nodes, mounts and hooks of a device; the shim takes the device nodes",
        traits=["serialized-objects", "carries-configuration", "path-names"],
        data=[assets.device_descriptions],
    )
    Flow(
        "F06.cdi-write",
        "node-admin",
        "cdi-specs",
        "Descriptions of devices written",
        over="file",
        authentication="file-permissions",
        description="By the operator of the devices",
        traits=["serialized-objects"],
        data=[assets.device_descriptions],
    )
    Flow(
        "F47.cdi",
        o.shim,
        "agent",
        "Names of devices for containers",
        protocol="annotations cdi.k8s.io",
        over=o.agent_over,
        traits=["serialized-objects", "carries-configuration"],
        data=[assets.device_descriptions],
        controls=[io.cdi_kinds] if o.runtime == "rust" else [],
    )


def _translation(o: KataOptions) -> None:
    qemu = o.hypervisor == "qemu" and o.arch == "x86_64"
    if not (qemu or (o.hypervisor == "clh" and o.runtime == "go")):
        return
    asked = o.kernel_params_open  # the same lists name enable_iommu
    Flow(
        "F48",
        "guest-kernel",
        o.vmm,
        "Tables of a virtual IOMMU",
        protocol="vIOMMU",
        over="registers and tables in guest memory",
        description=_translated(o)
        if o.viommu == "on"
        else "A pod can ask for it by annotation"
        if asked
        else "",
        shares_memory=True,
        traits=["hypercalls", "direct-memory-access"],
        data=[data.descriptors],
        controls=[memory.viommu_off] if o.viommu == "off" and not asked else [],
    )


def _translated(o: KataOptions) -> str:
    if o.hypervisor == "qemu":
        return "In every pod; QEMU itself then emulates the interrupt controllers of the old kind"
    return "In every pod; disks, network, vsock and console are behind it"


def _resizing(o: KataOptions) -> None:
    if o.hypervisor in HOTPLUG:
        Flow(
            "F49.resize",
            o.vmm,
            "guest-kernel",
            "Processors and memory plugged",
            protocol="upcall, virtio-mem" if o.hypervisor == "dragonball" else RESIZED.get(o.arch, "ACPI"),
            over="vsock, virtqueue"
            if o.hypervisor == "dragonball"
            else REACHED[o.arch]
            if o.arch in RESIZED
            else "ports and memory-mapped registers",
            traits=["hot-plug"],
            data=[data.guest_memory],
            controls=[monitors.static_resources] if o.resources == "static" and not o.confidential else [],
        )
    if o.hypervisor == "dragonball" and o.resources == "dynamic":
        Flow(
            "F46.mem",
            "guest-kernel",
            o.vmm,
            "Memory plugged by block",
            protocol="virtio-mem",
            over="virtqueue in the VMM",
            description="The way in which Dragonball resizes memory",
            shares_memory=True,
            traits=["virtqueue", "length-prefixed", "resource-requests", "hot-plug"],
            data=[data.descriptors],
        )
    if o.hypervisor in ("stratovirt", "openvmm"):
        Flow(
            "F49",
            o.vmm,
            "guest-kernel",
            "Disks plugged",
            protocol="PCIe" if o.hypervisor == "openvmm" else "virtio-mmio",
            over="registers",
            traits=["hot-plug"],
            data=[data.descriptors],
            controls=[io.openvmm_block_only if o.hypervisor == "openvmm" else io.stratovirt_disks_only],
        )


def _entropy(o: KataOptions) -> None:
    Flow(
        "K37",
        "host-kernel",
        o.vmm,
        "Random numbers for the guest",
        over="/dev/urandom",
        authentication="file-permissions",
        data=[assets.entropy],
        controls=[memory.entropy_source] if o.hypervisor != "clh" else [],
    )
    Flow(
        "F46.entropy",
        o.vmm,
        "guest-kernel",
        "Random numbers delivered",
        protocol="virtio-rng",
        over="virtqueue in the VMM",
        description="From the host: a confidential guest must not rely on them alone"
        if o.confidential
        else "",
        shares_memory=True,
        traits=["virtqueue", "entropy-source"],
        data=[assets.entropy],
    )
