"""Claims of both sides against both sources: what the source of HEAD contradicts, and what cannot be checked any more."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from collateral.first_seen import claim_id
from collateral.gate.model import ContradictedClaim
from collateral.gate.state import Sources, State, key
from collateral.policy import PRIORITIES, Prioritised
from collateral.sides import Places
from threatmodel.claims import ClaimCheck, check_claims, describe
from threatmodel.core.diagnostics import Place
from threatmodel.system import Control, Project

_FATES = ("kept", "dropped", "replaced")
_UNDONE = ("not-checked", "not-found")


def claims_of(
    states: tuple[State, State], sources: Sources, places: Places, as_of: datetime.date
) -> tuple[tuple[ContradictedClaim, ...], tuple[str, ...]]:
    """The claims that HEAD's source contradicts, and those that could be checked in BASE and cannot be any more.

    A claim that HEAD drops is held against HEAD's source too: to drop it is no answer to a source that contradicts it.
    """
    tree = sources.trees[1]
    if tree is None:
        return (), ()
    before: Mapping[tuple[object, ...], ClaimCheck] = {}
    if sources.trees[0] is not None:
        before = {key(check): check for check in states[0].ledger.checks}
    # What neither side could look at is told as a note: the change took nothing away.
    nowhere = sources.named[0].missing.keys() & sources.named[1].missing.keys()
    found: dict[str, ContradictedClaim] = {}
    undone: list[str] = []
    head = [(check, states[1]) for check in states[1].ledger.checks]
    for check, state in head + [(c, states[0]) for c in _dropped(states, sources, as_of)]:
        old = before.get(key(check))
        if check.state == "contradicted":
            known = old is not None and old.state == "contradicted"
            fate = "kept" if state is states[1] else _fate(check, states)
            claim = replace(_contradicted(check, state, places), known=known, fate=fate)
            found[claim_id(check)] = min(claim, found.get(claim_id(check), claim), key=_order)
        elif state is states[1] and check.state in _UNDONE and check.kind != "attested":
            lost = (old is None or old.state not in _UNDONE) and check.source not in nowhere
            words = f"claim of {check.control}: {check.text}: {check.state}, {check.detail}"
            undone += [words] if lost else []
    return tuple(found.values()), tuple(undone)


def _fate(check: ClaimCheck, states: tuple[State, State]) -> Literal["replaced", "dropped"]:
    """Replaced where its control is gone too (its threats tell), makes new claims, or lost a file that was removed."""
    old, new = ({key(c) for c in s.ledger.checks if c.control == check.control} for s in states)
    there = any(control.id == check.control for control in states[1].side.loaded.project.controls)
    return "replaced" if not there or new - old or check.kind == "file-exists" else "dropped"


def _order(claim: ContradictedClaim) -> tuple[bool, int, int]:
    return claim.known, _FATES.index(claim.fate), PRIORITIES.index(claim.priority)


def _dropped(states: tuple[State, State], sources: Sources, as_of: datetime.date) -> tuple[ClaimCheck, ...]:
    """The claims that only BASE has, checked against the source of HEAD."""
    kept = {key(check) for check in states[1].ledger.checks}
    project = states[0].side.loaded.project
    controls = tuple(_only_dropped(control, kept) for control in project.controls)
    if not any(control.claims for control in controls):
        return ()
    bare: Project = replace(project, controls=controls, systems=())
    named = sources.named[1]
    return check_claims(bare, named.beside(sources.trees[1]), as_of=as_of, missing=named.missing).checks


def _only_dropped(control: Control, kept: set[tuple[object, ...]]) -> Control:
    claims = tuple(
        claim
        for claim in control.claims
        if (control.id, claim.kind, describe(claim), tuple(sorted(claim.when.items()))) not in kept
    )
    return replace(control, claims=claims)


def _contradicted(check: ClaimCheck, state: State, places: Places) -> ContradictedClaim:
    controls = {control.id: control.place for control in state.side.loaded.project.controls}
    priority: Prioritised = state.priorities.of_claim(check)
    return ContradictedClaim(
        control=check.control,
        text=check.text,
        seen=check.seen or check.detail,
        known=False,
        priority=priority.priority,
        because=priority.because,
        place=Place(check.path, check.line) if check.path else places.of(controls.get(check.control)),
        tree="source" if check.path else "model",
    )
