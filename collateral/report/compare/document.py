"""The view of the document about the attack surface: every configuration of the model, in groups of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collateral.assessment import Assessment
from collateral.report.compare.view import About, compare_view
from collateral.report.compare.words import column_groups
from collateral.report.front import front
from threatmodel.analysis.configdiff import compare_configurations

View = dict[str, Any]
MOST_COLUMNS = 6
"""Configurations beside each other on a landscape page. Where there are more, they have numbers, C1 and so on."""
_GONE = frozenset({"absent", "elsewhere", "inside"})


def attack_surface_view(view: Mapping[str, Any], a: Assessment) -> View:
    """What the document shows; `view` is that of the threat model."""
    names = [system.configuration.name for system in a.project.systems]
    comparison = compare_configurations(a.project, a.threats, names, a.ledger.states)
    about = About(edition=a.edition, source=a.source.name if a.source.available else "")
    coded = len(names) > MOST_COLUMNS
    found = compare_view(a.project, comparison, about, coded=coded)
    groups = column_groups(comparison.columns, found["option_order"], MOST_COLUMNS)
    return {
        **front(view, "withheld", "glossary"),
        **{key: found[key] for key in ("columns", "adversaries", "parts", "controls", "threats", "legend")},
        "storage": view.get("storage"),
        "coded": coded,
        "same": not found["differs"],
        "surfaces": found["surfaces"],
        "differing": found["differing"],
        "inventory": found["groups"],
        "pages": [
            _page(a, about, group["title"], [names[at] for at in group["columns"]], found) for group in groups
        ],
    }


def _page(a: Assessment, about: About, title: str, names: Sequence[str], whole: View) -> View:
    """One group of configurations by itself. A surface that is the same in every configuration of the model is left out,
    since the inventory has it; so is one that none of these has at that boundary."""
    found = compare_view(
        a.project, compare_configurations(a.project, a.threats, names, a.ledger.states), about
    )
    varying = {_key(group, row) for group in whole["groups"] for row in group["rows"] if row["differs"]}
    present = 0
    groups = []
    for group in found["groups"]:
        here = [row for row in group["rows"] if any(cell["state"] not in _GONE for cell in row["cells"])]
        present += len(here)
        if rows := [row for row in here if _key(group, row) in varying]:
            groups.append({**group, "rows": rows})
    codes = {column["name"]: column["code"] for column in whole["columns"]}
    return {
        "title": title,
        "columns": [{"name": name, "code": codes[name]} for name in names],
        "options": found["options"],
        "totals": found["totals"],
        "groups": groups,
        "surfaces": present,
        "shown": sum(len(group["rows"]) for group in groups),
    }


def _key(group: View, row: View) -> tuple[str, str]:
    """What tells a row apart from all others."""
    return group["name"], row["id"]
