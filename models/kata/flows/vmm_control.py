"""F20 to F28: how the shim drives the virtual machine monitor, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence

from threatmodel.dsl import Control, Flow, Operation

from .. import assets_guest, data
from ..controls import devices_vmm as monitors
from ..controls import dragonball, guest_attestation, host, pod_input, vmm
from ..options import KataOptions

CONTROL = ["control-api", "serialized-objects", "hot-plug", "path-names"]


def vmm_control(o: KataOptions) -> None:
    """The control interface of the configuration's VMM."""
    {
        "qemu": _qmp,
        "clh": _clh,
        "fc": _fc,
        "dragonball": _dragonball,
        "stratovirt": _stratovirt,
        "openvmm": _openvmm,
        "remote": _remote,
    }[o.hypervisor](o)
    if o.local:
        _start(o)
        _console(o)


def _options(o: KataOptions) -> str:
    """Options of the command line that no other flow tells."""
    if o.hypervisor == "openvmm":
        return "With --ttrpc and the path of its socket"
    if o.hypervisor != "qemu":
        return ""
    disks = "Blocks of a disk may be given back to the file below (discard=unmap)"
    nodes = "NUMA nodes are tied to those of the host (policy=bind), devices to a node by a bridge (pxb-pcie)"
    return f"{disks}; {nodes}" if o.runtime == "go" else disks


def _start(o: KataOptions) -> None:
    if o.hypervisor != "dragonball":
        Flow(
            "K05",
            o.shim,
            "fc-jailer" if o.hypervisor == "fc" else o.vmm,
            "Start of the VMM",
            protocol="exec",
            over="process start",
            authentication="file-permissions",
            description=_options(o),
            traits=["process-exec", "command-line", "carries-configuration"],
            data=[data.runtime_configuration],
            controls=[pod_input.fixed_paths],
        )
    if o.hypervisor == "fc":
        Flow(
            "K05.jail",
            "fc-jailer",
            o.vmm,
            "Firecracker in its chroot",
            protocol="exec",
            over="process start",
            authentication="file-permissions",
            traits=["process-exec", "command-line", "path-names"],
            data=[data.runtime_configuration],
        )
    if o.shared_fs == "virtio-fs":
        Flow(
            "K06",
            o.shim,
            "virtiofsd",
            "Start of virtiofsd",
            protocol="exec",
            over="process start",
            authentication="file-permissions",
            traits=["process-exec", "command-line", "carries-configuration", "path-names"],
            data=[data.runtime_configuration],
            controls=[pod_input.fixed_paths],
        )


def _folder(o: KataOptions) -> list[Control]:
    """Who can reach a socket of the monitor; a rootless monitor has a folder of its own user."""
    return [vmm.vm_folder_mode] if o.rootless == "off" else []


def _qmp(o: KataOptions) -> None:
    Flow(
        "F20",
        o.shim,
        o.vmm,
        "QMP commands",
        protocol="QMP (JSON)",
        over="uds",
        port="/run/vc/vm/<id>/qmp.sock" if o.runtime == "go" else "qmp.sock (passed descriptor)",
        description="The socket is given to the user of the monitor" if o.rootless == "on" else "",
        authentication="file-permissions",
        traits=CONTROL,
        operations=[
            "device_add",
            "device_del",
            "blockdev-add",
            "netdev_add",
            "object-add",
            "stop",
            "cont",
            "quit",
        ],
        data=[data.runtime_configuration, data.volume_info],
        controls=_folder(o),
    )
    Flow(
        "F20.reply",
        o.vmm,
        o.shim,
        "QMP replies and events",
        protocol="QMP (JSON)",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.sandbox_state],
        controls=_folder(o),
    )
    Flow(
        "F21",
        "node-admin",
        o.vmm,
        "Extra monitor",
        protocol="HMP or QMP",
        over="uds",
        port="extra-monitor.sock" if o.runtime == "go" else "debug-monitor.sock",
        authentication="file-permissions",
        description="Only with extra_monitor_socket and debug; reads guest memory",
        traits=["control-api", "debug"],
        data=[data.guest_memory],
        controls=[*([vmm.monitor_off] if o.extra_monitor == "off" else []), *_folder(o)],
    )


def _clh(o: KataOptions) -> None:
    socket = "clh-api.sock" if o.runtime == "go" else "ch-api.sock"
    Flow(
        "F22",
        o.shim,
        o.vmm,
        "REST requests",
        protocol="HTTP/1 (REST)",
        over="uds",
        port=socket,
        authentication="file-permissions",
        traits=CONTROL,
        operations=[
            "vm.create", "vm.boot", "vm.pause", "vm.resume", "vm.resize", "vm.add-disk", "vm.add-net", "vm.add-fs",
            "vm.add-vsock", "vm.add-device", "vm.remove-device", "vm.info", "vmm.ping", "vmm.shutdown",
        ],
        data=[data.runtime_configuration, data.volume_info],
        controls=_folder(o),
    )  # fmt: skip
    Flow(
        "F22.reply",
        o.vmm,
        o.shim,
        "REST replies",
        protocol="HTTP/1 (REST)",
        over="uds",
        port=socket,
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.sandbox_state],
        controls=_folder(o),
    )


