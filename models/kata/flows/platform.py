"""F46 to F50: small, assigned and built-in devices."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import devices_io, devices_memory, dragonball, kernel, vmm
from ..controls import devices_vmm as monitors
from ..options import KataOptions
from .devices import RING

LEGACY = {
    ("clh", "x86_64"): "serial, CMOS, i8042",
    ("clh", "arm64"): "serial, PL031 clock, GPIO",
    ("fc", "x86_64"): "serial, i8042",
    ("fc", "arm64"): "serial, PL031 clock",
    ("dragonball", "x86_64"): "serial, CMOS, i8042",
    ("dragonball", "arm64"): "serial, PL031 clock",
    ("qemu", "x86_64"): "CMOS, i8042, interrupt controllers",
    ("qemu", "arm64"): "PL031 clock, GPIO",
    ("qemu", "ppc64le"): "RTAS, interrupt controller",
    ("qemu", "s390x"): "SCLP",
}
REACHED = {"x86_64": "ports", "s390x": "privileged instructions", "ppc64le": "hypercalls"}
BUSES = {"s390x": "channel subsystem (CCW)", "ppc64le": "RTAS, PCI"}
RESIZED = {"s390x": "SCLP, channel subsystem", "ppc64le": "RTAS"}


def platform(o: KataOptions) -> None:
    """What a guest has beside network, vsock, disks and files."""
    if o.local:
        _small(o)
        _assigned(o)
        _platform(o)


def _small(o: KataOptions) -> None:
    ring = o.hypervisor in ("qemu", "stratovirt")
    if o.hypervisor in ("qemu", "clh", "dragonball"):
        off = devices_memory.balloon_off_dragonball if o.hypervisor == "dragonball" else vmm.balloon_off
        Flow(
            "F46.balloon",
            "guest-kernel",
            o.vmm,
            "Pages given back",
            protocol="virtio-balloon",
            over="virtqueue in the VMM",
            shares_memory=True,
            traits=[*RING, "resource-requests"],
            data=[data.descriptors],
            controls=[off] if o.balloon == "off" else [],
        )
    if o.virtio_rng:
        Flow(
            "F46.rng",
            "guest-kernel",
            o.vmm,
            "Requests for entropy",
            protocol="virtio-rng",
            over="virtqueue in the VMM",
            shares_memory=True,
            traits=RING,
            data=[data.descriptors],
            controls=[kernel.qemu_virtqueue_mapping] if o.hypervisor == "qemu" else [],
        )
    if o.hypervisor == "qemu":
        Flow(
            "F46.mem",
            "guest-kernel",
            o.vmm,
            "Memory plugged by block",
            protocol="virtio-mem",
            over="virtqueue in the VMM",
            shares_memory=True,
            traits=[*RING, "resource-requests", "hot-plug"],
            data=[data.descriptors],
            controls=[vmm.virtio_mem_off] if o.virtio_mem == "off" else [],
        )
    if o.hypervisor in ("qemu", "dragonball", "openvmm") or (o.hypervisor == "stratovirt" and o.debugging):
        Flow(
            "F46.console",
            "guest-kernel",
            o.vmm,
            "Console output",
            protocol="virtio-console" if ring else "serial",
            over="virtqueue in the VMM"
            if ring
            else "ports"
            if o.arch == "x86_64"
            else "memory-mapped registers",
            shares_memory=ring,
            traits=["byte-stream", "log-records"],
            data=[data.guest_logs],
        )


def _assigned(o: KataOptions) -> None:
    if o.hypervisor in ("fc", "openvmm"):
        _no_devices(o)
    if o.hypervisor not in ("qemu", "clh", "dragonball"):
        return
    off = o.vfio == "none" and not o.confidential and o.runtime == "go"
    Flow(
        "F47",
        "guest-kernel",
        "host-kernel",
        "Assigned devices",
        protocol="VFIO, PCI",
        over="DMA, mapped registers",
        description=f"Registers of the device are mapped into the guest; plugged {o.vfio}"
        if o.vfio != "none"
        else "Where a pod asks for a device and the configuration allows it",
        shares_memory=True,
        traits=["device-assignment", "direct-memory-access", "hot-plug"],
        data=[data.guest_memory],
        controls=[vmm.iommu, kernel.vfio_reset, *([vmm.vfio_off] if off else [])],
    )


def _no_devices(o: KataOptions) -> None:
    Flow(
        "F47",
        o.shim,
        o.vmm,
        "Assigned devices",
        protocol="REST" if o.hypervisor == "fc" else "ttrpc (vmservice)",
        over="uds",
        authentication="file-permissions",
        description="A device of a pod has no way into the guest",
        traits=["device-assignment"],
        data=[data.runtime_configuration],
        controls=[devices_io.fc_no_devices if o.hypervisor == "fc" else devices_io.openvmm_no_vfio],
    )


def _platform(o: KataOptions) -> None:
    if o.hypervisor in ("qemu", "clh", "dragonball"):
        Flow(
            "F49",
            "guest-kernel",
            o.vmm,
            "Plug and resize handshake",
            protocol="upcall" if o.hypervisor == "dragonball" else BUSES.get(o.arch, "ACPI, PCIe"),
            over="vsock"
            if o.hypervisor == "dragonball"
            else REACHED[o.arch]
            if o.arch in BUSES
            else "ports and memory-mapped registers",
            traits=["hot-plug", "hypercalls"],
            data=[data.descriptors],
        )
    if o.hypervisor != "openvmm":
        Flow(
            "F50",
            "guest-kernel",
            o.vmm,
            "Legacy devices",
            protocol=LEGACY.get((o.hypervisor, o.arch), "serial, RTC"),
            over=REACHED.get(o.arch, "memory-mapped registers"),
            traits=["hypercalls"],
            data=[data.descriptors],
            controls=[dragonball.dragonball_legacy_rust] if o.hypervisor == "dragonball" else [],
        )
    if o.hypervisor == "qemu" and o.runtime == "go" and o.arch != "s390x":
        Flow(
            "F50.serial",
            "guest-kernel",
            o.vmm,
            "Serial port of the old kind",
            protocol="16550A or PL011",
            over="ports" if o.arch == "x86_64" else "memory-mapped registers",
            traits=["hypercalls", "byte-stream"],
            data=[data.guest_logs],
            controls=[monitors.legacy_serial_off],
        )
