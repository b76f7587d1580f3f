"""A comparison as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

View = Mapping[str, Any]
_LONGEST_LABEL = 46
_MOST = 4
"""Columns beside each other; more follow below."""


def text(view: View) -> str:
    """For a terminal or a log. A `~` marks a surface that is not the same in all configurations."""
    lines = [
        f"{view['project_id']}: {', '.join(column['name'] for column in view['columns'])}",
        *view["notes"],
    ]
    if view["across"]:
        lines += ["", f"across {view['across']['option']}", *_across(view["across"])]
    names = [column["name"] for column in view["columns"]]
    tables: list[tuple[str, list[tuple[str, Sequence[str]]]]] = [
        ("options that differ", [(row["name"], row["cells"]) for row in view["options"]]),
        ("attack surface (~ not the same in all: counts, worst risk, or adversaries)", list(_matrix(view))),
        ("totals", [(row["name"], row["cells"]) for row in view["totals"]]),
        (
            "adversaries (threats not settled)",
            [(f"{a['code']} {a['name']}", _people(a)) for a in view["adversaries"]],
        ),
    ]
    for title, rows in tables:
        lines += ["", title, *_table(names, rows)] if rows else []
    for title, found in (
        ("elements, flows and boundaries that differ", _parts(view["parts"])),
        ("controls that differ", _controls(view["controls"])),
        ("threats that differ", _threats(view["threats"])),
    ):
        shown = [f"  {line}" for line in found]
        lines += ["", title, *shown] if shown else []
    return "\n".join(" ".join(line.split("\n")).rstrip() for line in lines) + "\n"


def _across(across: View) -> Iterator[str]:
    for row in across["rows"]:
        name = f"{row['configuration']}: " if row["configuration"] else ""
        yield f"  {row['value']}  {name}{row['words']}"


def _matrix(view: View) -> Iterator[tuple[str, Sequence[str]]]:
    for group in view["groups"]:
        yield f"[{group['name']}, privilege {group['privilege']}]", [""] * len(view["columns"])
        for row in group["rows"]:
            mark = "~" if row["differs"] else " "
            kind = "element " if row["kind"] == "element" else ""
            yield f"{mark} {kind}{row['id']} {row['name']}", [cell["short"] for cell in row["cells"]]


def _people(row: View) -> list[str]:
    return [
        f"{cell['unsettled']}, {cell['severe']} high or critical" if cell["present"] else "no adversary here"
        for cell in row["cells"]
    ]


def _table(names: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> Iterator[str]:
    labels = [
        label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1]}…" for label, _ in rows
    ]
    width = max(map(len, labels), default=0)
    for start in range(0, len(names), _MOST):
        part = slice(start, start + _MOST)
        columns = [names[part], *(cells[part] for _, cells in rows)]
        sizes = [max(len(row[at]) for row in columns) for at in range(len(names[part]))]
        for label, cells in zip(["", *labels], columns, strict=True):
            shown = "  ".join(f"{cell:{size}}" for cell, size in zip(cells, sizes, strict=True))
            yield f"  {label:{width}}  {shown}".rstrip()


def _parts(rows: Iterable[View]) -> Iterator[str]:
    for row in rows:
        yield f"{row['kind']} {row['id']} {row['name']}: {'in ' + row['where'] if not row['everywhere'] else 'in all'}"
        for variation in row["variations"]:
            values = "; ".join(f"{v['text']} ({v['where']})" for v in variation["values"])
            yield f"    {variation['attribute']}: {values}"


def _controls(rows: Iterable[View]) -> Iterator[str]:
    for row in rows:
        states = "; ".join(f"{s['state']} ({s['where']})" for s in row["states"])
        yield f"{row['id']}: {states}"


def _threats(rows: Iterable[View]) -> Iterator[str]:
    for row in rows:
        judged = "; ".join(f"{j['status']}, {j['risk']} ({j['where']})" for j in row["judged"])
        yield f"{row['id']}  {row['title']}: {judged}"
        for line in row["also"]:
            yield f"    {line}"
