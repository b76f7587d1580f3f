"""A difference for people: as text, and as one comment of a pull request. Nothing is judged here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from collateral.assessment import Edition
from collateral.policy import PRIORITIES, Priority
from collateral.report.markdown import inline
from threatmodel.analysis import RISK_LEVELS, STATUSES
from threatmodel.analysis.change import ChangeState, Difference, Edit, ModelChange, RecordChange, ThreatChange
from threatmodel.core.text import fold

MARKER = "<!-- threatmodel:diff -->"
LONGEST_COMMENT = 60_000
"""Characters; GitHub takes 65,536."""
NO_CHANGE = "no change"
NOT_CHECKED = "no two source trees were given: no claim was checked, and each status is what the model claims"
_SIGNS: Mapping[ChangeState, str] = {"added": "+", "removed": "-", "changed": "~"}
_ORDER: tuple[ChangeState, ...] = ("added", "removed", "changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A changed threat with the priority that it has now, or had before it went."""

    change: ThreatChange
    priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffFile:
    """`threatmodel diff --format json`. Threats are sorted by priority, then by id."""

    format: Literal["threatmodel/diff"] = "threatmodel/diff"
    version: Literal[1] = 1
    project: str
    edition: Edition
    changed: bool
    difference: Difference
    priorities: Mapping[str, Priority]


def ranked(rated: Iterable[Rated]) -> list[Rated]:
    """Most urgent first; what is gone after what is there."""
    return sorted(
        rated,
        key=lambda r: (_ORDER.index(r.change.state) == 1, PRIORITIES.index(r.priority), r.change.id),
    )


def text(project: str, difference: Difference, rated: Sequence[Rated], crossing: Sequence[str]) -> str:
    """For a terminal or a log. `crossing` names the added or changed flows that cross a boundary."""
    d = difference
    lines = [f"{project}: {d.base} → {d.head}"]
    if d.empty:
        lines.append(NO_CHANGE)
    for title, block in (
        ("model", [_model_line(c, c.id in crossing, len(d.configurations)) for c in d.model]),
        ("threats", [line for r in ranked(rated) for line in _threat_lines(r, len(d.configurations))]),
        ("decisions, rules and policy", [_record_line(c) for c in _records(d, claims=False)]),
        ("claims", [_record_line(c) for c in _records(d, claims=True)]),
    ):
        if block:
            lines += ["", title, *(f"  {line}" for line in block)]
    if not d.empty:
        lines += ["", _counts(d)]
    lines += _notes(d)
    return "\n".join(" ".join(fold(line).split("\n")) for line in lines) + "\n"


def _notes(d: Difference) -> list[str]:
    out = [f"decision on {id_}, which is no threat any more" for id_ in d.orphans]
    if not d.sources_checked:
        out.append(NOT_CHECKED)
    if d.withheld:
        out.append(
            f"public edition: {d.withheld} contradicted {'claim' if d.withheld == 1 else 'claims'} withheld"
        )
    return out


def _counts(d: Difference) -> str:
    def said(items: Iterable[ModelChange | ThreatChange], word: str) -> str:
        found = Counter(item.state for item in items)
        parts = [f"{found[state]} {state}" for state in _ORDER if found[state]]
        return f"{word}: {', '.join(parts)}" if parts else ""

    kinds = list(dict.fromkeys(c.kind for c in d.model))
    parts = [said((c for c in d.model if c.kind == kind), _plural(kind)) for kind in kinds]
    return " · ".join(part for part in [*parts, said(d.threats, "threats")] if part) or "records only"


def _plural(kind: str) -> str:
    return {"boundary": "boundaries", "adversary": "adversaries", "data": "data assets"}.get(kind, f"{kind}s")


def _where(names: Sequence[str], known: int) -> str:
    """In which configurations, where it is not in all of them."""
    return f" [{', '.join(names)}]" if names and len(names) < known else ""


