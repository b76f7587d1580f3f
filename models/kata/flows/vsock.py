"""F61 to F65: what hangs on the ports beside the agent's own."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data, trust
from ..controls import confidential, guest, host, transport
from ..options import KataOptions


def vsock(o: KataOptions) -> None:
    """Logs, consoles, streams, spans and quotes."""
    _logs(o)
    if o.local:
        _console(o)
        _stdio(o)
        _traces(o)
    if o.tee == "tdx" and o.local:
        _quote(o)


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
    on = o.tee == "se"
    console = [] if on else trust.launch(o)
    console += [guest.debug_console_off] if o.debug_console == "off" and not o.confidential else []
    where = "switched on by the build of the Secure Execution image" if on else "where switched on"
    Flow(
        "F62",
        tool,
        "agent",
        "Debug console",
        protocol="shell",
        over=o.agent_over,
        port="1026",
        description=f"A root shell without authentication, {where}",
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
            description=f"A root shell for every process of the node, {where}"
            + (
                ""
                if on
                else ": by configuration, or for his own pod by a pod author with the annotation kernel_params"
            ),
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
        controls=[
            *console,
            transport.fresh_context_id if o.vhost_vsock else transport.fresh_agent_socket,
        ],
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
            description="A stream is told apart by the source port; no rule of a policy decides on it",
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
