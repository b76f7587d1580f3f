"""The attack surface of several configurations: each surface with what becomes of it in every one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from threatmodel.analysis.comparison import (
    UNSETTLED,
    AdversaryCell,
    AdversaryRow,
    Cell,
    Column,
    Counts,
    Surface,
    SurfaceGroup,
)
from threatmodel.analysis.risk import RISK_LEVELS, RiskLevel
from threatmodel.analysis.threats import STATUSES, Threat, ThreatInConfiguration
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.system import Flow, Project, SystemModel

_ABSENT = Cell(state="absent", counts=Counts())
_SEVERE = frozenset({"high", "critical"})
Found = tuple[Threat, ThreatInConfiguration]


class Side:
    """One configuration with its threats, indexed."""

    def __init__(self, project: Project, system: SystemModel, threats: Iterable[Threat]) -> None:
        self.project, self.system = project, system
        self.name = system.configuration.name
        self.elements = {element.id: element for element in system.elements}
        self.flows = {flow.id: flow for flow in system.flows}
        self.boundaries = {boundary.id: boundary for boundary in system.boundaries}
        self.threats: list[Found] = [
            (threat, threat.by_configuration[self.name])
            for threat in threats
            if self.name in threat.by_configuration
        ]
        self._at: dict[tuple[str, str], list[Found]] = defaultdict(list)
        for threat, here in self.threats:
            self._at[threat.target.kind, threat.target.id].append((threat, here))

    def at(self, kind: str, id_: str) -> list[Found]:
        """The threats on a flow or element."""
        return self._at.get((kind, id_), [])

    def home(self, kind: str, id_: str) -> str:
        """The boundary that a surface belongs to: the one that the flow enters, or the element's. Empty where there
        is no such surface here."""
        if kind == "element":
            return self.elements[id_].boundary if id_ in self.elements else ""
        flow = self.flows.get(id_)
        if flow is None or not self.crosses(flow):
            return ""
        return self.elements[flow.target].boundary

    def crosses(self, flow: Flow) -> bool:
        """True where source and target are in different boundaries."""
        return self.elements[flow.source].boundary != self.elements[flow.target].boundary

    @property
    def surfaces(self) -> set[tuple[str, str]]:
        """Kind and id of each surface here."""
        flows = {("flow", flow.id) for flow in self.system.flows if self.crosses(flow)}
        return flows | {key for key in self._at if key[0] == "element"}

    def column(self) -> Column:
        """The configuration with its totals."""
        configuration = self.system.configuration
        inside = [f.id for f in self.system.flows if not self.crosses(f)]
        return Column(
            name=self.name,
            description=configuration.description,
            options=dict(configuration.options),
            threats=len(self.threats),
            statuses={status: sum(h.status == status for _, h in self.threats) for status in STATUSES},
            unsettled={
                level: sum(h.risk == level for _, h in self.threats if h.status in UNSETTLED)
                for level in RISK_LEVELS
            },
            surfaces=len(self.surfaces),
            inside=Counts.of(here.status for id_ in inside for _, here in self.at("flow", id_)),
        )


def surface_groups(sides: Sequence[Side]) -> tuple[SurfaceGroup, ...]:
    """The surfaces by boundary. Boundaries and surfaces stand in the order of the model, those of its first
    configuration first; the order of `sides` has no part in it."""
    ordered = _in_model_order(sides)
    rows: dict[str, dict[tuple[str, str], None]] = {id_: {} for id_ in _ids(ordered, "boundaries")}
    shown = [("flow", id_) for id_ in _ids(ordered, "flows")]
    shown += [("element", id_) for id_ in _ids(ordered, "elements")]
    wanted = {key for side in ordered for key in side.surfaces}
    for key in shown:
        for side in ordered if key in wanted else ():
            if home := side.home(*key):
                rows[home][key] = None
    made = []
    for boundary, keys in rows.items():
        here = [side.boundaries[boundary] for side in ordered if boundary in side.boundaries]
        if keys:
            made.append(
                SurfaceGroup(
                    boundary=boundary,
                    name=here[0].name,
                    privileges=tuple(sorted({item.privilege for item in here})),
                    surfaces=tuple(_surface(kind, id_, boundary, ordered) for kind, id_ in keys),
                )
            )
    return tuple(made)


def adversary_rows(sides: Sequence[Side]) -> tuple[AdversaryRow, ...]:
    """The adversaries of the model, in its order, with their threats in each configuration."""
    ordered = sorted(sides, key=lambda side: side.name)
    index = {side.name: SystemIndex(side.project, side.system) for side in ordered}
    rows = []
    for adversary in ordered[0].project.adversaries if ordered else ():
        cells = {}
        for side in ordered:
            here = [found for _, found in side.threats if adversary.id in found.adversaries]
            present = side.system.configuration.matches(adversary.when)
            present = present and AdversaryWorld(index[side.name], adversary).present
            severe = sum(found.status in UNSETTLED and found.risk in _SEVERE for found in here)
            cells[side.name] = AdversaryCell(
                present=present, counts=Counts.of(found.status for found in here), severe=severe
            )
        rows.append(
            AdversaryRow(id=adversary.id, name=adversary.name, description=adversary.description, cells=cells)
        )
    return tuple(rows)


def _in_model_order(sides: Sequence[Side]) -> list[Side]:
    """The sides as the project has them."""
    order = [s.configuration.name for side in sides[:1] for s in side.project.systems]
    return sorted(sides, key=lambda side: order.index(side.name))


def _ids(sides: Iterable[Side], what: str) -> list[str]:
    return list(dict.fromkeys(item.id for side in sides for item in getattr(side.system, what)))


def _surface(kind: str, id_: str, boundary: str, sides: Sequence[Side]) -> Surface:
    cells = {side.name: _cell(kind, id_, boundary, side) for side in sides}
    if kind == "element":
        elements = [side.elements[id_] for side in sides if side.home(kind, id_) == boundary]
        return Surface(
            kind="element",
            id=id_,
            name=elements[0].name,
            data=_each(data for item in elements for data in item.data),
            cells=dict(sorted(cells.items())),
        )
    here = [(side, side.flows[id_]) for side in sides if side.home(kind, id_) == boundary]
    flows = [flow for _, flow in here]
    return Surface(
        kind="flow",
        id=id_,
        name=flows[0].name,
        sources=_each(side.elements[flow.source].name for side, flow in here),
        targets=_each(side.elements[flow.target].name for side, flow in here),
        protocols=_each(flow.protocol for flow in flows),
        over=_each(flow.over for flow in flows),
        authentication=_each(flow.authentication for flow in flows),
        data=_each(data for flow in flows for data in flow.data),
        cells=dict(sorted(cells.items())),
    )


def _each(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({word for word in words if word}))


def _cell(kind: str, id_: str, boundary: str, side: Side) -> Cell:
    home = side.home(kind, id_)
    if home != boundary:
        there: dict[str, Any] = side.flows if kind == "flow" else side.elements
        if id_ not in there:
            return _ABSENT
        return Cell(state="elsewhere" if home else "inside", counts=Counts(), enters=home)
    found = side.at(kind, id_)
    counts = Counts.of(here.status for _, here in found)
    return Cell(
        state=counts.state,
        counts=counts,
        risk=_worst(here.risk for _, here in found if here.status in UNSETTLED),
        threats=tuple(sorted(threat.id for threat, _ in found)),
        adversaries=tuple(sorted({id_ for _, here in found for id_ in here.adversaries})),
    )


def _worst(risks: Iterable[RiskLevel]) -> RiskLevel | None:
    return max(risks, key=RISK_LEVELS.index, default=None)
