"""A difference as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collateral.report.change.words import (
    NO_CHANGE,
    SIGNS,
    Rated,
    counts,
    notes,
    ranked,
    record_name,
    records,
    risks,
    step,
    where,
)
from threatmodel.analysis.change import Difference, ModelChange, RecordChange
from threatmodel.core.text import fold


def text(project: str, difference: Difference, rated: Sequence[Rated], crossing: Sequence[str]) -> str:
    """For a terminal or a log. `crossing` names the added or changed flows that cross a boundary.

    Everything is listed; a list that fits on no line has a line for each item.
    """
    d = difference
    known = len(d.configurations)
    lines = [f"{project}: {d.base} → {d.head}"]
    for title, block in (
        ("model", [line for c in d.model for line in _model(c, c.id in crossing, known)]),
        ("threats", [line for r in ranked(rated) for line in _threat(r, known)]),
        ("decisions, rules and policy", [line for r in records(d, claims=False) for line in _record(r)]),
        ("checks of claims", [line for r in records(d, claims=True) for line in _record(r)]),
    ):
        if block:
            lines += ["", title, *(f"  {line}" for line in block)]
    lines += [NO_CHANGE] if d.empty else ["", counts(d)]
    if change := risks(d):
        lines.append(f"threats that nothing proven stands against, by risk: {change}")
    lines += notes(d)
    return "\n".join(" ".join(fold(line).split("\n")) for line in lines) + "\n"


def _model(change: ModelChange, crosses: bool, known: int) -> Iterator[str]:
    name = f" {change.name}" if change.name != change.id else ""
    crossing = ", crosses a boundary" if crosses else ""
    yield f"{_head(change, f'{change.kind} {change.id}{name}{crossing}')}{_in(change.configurations, known)}{_at(change)}"
    yield from _items(change)


def _record(record: RecordChange) -> Iterator[str]:
    weaker = "  (may let more pass)" if record.weakens else ""
    yield f"{_head(record, record_name(record))}{weaker}{_at(record)}"
    yield from _items(record)


def _threat(rated: Rated, known: int) -> Iterator[str]:
    change = rated.change
    priority = f"  {rated.priority}" if rated.priority != "none" else ""
    names = _in(change.configurations, known)
    yield f"{SIGNS[change.state]} {change.id}{priority}  {step(change)}  {change.title}{names}"
    yield f"    because {change.reason}"


def _head(change: ModelChange | RecordChange, name: str) -> str:
    edits = "; ".join(edit.words(change.state) for edit in change.edits)
    return f"{SIGNS[change.state]} {name}{f': {edits}' if edits else ''}"


def _items(change: ModelChange | RecordChange) -> Iterator[str]:
    for edit in change.edits:
        if edit.long:
            yield from (f"      - {item}" for item in edit.gone)
            yield from (f"      + {item}" for item in edit.came)


def _in(names: Sequence[str], known: int) -> str:
    return f" [{found}]" if (found := where(names, known)) else ""


def _at(change: ModelChange | RecordChange) -> str:
    return f"  {change.place}" if change.place else ""
