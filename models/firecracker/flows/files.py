"""Files that Firecracker reads and writes, and where they come from."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import devices, operator, process, snapshot
from ..options import FirecrackerOptions


def files(o: FirecrackerOptions) -> None:
    """Images, snapshots, logs."""
    _supply()
    _images(o)
    _snapshots(o)
    _logs(o)


def _supply() -> None:
    Flow(
        "F01",
        "firecracker-releases",
        "orchestrator",
        "Release archive",
        protocol="HTTPS",
        over="tcp",
        port="443",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "archives", "binds-code"],
        data=[data.release_artefacts],
        controls=[operator.release_checksums],
    )
    Flow(
        "F02",
        "image-supplier",
        "kernel-image",
        "Kernel and initrd",
        description="By whatever way the operator has chosen. Firecracker checks no signature of it",
        traits=["binds-code"],
        data=[data.guest_image],
    )
    Flow(
        "F03",
        "image-supplier",
        "rootfs-image",
        "Root file system",
        description="By whatever way the operator has chosen. Firecracker checks no signature of it",
        traits=["binds-code"],
        data=[data.disk_blocks],
    )
    Flow(
        "F04",
        "orchestrator",
        "rootfs-image",
        "Files linked into the jail",
        over="file",
        authentication="file-permissions",
        traits=["path-names"],
        data=[data.disk_blocks],
    )


def _images(o: FirecrackerOptions) -> None:
    if not o.restored:
        Flow(
            "F10",
            "kernel-image",
            "vmm-thread",
            "Kernel read and loaded",
            protocol="ELF or PE",
            over="file",
            authentication="file-permissions",
            traits=["binds-code", "serialized-objects"],
            data=[data.guest_image],
        )
    Flow(
        "F11",
        "rootfs-image",
        "vmm-thread",
        "Blocks read",
        over="file",
        authentication="file-permissions",
        traits=["block-device"],
        data=[data.disk_blocks],
        controls=[devices.disk_opened_read_only],
    )
    Flow(
        "F11.write",
        "vmm-thread",
        "rootfs-image",
        "Blocks written",
        over="file",
        authentication="file-permissions",
        description="To disks that are not declared read-only",
        traits=["block-device"],
        data=[data.disk_blocks, data.workload_data],
        controls=[devices.ring_restrictions],
    )


def _snapshots(o: FirecrackerOptions) -> None:
    Flow(
        "F20",
        "vmm-thread",
        "snapshot-files",
        "Snapshot written",
        over="file",
        authentication="file-permissions",
        description="The whole memory of the guest, unencrypted; a file that exists is overwritten",
        traits=["serialized-objects"],
        data=[data.snapshot, data.guest_memory],
    )
    if not o.restored:
        return
    Flow(
        "F21",
        "image-supplier",
        "snapshot-files",
        "Snapshot of another host",
        description="By whatever way the operator has chosen",
        traits=["binds-code", "carries-secrets"],
        data=[data.snapshot],
    )
    Flow(
        "F22",
        "snapshot-files",
        "vmm-thread",
        "State of vCPUs and devices",
        protocol="bitcode",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "length-prefixed", "carries-configuration"],
        data=[data.snapshot],
        controls=[snapshot.size_limit, snapshot.format_checked],
    )
    Flow(
        "F23",
        "snapshot-files",
        "vmm-thread",
        "Memory file mapped",
        over="mmap",
        authentication="file-permissions",
        shares_memory=True,
        traits=["image-mapping", "binds-code"],
        data=[data.snapshot],
        controls=[snapshot.private_memory],
    )
    Flow(
        "F24",
        "snapshot-files",
        "uffd-handler",
        "Pages of the memory file",
        over="mmap",
        authentication="file-permissions",
        traits=["image-mapping"],
        data=[data.snapshot],
    )
    Flow(
        "F25",
        "vmm-thread",
        "uffd-handler",
        "Descriptor and memory layout",
        protocol="JSON with a descriptor",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        description="One message; page faults and removals follow over the descriptor. A guest's balloon driver can "
        "cause many removals",
        data=[data.guest_memory],
        controls=[operator.page_fault_socket],
    )
    Flow(
        "F26",
        "uffd-handler",
        "vmm-thread",
        "Pages",
        protocol="UFFDIO_COPY",
        over="userfaultfd",
        authentication="file-permissions",
        description="Where the handler ends, Firecracker waits for ever at the next fault",
        traits=["binds-code"],
        data=[data.snapshot],
        controls=[operator.page_fault_socket],
    )


def _logs(o: FirecrackerOptions) -> None:
    bounded = [operator.bounded_output] if o.jailed else []
    Flow(
        "F30",
        "vmm-thread",
        "log-files",
        "Log records",
        over="file",
        authentication="file-permissions",
        traits=["log-records"],
        data=[data.vmm_logs],
        controls=[process.log_limiter, *bounded],
    )
    Flow(
        "F31",
        "vmm-thread",
        "log-files",
        "Metrics",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["measurements"],
        data=[data.metrics],
        controls=bounded,
    )
    Flow(
        "F32",
        "log-files",
        "collector",
        "Logs, metrics and console output",
        over="file",
        authentication="file-permissions",
        traits=["log-records", "measurements", "stdio"],
        data=[data.vmm_logs, data.metrics, data.serial_output],
    )
