"""F01 to F10 in detail: hooks, replies, management by path, and tools that stand beside the runtime."""

from __future__ import annotations

from threatmodel.dsl import Control, Flow

from .. import assets_host as assets
from .. import data
from ..controls import confidential, devices_storage, guest, host, host_install, host_shim, transport
from ..options import KataOptions
from . import guest_calls as calls
from .guest_api import SOCKETS

HOOKS = {
    "go": ["prestart", "createRuntime", "poststart", "poststop"],
    "rust": ["prestart", "createRuntime", "createContainer", "poststart", "poststop"],
}


def node_orchestration(o: KataOptions) -> None:
    """What passes between container manager, shim, hooks and administrators."""
    if o.kubernetes:
        _commands()
    if o.cri != "cri-o":
        _start(o)
    _hooks(o)
    _replies(o)
    _management(o)
    _journal(o)
    _tools(o)


def _commands() -> None:
    Flow(
        "K01.exec",
        "pod-author",
        "kube-apiserver",
        "Commands for a container",
        protocol="HTTPS, WebSocket",
        over="tcp",
        port="6443",
        authentication="token",
        encryption="tls",
        description="exec, attach and port-forward, where the author may do this",
        traits=["control-api", "process-exec", "remote", "stdio"],
        operations=["pods/exec", "pods/attach", "pods/portforward"],
        data=[data.stdin],
        controls=[host.api_server_tls, host.api_limits],
    )
    Flow(
        "K02.exec",
        "kube-apiserver",
        "kubelet",
        "Commands passed on",
        protocol="HTTPS, WebSocket",
        over="tcp",
        port="10250",
        authentication="mutual",
        encryption="tls",
        traits=["control-api", "process-exec", "remote", "stdio"],
        data=[data.stdin],
        controls=[host.api_server_tls],
    )


def _start(o: KataOptions) -> None:
    Flow(
        "F02.cores",
        "cri-containerd",
        o.shim,
        "Switch for core scheduling",
        protocol="SCHED_CORE",
        over="environment",
        authentication="file-permissions",
        description="containerd sets it where it is told to, which the installer does not do; no other sandbox then "
        "runs on sibling threads of a core",
        traits=["carries-configuration"],
        data=[data.runtime_configuration],
    )
    if o.cri == "docker":
        Flow(
            "F01.docker",
            "docker-user",
            "cri-containerd",
            "Containers without Kubernetes",
            protocol="HTTP/1 (Docker)",
            over="uds",
            port="/var/run/docker.sock",
            authentication="file-permissions",
            description="Members of the group docker open it, and are root of the node by it",
            traits=["control-api", "serialized-objects", "mount-requests", "process-exec"],
            data=[data.pod_spec, data.pod_annotations],
        )


def _agent(o: KataOptions) -> list[Control]:
    """What guards the agent against whoever sends it a request."""
    return [
        guest.agent_parser,
        transport.agent_message_limit,
        *([guest.policy_fail_closed] if o.policy != "off" else []),
        *([confidential.pod_policy] if o.pod_judged else []),
    ]


def _hooks(o: KataOptions) -> None:
    limits = [host_shim.hook_limits] if o.runtime == "rust" else []
    paths = [host_shim.hook_paths] if o.runtime == "rust" else []
    Flow(
        "F02.hook-list",
        "cri-containerd",
        o.shim,
        "Hooks in the specification",
        protocol="OCI bundle (hooks)",
        over="file",
        authentication="file-permissions",
        description="Put there by the container manager and its plugins, not by the pod"
        if o.kubernetes
        else "Docker puts in one that names the network namespace",
        traits=["process-exec", "path-names", "serialized-objects"],
        operations=HOOKS[o.runtime],
        data=[assets.hook_list],
        controls=paths,
    )
    Flow(
        "F02.hooks",
        o.shim,
        "host-hooks",
        "Hooks started",
        protocol="exec, JSON on standard input",
        over="process start",
        authentication="in-process",
        traits=["process-exec", "serialized-objects", "command-line"],
        operations=HOOKS[o.runtime],
        data=[assets.hook_state],
        controls=[host_shim.hook_without_shell, *paths, *limits],
    )
    Flow(
        "F02.hook-result",
        "host-hooks",
        o.shim,
        "Result and output of a hook",
        over="pipe, exit code",
        authentication="in-process",
        traits=["byte-stream", "log-records"],
        data=[assets.hook_list],
        controls=limits,
    )
    Flow(
        "F60.hooks",
        o.shim,
        "agent",
        "Hooks for the guest",
        protocol="ttrpc (AgentService)",
        over=o.agent_over,
        port=SOCKETS[o.hypervisor],
        description="startContainer hooks run in the guest" if o.runtime == "rust" else "None is sent",
        traits=["process-exec", "path-names", "serialized-objects"],
        operations=["CreateContainer: hooks"],
        data=[assets.hook_list],
        controls=[*([] if o.confidential else [host_shim.host_hooks_stay]), *_agent(o)],
    )


def _replies(o: KataOptions) -> None:
    Flow(
        "F03.reply",
        o.shim,
        "cri-containerd",
        "Task replies",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        description="Statistics and exit codes come from the guest",
        traits=["serialized-objects", "measurements"],
        data=[data.agent_replies, data.metrics],
        controls=[host_shim.task_messages_typed, host.root_socket],
    )
    Flow(
        "F03.checkpoint",
        "cri-containerd",
        o.shim,
        "Checkpoint of a container",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["control-api", "path-names"],
        operations=["Checkpoint"],
        data=[data.workload_data],
        controls=[host_shim.checkpoint_missing, host.root_socket],
    )
    if o.runtime == "rust" and o.cri == "containerd":
        Flow(
            "F04.reply",
            o.shim,
            "cri-containerd",
            "State of the sandbox",
            protocol="ttrpc",
            over="uds",
            authentication="file-permissions",
            traits=["serialized-objects"],
            operations=["SandboxStatus", "WaitSandbox", "Platform"],
            data=[data.sandbox_state],
            controls=[host_shim.task_messages_typed, host.root_socket],
        )


