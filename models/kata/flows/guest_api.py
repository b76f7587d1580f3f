"""F60 and K20: the calls of the agent by what they act on, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable

from threatmodel.dsl import Control, Data, Flow, Operation

from .. import assets_guest as assets
from .. import data, trust
from ..controls import confidential, guest, guest_agent, switches, transport, vmm
from ..options import KataOptions
from . import guest_calls as calls

SOCKETS = {
    "qemu": "vsock <cid>:1024",
    "clh": "clh.sock or ch-vm.sock, port 1024",
    "fc": "kata.hvsock in the jail, port 1024",
    "dragonball": "kata.hvsock, port 1024",
    "stratovirt": "vsock <cid>:1024",
    "openvmm": "vsock.sock, port 1024",
    "remote": "the path that the adaptor answers with",
}
SERVICE = "ttrpc (AgentService)"


def guest_api(o: KataOptions) -> None:
    """What shim, and on some nodes any process, can ask of the agent."""
    _lifecycle(o)
    _processes(o)
    _network(o)
    _resources(o)
    _sandbox(o)
    _files(o)
    _policy(o)
    _answers(o)
    _others(o)


def _judged(o: KataOptions) -> list[Control]:
    """What stands before every call of the service."""
    return [
        guest.agent_parser,
        transport.agent_message_limit,
        *([guest.policy_fail_closed] if o.policy != "off" else []),
        *([confidential.pod_policy] if o.pod_judged else []),
        *([vmm.vm_folder_mode] if o.hypervisor == "clh" and o.rootless == "off" else []),
    ]


def _ruled(o: KataOptions, operations: tuple[Operation, ...]) -> Iterable[Operation]:
    """The calls with their rules; an agent without policies has no rules and does not serve SetPolicy."""
    return calls.without_rules(operations) if o.policy == "off" else operations


def _call(
    o: KataOptions,
    id_: str,
    name: str,
    operations: tuple[Operation, ...],
    traits: list[str],
    content: list[Data],
    *,
    controls: tuple[Control, ...] = (),
    description: str = "",
    refused: bool = True,
) -> None:
    """A group of calls from the shim. `refused` is False where a generated policy allows one without a condition."""
    generated = [guest_agent.generated_rules] if refused and o.policy == "genpolicy" else []
    Flow(
        id_,
        o.shim,
        "agent",
        name,
        protocol=SERVICE,
        over=o.agent_over,
        port=SOCKETS[o.hypervisor] if id_ == "F60" else "1024",
        description=description,
        traits=["control-api", "serialized-objects", *traits],
        operations=_ruled(o, operations),
        data=content,
        controls=[*_judged(o), *generated, *controls],
    )


def _lifecycle(o: KataOptions) -> None:
    _call(
        o,
        "F60",
        "Agent requests: containers",
        calls.LIFECYCLE,
        [
            "process-exec", "mount-requests", "path-names", "carries-configuration", "resource-requests",
            "length-prefixed",
        ],
        [data.agent_requests, data.pod_spec, data.pod_annotations, data.workload_secrets],
        description="No authentication or encryption"
        + ("" if o.policy == "off" else "; the agent asks its policy engine"),
        controls=(guest_agent.generated_mounts,) if o.policy == "genpolicy" else (),
    )  # fmt: skip


def _processes(o: KataOptions) -> None:
    _call(
        o,
        "F60.exec",
        "Commands in containers",
        calls.EXEC,
        ["process-exec"],
        [assets.process_specs, data.stdin],
    )
    _call(
        o,
        "F60.stdio",
        "Input, and requests for output",
        calls.STDIO,
        ["stdio", "length-prefixed"],
        [data.stdin],
    )


def _network(o: KataOptions) -> None:
    _call(
        o,
        "F60.network",
        "Interfaces, routes, neighbours",
        calls.NETWORK,
        ["carries-configuration"],
        [assets.guest_network],
    )
    _call(
        o,
        "F60.firewall",
        "Packet filter of the guest",
        calls.FIREWALL,
        ["carries-configuration"],
        [assets.guest_network, data.admin_requests],
        description="Text for a program of the guest's root. The request fails when the program does not take it "
        "within five seconds; its end is waited for without a limit",
    )


def _resources(o: KataOptions) -> None:
    _call(
        o,
        "F60.hotplug",
        "Processors and memory brought online",
        calls.HOTPLUG,
        ["hot-plug", "resource-requests"],
        [assets.hot_plugged],
        refused=False,
    )
    _call(
        o,
        "F60.memory",
        "Settings of the memory agent",
        calls.MEMORY,
        ["resource-requests"],
        [data.agent_requests],
        controls=() if o.mem_agent == "on" or o.kernel_params_open else (switches.mem_agent_off,),
        description="Answered with an error where the memory agent does not run",
    )
    _call(
        o,
        "F60.swap",
        "Swap of the guest",
        calls.SWAP,
        ["path-names", "resource-requests"],
        [assets.swap_blocks],
        description="Pages of the guest then lie on a device of the host",
    )


def _sandbox(o: KataOptions) -> None:
    _call(
        o,
        "F60.sandbox",
        "Set-up and end of the sandbox",
        calls.SANDBOX,
        ["mount-requests", "carries-configuration", "path-names"],
        [data.agent_requests, assets.guest_network],
    )
    _call(
        o,
        "F60.modules",
        "Kernel modules to load",
        (
            Operation(
                "CreateSandbox: kernel_modules",
                policy="CreateSandboxRequest",
                parses="names and parameters for modprobe",
            ),
        ),
        ["carries-configuration", "process-exec"],
        [assets.kernel_modules, data.agent_requests],
        controls=() if o.kernel_modules == "on" else (switches.modules_off,),
        description="Names and parameters for modprobe",
    )
    _call(o, "F60.clock", "Time of the guest", calls.CLOCK, ["time-source"], [assets.guest_clock])
    _call(
        o,
        "F60.entropy",
        "Random numbers for the guest",
        calls.ENTROPY,
        ["length-prefixed", "entropy-source"],
        [assets.random_state],
        description="Bytes of the host that the guest counts as random",
    )


def _files(o: KataOptions) -> None:
    _call(
        o,
        "F60.copy",
        "Files copied into the guest",
        calls.FILES,
        ["path-names", "length-prefixed"],
        [data.agent_requests, data.workload_secrets, assets.mounted_files],
        controls=(
            guest.copy_file_scoped,
            *((guest_agent.policy_sees_links,) if o.policy != "off" else ()),
        ),
    )
    _call(
        o,
        "F60.volumes",
        "Volumes resized and measured",
        calls.VOLUMES,
        ["path-names", "mount-requests"],
        [data.agent_requests],
    )


def _policy(o: KataOptions) -> None:
    if o.policy == "off":
        return
    _call(
        o,
        "F60.policy",
        "Another policy",
        calls.POLICY,
        ["carries-configuration", "length-prefixed"],
        [data.guest_policy, assets.policy_state],
        controls=(guest_agent.policy_limits,),
        description="The policy in force decides whether another one may take its place",
    )


def _answers(o: KataOptions) -> None:
    _call(
        o,
        "F60.observe",
        "Measurements and diagnosis",
        calls.OBSERVATION,
        ["queries"],
        [data.agent_requests],
        controls=(guest_agent.diagnosis_listed,),
    )
    fresh = [transport.fresh_context_id if o.vhost_vsock else transport.fresh_agent_socket] if o.local else []
    Flow(
        "F60.reply",
        "agent",
        o.shim,
        "Agent replies",
        protocol=SERVICE,
        over=o.agent_over,
        description="Exit codes, statistics, output, events; read by a process of uid 0",
        traits=["serialized-objects", "length-prefixed", "stdio", "measurements"],
        data=[data.agent_replies, data.workload_output, data.metrics],
        controls=[
            guest.reply_parser,
            transport.reply_message_limit,
            *fresh,
            *([guest_agent.output_withheld] if o.policy in ("genpolicy", "custom") else []),
        ],
    )
    Flow(
        "F60.termination",
        "agent",
        o.shim,
        "Termination messages",
        protocol=SERVICE,
        over=o.agent_over,
        description="What a container wrote before it ended",
        traits=["stdio", "log-records"],
        data=[assets.termination_messages],
        controls=[
            guest.reply_parser,
            transport.reply_message_limit,
            *fresh,
            guest_agent.termination_cut,
        ],
    )
    Flow(
        "F60.health",
        o.shim,
        "agent",
        "Health and version",
        protocol="ttrpc (Health)",
        over=o.agent_over,
        port="1024",
        description="Outside the policy",
        traits=["queries"],
        operations=[
            Operation(
                "Check", parses="name of a service", note="Always answers that it serves; no rule decides"
            ),
            Operation("Version", note="Version of agent and interface; no rule decides"),
        ],
        data=[data.agent_requests],
    )


def _others(o: KataOptions) -> None:
    if o.vhost_vsock:
        Flow(
            "K20",
            "local-user",
            "agent",
            "Agent port from any process",
            protocol=SERVICE,
            over="vsock",
            port="<cid>:1024",
            description="The host kernel lets every process open AF_VSOCK and no file permission guards a CID; "
            "inferred from the kernel's behaviour",
            traits=["control-api", "serialized-objects", "process-exec", "mount-requests"],
            operations=_ruled(o, calls.ALL),
            data=[data.agent_requests],
            controls=_judged(o),
        )
    if not o.local:
        return
    Flow(
        "K20.inside",
        "containers",
        "agent",
        "Agent port from inside of the guest",
        protocol=SERVICE,
        over="vsock",
        port="1024, where the guest kernel has vsock loopback",
        description="The agent listens on every address of vsock",
        traits=["control-api", "serialized-objects", "process-exec", "mount-requests"],
        operations=_ruled(o, calls.ALL),
        data=[data.agent_requests],
        controls=[*_judged(o), *trust.no_loopback(o)],
    )
