"""Hardware, hypervisors below the kernel, and who else is on the node."""

from __future__ import annotations

from threatmodel.dsl import Boundary, ExternalEntity, Process

from .. import assets_devices as assets
from .. import data
from ..controls import devices_storage, other_projects, sharing, vmm
from ..options import KataOptions

HARDWARE = "node-hardware"


def device_zones(o: KataOptions) -> None:
    """Boundaries that lie inside of the node's zones."""
    if not o.local:
        return
    Boundary(
        HARDWARE,
        name="Hardware of the node",
        privilege="restricted",
        inside="node",
        description="Processor and devices; what a device may reach is decided by the IOMMU",
    )
    Boundary(
        "other-tenants",
        name="Other sandboxes",
        privilege="none",
        inside="node",
        description="Virtual machines of other pods on the same node",
    )
    if o.host_hv == "mshv":
        Boundary(
            "mshv-zone",
            name="Microsoft hypervisor",
            privilege="kernel",
            inside="node",
            description="Below the host kernel, which is its root partition",
        )
    if o.hypervisor == "fc":
        Boundary(
            "fc-jail",
            name="Firecracker's jail",
            privilege="root",
            inside="vmm-process",
            description="A root folder of its own; the user stays uid 0",
            controls=[vmm.fc_jailer, other_projects.fc_mounts],
        )
    if o.hypervisor == "dragonball":
        Boundary(
            "shim-process",
            name="Process of the shim",
            privilege="root",
            inside="host-userspace",
            description="One address space: a fault in a device model is a fault of the shim",
        )
    if o.file_server in ("virtiofsd", "nydusd"):
        nydus = o.file_server == "nydusd"
        Boundary(
            "file-server-zone",
            name="File server process",
            privilege="root",
            inside="host-userspace",
            description="A process of uid 0 "
            + ("without a sandbox argument" if nydus else "in namespaces of its own"),
            controls=[devices_storage.share_propagation] if sharing.serves_read_only(o) else [],
        )


def hardware(o: KataOptions) -> None:
    """Processor, devices and neighbours."""
    if not o.local:
        return
    ExternalEntity(
        "processor",
        inside=HARDWARE,
        name="Processor",
        description="Cores, threads and caches on which sandboxes take turns",
        traits=["shared-by-tenants"],
        data=[assets.shared_processor_state],
    )
    ExternalEntity(
        "other-sandbox",
        inside="other-tenants",
        name="Another sandbox",
        description="A virtual machine of another pod, with its own shim and monitor",
        data=[data.workload_data],
    )
    if o.host_hv == "mshv":
        Process(
            "mshv",
            inside="mshv-zone",
            name="Microsoft hypervisor",
            runs_as="below all kernels",
            description="Runs host kernel and guests as partitions",
            traits=["hypervisor", "kernel", "shared-by-tenants"],
            data=[data.host_resources],
        )
    if assignable(o):
        ExternalEntity(
            "assigned-device",
            inside=HARDWARE,
            name=_device_name(o),
            description="PCI function, mediated device, or adapter of s390x that one guest drives by itself",
            traits=["shared-by-tenants"] if o.vfio == "none" else [],
            data=[assets.device_memory],
        )
    if o.net == "physical-vfio":
        ExternalEntity(
            "physical-nic",
            inside=HARDWARE,
            name="Network card",
            description="Taken from the host and given to the guest",
            data=[data.packets],
        )


def assignable(o: KataOptions) -> bool:
    """True where a guest may be given a device: the Rust runtime plugs one without a switch."""
    able = o.local and o.hypervisor in ("qemu", "clh", "dragonball") and o.rootless == "off"
    return able and (o.vfio != "none" or o.runtime == "rust")


def _device_name(o: KataOptions) -> str:
    if o.arch == "s390x":
        return "Crypto or channel device"
    return "GPU" if o.pod_resources == "on" else "Assigned device"
