"""F60 to F65: between host and agent over vsock, and what hangs on the other ports."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import confidential, guest, host, transport, vmm
from ..options import KataOptions

AGENT_CALLS = [
    "CreateContainer", "StartContainer", "RemoveContainer", "ExecProcess", "SignalProcess", "WaitProcess",
    "UpdateContainer", "UpdateEphemeralMounts", "StatsContainer", "PauseContainer", "ResumeContainer",
    "RemoveStaleVirtiofsShareMounts", "GetDiagnosticData", "WriteStdin", "ReadStdout", "ReadStderr", "CloseStdin",
    "TtyWinResize", "UpdateInterface", "UpdateRoutes", "ListInterfaces", "ListRoutes", "AddARPNeighbors",
    "GetIPTables", "SetIPTables", "GetMetrics", "MemAgentMemcgSet", "MemAgentCompactSet", "CreateSandbox",
    "DestroySandbox", "OnlineCPUMem", "ReseedRandomDev", "GetGuestDetails", "MemHotplugByProbe",
    "SetGuestDateTime", "GetOOMEvent", "AddSwap", "AddSwapPath", "GetVolumeStats", "ResizeVolume",
    "SetPolicy",
]  # fmt: skip
SOCKETS = {
    "qemu": "vsock <cid>:1024",
    "clh": "clh.sock or ch-vm.sock, port 1024",
    "fc": "kata.hvsock in the jail, port 1024",
    "dragonball": "kata.hvsock, port 1024",
    "stratovirt": "vsock <cid>:1024",
    "openvmm": "vsock.sock, port 1024",
    "remote": "the path that the adaptor answers with",
}


def vsock(o: KataOptions) -> None:
    """Requests to the agent, its answers, and the ports beside."""
    _agent(o)
    _logs(o)
    _console(o)
    _stdio(o)
    _traces(o)
    if o.tee == "tdx":
        _quote(o)


def _agent(o: KataOptions) -> None:
    hybrid = o.hypervisor == "clh"
    policy = [confidential.pod_policy] if o.pod_judged else []
    judged = [guest.policy_fail_closed] if o.policy != "off" else []
    Flow(
        "F60",
        o.shim,
        "agent",
        "Agent requests",
        protocol="ttrpc (AgentService)",
        over=o.agent_over,
        port=SOCKETS[o.hypervisor],
        description="No authentication or encryption; the agent asks its policy engine",
        traits=[
            "control-api",
            "serialized-objects",
            "process-exec",
            "mount-requests",
            "path-names",
            "carries-configuration",
            "resource-requests",
            "length-prefixed",
            "time-source",
        ],
        operations=AGENT_CALLS,
        data=[data.agent_requests, data.pod_spec, data.pod_annotations, data.workload_secrets],
        controls=[
            guest.agent_parser,
            transport.agent_message_limit,
            *judged,
            *policy,
            *([vmm.vm_folder_mode] if hybrid else []),
        ],
    )
    Flow(
        "F60.copy",
        o.shim,
        "agent",
        "Files copied into the guest",
        protocol="ttrpc (AgentService)",
        over=o.agent_over,
        port="1024",
        traits=["control-api", "serialized-objects", "path-names", "length-prefixed"],
        operations=["CopyFile"],
        data=[data.agent_requests, data.workload_secrets],
        controls=[
            guest.agent_parser,
            transport.agent_message_limit,
            guest.copy_file_scoped,
            *judged,
            *policy,
        ],
    )
    Flow(
        "F60.reply",
        "agent",
        o.shim,
        "Agent replies",
        protocol="ttrpc (AgentService)",
        over=o.agent_over,
        description="Exit codes, statistics, output, events; read by a process of uid 0",
        traits=["serialized-objects", "length-prefixed", "stdio", "measurements"],
        data=[data.agent_replies, data.workload_output, data.metrics],
        controls=[
            guest.reply_parser,
            transport.reply_message_limit,
            transport.fresh_context_id if o.vhost_vsock else transport.fresh_agent_socket,
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
        operations=["Check", "Version"],
        data=[data.agent_requests],
    )
    if o.vhost_vsock:
        Flow(
            "K20",
            "local-user",
            "agent",
            "Agent port from any process",
            protocol="ttrpc (AgentService)",
            over="vsock",
            port="<cid>:1024",
            description="The host kernel lets every process open AF_VSOCK and no file permission guards a CID; "
            "inferred from the kernel's behaviour",
            traits=["control-api", "serialized-objects", "process-exec", "mount-requests"],
            operations=[*AGENT_CALLS, "CopyFile"],
            data=[data.agent_requests],
            controls=[
                guest.agent_parser,
                transport.agent_message_limit,
                *judged,
                *policy,
            ],
        )


def _logs(o: KataOptions) -> None:
    if o.hypervisor in ("fc", "dragonball"):
        Flow(
            "F61",
            "agent",
            o.shim,
            "Agent log stream",
            protocol="JSON lines",
            over="hybrid-vsock",
            port="1025",
            traits=["log-records", "byte-stream"],
            data=[data.guest_logs],
            controls=[transport.fresh_agent_socket],
        )


def _console(o: KataOptions) -> None:
    tool = "kata-runtime" if o.runtime == "go" else "kata-ctl"
    measured = [confidential.measured_launch, confidential.attested_guest]
    console = measured if o.confidential else []
    console += [guest.debug_console_off] if o.debug_console == "off" and not o.confidential else []
    Flow(
        "F62",
        tool,
        "agent",
        "Debug console",
        protocol="shell",
        over=o.agent_over,
        port="1026",
        description="A root shell without authentication, where switched on",
        traits=["debug", "byte-stream", "process-exec"],
        data=[data.admin_requests],
        controls=console,
    )
    if o.vhost_vsock:
        Flow(
            "F62.any",
            "local-user",
            "agent",
            "Debug console from any process",
            protocol="shell",
            over="vsock",
            port="<cid>:1026",
            description="A root shell for every process of the node, where switched on: by configuration, or for his own "
            "pod by a pod author with the annotation kernel_params",
            traits=["debug", "byte-stream", "process-exec"],
            data=[data.admin_requests],
            controls=console,
        )
    Flow(
        "F62.reply",
        "agent",
        tool,
        "Debug console output",
        protocol="shell",
        over=o.agent_over,
        port="1026",
        traits=["debug", "byte-stream"],
        data=[data.guest_logs],
        controls=console,
    )


def _stdio(o: KataOptions) -> None:
    if o.passfd == "on":
        Flow(
            "F63",
            o.shim,
            "agent",
            "Container input",
            over="hybrid-vsock",
            port="1027",
            description="A stream is told apart by the source port",
            traits=["stdio", "byte-stream"],
            data=[data.stdin],
        )
        Flow(
            "F63.reply",
            "agent",
            o.shim,
            "Container output",
            over="hybrid-vsock",
            port="1027",
            traits=["stdio", "byte-stream"],
            data=[data.workload_output],
        )


def _traces(o: KataOptions) -> None:
    Flow(
        "F64",
        "agent",
        "trace-forwarder",
        "Trace spans",
        protocol="length and JSON",
        over=o.agent_over,
        port="10240",
        traits=["length-prefixed", "serialized-objects", "log-records"],
        data=[data.traces],
        controls=[host.forwarder_not_started] if o.tracing == "off" else [],
    )
    Flow(
        "F93",
        "trace-forwarder",
        "otlp-collector",
        "Exported spans",
        protocol="OTLP (gRPC)",
        over="tcp",
        port="http://localhost:4317",
        traits=["plaintext-network", "log-records"],
        data=[data.traces],
        controls=[] if o.confidential or o.tracing == "on" else [host.forwarder_not_started],
    )


def _quote(o: KataOptions) -> None:
    Flow(
        "F65.request",
        "guest-kernel",
        o.vmm,
        "Quote request",
        protocol="TDVMCALL GetQuote",
        over="shared page",
        shares_memory=True,
        traits=["hypercalls", "length-prefixed", "attestation-evidence"],
        data=[data.evidence],
    )
    Flow(
        "F51",
        o.vmm,
        "tdx-qgs",
        "Report to be quoted",
        protocol="QGS protocol",
        over="uds or vsock",
        port="/var/run/tdx-qgs/qgs.socket or 4050",
        traits=["length-prefixed", "attestation-evidence"],
        data=[data.evidence],
        controls=[confidential.signed_quote, confidential.attested_release],
    )
    Flow(
        "F51.reply",
        "tdx-qgs",
        o.vmm,
        "Quote",
        protocol="QGS protocol",
        over="uds or vsock",
        traits=["length-prefixed", "attestation-evidence"],
        data=[data.evidence],
        controls=[confidential.signed_quote, confidential.attested_release],
    )
    Flow(
        "F65.quote",
        o.vmm,
        "guest-kernel",
        "Quote handed to the guest",
        over="shared page",
        shares_memory=True,
        traits=["length-prefixed", "attestation-evidence"],
        data=[data.evidence],
        controls=[confidential.signed_quote, confidential.attested_release],
    )
