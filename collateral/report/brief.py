"""The view of the executive brief: what is protected, from whom, how sure we are, and what is open. Two pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collateral.report.front import front

View = dict[str, Any]
_MOST = 7
_NOT_DONE = 6
_LEVELS = ("high", "medium", "low")


def brief_view(view: Mapping[str, Any]) -> View:
    """The view, from that of the threat model: it holds only what the edition may show."""
    active = [row for row in view["adversaries"] if row["active"]]
    assets = sorted(view["assets"], key=_need)
    threats = {threat["id"]: threat for threat in view["threats"]}
    shown = [threats[id_] for id_ in view["top_threats"] if id_ in threats]
    not_done = view["not_checked"]
    return {
        **front(view, "glance", "status_counts", "risk_table", "counts", "withheld"),
        "about": list(view["texts"]["about"][:1]),
        "assets": [row["name"] for row in assets[:_MOST]],
        "more_assets": max(0, len(assets) - _MOST),
        "adversaries": [{"name": row["name"], "wants": _first(row["goals"])} for row in active[:_MOST]],
        "more_adversaries": max(0, len(active) - _MOST),
        "top": [
            {
                "id": t["id"],
                "title": t["title"],
                "target": t["target_name"],
                "status": t["status"],
                "risk": t["risk"],
            }
            for t in shown
        ],
        "not_checked": not_done[:_NOT_DONE],
        "more_not_checked": max(0, len(not_done) - _NOT_DONE),
        "summary": list(view["summary"]),
    }


def _need(row: Mapping[str, Any]) -> tuple[int, list[int], str]:
    """Secrets first, then what needs most, by name."""
    needs = sorted(_LEVELS.index(row[kind]) for kind in ("confidentiality", "integrity", "availability"))
    return (not row["secret"], needs, row["name"])


def _first(items: Sequence[str]) -> str:
    return items[0] if items else ""
