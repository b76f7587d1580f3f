"""A comparison with a deployment as the rows of a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from collateral.deployed.compare import Advice, Comparison
from collateral.deployed.text import GROUPS, ranked, words
from collateral.report.front import fold_all
from threatmodel.core.plain import to_plain

View = dict[str, Any]


def deployed_view(found: Comparison) -> View:
    """What differs from the nearest configuration, what to change first, and the threats that come and go."""
    first, rest = ranked(found)
    view: View = fold_all(
        {
            "nearest": found.nearest,
            "description": found.description,
            "differences": [
                {
                    "option": item.option,
                    "shipped": item.shipped,
                    "deployed": item.deployed,
                    "origin": item.origin,
                    "place": str(item.place) if item.place.path else "",
                }
                for item in found.differences
            ],
            "first": [_advice(item) for item in first],
            "rest": [_advice(item) for item in rest],
            "groups": [
                {"title": title[0].upper() + title[1:], "steps": _steps(found, states)}
                for title, states in GROUPS.items()
            ],
            "notes": [
                {"place": str(note.place), "text": note.text, "hint": note.hint} for note in found.notes
            ],
        }
    )
    return view


def _advice(item: Advice) -> View:
    return {
        "option": item.option,
        "to": item.to,
        "closes": words(item.closes),
        "opens": words(item.opens),
        "refused": item.refused,
    }


def _steps(found: Comparison, states: Iterable[str]) -> list[View]:
    return [to_plain(step) for step in found.threats if step.state in states]
