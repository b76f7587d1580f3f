"""F90 to F93 in detail: who asks the monitors, what these ask, and what they hold for it."""

from __future__ import annotations

from threatmodel.dsl import Control, Flow

from .. import assets_host as assets
from .. import data
from ..controls import host, host_observe, host_shim, switches
from ..options import KataOptions


def node_observation(o: KataOptions) -> None:
    """Monitors of both runtimes, and the collector of spans."""
    _questions(o)
    _sources(o)
    if o.runtime == "rust":
        _kata_ctl(o)
    else:
        _profiles(o)
    _collector(o)


def _questions(o: KataOptions) -> None:
    Flow(
        "F90.any",
        "network-peer",
        "kata-monitor",
        "Questions from the network",
        protocol="HTTP",
        over="tcp",
        port="127.0.0.1:8090" if o.monitor == "off" else "0.0.0.0:8090",
        description="No account, no certificate; the chart listens on all addresses of the pod",
        traits=["queries", "plaintext-network", "path-names"],
        operations=["/", "/metrics", "/sandboxes", "/agent-url", "/debug/vars", "/debug/pprof/*"],
        controls=[host.monitor_off, host.monitor_loopback] if o.monitor == "off" else [],
    )
    Flow(
        "F90.any.reply",
        "kata-monitor",
        "network-peer",
        "Names and metrics of sandboxes",
        protocol="HTTP",
        over="tcp",
        traits=["measurements", "plaintext-network"],
        data=[data.metrics],
        controls=[host.monitor_off, host.monitor_loopback] if o.monitor == "off" else [],
    )


def _sources(o: KataOptions) -> None:
    off = [host.monitor_off] if o.monitor == "off" else []
    if o.kubernetes:
        _names(off)
    Flow(
        "F91.watch",
        "sandbox-state",
        "kata-monitor",
        "Sandboxes that come and go",
        protocol="inotify",
        over="file",
        port="/run/vc/sbs, /run/kata",
        authentication="file-permissions",
        traits=["path-names"],
        data=[data.sandbox_state],
        controls=[
            *([host_observe.monitor_mounts] if o.kubernetes else []),
            *([host_shim.state_mode] if o.runtime == "go" else []),
            *off,
        ],
    )
    Flow(
        "F91.address",
        "kata-monitor",
        o.shim,
        "Address of the agent asked for",
        protocol="HTTP/1",
        over="uds",
        port="shim-monitor.sock",
        authentication="file-permissions",
        traits=["queries", "path-names"],
        operations=["GET /agent-url"],
        controls=[host.management_socket, host_observe.monitor_timeout, *off],
    )


def _names(off: list[Control]) -> None:
    Flow(
        "F91.cri",
        "kata-monitor",
        "cri-containerd",
        "Names of pods asked for",
        protocol="gRPC (CRI)",
        over="uds",
        authentication="file-permissions",
        description="The socket would answer any other request too",
        traits=["control-api", "queries"],
        operations=["ListPodSandbox"],
        controls=[host.root_socket, *off],
    )
    Flow(
        "F91.cri.reply",
        "cri-containerd",
        "kata-monitor",
        "Names of pods",
        protocol="gRPC (CRI)",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.pod_spec],
        controls=[host.root_socket, *off],
    )


def _profiles(o: KataOptions) -> None:
    off = [switches.pprof_off] if o.pprof == "off" else []
    Flow(
        "F91.profiles",
        "kata-monitor",
        o.shim,
        "Profiles asked for",
        protocol="HTTP/1",
        over="uds",
        port="shim-monitor.sock",
        authentication="file-permissions",
        traits=["queries", "debug"],
        operations=["/debug/vars", "/debug/pprof/{,cmdline,profile,symbol,trace}"],
        controls=[host.management_socket, *off],
    )


def _kata_ctl(o: KataOptions) -> None:
    callers = [("F90.ctl", "node-admin", "Questions to kata-ctl monitor")]
    if o.vhost_vsock:
        callers.append(("F90.local", "local-user", "Questions of local programs"))
    for id_, source, name in callers:
        Flow(
            id_,
            source,
            "kata-ctl",
            name,
            protocol="HTTP",
            over="loopback",
            port="127.0.0.1:8090",
            description="While an administrator runs it; a port of the loopback address has no owner",
            traits=["queries", "path-names"],
            operations=["GET /", "GET /metrics"],
            controls=[host_observe.ctl_monitor_loopback, host_observe.ctl_monitor_paths],
        )
    Flow(
        "F90.ctl.reply",
        "kata-ctl",
        "node-admin",
        "Metrics of kata-ctl",
        protocol="HTTP",
        over="loopback",
        traits=["measurements"],
        data=[data.metrics],
        controls=[host_observe.ctl_monitor_loopback],
    )
    Flow(
        "F91.ctl",
        "kata-ctl",
        o.shim,
        "Metrics for kata-ctl",
        protocol="HTTP/1",
        over="uds",
        port="shim-monitor.sock",
        authentication="file-permissions",
        traits=["queries", "path-names"],
        operations=["GET /metrics"],
        controls=[host.management_socket, host_observe.sandbox_id_checked, host_shim.management_routes],
    )


def _collector(o: KataOptions) -> None:
    Flow(
        "K03.collector",
        "configuration",
        o.shim,
        "Account at the trace collector",
        protocol="TOML",
        over="file",
        authentication="file-permissions",
        traits=["carries-secrets"],
        operations=["jaeger_endpoint", "jaeger_user", "jaeger_password"],
        data=[assets.collector_credentials],
        controls=[switches.tracing_off] if o.tracing == "off" else [],
    )
