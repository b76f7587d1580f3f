"""A comparison with a deployment as text and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from collateral.deployed.compare import Advice, Comparison, State
from collateral.report.markdown import inline
from threatmodel.core.text import fold

_MOST = 40
"""Threats that are listed; the number of the others is told."""
GROUPS: Mapping[str, tuple[State, ...]] = {
    "opens or makes worse": ("opened", "worse"),
    "mitigated as shipped, not proven as deployed (what a shipped file proves is no proof for another)": (
        "unproven",
    ),
    "closes or eases": ("closed", "better"),
}
"""The threats by what the deployment does to them."""


def comparison_text(found: Comparison) -> str:
    """For a terminal."""
    lines = [f"nearest configuration that is shipped: {found.nearest}, {found.description}"]
    lines += _differences(found)
    if found.notes:
        lines += ["", "told, and not part of the comparison"]
        lines += [
            f"  {note.place}  {note.text}" + (f"; {note.hint}" if note.hint else "") for note in found.notes
        ]
    lines += ["", _totals(found)]
    for title, states in GROUPS.items():
        steps = [step for step in found.threats if step.state in states]
        if not steps:
            continue
        lines += ["", f"{title}: {len(steps)} threats"]
        lines += [
            f"  {step.id:22}  {step.priority:14}  {step.status:12}  {step.risk:8}  {step.title}"
            for step in steps[:_MOST]
        ]
        if len(steps) > _MOST:
            lines.append(f"  and {len(steps) - _MOST} more; --format json lists all")
    lines += ["", *_advice(found)]
    return fold("\n".join(lines)) + "\n"


def _differences(found: Comparison) -> list[str]:
    if not found.differences:
        return ["no option differs from it"]
    width = max(len(item.option) for item in found.differences)
    return [
        f"  {item.option:{width}}  {item.shipped} → {item.deployed}  {item.origin}"
        + (f"  {item.place}" if item.place.path else "")
        for item in found.differences
    ]


def _totals(found: Comparison) -> str:
    rows = [
        f"{name}: {sum(counts.values())} threats ({', '.join(f'{n} {status}' for status, n in counts.items())})"
        for name, counts in found.statuses.items()
    ]
    return "\n".join(rows)


def _advice(found: Comparison) -> list[str]:
    if not found.differences:
        return ["nothing to set back"]
    first, rest = ranked(found)
    lines = ["what to change first" if first else "no option alone closes a threat when it is set back"]
    lines += [
        f"  {number}. {item.option} = {item.to}: closes {words(item.closes)}, opens {words(item.opens)}"
        for number, item in enumerate(first, 1)
    ]
    if rest:
        lines.append("what closes nothing when it is set back alone")
    lines += [
        f"  {item.option} = {item.to}: " + (item.refused or f"opens {words(item.opens)}") for item in rest
    ]
    return lines


def ranked(found: Comparison) -> tuple[list[Advice], list[Advice]]:
    """What closes a threat when it is set back alone, the most urgent first; and what does not."""
    first = [item for item in found.advice if item.closes and not item.refused]
    return first, [item for item in found.advice if item not in first]


def words(counts: Mapping[str, int]) -> str:
    """Counts by priority as words."""
    total = sum(counts.values())
    inner = ", ".join(f"{n} {word}" for word, n in counts.items())
    return f"{total} ({inner})" if total else "none"


def comparison_markdown(found: Comparison) -> str:
    """Tables that GitHub renders."""
    lines = [
        f"Nearest configuration that is shipped: **{inline(found.nearest)}**, {inline(found.description)}",
        "",
        "| Option | Shipped | Deployed | Said by |",
        "| --- | --- | --- | --- |",
        *(
            f"| {inline(d.option)} | {inline(d.shipped)} | {inline(d.deployed)} "
            f"| {inline(f'{d.origin} {d.place}'.strip())} |"
            for d in found.differences
        ),
        "",
        "| Change first | Closes | Opens |",
        "| --- | --- | --- |",
        *(
            f"| {inline(a.option)} = {inline(a.to)} | {_closes(a)} | {'' if a.refused else words(a.opens)} |"
            for a in found.advice
        ),
        "",
        "| Threat | Change | Priority | Status | Risk | Title |",
        "| --- | --- | --- | --- | --- | --- |",
        *(
            f"| {inline(s.id)} | {s.state} | {s.priority} | {s.status} | {s.risk} | {inline(s.title)} |"
            for s in found.threats
        ),
    ]
    if found.notes:
        lines += ["", *(f"- {inline(str(note.place))}: {inline(note.text)}" for note in found.notes)]
    return "\n".join(lines) + "\n"


def _closes(advice: Advice) -> str:
    return f"not alone: {inline(advice.refused)}" if advice.refused else words(advice.closes)
