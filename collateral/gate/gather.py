"""From two states of a model, two source trees and two scans to what the gate judges.

Rules, risk matrix, decisions, waivers, priorities and levels are those of BASE throughout.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from collateral.assessment import matrix_of
from collateral.attribution import ComponentMap, attribute
from collateral.difference import difference
from collateral.first_seen import claim_id
from collateral.gate.model import (
    ContradictedClaim,
    Expiring,
    GateInput,
    NewFinding,
    Orphan,
    Stage,
    ThreatStep,
    Touched,
)
from collateral.gate.scanfile import ScanFile, lost_coverage, new_findings
from collateral.gate.touched import Meanings, touched
from collateral.policy import PRIORITIES, Priorities, Prioritised
from collateral.sides import Places, Side
from threatmodel.analysis import Disposition, Threat, analyse
from threatmodel.analysis.change import Difference, RecordChange
from threatmodel.claims import ClaimCheck, Ledger, check_claims, ledger_of
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput, ThreatModelError
from threatmodel.core.evidence import public_source
from threatmodel.core.text import fold
from threatmodel.rules import Rule
from threatmodel.source import SourceTree
from threatmodel.system import Attested, Element, Flow

_NONE = Prioritised(priority="none", because="")
_UNDONE = ("not-checked", "not-found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was given beside the model: trees and scans, each of BASE and of HEAD."""

    trees: tuple[SourceTree | None, SourceTree | None] = (None, None)
    scans: tuple[ScanFile, ScanFile] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """One side with its claims checked and its threats as BASE sees them."""

    side: Side
    ledger: Ledger
    threats: tuple[Threat, ...]
    priorities: Priorities


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
    states = (_state(base, base, sources.trees[0], as_of), _state(head, base, sources.trees[1], as_of))
    vouched = _new_attestations(base, head)
    change = difference(base, head, as_of=as_of, decided_by="base")  # claims are compared below
    places = Places(model, (base, head))
    marked, undone, notes = _boundaries(states, sources, change)
    claims, unchecked = _claims(states, sources, places)
    findings = _findings(states, sources, as_of) if sources.scans else ()
    if sources.scans:
        unchecked += tuple(lost_coverage(*sources.scans))
    else:
        notes += ("findings: no two scans were given",)
    if sources.trees[1] is None:
        notes += ("claims: no source tree was given, so no claim was checked",)
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
        expiring=tuple(places.moved(item) for item in _expiring(base, head)),
        records=tuple(places.moved(record) for record in (*change.records, *vouched)),
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


def _state(side: Side, base: Side, tree: SourceTree | None, as_of: datetime.date) -> _State:
    project = side.loaded.project
    ledger = check_claims(project, {"": tree} if tree is not None else {}, as_of=as_of)
    if side is not base:
        known = {_key(check) for check in check_claims(base.loaded.project, {}, as_of=as_of).checks}
        ledger = ledger_of(project, [_not_yet(check, known) for check in ledger.checks])
    threats = _judged(side, base.rules, base.dispositions, ledger, as_of, matrix_from=base)
    return _State(
        side=side, ledger=ledger, threats=threats, priorities=Priorities(project, base.policy.criteria)
    )


def _not_yet(check: ClaimCheck, known: Set[tuple[object, ...]]) -> ClaimCheck:
    """A person's word that only HEAD has counts once it is merged, like every other decision."""
    if check.state != "attested" or _key(check) in known:
        return check
    return replace(
        check, state="not-checked", seen="", detail="an attestation that is new here does not count yet"
    )


def _new_attestations(base: Side, head: Side) -> list[RecordChange]:
    """The attestations that only HEAD has, as records that let more pass."""
    known = {item.subject for item in _dated(base)}
    return [
        RecordChange(kind="disposition", id=item.subject, state="added", weakens=True, place=item.place)
        for item in _dated(head)
        if item.about == "claim" and item.subject not in known and not item.proposed
    ]


def _judged(
    side: Side,
    rules: Sequence[Rule],
    decisions: Iterable[Disposition],
    ledger: Ledger,
    as_of: datetime.date,
    *,
    matrix_from: Side,
) -> tuple[Threat, ...]:
    """The threats of a side by the rules and decisions of another; decisions on what is not there are left out."""
    project = side.loaded.project
    matrix = matrix_of(matrix_from.loaded.manifest)
    names = tuple(system.configuration.name for system in project.systems)
    fitting = []
    for item in decisions:
        here = tuple(name for name in item.configurations if name in names)
        if here or not item.configurations:
            fitting.append(replace(item, configurations=here))
    return analyse(
        project,
        rules,
        ledger.states,
        dispositions=fitting,
        as_of=as_of,
        matrix=matrix,
        configurations=names,
    )


def _threats(states: tuple[_State, _State]) -> Iterator[ThreatStep]:
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


