"""K70 to K82: memory that leaves a guest, is shared between guests, or comes from somewhere else."""

from __future__ import annotations

from threatmodel.dsl import Control, Flow

from .. import assets_devices as assets
from .. import data
from ..controls import devices_memory as memory
from ..controls import devices_vmm as monitors
from ..elements.devices_storage import mapped_files, templated
from ..options import KataOptions


def device_memory(o: KataOptions) -> None:
    """Templates, dumps, huge pages, and what tenants share without meaning to."""
    if not o.local:
        return
    if templated(o):
        _template(o)
    if o.runtime == "go" and o.hypervisor == "qemu":
        _dump(o)
        _cache(o)
    if _may_take_huge_pages(o):
        _huge_pages(o)
    _shared_hardware(o)
    if mapped_files(o):
        _page_cache()
    if o.hypervisor == "qemu" and o.shared_fs == "none" and not o.confidential and o.hugepages == "off":
        _merging()


def _may_take_huge_pages(o: KataOptions) -> bool:
    """Where enable_hugepages is read: by the Go runtime for QEMU and Cloud Hypervisor, by the Rust one for Dragonball."""
    return o.hypervisor == "dragonball" or (o.runtime == "go" and o.hypervisor in ("qemu", "clh"))


def _template(o: KataOptions) -> None:
    off = [memory.template_off] if o.factory != "template" else []
    private: list[Control] = [memory.template_private] if o.runtime == "go" else []
    Flow(
        "K80.make",
        "kata-runtime" if o.runtime == "go" else "kata-ctl",
        "vm-template",
        "Template of a guest made",
        over="file",
        authentication="file-permissions",
        traits=["image-mapping"],
        data=[assets.template_memory],
        controls=[memory.template_mount, *off],
    )
    Flow(
        "K80",
        "vm-template",
        o.vmm,
        "Guest started from the template",
        over="mapped file, migration stream",
        authentication="file-permissions",
        description="Every guest starts from the same memory: addresses and random state are equal at first",
        shares_memory=True,
        traits=["image-mapping", "binds-code", "serialized-objects"],
        data=[assets.template_memory],
        controls=[*private, *off],
    )
    if o.runtime == "go":
        _renewed(o, off)


def _renewed(o: KataOptions, off: list[Control]) -> None:
    """What the Go runtime does with a guest that it took from a template, before the guest is used."""
    Flow(
        "K80.reset",
        o.shim,
        "agent",
        "Random numbers and time renewed",
        protocol="ttrpc (AgentService)",
        over=o.agent_over,
        description="ReseedRandomDev and SetGuestDateTime after a start from a template",
        traits=["control-api", "serialized-objects", "entropy-source", "time-source"],
        operations=["ReseedRandomDev", "SetGuestDateTime"],
        data=[assets.entropy],
        controls=[memory.template_reseed, *off],
    )


def _dump(o: KataOptions) -> None:
    off = [monitors.memory_dump_off] if o.memory_dump == "off" else []
    Flow(
        "F46.pvpanic",
        "guest-kernel",
        o.vmm,
        "Crash told to the monitor",
        protocol="pvpanic",
        over="port",
        traits=["hypercalls"],
        data=[data.guest_logs],
        controls=off,
    )
    Flow(
        "K82",
        o.vmm,
        "memory-dumps",
        "Guest memory written to a disk",
        protocol="ELF core",
        over="file",
        authentication="file-permissions",
        description="On a crash of the guest; a guest can crash itself",
        traits=["resource-requests", "debug"],
        data=[assets.memory_dumps, data.guest_memory],
        controls=[monitors.memory_dump_space, *off],
    )
    Flow(
        "K82.read",
        "memory-dumps",
        "node-admin",
        "Dump read",
        over="file",
        authentication="file-permissions",
        traits=["debug"],
        data=[assets.memory_dumps],
        controls=off,
    )


