"""Threats of two states of a model: which came, went or changed, and what of the model made it so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from threatmodel.analysis.change import ModelChange, RecordChange, ThreatChange
from threatmodel.analysis.risk import RISK_LEVELS
from threatmodel.analysis.threats import STATUSES, Threat, ThreatInConfiguration
from threatmodel.core.diagnostics import Place
from threatmodel.system import Element, Flow, Project, SystemModel

UNEXPLAINED = "no single change explains it"
_MOST_CAUSES = 3
_FAR = 3
_DONE = {"added": "was added", "removed": "was removed", "changed": "changed"}
_RECORDS = {
    "disposition": "the decision on it",
    "rule": "the rule",
    "pack": "the rule pack",
    "claim": "the check of a claim of",
    "policy": "the policy",
    "waiver": "the waiver",
    "risk": "the",
    "cvss": "the CVSS vector of",
}


def compare_threats(
    projects: tuple[Project, Project],
    threats: tuple[Sequence[Threat], Sequence[Threat]],
    changes: Sequence[ModelChange],
    records: Sequence[RecordChange],
    configurations: Iterable[str],
) -> tuple[ThreatChange, ...]:
    """Every threat that differs in one of the configurations, which both projects have; sorted by id.

    A reason in other words alone is no difference. `changes` and `records` are what the reasons are found among.
    """
    names = tuple(configurations)
    old, new = ({threat.id: threat for threat in side} for side in threats)
    found = []
    for id_ in sorted({*old, *new}):
        before, after = (_in(side.get(id_), names) for side in (old, new))
        differing = tuple(name for name in names if facts_of(before.get(name)) != facts_of(after.get(name)))
        if not differing:
            continue
        newer = after if any(name in after for name in differing) else before
        name = min((n for n in differing if n in newer), key=lambda n: (_rank(newer[n]), names.index(n)))
        threat = new.get(id_) or old[id_]
        project = projects[1] if name in after else projects[0]
        causes = _Causes(projects, name, changes, records)
        found.append(
            ThreatChange(
                id=id_,
                rule=threat.rule,
                pack=threat.pack,
                title=threat.title,
                target=threat.target,
                stride=threat.stride,
                state="added" if not before else "removed" if not after else "changed",
                reason=causes.of(threat, before.get(name), after.get(name)),
                configuration=name,
                configurations=differing,
                before=before.get(name),
                after=after.get(name),
                place=_place(project.system(name), threat),
            )
        )
    return tuple(found)


def _in(threat: Threat | None, names: Iterable[str]) -> dict[str, ThreatInConfiguration]:
    return {
        name: threat.by_configuration[name] for name in names if threat and name in threat.by_configuration
    }


def facts_of(here: ThreatInConfiguration | None) -> tuple[object, ...] | None:
    """What makes two judgements of a threat the same; None where it is not there."""
    if here is None:
        return None
    return here.status, here.risk, here.inherent, frozenset(here.controls), frozenset(here.adversaries)


def _rank(here: ThreatInConfiguration) -> tuple[int, int]:
    return STATUSES.index(here.status), -RISK_LEVELS.index(here.risk)


def _place(system: SystemModel, threat: Threat) -> Place | None:
    items: tuple[Element | Flow, ...] = (*system.elements, *system.flows)
    return next((item.place for item in items if item.id == threat.target.id), None)


class _Causes:
    """Finds what made a threat differ: the nearest change first."""

    def __init__(
        self,
        projects: tuple[Project, Project],
        configuration: str,
        changes: Sequence[ModelChange],
        records: Sequence[RecordChange],
    ) -> None:
        self._systems = tuple(project.system(configuration) for project in projects)
        self._changes = [
            c
            for c in changes
            if configuration in (c.configurations or (configuration,))
            and (c.kind != "configuration" or c.id == configuration)
        ]
        self._records = records

    def of(
        self, threat: Threat, before: ThreatInConfiguration | None, after: ThreatInConfiguration | None
    ) -> str:
        for causes in self._candidates(threat, before, after):
            words = list(dict.fromkeys(causes))
            if words:
                rest = len(words) - _MOST_CAUSES
                return "; ".join(words[:_MOST_CAUSES]) + (f"; and {rest} more" if rest > 0 else "")
        return UNEXPLAINED

    def _candidates(
        self, threat: Threat, before: ThreatInConfiguration | None, after: ThreatInConfiguration | None
    ) -> Iterator[list[str]]:
        yield [
            _record(r)
            for r in self._records
            if r.kind in {"rule", "pack"} and r.id in (threat.rule, threat.pack)
        ]
        yield [_said(c) for c in self._named({threat.target.id}) if c.state != "changed"]
        yield [_record(r) for r in self._records if r.kind == "disposition" and r.id == threat.id]
        around = self._around(threat)
        old, new = (frozenset(here.controls if here else ()) for here in (before, after))
        near = self._named({threat.target.id, *around, *old, *new})
        near.sort(key=lambda c: _distance(c, threat.target.id, old ^ new, old | new))
        checks = [_record(r) for r in self._records if r.kind == "claim" and r.id.split("#")[0] in old | new]
        first = sum(_distance(c, threat.target.id, old ^ new, old | new) < _FAR for c in near)
        yield [*map(_said, near[:first]), *checks, *map(_said, near[first:])]
        data = {
            id_
            for system in self._systems
            for item in _items(system)
            if item.id in around
            for id_ in item.data
        }
        yield [_said(c) for c in self._changes if c.kind == "data" and c.id in data]
        people = set(before.adversaries if before else ()) ^ set(after.adversaries if after else ())
        yield [_said(c) for c in self._changes if c.kind == "adversary" and c.id in people]
        yield [_said(c) for c in self._changes if c.kind == "configuration"]
        yield [_said(c) for c in self._changes if c.kind == "control"]
        yield [_said(c) for c in self._changes if c.kind == "adversary"]
        ways = [c for c in self._changes if c.kind in {"flow", "element", "boundary", "data"}]
        yield [f"an adversary's way to it changed: {_said(c)}" for c in ways]
        yield [_record(r) for r in self._records if r.kind == "risk"]
        yield [_record(r) for r in self._records if r.kind == "claim"]

    def _named(self, ids: Iterable[str]) -> list[ModelChange]:
        wanted = frozenset(ids)
        return [
            c
            for c in self._changes
            if c.id in wanted and c.kind in {"element", "flow", "boundary", "control"}
        ]

    def _around(self, threat: Threat) -> set[str]:
        """The target, its ends, the flows at it, and the boundaries around."""
        out = {threat.target.id}
        for system in self._systems:
            elements = {e.id: e for e in system.elements}
            ends = {threat.target.id}
            for flow in system.flows:
                if flow.id == threat.target.id:
                    ends |= {flow.source, flow.target}
                elif threat.target.kind == "element" and threat.target.id in (flow.source, flow.target):
                    out.add(flow.id)
            parents: Mapping[str, str | None] = {b.id: b.parent for b in system.boundaries}
            for end in ends & elements.keys():
                out.add(end)
                at: str | None = elements[end].boundary
                while at is not None and at not in out:
                    out.add(at)
                    at = parents.get(at)
        return out


def _distance(change: ModelChange, target: str, moved: frozenset[str], controls: frozenset[str]) -> int:
    """How near a change is to a threat: what brought or took one of its controls, the target, its controls, the rest.
    Of many changes only the first few are named."""
    for edit in change.edits:
        if edit.attribute == "controls" and not moved.isdisjoint((*edit.gone, *edit.came)):
            return 0
    if change.id == target:
        return 1
    return 2 if change.kind == "control" and change.id in controls else _FAR


def _items(system: SystemModel) -> tuple[Element | Flow, ...]:
    return (*system.elements, *system.flows)


def _said(change: ModelChange) -> str:
    if change.state != "changed":
        return f"{change.kind} {change.id} {_DONE[change.state]}"
    parts = []
    for edit in change.edits:
        if edit.listed:
            parts.append(edit.words())
        else:
            parts.append(f"{edit.attribute} was {edit.before or 'empty'}, is {edit.after or 'empty'}")
    return f"{change.kind} {change.id}: {', '.join(parts)}"


def _record(record: RecordChange) -> str:
    words = _RECORDS[record.kind]
    if record.kind == "claim":
        edit = record.edits[0] if record.edits else None
        states = f": was {edit.before}, is {edit.after}" if edit else f" {_DONE[record.state]}"
        where = f" ({record.place})" if record.place else ""
        return f"{words} {record.id.split('#')[0]}{states}{where}"
    name = "" if record.kind == "disposition" else f" {record.id}"
    return f"{words}{name} {_DONE[record.state]}"
