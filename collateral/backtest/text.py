"""The backtest for the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collateral.backtest.model import BacktestFile, BacktestRow, NamedThreat, PinState, Rules, ThirdPartyRow
from collateral.report.markdown import inline

_NONE = "no threat of the model names it"
UNREAD = "not checked: no source was named"


def backtest_text(file: BacktestFile) -> str:
    """Each advisory with its threats and what claims, rules and pins make of it; the figures last."""
    lines: list[str] = []
    for row in file.advisories:
        lines += [f"{row.id}  {row.title}", *_threats(row.configuration, row.threats), f"    {_said(row)}"]
        for flip in row.flips:
            fix = {"yes": ", by the fix", "no": ", not by the fix", "not-checked": ""}[flip.from_fix]
            lines.append(f"        {flip.control}  {flip.affected}, then {flip.fixed}{fix}  {flip.claim}")
        lines += [f"        not counted: {_others(row)}"] if row.others else []
        lines += [f"    rules: {rules_said(row.rules)}"] if row.rules.verdict != "no-rule" else []
    for part in file.third_party:
        lines += [f"{part.id}  {part.component}: {part.title}", *_threats(part.configuration, part.threats)]
        lines += [f"    {text}" for text in pins_said(part)]
        lines += [f"    only where {part.condition}"] if part.condition else []
    lines += [f"{item.id}  left out: {item.because}" for item in file.left_out]
    return "\n".join([*lines, *figures(file)]) + "\n"


def _threats(configuration: str, threats: Sequence[NamedThreat]) -> list[str]:
    where = f"{configuration}: " if configuration else ""
    return [f"    {where}{t.id}  {t.status}  {t.title}" for t in threats] or [f"    {where}{_NONE}"]


def backtest_markdown(file: BacktestFile) -> str:
    """One table of advisories, one of components, and the figures below them."""
    lines = _table(
        ("Advisory", "Title", "STRIDE", "CWE", "Configuration", "Threats", "Tags", "Claims", "Rules"),
        (
            (
                inline(row.id),
                inline(row.title),
                row.stride,
                _cwe(row),
                inline(row.configuration) or "–",
                _cell(row.threats),
                inline(_tags(row)) or "–",
                ": ".join([inline(verdict_said(row)), *_controls(row)]),
                inline(rules_said(row.rules)),
            )
            for row in file.advisories
        ),
    )
    if file.third_party:
        lines += [
            "",
            *_table(
                ("Advisory", "Component", "Title", "STRIDE", "CWE", "Configuration", "Threats", "Versions"),
                (
                    (
                        inline(part.id),
                        inline(part.component),
                        inline(part.title),
                        part.stride,
                        _cwe(part),
                        inline(part.configuration) or "–",
                        _cell(part.threats),
                        "<br>".join(inline(text) for text in pins_said(part)),
                    )
                    for part in file.third_party
                ),
            ),
        ]
    lines += ["", *(f"{inline(item.id)}: left out, {inline(item.because)}  " for item in file.left_out)]
    return "\n".join([*lines, *(f"{line}  " for line in figures(file))]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join('---' for _ in head)} |"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def _cell(threats: Sequence[NamedThreat]) -> str:
    return "<br>".join(f"{inline(t.id)}: {t.status}" for t in threats) or _NONE


def _cwe(row: BacktestRow | ThirdPartyRow) -> str:
    inferred = " (inferred)" if row.cwe and row.cwe_source == "inferred" else ""
    return f"{', '.join(row.cwe) or '–'}{inferred}"


def _controls(row: BacktestRow) -> list[str]:
    counts = dict.fromkeys(flip.control for flip in row.flips)
    return [", ".join(map(inline, counts))] if counts else []


def _tags(row: BacktestRow) -> str:
    return f"{row.last_affected} to {row.first_fixed}" if row.last_affected else ""


def verdict_said(row: BacktestRow) -> str:
    """What the claims make of an advisory."""
    return {
        "told-apart": "told apart",
        "not-told-apart": "no claim tells them apart",
        "not-checked": f"not checked: {row.reason}",
        "no-tags": "no tags are recorded",
    }[row.verdict]


def rules_said(rules: Rules) -> str:
    """What the rules for published advisories make of one."""
    names = ", ".join(dict.fromkeys(run.rule for run in rules.runs))
    return {
        "flagged": f"flagged before the fix and quiet after it: {names}",
        "not-flagged": f"not told apart: {names}",
        "not-checked": f"not checked: {rules.reason}: {names}",
        "no-rule": "no rule",
    }[rules.verdict]


def pins_said(part: ThirdPartyRow) -> list[str]:
    """What each pin says at each tag."""
    if not part.pins:
        return [UNREAD]
    return [
        "  ".join(text for text in (f"{pin.tag}: {pin.state}", place_said(pin), pin.reason) if text)
        for pin in part.pins
    ]


def place_said(pin: PinState) -> str:
    """Where a pin stands, and the version that is seen there."""
    at = f"{pin.path}:{pin.line}" if pin.line else pin.path
    return f"{at} {pin.key} = {pin.seen}" if pin.seen else f"{at} {pin.key}".strip()


def _said(row: BacktestRow) -> str:
    tags = _tags(row)
    return f"{tags}: {verdict_said(row)}" if tags else verdict_said(row)


def _others(row: BacktestRow) -> str:
    return f"a claim of {', '.join(row.others)} flips too, for a reason that the record does not give"


def figures(file: BacktestFile) -> list[str]:
    """The totals, a line each."""
    t = file.totals
    tagged = t.advisories - t.no_tags
    lines = [f"{t.named} of {t.advisories} named by a threat"]
    if file.checked:
        lines.append(f"{t.told_apart} of {tagged} with tags told apart by a claim")
        lines += [f"{t.by_fix} of them by a claim that flips at the fix itself"] if t.by_fix else []
        lines += [f"{t.not_checked} not checked"] if t.not_checked else []
    else:
        lines.append(f"{tagged} with tags, {UNREAD}")
    lines += [f"{t.no_tags} without tags"] if t.no_tags else []
    with_rule = t.advisories - t.no_rule
    if with_rule and t.rules_not_checked < with_rule:
        lines.append(f"{t.flagged} of {with_rule} with rules flagged before the fix and quiet after it")
    if t.rules_not_checked:
        lines.append(f"{t.rules_not_checked} with rules, not checked")
    parts = file.third_party_totals
    if parts.advisories:
        lines.append(f"components: {parts.named} of {parts.advisories} named by a threat")
        for at in parts.tags:
            lines.append(
                f"components at {at.tag}: {at.affected} affected, {at.fixed} fixed, "
                f"{at.not_affected} not affected, {at.unknown} unknown"
            )
        lines += [] if parts.tags else [f"versions of components {UNREAD}"]
    return lines