def _management(o: KataOptions) -> None:
    tool = "kata-runtime" if o.runtime == "go" else "kata-ctl"
    routes = [host_shim.management_routes] if o.runtime == "rust" else []
    checked = [host.management_socket, *routes]
    for id_, caller, name, traits, operations, asset in (
        (
            "F08.firewall", tool, "Firewall rules of the guest", ["control-api", "carries-configuration"],
            ["GET /iptables", "PUT /iptables", "GET /ip6tables", "PUT /ip6tables"], data.admin_requests,
        ),
        (
            "F08.volumes", tool, "Size and statistics of a volume",
            ["control-api", "path-names", "serialized-objects"],
            ["POST /direct-volume/stats", "POST /direct-volume/resize"], data.volume_info,
        ),
        (
            "F08.policy", "kata-runtime", "Another policy for the guest", ["control-api", "carries-configuration"],
            ["PUT /policy"], data.guest_policy,
        ),
    ):  # fmt: skip
        Flow(
            id_,
            caller,
            o.shim,
            name,
            protocol="HTTP/1",
            over="uds",
            port="shim-monitor.sock",
            authentication="file-permissions",
            description="kata-ctl has no command for it; kata-runtime reaches shims of both runtimes"
            if caller != tool
            else "",
            traits=traits,
            operations=operations,
            data=[asset],
            controls=checked,
        )
    Flow(
        "F08.reply",
        o.shim,
        tool,
        "Management replies",
        protocol="HTTP/1",
        over="uds",
        port="shim-monitor.sock",
        authentication="file-permissions",
        description="Text that comes from the guest, shown to an administrator",
        traits=["serialized-objects", "byte-stream"],
        data=[data.agent_replies, data.metrics],
        controls=checked,
    )
    Flow(
        "F10.admin",
        tool,
        "direct-volumes",
        "Volume described by hand",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "mount-requests", "path-names"],
        operations=["direct-volume add", "direct-volume remove"],
        data=[data.volume_info],
        controls=[devices_storage.volume_path_encoded]
        + ([devices_storage.volume_record_mode] if o.runtime == "go" else []),
    )


def _journal(o: KataOptions) -> None:
    Flow(
        "K67",
        o.shim,
        "journal",
        "Records of the shim",
        protocol="journal" if o.runtime == "rust" else "syslog",
        over="uds",
        authentication="file-permissions",
        description="Console and agent's log of the guest too"
        if o.debugging
        else "Without the guest's console",
        traits=["log-records", *(["byte-stream"] if o.debugging else [])],
        data=[assets.node_journal, *([data.guest_logs] if o.debugging else [])],
        controls=[host.structured_logs],
    )
    if o.kubernetes:
        _debugging()


def _debugging() -> None:
    Flow(
        "K04.debug",
        "node-admin",
        "kata-debug",
        "Debugging of a node",
        protocol="HTTPS (kubectl debug)",
        over="tcp",
        authentication="token",
        encryption="tls",
        description="By way of the API server, with the node's root mounted",
        traits=["debug", "process-exec", "remote"],
        data=[data.admin_requests],
        controls=[host.api_server_tls, host_install.debug_image_apart],
    )
    Flow(
        "K67.read",
        "journal",
        "kata-debug",
        "Records collected",
        protocol="journalctl",
        over="file",
        authentication="file-permissions",
        traits=["log-records", "debug"],
        data=[assets.node_journal],
        controls=[host_install.debug_image_apart],
    )
    Flow(
        "K67.report",
        "kata-debug",
        "node-admin",
        "Report of a node",
        protocol="container log",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["log-records", "debug", "remote"],
        data=[assets.node_journal],
        controls=[host_install.debug_image_apart],
    )


def _tools(o: KataOptions) -> None:
    Flow(
        "K04.agent-ctl",
        "node-admin",
        "agent-ctl",
        "Requests to be tried",
        over="command line",
        authentication="file-permissions",
        traits=["command-line", "debug"],
        data=[data.admin_requests],
        controls=[host_install.tools_apart],
    )
    Flow(
        "F60.tried",
        "agent-ctl",
        "agent",
        "Any request to an agent",
        protocol="ttrpc (AgentService)",
        description="What an administrator can send, with a program that is easily brought along",
        over=o.agent_over,
        port=SOCKETS[o.hypervisor],
        traits=["control-api", "serialized-objects", "process-exec", "mount-requests", "debug"],
        operations=calls.ALL,
        data=[data.agent_requests],
        controls=[*([] if o.confidential else [host_install.tools_apart]), *_agent(o)],
    )
    if o.runtime == "rust" and o.local:
        Flow(
            "K04.shim-ctl",
            "node-admin",
            "shim-ctl",
            "Runtime tried by hand",
            over="command line",
            authentication="file-permissions",
            traits=["command-line", "debug"],
            data=[data.admin_requests],
            controls=[host_install.shim_ctl_not_shipped],
        )
        Flow(
            "K07",
            "shim-ctl",
            o.vmm,
            "Guest started without a manager",
            protocol="exec" if o.hypervisor != "dragonball" else "threads",
            over="process start" if o.hypervisor != "dragonball" else "in process",
            authentication="file-permissions",
            traits=["process-exec", "command-line", "debug"],
            data=[data.runtime_configuration],
            controls=[host_install.shim_ctl_not_shipped],
        )
