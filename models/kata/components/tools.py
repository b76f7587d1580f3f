"""Tools beside the runtime."""

from __future__ import annotations

from threatmodel.dsl import Component


def tools() -> None:
    """Programs of src/tools."""
    Component("agent-ctl", "src/tools/agent-ctl/**", role="test")
    Component("csi-directvolume", "src/tools/csi-kata-directvolume/**", runs_in=["csi-directvolume"])
    Component("genpolicy-rules", "src/tools/genpolicy/rules.rego", runs_in=["genpolicy", "policy-engine"])
    Component("genpolicy", "src/tools/genpolicy/**", runs_in=["genpolicy"])
    Component("kata-ctl", "src/tools/kata-ctl/**", runs_in=["kata-ctl"])
    Component("log-parser", "src/tools/log-parser/**", runs_in=["log-parser"])
    Component("trace-forwarder", "src/tools/trace-forwarder/**", runs_in=["trace-forwarder"])
