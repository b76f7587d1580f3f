"""From the operator to a running microVM: jailer, API, metadata."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import api, jail, operator, process
from ..options import FirecrackerOptions

REQUESTS = [
    "PUT /actions", "PUT /balloon", "PATCH /balloon", "POST /balloon/hinting/start", "PUT /boot-source",
    "PUT /cpu-config", "PUT /drives", "PATCH /drives", "PUT /entropy", "PUT /hotplug/memory", "PUT /logger",
    "PUT /machine-config", "PUT /metrics", "PUT /mmds", "PUT /mmds/config", "PUT /network-interfaces", "PUT /pmem",
    "PUT /serial", "PUT /snapshot/create", "PUT /snapshot/load", "PATCH /vm", "GET /vm/config", "PUT /vsock",
]  # fmt: skip


def control(o: FirecrackerOptions) -> None:
    """Start and control of one microVM."""
    _start(o)
    _api(o)
    _threads()
    _metadata(o)


def _start(o: FirecrackerOptions) -> None:
    starts = ["process-exec", "command-line", "path-names", "carries-configuration", "resource-requests"]
    if not o.jailed:
        Flow(
            "C01",
            "orchestrator",
            "vmm-thread",
            "Start of Firecracker",
            protocol="exec",
            over="process start",
            authentication="file-permissions",
            traits=starts,
            data=[data.jail_arguments],
        )
    else:
        Flow(
            "C01",
            "orchestrator",
            "jailer",
            "Start with id, user, paths, limits",
            protocol="exec",
            over="process start",
            authentication="file-permissions",
            traits=starts,
            data=[data.jail_arguments],
            controls=[jail.instance_id, operator.protected_paths],
        )
        Flow(
            "C02",
            "jailer",
            "host-kernel",
            "Namespaces, mounts, devices, cgroups",
            over="system calls",
            authentication="file-permissions",
            traits=["system-calls", "mount-requests"],
            data=[data.jail_arguments, data.host_resources],
        )
        Flow(
            "C03",
            "jailer",
            "vmm-thread",
            "Execution under another user",
            protocol="exec",
            over="process start",
            authentication="in-process",
            traits=["process-exec", "command-line"],
            data=[data.jail_arguments],
            controls=[jail.jailer_clean_process, jail.jailer_exec_copy],
        )
        Flow(
            "C04",
            "local-user",
            "jailer",
            "Folders above the jail",
            over="file",
            authentication="file-permissions",
            description="A local user who can write to a folder of the path can plant links there",
            traits=["path-names"],
            controls=[operator.protected_paths],
        )


def _api(o: FirecrackerOptions) -> None:
    checked = [api.payload_limit, api.typed_requests, api.machine_checked, api.api_states]
    socket = "/run/firecracker.socket"
    Flow(
        "C10",
        "api-client",
        "api-thread",
        "API requests",
        protocol="HTTP",
        over="uds",
        port=socket,
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "carries-configuration", "length-prefixed"],
        operations=REQUESTS,
        data=[data.api_requests, data.metadata],
        controls=checked,
    )
    Flow(
        "C10.paths",
        "api-client",
        "api-thread",
        "Paths of files on the host",
        over="uds",
        port=socket,
        authentication="file-permissions",
        description="Kernel, disks, sockets, logs, snapshots. Opened as they are named: the jail bounds them, nothing "
        "else",
        traits=["path-names"],
        data=[data.api_requests],
    )
    Flow(
        "C10.resources",
        "api-client",
        "api-thread",
        "Amounts of processors and memory",
        over="uds",
        port=socket,
        authentication="file-permissions",
        traits=["resource-requests"],
        data=[data.api_requests],
        controls=[api.machine_checked],
    )
    Flow(
        "C10.reply",
        "api-thread",
        "api-client",
        "API replies",
        protocol="HTTP",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.api_replies],
    )
    Flow(
        "C11",
        "local-user",
        "api-thread",
        "Requests of another local process",
        protocol="HTTP",
        over="uds",
        port=socket,
        authentication="file-permissions",
        description="Who may open the socket is decided by the permissions of its folder",
        traits=["control-api", "serialized-objects", "carries-configuration", "length-prefixed"],
        data=[data.api_requests],
        controls=[*checked, *([jail.jail_folder_mode] if o.jailed else [])],
    )
    Flow(
        "C12",
        "local-user",
        "vmm-thread",
        "Debugger of the guest",
        protocol="GDB remote serial",
        over="uds",
        traits=["debug", "control-api"],
        description="Not for production by its own document",
        data=[data.guest_memory],
        controls=[process.gdb_off],
    )


def _threads() -> None:
    Flow(
        "C20",
        "api-thread",
        "vmm-thread",
        "Parsed requests",
        over="channel between threads",
        authentication="in-process",
        encryption="in-process",
        traits=["control-api"],
        data=[data.api_requests],
        controls=[api.api_states, api.typed_requests],
    )
    Flow(
        "C20.reply",
        "vmm-thread",
        "api-thread",
        "Results",
        over="channel between threads",
        authentication="in-process",
        encryption="in-process",
        data=[data.api_replies],
    )
    Flow(
        "C21",
        "vmm-thread",
        "guest-kernel",
        "Devices added at run time",
        protocol="PCI",
        over="guest memory",
        traits=["hot-plug"],
        data=[data.api_requests],
        controls=[process.hotplug_off],
    )
    Flow(
        "C22",
        "vmm-thread",
        "vcpu-threads",
        "Pause, resume, state",
        over="channel between threads",
        authentication="in-process",
        encryption="in-process",
        traits=["control-api"],
        data=[data.api_requests],
    )


def _metadata(o: FirecrackerOptions) -> None:
    Flow(
        "C30",
        "api-thread",
        "mmds",
        "Metadata of the microVM",
        protocol="JSON",
        over="function call",
        authentication="in-process",
        encryption="in-process",
        traits=["carries-secrets", "serialized-objects"],
        data=[data.metadata],
        controls=[api.mmds_limits],
    )
    Flow(
        "C31",
        "guest-workload",
        "mmds",
        "Metadata requests",
        protocol="HTTP over the network device",
        over="frames of the guest",
        port="169.254.169.254:80",
        authentication="token" if o.mmds == "v2" else "none",
        description="Every process of the guest can ask; in version 2 it gets a token first",
        traits=["queries", "network-packets"],
        data=[data.packets],
        controls=[api.mmds_limits],
    )
    Flow(
        "C31.reply",
        "mmds",
        "guest-workload",
        "Metadata",
        protocol="HTTP over the network device",
        over="frames to the guest",
        traits=["carries-secrets", "network-packets"],
        data=[data.metadata],
    )
