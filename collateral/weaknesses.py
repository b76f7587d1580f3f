"""How weaknesses are related: the tree of MITRE's CWE list (view 1000, Research Concepts), from the package cwe2."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_PARENT = re.compile(r"::NATURE:ChildOf:CWE ID:([0-9]+):VIEW ID:1000\b")
_GENERAL = frozenset({"Pillar", "Class"})
_FAR = 2
"""Steps up the tree after which two weaknesses have little in common but a chapter of the list."""


@dataclass(frozen=True, slots=True)
class _Weakness:
    abstraction: str
    parents: tuple[str, ...]


def relation(found: str, named: str) -> str:
    """How a weakness that was found is one that a threat names: itself, a kind of it, or what it is a kind of. Empty
    where it is not. Both are `CWE-n`.

    At most two steps up the tree count, and no pillar. What was found may be the more general one only where it is no
    class, because a class says little about where it struck.
    """
    if found == named:
        return found
    if named in _above(found):
        return f"{found}, a kind of {named},"
    if found in _above(named) and _tree()[found].abstraction not in _GENERAL:
        return f"{found}, of which {named} is a kind,"
    return ""


@cache
def _above(weakness: str) -> frozenset[str]:
    """The weaknesses that one is a kind of, no pillar among them."""
    level, out = {weakness}, set[str]()
    for _ in range(_FAR):
        level = {parent for item in level if item in _tree() for parent in _tree()[item].parents}
        out |= {item for item in level if item in _tree() and _tree()[item].abstraction != "Pillar"}
    return frozenset(out)


@cache
def _tree() -> Mapping[str, _Weakness]:
    from cwe2.mappings import navigate_cwe

    table = Path(navigate_cwe["research_concepts"]["csv_file"])
    with table.open(encoding="utf-8", newline="") as handle:
        rows = csv.reader(handle)
        columns = next(rows)
        identity, kind, related = (
            columns.index(name) for name in ("CWE-ID", "Weakness Abstraction", "Related Weaknesses")
        )
        return {
            f"CWE-{row[identity]}": _Weakness(
                row[kind], tuple(f"CWE-{number}" for number in _PARENT.findall(row[related]))
            )
            for row in rows
            if len(row) > related
        }
