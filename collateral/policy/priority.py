"""Priorities: written criteria applied to threats, claims and findings. Two people get the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collateral.policy.model import Criterion, Priority, Subject
from threatmodel.system import Boundary, Element, Flow, Privilege, Project, SystemModel
from threatmodel.system.risk import PRIVILEGES

if TYPE_CHECKING:
    from collateral.attribution import Attribution
    from scanners.finding import Finding
    from threatmodel.analysis import Threat, ThreatInConfiguration
    from threatmodel.analysis.change import ThreatChange
    from threatmodel.claims import ClaimCheck

FACTS: Mapping[Subject, tuple[str, ...]] = {
    "threat": ("status", "risk", "inherent", "stride", "pack", "rule", "family", "privilege", "adversary"),
    "claim": ("state", "kind", "privilege"),
    "finding": ("severity", "confidence", "scanner", "role", "privilege", "cwe"),
}
"""What a criterion may ask for. `privilege` is that of the boundary: of the threatened element or the flow's target; the
highest of those that the control protects; the highest of those that the finding's component runs in."""

SETTLED = frozenset({"mitigated", "accepted", "transferred", "not-applicable", "verified", "attested"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prioritised:
    """A priority and the sentence of the criterion that gave it."""

    priority: Priority
    because: str


_NOTHING = Prioritised(priority="none", because="there is nothing left to do")
REST = Prioritised(priority="p3", because="no criterion matches")


class Priorities:
    """The criteria of a policy, applied to what is known about a project."""

    def __init__(self, project: Project, criteria: tuple[Criterion, ...]) -> None:
        self._criteria = criteria
        self._systems = {system.configuration.name: _Homes(system) for system in project.systems}
        self._families = {adversary.id: adversary.family for adversary in project.adversaries}
        self._known: dict[tuple[object, ...], Prioritised] = {}

    def of_threat(self, threat: Threat, configuration: str | None = None) -> Prioritised:
        """The priority of a threat in one configuration, or the most urgent over all of them."""
        if configuration is None and len(threat.by_configuration) == 1:
            ((name, here),) = threat.by_configuration.items()
            return self._of_state(threat, here, name)
        names = (configuration,) if configuration else tuple(threat.by_configuration)
        found = [self._of_threat(threat, name) for name in names if name in threat.by_configuration]
        return min(found, key=_urgency, default=_NOTHING)

    def of_change(self, change: ThreatChange) -> Prioritised:
        """The priority of a threat that changed: what it has now, or what it had before it went."""
        here = change.after or change.before
        return self._of_state(change, here, change.configuration) if here else _NOTHING

    def _of_threat(self, threat: Threat, name: str) -> Prioritised:
        return self._of_state(threat, threat.by_configuration[name], name)

    def _of_state(self, threat: Threat | ThreatChange, here: ThreatInConfiguration, name: str) -> Prioritised:
        if here.status in SETTLED:
            return _NOTHING
        privilege = self._systems[name].privilege(threat.target.id)
        same = (threat.rule, here.status, here.risk, here.inherent, here.adversaries, privilege)
        found = self._known.get(same)
        if found is None:  # many threats of a rule differ in nothing that a criterion asks for
            facts: dict[str, set[str]] = {
                "status": {here.status},
                "risk": {here.risk},
                "inherent": {here.inherent},
                "stride": {threat.stride},
                "pack": {threat.pack},
                "rule": {threat.rule},
                "adversary": set(here.adversaries),
                "family": {self._families.get(id_, "") for id_ in here.adversaries},
                "privilege": {privilege},
            }
            found = self._known[same] = self._apply("threat", facts)
        return found

    def of_claim(self, check: ClaimCheck) -> Prioritised:
        """The priority of a claim after its check."""
        if check.state in SETTLED:
            return _NOTHING
        privileges = [
            homes.control(check.control)
            for homes in self._systems.values()
            if homes.configuration_matches(check.when)
        ]
        facts = {
            "state": {str(check.state)},
            "kind": {check.kind},
            "privilege": {max(privileges, key=PRIVILEGES.index, default="none")},
        }
        return self._apply("claim", facts)

    def of_finding(self, finding: Finding, attribution: Attribution | None) -> Prioritised:
        """The priority of a finding. Its `role` is the part that its code has in the product: see `Attribution.part`."""
        elements = attribution.elements if attribution else ()
        privileges = [homes.privilege(id_) for homes in self._systems.values() for id_ in elements]
        role = attribution.part if attribution else "unknown"
        facts = {
            "severity": {str(finding.severity)},
            "confidence": {str(finding.confidence)},
            "scanner": {finding.scanner},
            "role": {role},
            "privilege": {max(privileges, key=PRIVILEGES.index, default="none")},
            "cwe": set(finding.cwe),
        }
        return self._apply("finding", facts)

    def _apply(self, about: Subject, facts: Mapping[str, set[str]]) -> Prioritised:
        for criterion in self._criteria:
            if criterion.about == about and all(
                not facts[name].isdisjoint(wanted) for name, wanted in criterion.facts.items()
            ):
                return Prioritised(priority=criterion.priority, because=criterion.because)
        return REST


def _urgency(found: Prioritised) -> int:
    return ("release-gating", "p1", "p2", "p3", "none").index(found.priority)


class _Homes:
    """Where the elements of one system live, and what privilege that gives."""

    def __init__(self, system: SystemModel) -> None:
        self._system = system
        privileges = {boundary.id: boundary.privilege for boundary in system.boundaries}
        self._of: dict[str, Privilege] = {b.id: b.privilege for b in system.boundaries}
        self._of |= {element.id: privileges[element.boundary] for element in system.elements}
        self._of |= {flow.id: self._of[flow.target] for flow in system.flows}
        self._controls: dict[str, Privilege] = {}
        items: tuple[Boundary | Element | Flow, ...] = (*system.boundaries, *system.elements, *system.flows)
        for item in items:
            for control in item.controls:
                known = self._controls.get(control, "none")
                self._controls[control] = max(known, self._of[item.id], key=PRIVILEGES.index)

    def privilege(self, id_: str) -> Privilege:
        return self._of.get(id_, "none")

    def control(self, id_: str) -> Privilege:
        return self._controls.get(id_, "none")

    def configuration_matches(self, when: Mapping[str, tuple[str, ...]]) -> bool:
        return self._system.configuration.matches(when)
