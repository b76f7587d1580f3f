"""The golden files of this folder: path below tests/data/golden, and how its bytes come about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tests.diagrams.large import large
from tests.diagrams.systems import small
from threatmodel.diagrams import dfd, dot
from threatmodel.diagrams.changes import before_after
from threatmodel.diagrams.plan import overview
from threatmodel.system.model import Boundary, Element, Flow


def goldens() -> Mapping[str, bytes]:
    """Every golden file of the diagrams by its path."""
    system = small()
    return {
        "diagrams/change.dot": dot.write(changed(), legend_columns=1).encode(),
        "diagrams/overview.dot": dot.write(overview(large(1)), legend_columns=3).encode(),
        "diagrams/whole.dot": dot.write(dfd.whole(system)).encode(),
        "diagrams/zoom-vmm.dot": dot.write(dfd.zoom(system, "vmm"), legend_columns=1).encode(),
    }


def changed() -> dfd.Diagram:
    """Every kind of part added, removed and changed."""
    base = small()
    head = replace(
        base,
        boundaries=(
            *base.boundaries,
            Boundary(id="jail", name="Jail", privilege="restricted", parent="host"),
        ),
        elements=(
            *(e for e in base.elements if e.id != "state"),
            Element(id="log", name="Log", kind="datastore", boundary="jail"),
        ),
        flows=(
            *(f for f in base.flows if f.id != "F03"),
            Flow(id="F08", source="shim", target="log", name="Lines"),
            Flow(id="F09", source="user", target="shim", name="Stop", protocol="HTTPS"),
        ),
    )
    made = before_after(
        base,
        head,
        {
            "jail": "added",
            "log": "added",
            "F08": "added",
            "F09": "added",
            "state": "removed",
            "F03": "removed",
            "api": "changed",
            "F04": "changed",
            "vmm": "changed",
        },
    )
    assert made is not None
    return made
