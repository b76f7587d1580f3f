"""F46 to F50: small, assigned and built-in devices."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import dragonball, kernel, vmm
from ..options import KataOptions
from .devices import RING


def platform(o: KataOptions) -> None:
    """What a guest has beside network, vsock, disks and files."""
    if o.local:
        _small(o)
        _assigned(o)
        _platform(o)


def _small(o: KataOptions) -> None:
    if o.hypervisor in ("qemu", "clh"):
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
            controls=[vmm.balloon_off] if o.balloon == "off" else [],
        )
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
    if o.hypervisor in ("qemu", "dragonball"):
        Flow(
            "F46.console",
            "guest-kernel",
            o.vmm,
            "Console output",
            protocol="virtio-console or serial",
            over="virtqueue or port",
            shares_memory=o.hypervisor == "qemu",
            traits=["byte-stream", "log-records"],
            data=[data.guest_logs],
        )


def _assigned(o: KataOptions) -> None:
    if o.hypervisor not in ("qemu", "clh", "dragonball"):
        return
    off = not o.confidential and o.runtime == "go"
    Flow(
        "F47",
        "guest-kernel",
        "host-kernel",
        "Assigned devices",
        protocol="VFIO, PCI",
        over="DMA, mapped registers",
        description="Where a pod asks for a device and the configuration allows it",
        shares_memory=True,
        traits=["device-assignment", "direct-memory-access", "hot-plug"],
        data=[data.guest_memory],
        controls=[vmm.iommu, kernel.vfio_reset, *([vmm.vfio_off] if off else [])],
    )


def _platform(o: KataOptions) -> None:
    if o.hypervisor in ("fc", "stratovirt"):
        return
    Flow(
        "F49",
        "guest-kernel",
        o.vmm,
        "Plug and resize handshake",
        protocol="upcall" if o.hypervisor == "dragonball" else "ACPI, PCIe",
        over="vsock" if o.hypervisor == "dragonball" else "ports and memory-mapped registers",
        traits=["hot-plug", "hypercalls"],
        data=[data.descriptors],
    )
    if o.hypervisor in ("qemu", "dragonball"):
        Flow(
            "F50",
            "guest-kernel",
            o.vmm,
            "Legacy devices",
            protocol="serial, CMOS, i8042",
            over="ports",
            traits=["hypercalls"],
            data=[data.descriptors],
            controls=[dragonball.dragonball_legacy_rust] if o.hypervisor == "dragonball" else [],
        )
