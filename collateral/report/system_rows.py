"""Rows of the view about the system: boundaries, elements, flows, adversaries and the named views."""

from __future__ import annotations

from collateral.report import words
from collateral.report.facts import Facts, View
from threatmodel.analysis import Threat
from threatmodel.diagrams.plan import OVERVIEW, zooms
from threatmodel.system import Boundary, Element, Flow, OperationFact


def _operations(flow: Flow) -> list[View]:
    """A row for each operation; what the model says of none is empty."""
    facts = {fact.name: fact for fact in flow.operation_facts}
    rows = (facts.get(name, OperationFact(name=name)) for name in flow.operations)
    return [{"name": x.name, "policy": x.policy, "parses": x.parses, "note": x.note} for x in rows]


class SystemRows:
    """Each method gives rows of one kind."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._zooms = zooms(facts.system)

    def boundary(self, boundary: Boundary) -> View:
        inside = [e for e in self._facts.system.elements if e.boundary == boundary.id]
        here = self._facts.ranked(t for t in self._facts.threats if self._facts.home(t).id == boundary.id)
        return {
            "id": boundary.id,
            "name": boundary.name,
            "privilege": words.PRIVILEGE[boundary.privilege],
            "parent": self._facts.boundaries[boundary.parent].name if boundary.parent else "",
            "description": boundary.description,
            "elements": [{"id": e.id, "name": e.name} for e in inside],
            "statuses": self._facts.statuses(here),
            "diagram": self._zooms[boundary.id],
            "threats": [t.id for t in here],
        }

    def element(self, e: Element) -> View:
        return {
            "id": e.id,
            "name": e.name,
            "kind": e.kind,
            "boundary": e.boundary,
            "boundary_name": self._facts.boundaries[e.boundary].name,
            "description": e.description,
            "runs_as": e.runs_as,
            "language": e.language,
            "controls": list(e.controls),
            "threats": self._facts.at_target[e.id],
            "findings": self._facts.findings_at[e.id],
            "components": [c.id for c in self._facts.a.project.components if e.id in c.runs_in],
        }

    def flow(self, f: Flow) -> View:
        assets = {x.id: x.name for x in self._facts.a.project.data}
        return {
            "number": self._facts.numbers[f.id],
            "id": f.id,
            "source": f.source,
            "source_name": self._facts.elements[f.source].name,
            "target": f.target,
            "target_name": self._facts.elements[f.target].name,
            "name": f.name,
            "protocol": f.protocol,
            "over": f.over,
            "port": f.port,
            "authentication": f.authentication,
            "encryption": f.encryption,
            "shares_memory": f.shares_memory,
            "crosses": self._facts.crosses(f),
            "operations": _operations(f),
            "operation_facts": bool(f.operation_facts),
            "data": [assets[id_] for id_ in f.data],
            "threats": self._facts.at_target[f.id],
        }

    def adversaries(self) -> list[View]:
        names = {
            **{b.id: b.name for b in self._facts.system.boundaries},
            **{e.id: e.name for e in self._facts.system.elements},
        }
        return [
            {
                "id": x.id,
                "name": x.name,
                "family": x.family,
                "description": x.description,
                "controls": [names[id_] for id_ in x.controls if id_ in names],
                "goals": list(x.goals),
                "active": self._facts.system.configuration.matches(x.when)
                and any(id_ in names for id_ in x.controls),
            }
            for x in self._facts.a.project.adversaries
        ]

    def views(self) -> list[View]:
        out = []
        for view in self._facts.a.project.views:
            members = [id_ for id_ in view.elements if id_ in self._facts.elements]
            if view.id == OVERVIEW or not members:
                continue  # the one chooses what stands alone in the overview, the other has no picture here
            inside = set(members)
            here = self._facts.ranked(t for t in self._facts.threats if self._touches(t, inside))
            out.append(
                {
                    "id": view.id,
                    "name": view.name,
                    "description": view.description,
                    "elements": [{"id": id_, "name": self._facts.elements[id_].name} for id_ in members],
                    "diagram": f"view-{view.id}",
                    "threats": [t.id for t in here],
                    "statuses": self._facts.statuses(here),
                }
            )
        return out

    def _touches(self, threat: Threat, elements: set[str]) -> bool:
        if threat.target.kind == "element":
            return threat.target.id in elements
        flow = self._facts.flows[threat.target.id]
        return flow.source in elements or flow.target in elements