def _cache(o: KataOptions) -> None:
    off = [memory.cache_off] if o.factory != "vmcache" else []
    Flow(
        "K81",
        o.shim,
        "vm-cache",
        "Request for a started guest",
        protocol="gRPC (CacheService)",
        over="uds",
        port="/var/run/kata-containers/cache.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects"],
        operations=["Config", "GetBaseVM", "Status", "Quit"],
        data=[data.runtime_configuration],
        controls=[memory.cache_socket, *off],
    )
    Flow(
        "K81.reply",
        "vm-cache",
        o.shim,
        "Guest handed over",
        protocol="gRPC (CacheService)",
        over="uds",
        authentication="file-permissions",
        description="A pod with initdata gets a guest of its own" if o.tee != "none" else "",
        traits=["serialized-objects", "carries-configuration"],
        data=[data.sandbox_state],
        controls=[memory.cache_socket, *off],
    )
    Flow(
        "K81.start",
        "vm-cache",
        o.vmm,
        "Guest started in advance",
        protocol="exec",
        over="process start",
        authentication="file-permissions",
        traits=["process-exec", "command-line"],
        data=[data.runtime_configuration],
        controls=off,
    )


def _huge_pages(o: KataOptions) -> None:
    Flow(
        "K36",
        o.vmm,
        "host-kernel",
        "Huge pages for the guest",
        over="hugetlbfs",
        authentication="file-permissions",
        description="From a reserve that all sandboxes of the node draw from",
        traits=["resource-requests", "system-calls"],
        data=[data.guest_memory, data.host_resources],
        controls=[memory.hugepages_off] if o.hugepages == "off" else [],
    )


def _shared_hardware(o: KataOptions) -> None:
    Flow(
        "K70",
        "guest-kernel",
        "processor",
        "Work of this guest",
        over="shared cores, threads and caches",
        shares_memory=True,
        description="The Rust shim joins a core scheduling group where the container manager asks for one"
        if o.runtime == "rust"
        else "The Go shim joins a core scheduling group where the container manager asks for one",
        data=[assets.shared_processor_state],
    )
    Flow(
        "K70.other",
        "other-sandbox",
        "processor",
        "Work of other guests",
        over="shared cores, threads and caches",
        shares_memory=True,
        data=[assets.shared_processor_state],
    )
    Flow(
        "K70.trace",
        "processor",
        "guest-kernel",
        "Traces of other guests",
        over="timing of caches and predictors",
        shares_memory=True,
        data=[assets.shared_processor_state],
    )
    Flow(
        "K71",
        "other-sandbox",
        "mshv" if o.host_hv == "mshv" else "host-kernel",
        "VM exits of another sandbox",
        protocol="KVM" if o.host_hv == "kvm" else "hypercalls",
        over="hardware virtualisation",
        description="One kernel serves all sandboxes",
        traits=["hypercalls"],
        data=[data.workload_data],
    )


def _page_cache() -> None:
    Flow(
        "K72.fill",
        "guest-image",
        "page-cache",
        "Files held in memory",
        over="file mapping",
        authentication="file-permissions",
        traits=["image-mapping"],
        data=[assets.cached_pages],
    )
    Flow(
        "K72",
        "page-cache",
        "guest-kernel",
        "Pages mapped into this guest",
        over="mapped file",
        shares_memory=True,
        description="Whether a page is already there tells what other guests have read",
        data=[assets.cached_pages],
    )
    Flow(
        "K72.other",
        "page-cache",
        "other-sandbox",
        "Pages mapped into another guest",
        over="mapped file",
        shares_memory=True,
        data=[assets.cached_pages],
    )


def _merging() -> None:
    Flow(
        "K73",
        "guest-kernel",
        "host-kernel",
        "Equal pages merged",
        protocol="KSM",
        over="memory of the monitor",
        shares_memory=True,
        description="Where the node runs KSM: QEMU marks private guest memory as mergeable unless it is told not to",
        traits=["direct-memory-access", "image-mapping"],
        data=[data.guest_memory],
    )
