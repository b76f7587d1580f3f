"""F76, F78 and what happens between agent, kernel and containers."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_guest, data, trust
from ..controls import guest, guest_agent, switches
from ..options import KataOptions
from . import guest_calls


def in_guest(o: KataOptions) -> None:
    """Flows that stay in the guest, and how its start is configured."""
    _start(o)
    _policy(o)
    _containers(o)


def _start(o: KataOptions) -> None:
    measured = trust.launch(o)
    Flow(
        "F76.boot",
        o.machine,
        "guest-kernel",
        "Kernel and its command line",
        over="guest memory",
        shares_memory=True,
        description=_boot(o),
        traits=["carries-configuration", "binds-code"],
        data=[data.guest_image, *([data.runtime_configuration, data.pod_annotations] if o.local else [])],
        controls=[*measured, *trust.rootfs(o)],
    )
    if o.local:
        Flow(
            "F76",
            "guest-kernel",
            "agent",
            "Agent options of the command line",
            protocol="agent.*",
            over="/proc/cmdline",
            traits=["carries-configuration"],
            operations=guest_calls.OPTIONS,
            data=[data.runtime_configuration, data.pod_annotations, assets_guest.agent_options],
            controls=[*measured, guest_agent.options_checked],
        )
    else:
        Flow(
            "F76",
            "guest-rootfs",
            "agent",
            "Agent options of a file",
            protocol="TOML",
            over="file",
            port="/etc/agent-config.toml",
            authentication="file-permissions",
            description="Named by the unit of the machine's image; the agent then reads no command line "
            "(cloud-api-adaptor, podvm/files)",
            traits=["carries-configuration"],
            data=[assets_guest.agent_options],
            controls=measured,
        )
    if o.hypervisor == "qemu" and o.tee != "se":
        Flow(
            "F76.firmware",
            o.vmm,
            "guest-fw",
            "Firmware and its tables",
            over="guest memory",
            shares_memory=True,
            traits=["binds-code", "carries-configuration"],
            data=[data.guest_image],
            controls=measured,
        )
    Flow(
        "F78",
        "guest-kernel",
        "agent",
        "Device events",
        protocol="uevent",
        over="netlink",
        authentication="in-process",
        traits=["hot-plug"],
        data=[data.descriptors],
    )
    Flow(
        "K14",
        "guest-rootfs",
        "agent",
        "Programs and files of the image",
        over="file",
        authentication="file-permissions",
        traits=["binds-code", "carries-configuration"],
        data=[data.guest_image],
        controls=[*measured, *trust.rootfs(o)],
    )


def _boot(o: KataOptions) -> str:
    if not o.local:
        return "From the image of the machine, as the cloud starts it"
    if o.tee == "se":
        return "One encrypted image that holds the command line; parameters of the node are not in it"
    return "kernel_params of the configuration and of an annotation that is enabled by default"


def _policy(o: KataOptions) -> None:
    judged = [guest.policy_fail_closed] if o.policy != "off" else []
    Flow(
        "K15",
        "agent",
        "policy-engine",
        "Request to be judged",
        protocol="JSON",
        over="function call",
        authentication="in-process",
        encryption="in-process",
        traits=["serialized-objects", "queries", "carries-configuration"],
        data=[data.agent_requests, data.guest_policy],
        controls=judged,
    )
    Flow(
        "K15.reply",
        "policy-engine",
        "agent",
        "Verdict",
        over="function call",
        authentication="in-process",
        encryption="in-process",
        data=[data.guest_policy],
        controls=judged,
    )


def _containers(o: KataOptions) -> None:
    filters = [switches.container_seccomp] if o.guest_seccomp == "on" else []
    filters += [switches.container_selinux] if o.guest_selinux == "on" else []
    Flow(
        "K10",
        "containers",
        "guest-kernel",
        "System calls of the workload",
        over="system calls",
        description="Guest seccomp and SELinux are off by default. Device rules of containers are written with "
        "cgroup v1 only; in a guest with v2 none is in force",
        traits=["system-calls"],
        data=[data.workload_data],
        controls=[*trust.kernel(o), *filters],
    )
    Flow(
        "K11",
        "agent",
        "guest-kernel",
        "Mounts, network, modules",
        over="system calls",
        authentication="in-process",
        traits=["system-calls", "mount-requests"],
        data=[data.agent_requests],
    )
    Flow(
        "K12",
        "agent",
        "containers",
        "Start, exec and signals",
        protocol="clone, exec",
        over="process start",
        authentication="in-process",
        traits=["process-exec", "stdio", "carries-secrets"],
        data=[data.pod_spec, data.workload_secrets, data.stdin],
    )
    Flow(
        "K13",
        "containers",
        "agent",
        "Output, exit and proc entries",
        over="pipe",
        traits=["stdio", "byte-stream"],
        description="The agent reads what a container writes and looks at files that the container can change",
        data=[data.workload_output, data.workload_data],
    )
    Flow(
        "K16",
        "containers",
        "container-rootfs",
        "Files written",
        over="system calls",
        authentication="file-permissions",
        traits=["filesystem-requests", "path-names"],
        data=[data.workload_data],
    )
    Flow(
        "K17",
        "container-rootfs",
        "agent",
        "Paths set up by the agent",
        over="file",
        description="Mount points and working directories below a tree that the image and the workload write",
        traits=["path-names", "mount-requests"],
        data=[data.image_layers, data.workload_data],
        controls=[guest.confined_mounts],
    )
    Flow(
        "K18",
        "agent",
        "container-rootfs",
        "Folders named by container id",
        over="file",
        authentication="file-permissions",
        traits=["path-names"],
        data=[data.agent_requests],
        controls=[guest.verify_id],
    )
