"""Small systems to draw."""

from __future__ import annotations

from threatmodel.system.model import Boundary, Configuration, Element, Flow, SystemModel


def small(**names: str) -> SystemModel:
    """Three boundaries, one nested; six elements of every kind; seven flows. `names` replaces names by id."""

    def name(anchor: str, default: str) -> str:
        return names.get(anchor, default)

    return SystemModel(
        configuration=Configuration(name="default", options={}),
        boundaries=(
            Boundary(id="outside", name=name("outside", "Outside"), privilege="none"),
            Boundary(id="host", name=name("host", "Host"), privilege="root"),
            Boundary(id="vmm", name=name("vmm", "VMM process"), privilege="restricted", parent="host"),
        ),
        elements=(
            Element(id="user", name=name("user", "Cluster user"), kind="actor", boundary="outside"),
            Element(id="registry", name=name("registry", "Registry"), kind="external", boundary="outside"),
            Element(id="shim", name=name("shim", "Runtime shim"), kind="process", boundary="host"),
            Element(id="state", name=name("state", "Sandbox state"), kind="datastore", boundary="host"),
            Element(id="api", name=name("api", "Control socket"), kind="process", boundary="vmm"),
            Element(id="vcpu", name="vCPU threads", kind="process", boundary="vmm", multiple=True),
        ),
        flows=(
            Flow(id="F01", source="user", target="shim", name=name("F01", "Start"), protocol="HTTPS"),
            Flow(id="F02", source="shim", target="registry", name="Pull", protocol="HTTPS"),
            Flow(id="F03", source="shim", target="state", name="Save"),
            Flow(id="F04", source="shim", target="api", name="Command", protocol="QMP", over="uds"),
            Flow(id="F05", source="api", target="shim", name="Event", protocol="QMP", over="uds"),
            Flow(id="F06", source="api", target="vcpu", name="Run"),
            Flow(id="F07", source="registry", target="shim", name="Layers", protocol="HTTPS"),
        ),
    )
