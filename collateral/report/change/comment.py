"""A difference as one comment of a pull request. It is cut to what GitHub takes, and says how much it leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

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
    worse,
)
from collateral.report.markdown import inline
from threatmodel.analysis.change import ChangeState, Difference, Edit, ModelChange, RecordChange
from threatmodel.core.text import fold

MARKER = "<!-- threatmodel:diff -->"
LONGEST_COMMENT = 60_000
"""Characters; GitHub takes 65,536."""
_LONGEST_TEXT = 300
"""Characters of one text of the model, before it is escaped."""
_MOST_ITEMS = 4
_FRAMES = 2_000
"""Characters kept for titles, heads of tables and the lines that say what is left out."""
_THREATS = ("Threat", "Priority", "What", "Because")
_MODEL = ("What", "Change", "Configurations")
_RECORDS = ("What", "Change")
_PLAIN = re.compile(r"[^`|\\\n]+")
_Item = TypeVar("_Item")
_Section = tuple[str, bool, tuple[str, ...], list[tuple[str, ...]]]


def markdown(project: str, difference: Difference, rated: Sequence[Rated], crossing: Sequence[str]) -> str:
    """The comment. `crossing` names the added or changed flows that cross a boundary."""
    d = difference
    lines = [MARKER, f"### Threat model: {_text(project)}", "", f"{_code(d.base)} → {_code(d.head)}", ""]
    lines += [f"**{NO_CHANGE if d.empty else inline(counts(d))}**", ""]
    if change := risks(d):
        lines += [f"Threats that nothing proven stands against, by risk: {change}", ""]
    if said := notes(d):
        lines += [*(f"- {_text(note)}" for note in said), ""]
    room = LONGEST_COMMENT - _FRAMES - sum(len(line) + 1 for line in lines)
    for section in _sections(d, rated, crossing):
        made, room = _table(*section, room)
        lines += made
    return "\n".join(lines).rstrip("\n") + "\n"


def _sections(d: Difference, rated: Sequence[Rated], crossing: Sequence[str]) -> list[_Section]:
    """What matters most first, because the end may be cut. The last three are folded up."""
    threats = ranked(rated)
    known = len(d.configurations)

    def section(
        title: str,
        columns: tuple[str, ...],
        items: Iterable[_Item],
        row: Callable[[_Item], tuple[str, ...]],
        *,
        folded: bool = False,
    ) -> _Section:
        return title, folded, columns, [row(item) for item in items]

    flows = [c for c in d.model if c.kind == "flow" and c.id in crossing]
    rest = [c for c in d.model if c not in flows and c.kind != "control"]
    controls: list[ModelChange | RecordChange] = [*(c for c in d.model if c.kind == "control")]
    controls += records(d, claims=True)
    made = [
        section("Threats that are new or worse", _THREATS, [r for r in threats if worse(r.change)], _threat),
        section("Flows across boundaries", _MODEL, flows, lambda c: _model(c, known)),
        section("Controls and claims", _RECORDS, controls, _record),
        section(
            "Other changes of threats",
            _THREATS,
            [r for r in threats if not worse(r.change)],
            _threat,
            folded=True,
        ),
        section("Model", _MODEL, rest, lambda c: _model(c, known), folded=True),
        section("Decisions, rules and policy", _RECORDS, records(d, claims=False), _record, folded=True),
    ]
    return [found for found in made if found[3]]


def _table(
    title: str, folded: bool, columns: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> tuple[list[str], int]:
    """A table, as much of it as there is room for, and the room that is left."""
    start = f"<details><summary>{title} ({len(rows)})</summary>" if folded else f"#### {title}"
    shown: list[str] = []
    for cells in rows:
        line = _row(cells)
        if len(line) + 1 > room:
            break
        shown.append(line)
        room -= len(line) + 1
    left = len(rows) - len(shown)
    lines = [start, ""]
    if shown:
        lines += [_row(columns), _row(["---"] * len(columns)), *shown, ""]
    if left:
        more = "more" if shown else "left out"
        lines += [f"and {left} {more}; `threatmodel diff` lists them all", ""]
    return [*lines, *(["</details>", ""] if folded else [])], 0 if left else room


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _threat(rated: Rated) -> tuple[str, ...]:
    change = rated.change
    return (
        f"{_sign(change.state)} {_code(change.id)}<br>{_text(change.title)}",
        rated.priority if rated.priority != "none" else "",
        f"{_text(step(change))} \\({_text(change.configuration)}\\)",
        f"{_text(change.reason)}{_at(change.place)}",
    )


def _model(change: ModelChange, known: int) -> tuple[str, ...]:
    name = f"<br>{_text(change.name)}" if change.name != change.id else ""
    names = change.configurations
    where = "all" if not names or len(names) >= known else ", ".join(names)
    what = f"{_sign(change.state)} {change.kind} {_code(change.id)}{name}"
    return what, _edits(change), _text(where)


def _record(change: ModelChange | RecordChange) -> tuple[str, ...]:
    name = record_name(change) if isinstance(change, RecordChange) else f"{change.kind} {change.id}"
    weaker = "<br>**may let more pass**" if isinstance(change, RecordChange) and change.weakens else ""
    return f"{_sign(change.state)} {_text(name)}{weaker}", _edits(change)


def _edits(change: ModelChange | RecordChange) -> str:
    said = [part for edit in change.edits for part in _edit(edit, change)] or [change.state]
    return f"{'<br>'.join(said)}{_at(change.place)}"


def _edit(edit: Edit, change: ModelChange | RecordChange) -> Iterable[str]:
    yield _text(edit.words(change.state))
    if edit.long:
        items = [*(f"- {item}" for item in edit.gone), *(f"+ {item}" for item in edit.came)]
        yield from (_text(item) for item in items[:_MOST_ITEMS])
        if len(items) > _MOST_ITEMS:
            yield f"and {len(items) - _MOST_ITEMS} more"


def _sign(state: ChangeState) -> str:
    return f"`{SIGNS[state]}`"


def _at(place: object) -> str:
    return f" {_code(str(place))}" if place else ""


def _text(text: str) -> str:
    return inline(_short(text))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} …"


def _code(text: str) -> str:
    """Text as a code span, where it has nothing that could end the span or the cell of a table."""
    kept = fold(_short(text))
    return f"`{kept}`" if _PLAIN.fullmatch(kept) else inline(kept)
