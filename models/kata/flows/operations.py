"""F90 to F95 and K60 to K69: installation, measurements, policies and logs."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_host, data
from ..controls import host, host_install, host_observe, host_pods
from ..options import KataOptions


def operations(o: KataOptions) -> None:
    """What happens beside the life of a pod."""
    _metrics(o)
    _installation(o)
    if o.kubernetes:
        _policy_tool()
    Flow(
        "K66",
        o.shim,
        "log-parser",
        "Collected logs",
        protocol="key=value records",
        over="file",
        authentication="file-permissions",
        traits=["log-records"],
        data=[data.guest_logs],
        controls=[host.structured_logs],
    )


def _metrics(o: KataOptions) -> None:
    off = [host.monitor_off] if o.monitor == "off" else []
    Flow(
        "F90",
        "prometheus",
        "kata-monitor",
        "Queries",
        protocol="HTTP",
        over="tcp",
        port="8090",
        traits=["queries", "plaintext-network", "path-names"],
        operations=["/metrics", "/sandboxes", "/agent-url", "/debug/vars", "/debug/pprof/*"],
        controls=[host.monitor_loopback, host.monitor_off] if o.monitor == "off" else [],
    )
    Flow(
        "F90.reply",
        "kata-monitor",
        "prometheus",
        "Metrics",
        protocol="HTTP",
        over="tcp",
        traits=["measurements", "plaintext-network"],
        data=[data.metrics],
        controls=[host.monitor_off] if o.monitor == "off" else [],
    )
    Flow(
        "F91",
        "kata-monitor",
        o.shim,
        "Metrics requests",
        protocol="HTTP/1",
        over="uds",
        port="shim-monitor.sock",
        authentication="file-permissions",
        traits=["queries"],
        description=""
        if o.runtime == "go"
        else "Where it runs on the node: the chart mounts the folder of the Go runtime alone, not /run/kata",
        operations=["GET /metrics"],
        controls=[host.management_socket, host_observe.monitor_timeout, *off],
    )
    Flow(
        "F91.reply",
        o.shim,
        "kata-monitor",
        "Metrics of a sandbox",
        protocol="HTTP/1, Prometheus text",
        over="uds",
        authentication="file-permissions",
        traits=["measurements", "serialized-objects"],
        data=[data.metrics],
        controls=off,
    )


def _installation(o: KataOptions) -> None:
    by = "kata-deploy" if o.kubernetes else "node-admin"
    Flow(
        "K61",
        by,
        "guest-image",
        "Installed files",
        over="file",
        authentication="file-permissions",
        traits=["binds-code"],
        data=[data.release_artefacts, data.guest_image],
    )
    Flow(
        "K61.programs",
        by,
        "installed-programs",
        "Programs put in place",
        over="file",
        authentication="file-permissions",
        traits=["binds-code"],
        data=[assets_host.installed_programs],
    )
    Flow(
        "K61.run",
        "installed-programs",
        "cri-containerd",
        "Shim to be started",
        over="file",
        authentication="file-permissions",
        traits=["binds-code", "process-exec"],
        data=[assets_host.installed_programs],
    )
    Flow(
        "K62",
        by,
        "configuration",
        "Shipped configuration",
        protocol="TOML",
        over="file",
        authentication="file-permissions",
        traits=["carries-configuration"],
        data=[data.runtime_configuration],
    )
    Flow(
        "K63",
        by,
        "manager-config",
        "Shims for the container manager",
        protocol="TOML" if o.kubernetes else "JSON",
        over="file",
        authentication="file-permissions",
        traits=["carries-configuration"],
        data=[assets_host.manager_configuration],
    )
    if o.kubernetes and o.deploy == "daemonset":
        Flow(
            "F94",
            "kata-deploy",
            "kube-apiserver",
            "Node labels",
            protocol="HTTPS",
            over="tcp",
            authentication="token",
            encryption="tls",
            traits=["control-api", "remote"],
            operations=["nodes get, patch", "nodes/proxy get", "daemonsets get, list, watch"],
            data=[data.cluster_credentials, assets_host.node_labels],
            controls=[host.api_server_tls, host_install.installer_role],
        )


def _policy_tool() -> None:
    Flow(
        "K65",
        "pod-author",
        "genpolicy",
        "Pod to be described",
        protocol="YAML",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.pod_spec],
    )
    Flow(
        "K65.reply",
        "genpolicy",
        "pod-author",
        "Generated policy",
        protocol="Rego",
        over="file",
        authentication="file-permissions",
        data=[data.guest_policy],
    )
    Flow(
        "K65.rules",
        "policy-rules",
        "genpolicy",
        "Rules and settings",
        protocol="Rego, JSON",
        over="file",
        authentication="file-permissions",
        traits=["carries-configuration", "serialized-objects"],
        data=[assets_host.policy_settings],
    )
    Flow(
        "K65.layers",
        "registry",
        "genpolicy",
        "Image configuration and layers",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "archives", "serialized-objects"],
        data=[data.image_layers],
        controls=[host_pods.policy_images_tls],
    )
