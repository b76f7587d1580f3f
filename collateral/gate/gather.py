"""From two states of a model, two source trees and two scans to what the gate judges.

Rules, risk settings, decisions, waivers, priorities and levels are those of BASE throughout.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from collateral.attribution import ComponentMap, attribute
from collateral.difference import difference
from collateral.gate.claims import claims_of
from collateral.gate.dates import expiring
from collateral.gate.model import (
    GateInput,
    NewFinding,
    Orphan,
    Stage,
    ThreatStep,
    Touched,
)
from collateral.gate.records import records
from collateral.gate.scanfile import lost_coverage, new_findings
from collateral.gate.state import Sources, State, judged, state_of
from collateral.gate.touched import Meanings, touched
from collateral.policy import PRIORITIES, Prioritised
from collateral.sides import Places, Side
from threatmodel.analysis import Threat, analyse
from threatmodel.analysis.change import Difference
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput, ThreatModelError
from threatmodel.core.text import fold
from threatmodel.system import Element, Flow

_NONE = Prioritised(priority="none", because="")


def gather(
    base: Side,
    head: Side,
    sources: Sources,
    *,
    model: str,
    as_of: datetime.date,
    stage: Stage = "pull-request",
    enforced: bool = False,
) -> GateInput:
    """Everything that `evaluate` needs. `model` is the model's path, which places are shown below.

    Raises:
        InvalidInput: G001, HEAD has no [gate] where BASE has one; or HEAD's decisions are invalid.
        SourceUnavailable: a source tree cannot be read.
    """
    _keeps_its_policy(base, head)
    gate = base.policy.gate
    states = (
        state_of(base, base, sources.trees[0], as_of, sources.named[0]),
        state_of(head, base, sources.trees[1], as_of, sources.named[1]),
    )
    change = difference(base, head, as_of=as_of, decided_by="base")  # claims are compared below
    places = Places(model, (base, head))
    marked, undone, notes = _boundaries(states, sources, change)
    claims, unchecked = claims_of(states, sources, places, as_of)
    findings = _findings(states, sources, as_of) if sources.scans else ()
    if sources.scans:
        unchecked += tuple(lost_coverage(*sources.scans))
    else:
        notes += ("findings: no two scans were given",)
    if sources.trees[1] is None:
        notes += ("claims: no source tree was given, so no claim was checked",)
    else:
        left_out = dict.fromkeys(sources.named[1].missing.values())
        notes += tuple(f"claims: {reason}, so claims on it were not checked" for reason in left_out)
    return GateInput(
        policy=gate,
        as_of=as_of,
        stage=stage,
        enforced=enforced,
        base=base.commit or base.name,
        head=head.commit or head.name,
        model_touched=dict(base.files) != dict(head.files),
        threats=tuple(places.moved(step) for step in _threats(states)),
        claims=claims,
        findings=findings,
        orphans=tuple(places.moved(orphan) for orphan in _orphans(states, as_of)),
        touched=marked,
        expiring=tuple(places.moved(item) for item in expiring(base, head)),
        records=tuple(places.moved(record) for record in records(states, change)),
        head_waivers=tuple(w for w in head.policy.gate.waivers if w not in gate.waivers),
        undone=undone + unchecked,
        notes=notes,
    )


def _keeps_its_policy(base: Side, head: Side) -> None:
    if "gate" in base.loaded.manifest.policy and "gate" not in head.loaded.manifest.policy:
        raise InvalidInput(
            Diagnostic(
                code="G001",
                message="HEAD has no section [gate], BASE has one",
                place=head.loaded.manifest.place("gate"),
                hint="keep the section; to do without the gate is a decision of its own, outside of a change",
            )
        )


def _threats(states: tuple[State, State]) -> Iterator[ThreatStep]:
    before, after = states
    known = {threat.id: threat for threat in before.threats}
    names = {system.configuration.name for system in before.side.loaded.project.systems}
    for threat in after.threats:
        old = known.get(threat.id)
        for name, here in sorted(threat.by_configuration.items()):
            # a configuration that BASE has not: its threats are compared with the worst of the others
            there = old.by_configuration.get(name) if old and name in names else None
            status = there.status if there else old.status if old and name not in names else None
            was = before.priorities.of_threat(old, name if there else None) if old and status else _NONE
            now = after.priorities.of_threat(threat, name)
            yield ThreatStep(
                id=threat.id,
                title=threat.title,
                configuration=name,
                before=status,
                after=here.status,
                was=was.priority,
                priority=now.priority,
                because=f"{now.because}; {here.reason}",
                place=_place_of(after.side, threat, name),
            )


def _place_of(side: Side, threat: Threat, name: str) -> Place | None:
    system = side.loaded.project.system(name)
    items: tuple[Element | Flow, ...] = (*system.elements, *system.flows)
    return next((item.place for item in items if item.id == threat.target.id), None)


def _findings(states: tuple[State, State], sources: Sources, as_of: datetime.date) -> tuple[NewFinding, ...]:
    """New findings without a decision of BASE. The priority is the more urgent one of those that the components of BASE
    and of HEAD give."""
    base, head = sources.scans or (None, None)
    if base is None or head is None:
        return ()
    decided = {
        id_
        for id_, entry in states[0].side.triage.items()
        if entry.in_force(as_of) and entry.decision != "confirmed"
    }
    found = [f for f in new_findings(base, head) if f.fingerprint not in decided]
    given: dict[str, list[Prioritised]] = {}
    for state in states:
        project = state.side.loaded.project
        for finding, where in zip(
            found,
            attribute(project, found, state.threats, ComponentMap.of(project)),
            strict=True,
        ):
            given.setdefault(finding.fingerprint, []).append(state.priorities.of_finding(finding, where))
    out = []
    for finding in found:
        worst = min(given[finding.fingerprint], key=lambda p: PRIORITIES.index(p.priority))
        out.append(
            NewFinding(
                fingerprint=finding.fingerprint,
                scanner=finding.scanner,
                rule=finding.rule,
                message=finding.message,
                priority=worst.priority,
                because=worst.because,
                place=Place(finding.location.path, finding.location.line),
                told=base.covered(finding.scanner, finding.location.path),
            )
        )
    return tuple(out)


def _orphans(states: tuple[State, State], as_of: datetime.date) -> Iterator[Orphan]:
    """HEAD's decisions are held against HEAD's own rules, because they go together once they are merged."""
    base, head = states[0].side, states[1].side
    own = judged(head, head.rules, (), states[1].ledger, as_of, risk=head.loaded.manifest.risk)
    project = head.loaded.project
    names = [system.configuration.name for system in project.systems]
    known = {threat.id for threat in own}
    analyse(  # refuses a decision of HEAD for a configuration that HEAD does not have
        project,
        (),
        dispositions=head.dispositions,
        as_of=as_of,
        configurations=names,
    )
    for item in head.dispositions:
        if item.threat not in known:
            yield Orphan(threat=item.threat, side="HEAD", place=item.place)
    seen = {threat.id for threat in states[1].threats}
    for item in base.dispositions:
        if item.threat not in seen and item.threat not in known:
            yield Orphan(threat=item.threat, side="BASE", place=item.place)


def _boundaries(
    states: tuple[State, State], sources: Sources, change: Difference
) -> tuple[tuple[Touched, ...], tuple[str, ...], tuple[str, ...]]:
    entries = states[0].side.policy.gate.boundary_paths
    if not entries:
        return (), (), ()
    if sources.trees[0] is None or sources.trees[1] is None:
        return (), (), ("boundary paths: two source trees are needed to compare",)
    projects = (states[0].side.loaded.project, states[1].side.loaded.project)
    try:
        meanings = Meanings(sources.trees[0], sources.trees[1])
        return touched(entries, meanings, change, projects)
    except ThreatModelError as error:
        return (), (f"boundary paths: {fold(str(error))}",), ()