def _model_line(change: ModelChange, crossing: bool, known: int) -> str:
    edits = "; ".join(_edit(edit) for edit in change.edits)
    crosses = ", crosses a boundary" if crossing else ""
    name = f" {change.name}" if change.name != change.id else ""
    place = f"  {change.place}" if change.place else ""
    return (
        f"{_SIGNS[change.state]} {change.kind} {change.id}{name}{crosses}{f': {edits}' if edits else ''}"
        f"{_where(change.configurations, known)}{place}"
    )


def _edit(edit: Edit) -> str:
    return f"{edit.attribute}: {edit.before or '(nothing)'} → {edit.after or '(nothing)'}"


def _step(change: ThreatChange) -> str:
    """What became of status and risk in the configuration where it is worst."""
    was, now = change.before, change.after
    if now is None:
        return f"was {was.status}, {was.risk}" if was else ""
    if was is None:
        return f"{now.status}, {now.risk}"
    parts = [f"{was.status} → {now.status}" if was.status != now.status else now.status]
    parts.append(f"{was.risk} → {now.risk}" if was.risk != now.risk else now.risk)
    if set(was.controls) != set(now.controls):
        parts.append(f"controls {', '.join(was.controls) or 'none'} → {', '.join(now.controls) or 'none'}")
    if set(was.adversaries) != set(now.adversaries):
        parts.append(f"adversaries {', '.join(was.adversaries)} → {', '.join(now.adversaries)}")
    return ", ".join(parts)


def _threat_lines(rated: Rated, known: int) -> list[str]:
    change = rated.change
    priority = f"  {rated.priority}" if rated.priority != "none" else ""
    where = _where(change.configurations, known)
    return [
        f"{_SIGNS[change.state]} {change.id}{priority}  {_step(change)}  {change.title}{where}",
        f"    because {change.reason}",
    ]


def _records(d: Difference, *, claims: bool) -> list[RecordChange]:
    return [record for record in d.records if (record.kind == "claim") == claims]


def _record_line(record: RecordChange) -> str:
    edits = "; ".join(_edit(edit) for edit in record.edits)
    weaker = "  (may let more pass)" if record.weakens else ""
    place = f"  {record.place}" if record.place else ""
    name = "" if record.id == record.kind.replace("-", " ") else f" {record.id}"
    return f"{_SIGNS[record.state]} {record.kind}{name}{f': {edits}' if edits else ''}{weaker}{place}"


def markdown(project: str, difference: Difference, rated: Sequence[Rated], crossing: Sequence[str]) -> str:
    """One comment. It is cut to what GitHub takes, and says how much it leaves out."""
    d = difference
    head = [MARKER, f"### Threat model: {inline(project)}", "", f"`{_code(d.base)}` → `{_code(d.head)}`", ""]
    tail = ["", *(f"- {inline(note)}" for note in _notes(d)), ""]
    if d.empty:
        return "\n".join([*head, f"**{NO_CHANGE}**", *tail])
    lines = [*head, f"**{inline(_counts(d))}**", "", *_risk(d)]
    room = LONGEST_COMMENT - sum(len(line) + 1 for line in (*lines, *tail)) - 400
    sections = [
        _section(
            "Threats that are new or worse",
            [r for r in ranked(rated) if _worse(r.change)],
            _threat_row,
            _THREATS,
        ),
        _section(
            "Other changes of threats",
            [r for r in ranked(rated) if not _worse(r.change)],
            _threat_row,
            _THREATS,
        ),
        _section(
            "Flows across boundaries",
            [c for c in d.model if c.id in crossing],
            lambda c: _model_row(c, len(d.configurations)),
            _MODEL,
        ),
        _section("Controls and claims", _assumptions(d), _assumption_row, _ASSUMPTIONS),
        _section(
            "Model",
            [c for c in d.model if c.id not in crossing and c.kind != "control"],
            lambda c: _model_row(c, len(d.configurations)),
            _MODEL,
        ),
        _section("Decisions, rules and policy", _records(d, claims=False), _assumption_row, _ASSUMPTIONS),
    ]
    for title, columns, rows in sections:
        if rows:
            made, room = _table(title, columns, rows, room, fold_up=title in _FOLDED)
            lines += made
    return "\n".join([*lines, *tail])