def _claims(
    states: tuple[_State, _State], sources: Sources, places: Places
) -> tuple[tuple[ContradictedClaim, ...], tuple[str, ...]]:
    """The contradicted claims of HEAD, and the claims that could be checked in BASE and cannot be any more."""
    if sources.trees[1] is None:
        return (), ()
    before: Mapping[tuple[object, ...], ClaimCheck] = {}
    if sources.trees[0] is not None:
        before = {_key(check): check for check in states[0].ledger.checks}
    controls = {control.id: control.place for control in states[1].side.loaded.project.controls}
    found: dict[str, ContradictedClaim] = {}
    undone: list[str] = []
    for check in states[1].ledger.checks:
        old = before.get(_key(check))
        if check.state == "contradicted":
            claim = _contradicted(check, states[1].priorities.of_claim(check), controls, places)
            claim = replace(claim, known=old is not None and old.state == "contradicted")
            other = found.get(claim_id(check))
            if other is None or (other.known, PRIORITIES.index(other.priority)) > (
                claim.known,
                PRIORITIES.index(claim.priority),
            ):
                found[claim_id(check)] = claim
        elif check.state in _UNDONE and check.kind != "attested":
            lost = old is None or old.state not in _UNDONE
            words = f"claim of {check.control}: {check.text}: {check.state}, {check.detail}"
            undone += [words] if lost else []
    return tuple(found.values()), tuple(undone)


def _contradicted(
    check: ClaimCheck, priority: Prioritised, controls: Mapping[str, Place | None], places: Places
) -> ContradictedClaim:
    at = Place(check.path, check.line) if check.path else places.of(controls.get(check.control))
    return ContradictedClaim(
        control=check.control,
        text=check.text,
        seen=check.seen or check.detail,
        known=False,
        priority=priority.priority,
        because=priority.because,
        place=at,
        tree="source" if check.path else "model",
    )


def _key(check: ClaimCheck) -> tuple[object, ...]:
    return check.control, check.kind, check.text, tuple(sorted(check.when.items()))


def _findings(
    states: tuple[_State, _State], sources: Sources, as_of: datetime.date
) -> tuple[NewFinding, ...]:
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
            attribute(project, found, state.threats, ComponentMap(project.components)),
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


def _orphans(states: tuple[_State, _State], as_of: datetime.date) -> Iterator[Orphan]:
    """HEAD's decisions are held against HEAD's own rules, because they go together once they are merged."""
    base, head = states[0].side, states[1].side
    own = _judged(head, head.rules, (), states[1].ledger, as_of, matrix_from=head)
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
    judged = {threat.id for threat in states[1].threats}
    for item in base.dispositions:
        if item.threat not in judged and item.threat not in known:
            yield Orphan(threat=item.threat, side="BASE", place=item.place)


def _boundaries(
    states: tuple[_State, _State], sources: Sources, change: Difference
) -> tuple[tuple[Touched, ...], tuple[str, ...], tuple[str, ...]]:
    entries = states[0].side.policy.gate.boundary_paths
    if not entries:
        return (), (), ()
    if sources.trees[0] is None or sources.trees[1] is None:
        return (), (), ("boundary paths: two source trees are needed to compare",)
    projects = (states[0].side.loaded.project, states[1].side.loaded.project)
    try:
        meanings = Meanings(sources.trees[0], sources.trees[1])
        found, undone = touched(entries, meanings, change, projects)
    except ThreatModelError as error:
        return (), (f"boundary paths: {fold(str(error))}",), ()
    return found, undone, ()


def _expiring(base: Side, head: Side) -> Iterator[Expiring]:
    """What HEAD has that counts until a day. Where BASE has it too, the day is BASE's: a change does not prolong it."""
    old = {item.subject: item for item in _dated(base)}
    for item in _dated(head):
        before = old.get(item.subject)
        yield replace(item, expires=before.expires, proposed=before.proposed) if before else item


def _dated(side: Side) -> Iterator[Expiring]:
    for decision in side.dispositions:
        yield Expiring(
            what=f"the decision on {decision.threat}",
            subject=f"disposition:{decision.threat}",
            owner=decision.owner,
            expires=datetime.date.fromisoformat(decision.expires),
            proposed=decision.proposed,
            place=decision.place,
        )
    for entry in side.triage.values():
        yield Expiring(
            what=f"the decision on finding {entry.finding[:12]}",
            subject=f"finding:{entry.finding}",
            owner=entry.owner,
            expires=datetime.date.fromisoformat(entry.expires),
            about="finding",
            proposed=entry.proposed,
            place=entry.place,
        )
    for waiver in side.policy.gate.waivers:
        yield Expiring(
            what=f"the waiver of {waiver.rule} for {waiver.subject}",
            subject=f"waiver:{waiver.rule}:{waiver.subject}",
            owner=waiver.owner,
            expires=waiver.expires,
            proposed=not waiver.source,
            place=waiver.place,
        )
    for control in side.loaded.project.controls:
        for claim in control.claims:
            if isinstance(claim, Attested):
                yield Expiring(
                    what=f"an attested claim of {control.id}",
                    subject=f"attested:{control.id}:{claim.by}:{claim.date}",
                    owner=claim.by,
                    expires=datetime.date.fromisoformat(claim.expires),
                    about="claim",
                    proposed=not (claim.by.strip() and public_source(claim.evidence)),
                    place=control.place,
                )
