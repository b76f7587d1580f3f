"""The backtest for the terminal and as Markdown."""

from __future__ import annotations

from collateral.backtest.model import BacktestFile, BacktestRow, Totals
from collateral.report.markdown import inline

_NONE = "no threat of the model names it"


def backtest_text(file: BacktestFile) -> str:
    """Each advisory with its threats and what claims make of both tags; the figures last."""
    lines: list[str] = []
    for row in file.advisories:
        lines.append(f"{row.id}  {row.title}")
        where = f"{row.configuration}: " if row.configuration else ""
        lines += [f"    {where}{t.id}  {t.status}  {t.title}" for t in row.threats] or [f"    {where}{_NONE}"]
        lines.append(f"    {_said(row)}")
        lines += [f"        {f.control}  {f.affected}, then {f.fixed}  {f.claim}" for f in row.flips]
        lines += [f"        not counted: {_others(row)}"] if row.others else []
    return "\n".join([*lines, *_figures(file)]) + "\n"


def backtest_markdown(file: BacktestFile) -> str:
    """One table, and the figures below it."""
    lines = [
        "| Advisory | Title | Configuration | Threats | Tags | Claims |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in file.advisories:
        threats = "<br>".join(f"{inline(t.id)}: {t.status}" for t in row.threats) or _NONE
        counts = dict.fromkeys(flip.control for flip in row.flips)
        cells = (
            inline(row.id),
            inline(row.title),
            inline(row.configuration) or "–",
            threats,
            inline(_tags(row)) or "–",
            ": ".join([inline(_word(row)), *([", ".join(map(inline, counts))] if counts else [])]),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *(f"{line}  " for line in _figures(file))]) + "\n"


def _tags(row: BacktestRow) -> str:
    return f"{row.last_affected} to {row.first_fixed}" if row.last_affected else ""


def _word(row: BacktestRow) -> str:
    """The verdict in words."""
    return {
        "told-apart": "told apart",
        "not-told-apart": "no claim tells them apart",
        "not-checked": f"not checked: {row.reason}",
        "no-tags": "no tags are recorded",
    }[row.verdict]


def _said(row: BacktestRow) -> str:
    tags = _tags(row)
    return f"{tags}: {_word(row)}" if tags else _word(row)


def _others(row: BacktestRow) -> str:
    return f"a claim of {', '.join(row.others)} flips too, for a reason that the record does not give"


def _figures(file: BacktestFile) -> list[str]:
    t: Totals = file.totals
    tagged = t.advisories - t.no_tags
    lines = [f"{t.named} of {t.advisories} named by a threat"]
    if file.checked:
        lines.append(f"{t.told_apart} of {tagged} with tags told apart by a claim")
        lines += [f"{t.not_checked} not checked"] if t.not_checked else []
    else:
        lines.append(f"{tagged} with tags, not checked: no source was named")
    return [*lines, *([f"{t.no_tags} without tags"] if t.no_tags else [])]