_THREATS = ("Threat", "Priority", "What", "Because")
_MODEL = ("What", "Change", "Configurations")
_ASSUMPTIONS = ("What", "Change")
_FOLDED = frozenset({"Other changes of threats", "Model", "Decisions, rules and policy"})
_Item = TypeVar("_Item")
_Section = tuple[str, tuple[str, ...], list[tuple[str, ...]]]


def _section(
    title: str, items: Sequence[_Item], row: Callable[[_Item], tuple[str, ...]], columns: tuple[str, ...]
) -> _Section:
    return title, columns, [row(item) for item in items]


def _table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], room: int, *, fold_up: bool
) -> tuple[list[str], int]:
    """A table, as much of it as there is room for, and the room that is left."""
    start = [f"<details><summary>{title} ({len(rows)})</summary>", ""] if fold_up else [f"#### {title}", ""]
    lines = [*start, _row(columns), _row(["---"] * len(columns))]
    room -= sum(len(line) + 1 for line in lines) + 80
    for number, cells in enumerate(rows):
        line = _row(cells)
        if len(line) + 1 > room:
            lines += ["", f"and {len(rows) - number} more; `threatmodel diff` lists them all"]
            room = 0
            break
        lines.append(line)
        room -= len(line) + 1
    return [*lines, "", *(["</details>", ""] if fold_up else [])], room


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _worse(change: ThreatChange) -> bool:
    """New, or with a worse status or risk than before."""
    if change.after is None:
        return False
    if change.before is None:
        return True
    risk = RISK_LEVELS.index(change.after.risk) > RISK_LEVELS.index(change.before.risk)
    return risk or STATUSES.index(change.after.status) < STATUSES.index(change.before.status)


def _risk(d: Difference) -> list[str]:
    """How many threats of each risk there are more or less, where a status is not settled."""
    delta: Counter[str] = Counter()
    for change in d.threats:
        for side, step in ((change.before, -1), (change.after, 1)):
            if side is not None and side.status in {"open", "contradicted", "unverified"}:
                delta[side.risk] += step
    parts = [f"{level} {delta[level]:+d}" for level in reversed(RISK_LEVELS) if delta[level]]
    return [f"Threats that nothing proven stands against, by risk: {', '.join(parts)}.", ""] if parts else []


def _threat_row(rated: Rated) -> tuple[str, ...]:
    change = rated.change
    place = f" `{_code(str(change.place))}`" if change.place else ""
    return (
        f"{_SIGNS[change.state]} `{_code(change.id)}`<br>{inline(change.title)}",
        rated.priority if rated.priority != "none" else "",
        f"{inline(_step(change))} \\({inline(change.configuration)}\\)",
        f"{inline(change.reason)}{place}",
    )


def _model_row(change: ModelChange, known: int) -> tuple[str, ...]:
    edits = "<br>".join(inline(_edit(edit)) for edit in change.edits) or change.state
    name = f"<br>{inline(change.name)}" if change.name != change.id else ""
    names = ", ".join(change.configurations) if len(change.configurations) < known else "all"
    return f"{_SIGNS[change.state]} {change.kind} `{_code(change.id)}`{name}", edits, inline(names or "all")


def _assumptions(d: Difference) -> list[ModelChange | RecordChange]:
    return [*(c for c in d.model if c.kind == "control"), *_records(d, claims=True)]


def _assumption_row(change: ModelChange | RecordChange) -> tuple[str, ...]:
    edits = "<br>".join(inline(_edit(edit)) for edit in change.edits) or change.state
    weaker = " **may let more pass**" if isinstance(change, RecordChange) and change.weakens else ""
    place = f" `{_code(str(change.place))}`" if change.place else ""
    return f"{_SIGNS[change.state]} {change.kind} {inline(change.id)}{weaker}", f"{edits}{place}"


def _code(text: str) -> str:
    """Text for a code span in a table."""
    return fold(" ".join(text.split())).replace("`", "'").replace("|", "\\|")
