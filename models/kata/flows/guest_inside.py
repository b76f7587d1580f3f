"""K21 to K29, K90 to K95, F76 to F80: what happens between the parts of one guest."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_devices, assets_guest, data, trust
from ..controls import guest, guest_agent, switches
from ..elements.devices_storage import extended
from ..options import KataOptions
from .guest_storage import guest_storage


def guest_inside(o: KataOptions) -> None:
    """Start, devices, storage, neighbours and what is switched on."""
    _start(o)
    _policy(o)
    guest_storage(o)
    _set_up(o)
    _neighbours(o)
    _files()
    _switched(o)
    if extended(o):
        _extensions(o)


def _start(o: KataOptions) -> None:
    measured = trust.launch(o)
    Flow(
        "K21",
        "guest-kernel",
        "guest-init",
        "First program of the guest",
        over="process start",
        authentication="in-process",
        traits=["process-exec", "carries-configuration"],
        data=[data.guest_image, assets_guest.agent_options],
        controls=measured,
    )
    Flow(
        "K21.image",
        "guest-rootfs",
        "guest-init",
        "Units and programs of the image",
        over="file",
        authentication="file-permissions",
        traits=["binds-code", "carries-configuration"],
        data=[data.guest_image],
        controls=[*measured, *trust.rootfs(o)],
    )
    Flow(
        "K21.agent",
        "guest-init",
        "agent",
        "Start of the agent",
        over="process start",
        authentication="in-process",
        description="With its environment; its end is the end of the guest",
        traits=["process-exec", "carries-configuration"],
        operations=[
            "KATA_AGENT_SERVER_ADDR", "KATA_AGENT_LOG_LEVEL", "KATA_AGENT_TRACING", "KATA_AGENT_POLICY_FILE",
            "KATA_ATTESTER_VARIANT",
        ],
        data=[assets_guest.agent_options],
        controls=[guest_agent.agent_failure] if o.pod_resources == "off" and o.local else [],
    )  # fmt: skip


def _policy(o: KataOptions) -> None:
    if o.policy == "off":
        return
    Flow(
        "K15.image",
        "guest-rootfs",
        "policy-engine",
        "Policy of the image",
        protocol="Rego",
        over="file",
        port="/etc/kata-opa/default-policy.rego",
        authentication="file-permissions",
        description="The first policy. The one of the shipped images allows every call but five that it does not name"
        if o.local
        else "Of the machine's image, or the one of the user data in its place (cloud-api-adaptor, docs/policy.md)",
        traits=["carries-configuration"],
        data=[data.guest_policy],
        controls=[guest_agent.policy_or_abort, guest_agent.policy_limits, *trust.rootfs(o)],
    )
    Flow(
        "K15.set",
        "agent",
        "policy-engine",
        "Policy of initdata or of a request",
        protocol="Rego",
        over="function call",
        authentication="in-process",
        encryption="in-process",
        description="Takes the place of the one before, and its state with it",
        traits=["carries-configuration", "serialized-objects"],
        data=[data.guest_policy, assets_guest.policy_state],
        controls=[
            guest_agent.policy_limits,
            *([guest_agent.policy_first] if o.tee != "none" and o.local else []),
        ],
    )


def _set_up(o: KataOptions) -> None:
    Flow(
        "K11.modules",
        "agent",
        "guest-kernel",
        "Kernel modules loaded",
        protocol="modprobe",
        over="process start",
        authentication="in-process",
        description="Named by the configuration, or by an annotation of the pod",
        traits=["command-line", "binds-code"],
        data=[assets_guest.kernel_modules],
        controls=[] if o.kernel_modules == "on" else [switches.modules_off],
    )
    Flow(
        "K22",
        "agent",
        "container-init",
        "Specification for the set-up",
        protocol="JSON",
        over="pipe",
        authentication="in-process",
        traits=["serialized-objects", "mount-requests", "process-exec"],
        data=[data.pod_spec, data.workload_secrets],
        controls=[guest_agent.namespaces_replaced],
    )
    Flow(
        "K22.exec",
        "container-init",
        "containers",
        "Program of the container",
        protocol="exec",
        over="process start",
        authentication="in-process",
        traits=["process-exec", "carries-secrets"],
        data=[data.pod_spec, data.workload_secrets],
        controls=[guest_agent.masked_paths, guest_agent.no_new_privileges],
    )
    Flow(
        "K22.paths",
        "container-rootfs",
        "container-init",
        "Mount points in a foreign tree",
        over="file",
        description="The image decides what lies at the places where the set-up mounts",
        traits=["path-names", "mount-requests"],
        data=[data.image_layers],
        controls=[guest.confined_mounts, guest_agent.proc_mounts],
    )
    Flow(
        "K23",
        "guest-kernel",
        "container-rootfs",
        "Core dumps of workloads",
        over="file",
        description="As limits of the process and pattern of the kernel say; the memory of one program as a file",
        traits=["path-names"],
        data=[assets_guest.core_dumps],
    )


def _neighbours(o: KataOptions) -> None:
    Flow(
        "K90",
        "containers",
        "neighbours",
        "Connections inside the pod",
        protocol="any",
        over="loopback",
        description="One network namespace for all containers of a pod",
        traits=["byte-stream"],
        data=[assets_guest.pod_shared],
    )
    Flow(
        "K90.reply",
        "neighbours",
        "containers",
        "Connections from a neighbour",
        protocol="any",
        over="loopback",
        traits=["byte-stream"],
        data=[assets_guest.pod_shared],
    )
    Flow(
        "K91",
        "containers",
        "neighbours",
        "Signals and proc entries",
        over="process namespace",
        description="Only where the pod asks for a shared process namespace",
        traits=["system-calls"],
        data=[data.workload_data],
        controls=[guest_agent.own_process_namespace],
    )
    Flow(
        "K92",
        "containers",
        "pod-volumes",
        "Files and shared memory for a neighbour",
        over="file, shared memory",
        authentication="file-permissions",
        traits=["path-names", "filesystem-requests"],
        data=[assets_guest.pod_shared],
    )
    Flow(
        "K92.read",
        "pod-volumes",
        "neighbours",
        "Files and shared memory of a neighbour",
        over="file, shared memory",
        authentication="file-permissions",
        traits=["path-names"],
        data=[assets_guest.pod_shared],
    )
    Flow(
        "K93",
        "neighbours",
        "guest-kernel",
        "System calls of neighbours",
        over="system calls",
        description="One kernel for all containers of a pod",
        traits=["system-calls"],
        data=[data.workload_data],
        controls=[*trust.kernel(o), guest_agent.container_limits],
    )
    Flow(
        "K94",
        "containers",
        "guest-share",
        "Termination message",
        over="file",
        authentication="file-permissions",
        description="Written through a bind mount",
        traits=["path-names"],
        data=[assets_guest.termination_messages],
    )


def _files() -> None:
    Flow(
        "K18.copied",
        "agent",
        "guest-share",
        "Copied files, modes and links",
        over="file",
        authentication="file-permissions",
        description="A link may point out of the folder; whoever reads there later has to mind it",
        traits=["path-names"],
        data=[assets_guest.mounted_files],
        controls=[guest.copy_file_scoped],
    )
    Flow(
        "K18.mounted",
        "guest-share",
        "container-init",
        "Config maps, secrets, host names",
        over="bind mount",
        traits=["path-names", "mount-requests", "carries-secrets"],
        data=[assets_guest.mounted_files, data.workload_secrets],
        controls=[guest.confined_mounts],
    )
    Flow(
        "K94.read",
        "guest-share",
        "agent",
        "Termination messages looked at",
        over="file",
        description="The whole file is read before the message is cut",
        traits=["path-names"],
        data=[assets_guest.termination_messages],
    )
    Flow(
        "K94.watch",
        "guest-share",
        "agent",
        "Folders whose changes are copied",
        over="file",
        description="Looked at every two seconds",
        traits=["path-names"],
        data=[assets_guest.mounted_files],
        controls=[guest_agent.watched_mounts],
    )


def _switched(o: KataOptions) -> None:
    if o.mem_agent == "on":
        Flow(
            "K24",
            "agent",
            "mem-agent",
            "Settings of ageing and compaction",
            over="function call",
            authentication="in-process",
            traits=["carries-configuration", "resource-requests"],
            data=[assets_guest.agent_options],
        )
        Flow(
            "K24.kernel",
            "mem-agent",
            "guest-kernel",
            "Pages aged, moved and swapped out",
            over="file",
            port="/proc, /sys, memory cgroups",
            authentication="in-process",
            traits=["resource-requests"],
            data=[assets_guest.swap_blocks],
        )
    if o.guest_hooks == "on":
        Flow(
            "K25",
            "agent",
            "hook-runs",
            "State of a container for a hook",
            protocol="JSON",
            over="process start, pipe",
            authentication="in-process",
            traits=["process-exec", "serialized-objects"],
            data=[data.pod_spec, assets_guest.hook_programs],
        )
        Flow(
            "K25.image",
            "guest-rootfs",
            "hook-runs",
            "Programs of the hook folder",
            over="file",
            authentication="file-permissions",
            traits=["binds-code"],
            data=[assets_guest.hook_programs],
            controls=trust.launch(o),
        )
    if o.console:
        Flow(
            "K26",
            "agent",
            "debug-shell",
            "Shell for whoever connects",
            over="process start, pseudo-terminal",
            authentication="in-process",
            description="The configuration asks for it"
            if o.debug_console == "on"
            else "The boot image of Secure Execution asks for it, whatever the configuration says",
            traits=["process-exec", "byte-stream", "debug"],
            data=[data.admin_requests],
        )
        Flow(
            "K26.kernel",
            "debug-shell",
            "guest-kernel",
            "System calls of the shell",
            over="system calls",
            description="Root of the guest, beside every container",
            traits=["system-calls"],
            data=[data.workload_data],
        )
    if o.tracing == "on":
        Flow(
            "F64.span",
            "containers",
            "agent",
            "Text that ends up in spans",
            over="requests and events",
            description="Names of containers, paths and errors",
            traits=["log-records"],
            data=[data.traces],
            controls=[guest_agent.typed_spans],
        )


def _extensions(o: KataOptions) -> None:
    measured = trust.launch(o)
    Flow(
        "K27",
        "guest-kernel",
        "extension-mounter",
        "Extension disk and its root hash",
        protocol="EROFS, dm-verity",
        over="block device, /proc/cmdline",
        traits=["block-device", "carries-configuration", "binds-code"],
        data=[assets_devices.extension_image_data, assets_guest.agent_options],
        controls=[guest_agent.mounter_strict, *measured],
    )
    Flow(
        "K27.mount",
        "extension-mounter",
        "guest-extensions",
        "Extension mounted",
        over="mount",
        authentication="file-permissions",
        traits=["mount-requests", "binds-code"],
        data=[assets_devices.extension_image_data],
        controls=[guest_agent.extension_mounted_read_only],
    )
    Flow(
        "K27.start",
        "guest-init",
        "extension-mounter",
        "Names of extensions to mount",
        over="process start",
        authentication="in-process",
        description="A generator reads them from the command line",
        traits=["process-exec", "command-line"],
        data=[assets_guest.agent_options],
        controls=[guest_agent.extension_names, *measured],
    )
