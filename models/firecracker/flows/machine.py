"""Guest, virtual processors and the host kernel."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import operator, process
from ..options import FirecrackerOptions


def machine(o: FirecrackerOptions) -> None:
    """Exits, system calls, start of the guest, time."""
    _guest(o)
    _host(o)


def _guest(o: FirecrackerOptions) -> None:
    Flow(
        "M01",
        "vmm-thread",
        "guest-kernel",
        "Memory and devices of the snapshot" if o.restored else "Kernel, command line, tables",
        over="guest memory",
        shares_memory=True,
        description="Clones of one snapshot share its random state until VMGenID is noticed by the guest kernel"
        if o.restored
        else "No firmware: the kernel is placed in memory and entered",
        traits=["binds-code", "carries-configuration"],
        data=[data.snapshot] if o.restored else [data.guest_image, data.api_requests],
    )
    Flow(
        "M02",
        "guest-workload",
        "guest-kernel",
        "System calls of the workload",
        over="system calls",
        traits=["system-calls"],
        data=[data.workload_data],
    )
    Flow(
        "M03",
        "host-kernel",
        "guest-kernel",
        "Clock",
        protocol="kvm-clock, TSC",
        over="hardware virtualisation",
        traits=["time-source"],
    )


def _host(o: FirecrackerOptions) -> None:
    Flow(
        "M10",
        "guest-kernel",
        "host-kernel",
        "VM exits",
        protocol="KVM",
        over="hardware virtualisation",
        description="Interrupt controllers and timer are emulated in the host kernel",
        traits=["hypercalls"],
        data=[data.guest_memory],
        controls=[operator.host_hardening] if o.jailed else [],
    )
    Flow(
        "M11",
        "host-kernel",
        "vcpu-threads",
        "Exits for the VMM to emulate",
        protocol="kvm_run",
        over="shared page",
        shares_memory=True,
        authentication="in-process",
        traits=["hypercalls"],
        data=[data.descriptors],
    )
    Flow(
        "M12",
        "vcpu-threads",
        "host-kernel",
        "KVM_RUN",
        protocol="ioctl",
        over="/dev/kvm",
        authentication="file-permissions",
        traits=["system-calls", "hypercalls"],
        data=[data.guest_memory],
        controls=[process.default_filters],
    )
    Flow(
        "M13",
        "vcpu-threads",
        "vmm-thread",
        "Accesses to device registers",
        protocol="port and memory-mapped I/O",
        over="function call",
        authentication="in-process",
        encryption="in-process",
        description="Both threads belong to one process; the guest decides addresses and values",
        traits=["hypercalls"],
        data=[data.descriptors],
    )
    Flow(
        "M14",
        "vmm-thread",
        "host-kernel",
        "System calls of the VMM",
        over="system calls",
        authentication="file-permissions",
        traits=["system-calls"],
        data=[data.host_resources],
        controls=[process.default_filters],
    )
