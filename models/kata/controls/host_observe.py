"""Defences of the monitors, and of what collects measurements and spans."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, constant, present, value

CHART = "tools/packaging/kata-deploy/helm-chart/kata-deploy"
CTL = "src/tools/kata-ctl/src"
RUST = {"runtime": "rust"}

monitor_limits = Control(
    "monitor-limits",
    "The monitor's container has limits for memory and processor time",
    provides=["memory-quota", "cpu-quota"],
    claims=[
        value(f"{CHART}/values.yaml", "monitor.resources.limits.memory", "300Mi"),
        value(f"{CHART}/values.yaml", "monitor.resources.limits.cpu", "200m"),
        present(
            f"{CHART}/templates/kata-monitor.yaml",
            r"(?s)resources:\s*\{\{- toYaml \.Values\.monitor\.resources \| nindent",
        ),
    ],
)
monitor_mounts = Control(
    "monitor-mounts-read-only",
    "The monitor's container mounts folders of the node read-only, and no others than two",
    provides=["read-only-mount"],
    description="A socket below a read-only mount can be written to all the same. /run/kata is not among them: sandboxes "
    "of the Rust runtime are not seen from there",
    claims=[
        present(
            f"{CHART}/templates/kata-monitor.yaml",
            r"(?s)- name: sbs\s*mountPath: /run/vc/sbs/\s*readOnly: true",
        ),
        present(
            f"{CHART}/templates/kata-monitor.yaml",
            r"(?s)- name: containerd-sock\s*mountPath: [^\n]*\s*readOnly: true",
        ),
        absent(
            f"{CHART}/templates/kata-monitor.yaml",
            r"(?s)hostPath:\s*path:.*hostPath:\s*path:.*hostPath:\s*path:",
        ),
    ],
)
monitor_timeout = Control(
    "monitor-timeout",
    "kata-monitor gives a shim three seconds to answer",
    provides=["timeout"],
    description="For metrics and the agent's address; profiles are waited for",
    claims=[
        present("src/runtime/pkg/kata-monitor/shim_client.go", r"^\s*defaultTimeout = 3 \* time\.Second$"),
        present(
            "src/runtime/pkg/kata-monitor/monitor.go",
            r"shimclient\.DoGet\(sandboxID, defaultTimeout, containerdshim\.AgentURL\)",
        ),
        present(
            "src/runtime/pkg/kata-monitor/metrics.go",
            r"shimclient\.DoGet\(sandboxID, defaultTimeout, containerdshim\.MetricsURL\)",
        ),
        present(
            "src/runtime/pkg/utils/shimclient/shim_management_client.go", r"^\s*client\.Timeout = timeout$"
        ),
    ],
)
ctl_monitor_loopback = Control(
    "kata-ctl-monitor-loopback",
    "The monitor of kata-ctl listens on the loopback address unless told otherwise",
    provides=["no-listener-on-network"],
    claims=[
        constant(f"{CTL}/ops/check_ops.rs", "MONITOR_DEFAULT_SOCK_ADDR", equals="127.0.0.1:8090"),
    ],
)
ctl_monitor_paths = Control(
    "kata-ctl-monitor-two-paths",
    "The monitor of kata-ctl answers two paths and only to GET",
    provides=["allow-list"],
    claims=[
        present(
            f"{CTL}/monitor/http_server.rs",
            r"(?s)\(&Method::GET, ROOT_URI\) => root_uri_handler\(req\)\.await,\s*"
            r"\(&Method::GET, METRICS_URI\) => metrics_uri_handler\(req\)\.await,\s*"
            r"_ => not_found_uri_handler\(req\)\.await,",
        ),
    ],
)
sandbox_id_checked = Control(
    "management-client-checks-id",
    "Tools in Rust check the identifier of a sandbox before they make a socket's path of it",
    provides=["path-resolution-confined", "input-validation"],
    claims=[
        present(
            "src/libs/shim-interface/src/lib.rs",
            r"(?s)fn get_uds_with_sid\(short_id: &str, path: &str\) -> Result<String> \{\s*verify_id\(short_id\)",
        ),
    ],
)