def _fc(o: KataOptions) -> None:
    Flow(
        "F23",
        o.shim,
        o.vmm,
        "REST requests",
        protocol="HTTP/1 (REST)",
        over="uds",
        port="firecracker.socket in the jail" if o.runtime == "go" else "fc.sock in the jail",
        authentication="file-permissions",
        description="The Go shim also writes a configuration file that Firecracker boots from",
        traits=["control-api", "serialized-objects", "path-names", "carries-configuration"],
        operations=[
            "/actions",
            "/boot-source",
            "/machine-config",
            "/drives",
            "/vsock",
            "/network-interfaces",
        ],
        data=[data.runtime_configuration, data.volume_info],
    )
    Flow(
        "F23.reply",
        o.vmm,
        o.shim,
        "REST replies",
        protocol="HTTP/1 (REST)",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.sandbox_state],
    )


def _dragonball(o: KataOptions) -> None:
    Flow(
        "F24",
        o.shim,
        o.vmm,
        "Device and VM actions",
        protocol="VmmAction",
        over="channel, eventfd",
        authentication="in-process",
        encryption="in-process",
        traits=["control-api", "hot-plug"],
        operations=["boot source", "block", "network", "vsock", "file system", "resize", "host device"],
        data=[data.runtime_configuration, data.volume_info],
        controls=[dragonball.in_process_control],
    )
    Flow(
        "F24.reply",
        o.vmm,
        o.shim,
        "Results of actions",
        protocol="VmmAction",
        over="channel, eventfd",
        authentication="in-process",
        encryption="in-process",
        data=[data.sandbox_state],
        controls=[dragonball.in_process_control],
    )


def _stratovirt(o: KataOptions) -> None:
    _pair(
        o, "F25", "QMP commands", "QMP (JSON)", "qmp.socket", ["blockdev-add", "device_add", "stop", "quit"]
    )


def _openvmm(o: KataOptions) -> None:
    calls = [
        "CreateVM", "TeardownVM", "PauseVM", "ResumeVM", "WaitVM", "CapabilitiesVM", "PropertiesVM", "ModifyResource",
        "AddPcieDevice", "RemovePcieDevice", "Quit",
    ]  # fmt: skip
    _pair(o, "F26", "VM service calls", "ttrpc (vmservice)", "openvmm.sock", calls)


def _remote(o: KataOptions) -> None:
    calls = [
        Operation("CreateVM", parses="id, settings of the machine, initdata, path of the network namespace"),
        Operation("StartVM", parses="id"),
        Operation("StopVM", parses="id"),
        Operation("Version", parses="version"),
    ]
    requests = (guest_attestation.machine_annotations, guest_attestation.machine_timeout)
    _pair(
        o,
        "F27",
        "Machine requests",
        "ttrpc (Hypervisor)",
        "/run/peerpod/hypervisor.sock",
        calls,
        controls=requests,
        answers=(guest_attestation.tunnel_required,),
    )
    Flow(
        "F27.cloud",
        o.vmm,
        "cloud-api",
        "Machines of the cloud",
        protocol="HTTPS",
        encryption="tls",
        authentication="token",
        description="Code of another project; the protocol is the provider's",
        traits=["control-api", "remote", "carries-secrets"],
        data=[assets_guest.cloud_credentials, data.initdata],
        controls=[guest_attestation.cloud_tls],
    )


def _pair(
    o: KataOptions,
    id_: str,
    name: str,
    protocol: str,
    socket: str,
    calls: Sequence[str | Operation],
    *,
    controls: tuple[Control, ...] = (),
    answers: tuple[Control, ...] = (),
) -> None:
    """Requests over a Unix socket, and the replies."""
    Flow(
        id_,
        o.shim,
        o.vmm,
        name,
        protocol=protocol,
        over="uds",
        port=socket,
        authentication="file-permissions",
        traits=CONTROL,
        operations=calls,
        data=[data.runtime_configuration, data.volume_info],
        controls=controls,
    )
    Flow(
        f"{id_}.reply",
        o.vmm,
        o.shim,
        f"Replies to {name[0].lower()}{name[1:]}"
        if not name.startswith(("QMP", "VM "))
        else f"Replies to {name}",
        protocol=protocol,
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.sandbox_state],
        controls=answers,
    )


CONSOLES = {
    "qemu": ("hvc0 over a socket", "console.sock"),
    "clh": ("pseudo-terminal", ""),
    "fc": ("standard output", ""),
    "dragonball": ("uds", "/run/kata/<id>/console.sock"),
    "stratovirt": ("uds", "console.socket"),
    "openvmm": ("uds", "serial.sock"),
}


def _console(o: KataOptions) -> None:
    over, port = CONSOLES[o.hypervisor]
    closed = o.hypervisor == "clh" and not o.debugging
    unread = o.hypervisor in ("dragonball", "openvmm")
    Flow(
        "F28",
        o.vmm,
        "node-admin" if unread else o.shim,
        "Guest console",
        over=over,
        port=port,
        authentication="file-permissions",
        description="On a socket for whoever may open it; the shim does not read it"
        if unread
        else "Read line by line where debugging is on"
        if o.debugging
        else "",
        traits=["byte-stream", "log-records", *(["debug"] if o.debug == "devkit" else [])],
        data=[data.guest_logs],
        controls=[
            *([host.console_lines_quoted] if o.hypervisor == "qemu" else []),
            *([monitors.clh_console_off] if closed else []),
        ],
    )
