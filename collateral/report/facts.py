"""Facts about one assessment that several parts of the view need, worked out once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from collateral.assessment import Assessment
from collateral.duplicates import hidden, told_twice
from collateral.policy import Priorities
from threatmodel.analysis import RISK_LEVELS, STATUSES, Threat
from threatmodel.system import Boundary, Element, Flow, SystemModel

View = dict[str, Any]


class Facts:
    """The system and the threats of the documents' configuration, indexed."""

    def __init__(self, a: Assessment) -> None:
        self.a = a
        self.name = a.configuration
        self.system = a.system
        self.boundaries = {b.id: b for b in self.system.boundaries}
        self.elements = {e.id: e for e in self.system.elements}
        self.flows = {f.id: f for f in self.system.flows}
        self.numbers = a.project.flow_numbers()
        self.adversaries = {x.id: x.name for x in a.project.adversaries}
        self.threats = [t for t in a.threats if self.name in t.by_configuration]
        self.priorities = Priorities(a.project, a.policy.criteria)
        self.rules = {rule.id: rule for rule in a.rules}
        self.at_target: dict[str, list[str]] = defaultdict(list)
        for threat in self.threats:
            self.at_target[threat.target.id].append(threat.id)
        self.findings_at: Counter[str] = Counter()
        self.findings_on: Counter[str] = Counter()
        self.told_twice = told_twice(a.findings)
        repeated = hidden(self.told_twice)
        self.shown_findings = [f for f in a.findings if f.fingerprint not in repeated]
        for item in a.attributions.values():
            if item.fingerprint in repeated:
                continue
            self.findings_at.update(item.elements)
            self.findings_on.update(link.threat for link in item.threats)

    def ranked(self, threats: Iterable[Threat]) -> list[Threat]:
        """Worst status and risk first, then by id."""

        def key(threat: Threat) -> tuple[int, int, str]:
            here = threat.by_configuration[self.name]
            return (STATUSES.index(here.status), -RISK_LEVELS.index(here.risk), threat.id)

        return sorted(threats, key=key)

    def statuses(self, threats: Iterable[Threat], configuration: str = "") -> list[View]:
        name = configuration or self.name
        counts = Counter(t.by_configuration[name].status for t in threats if name in t.by_configuration)
        return [{"status": status, "count": counts[status]} for status in STATUSES]

    def crosses(self, flow: Flow) -> bool:
        return self.elements[flow.source].boundary != self.elements[flow.target].boundary

    def used_controls(self) -> dict[str, list[str]]:
        """Controls of this configuration with the names of what they are attached to."""
        return used_controls(self.system)

    def home(self, threat: Threat) -> Boundary:
        """The boundary that a threat strikes: that of its element, or of its flow's target."""
        target = threat.target
        element = target.id if target.kind == "element" else self.flows[target.id].target
        return self.boundaries[self.elements[element].boundary]


def used_controls(system: SystemModel) -> dict[str, list[str]]:
    """Controls of a system with the names of what they are attached to."""
    used: dict[str, list[str]] = {}
    holders: tuple[Boundary | Element | Flow, ...] = (*system.boundaries, *system.elements, *system.flows)
    for holder in holders:
        for id_ in holder.controls:
            used.setdefault(id_, []).append(holder.name)
    return used
