"""A comparison as Markdown: what was compared, and one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collateral.report.markdown import inline

View = Mapping[str, Any]
LONGEST = 60_000
"""Characters; a comment of GitHub takes 65,536."""
_FRAMES = 400


def markdown(view: View) -> str:
    """The attack surface by boundary, with the totals at its end, as one table that GitHub renders.

    Where it would be longer than LONGEST, surfaces that are the same in all configurations are left out first; what
    is left out is counted.
    """
    head = _head(view)
    foot = _foot(view)
    room = LONGEST - _FRAMES - sum(len(line) + 1 for line in (*head, *foot))
    rows = list(_rows(view))
    kept = rows
    if sum(len(line) + 1 for line, _ in rows) > room:
        kept = [row for row in rows if row[1] != "alike"]
    shown: list[str] = []
    for line, _ in kept:
        room -= len(line) + 1
        if room < 0:
            break
        shown.append(line)
    surfaces = sum(kind != "group" for _, kind in rows) - sum(
        kind != "group" for _, kind in kept[: len(shown)]
    )
    left = [f"{surfaces} surfaces are left out; `threatmodel compare` lists them all", ""] if surfaces else []
    return "\n".join([*head, *shown, *foot, "", *left]).rstrip("\n") + "\n"


def _head(view: View) -> list[str]:
    names = [column["name"] for column in view["columns"]]
    lines = [f"### Attack surface: {inline(view['title'])}", ""]
    lines += [f"- {inline(note)}" for note in view["notes"]]
    for row in view["across"]["rows"] if view["across"] else ():
        name = f", {inline(row['configuration'])}" if row["configuration"] else ""
        lines.append(
            f"- {inline(view['across']['option'])} = {inline(row['value'])}{name}: {inline(row['words'])}"
        )
    lines += [""] if lines[-1] else []
    return [*lines, _row(["Surface", *map(inline, names)]), _row(["---"] * (len(names) + 1))]


def _rows(view: View) -> list[tuple[str, str]]:
    """The lines of the table, each with `group`, `differs` or `alike`."""
    lines = []
    for group in view["groups"]:
        name = f"**{inline(group['name'])}** \\(privilege {inline(group['privilege'])}\\)"
        lines.append((_row([name, *[""] * len(view["columns"])]), "group"))
        for row in group["rows"]:
            about = ". ".join(part for part in (row["ends"], row["how"]) if part)
            label = f"{_code(row['id'])} {inline(row['name'])}{f'<br>{inline(about)}' if about else ''}"
            cells = [_cell(cell) for cell in row["cells"]]
            lines.append((_row([label, *cells]), "differs" if row["differs"] else "alike"))
    return lines


def _cell(cell: View) -> str:
    words = f"{cell['sign']} {inline(cell['words'])}"
    return f"{words}<br>{inline(cell['more'])}" if cell["more"] else words


def _foot(view: View) -> list[str]:
    lines = [_row(["**Totals**", *[""] * len(view["columns"])])]
    lines += [_row([inline(row["name"]), *map(inline, row["cells"])]) for row in view["totals"]]
    lines.append(_row(["**By adversary**", *[""] * len(view["columns"])]))
    for row in view["adversaries"]:
        cells = [
            f"{cell['unsettled']} not settled, {cell['severe']} high or critical"
            if cell["present"]
            else cell["words"]
            for cell in row["cells"]
        ]
        lines.append(_row([f"{row['code']} {inline(row['name'])}", *cells]))
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    return f"`{text}`" if text.replace(".", "").replace("-", "").replace("_", "").isalnum() else inline(text)
