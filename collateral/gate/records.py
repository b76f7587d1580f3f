"""What a change does to what the gate goes by: its records, and what of the model threats are judged by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from collateral.gate.dates import dated
from collateral.gate.state import State
from threatmodel.analysis.change import Difference, Edit, ModelChange, RecordChange

_LEVELS = ("none", "low", "medium", "high")


def records(states: tuple[State, State], change: Difference) -> tuple[RecordChange, ...]:
    """The changed records; with them what else lets more pass, for a person to look at."""
    return (
        *change.records,
        *_words(states),
        *_lost(change),
        *(_judged_by(item) for item in change.model if _softer(item)),
        *_decided_anew(states, change),
    )


def _words(states: tuple[State, State]) -> Iterator[RecordChange]:
    """Attestations that are new, were only proposed, or last longer."""
    base, head = (state.side for state in states)
    known = {item.subject: item.expires for item in dated(base) if not item.proposed}
    for item in dated(head):
        if item.about != "claim" or item.proposed:
            continue
        before = known.get(item.subject)
        if before is None or before < item.expires:
            yield RecordChange(
                kind="disposition",
                id=item.subject,
                state="changed" if before else "added",
                weakens=True,
                place=item.place,
            )


def _lost(change: Difference) -> Iterator[RecordChange]:
    for item in change.model:
        if item.kind == "configuration" and item.state == "removed":
            yield RecordChange(kind="policy", id=f"configuration {item.id}", state="removed", weakens=True)


def _softer(item: ModelChange) -> bool:
    """True where threats are judged more mildly: an adversary who can do less, data that is worth less."""
    if item.kind not in ("adversary", "data"):
        return False
    return item.state == "removed" or any(map(_less, item.edits))


def _less(edit: Edit) -> bool:
    if edit.attribute in ("family", "when"):
        return True  # which of the two is milder depends on the criteria and the options
    if edit.before in _LEVELS and edit.after in _LEVELS:
        return _LEVELS.index(edit.after) < _LEVELS.index(edit.before)
    return bool(edit.gone) or (edit.attribute == "secret" and edit.after == "no")


def _judged_by(item: ModelChange) -> RecordChange:
    return RecordChange(
        kind="policy",
        id=f"{item.kind} {item.id}",
        state=item.state,
        edits=item.edits,
        weakens=True,
        place=item.place,
    )


def _decided_anew(states: tuple[State, State], change: Difference) -> Iterator[RecordChange]:
    """Decisions and waivers of BASE about an element or a flow that is another one in HEAD, under the same id."""
    targets = {threat.id: threat.target for threat in states[1].threats}
    changed = {(str(item.kind), item.id): item for item in change.model if item.state == "changed"}
    base = states[0].side
    decided: list[tuple[Literal["disposition", "waiver"], str]]
    decided = [("disposition", entry.threat) for entry in base.dispositions if not entry.proposed]
    decided += [
        ("waiver", w.subject) for w in base.policy.gate.waivers if w.rule == "new-threat" and w.source
    ]
    for kind, threat in decided:
        target = targets.get(threat)
        item = changed.get((target.kind, target.id)) if target is not None else None
        edits = tuple(edit for edit in item.edits if edit.attribute != "controls") if item else ()
        if item is not None and edits:
            yield RecordChange(
                kind=kind,
                id=f"{threat}, whose {item.kind} {item.id}",
                state="changed",
                edits=edits,
                weakens=True,
                place=item.place,
            )
