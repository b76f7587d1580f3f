"""The attack surface of every configuration as PDF."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from collateral.report.pdf import text
from collateral.report.pdf.cover import NO_ENTRIES, cover_figures, system_name
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs

Row = dict[str, Any]
_READING = (
    "Whoever runs one configuration looks for its name in chapter 1, for its adversaries in chapter 2, and for its "
    "column in chapter 4. Chapters 5 and 6 tell what one configuration has and another has not. Threats are "
    "hypotheses of rules: an open threat is no vulnerability, and a surface without a threat is not proven to be safe."
)


def render_attack_surface(view: Mapping[str, Any], *, timestamp: int, cache: Path | None = None) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view made by `report.compare.document`. Same arguments, same bytes.

    Raises:
        PdfFailed: the document could not be typeset.
    """
    return typeset("attack-surface.typ", prepare(view, glyphs()), {}, timestamp=timestamp, cache=cache)


def prepare(view: Mapping[str, Any], shown: Container[int]) -> Row:
    """The data of the document: folded to the glyphs that there are."""
    page: Row = text.for_page({**view, "storage": _storage(view.get("storage"))}, shown)
    name = system_name(view, page["release"], shown)
    count = len(page["columns"])
    numbers = (
        (count, "configurations"),
        (page["surfaces"], "surfaces"),
        (page["differing"], "surfaces that differ"),
        (len(page["threats"]), "threats that differ"),
        (len(page["controls"]), "controls that differ"),
    )
    page["meta"] = {
        "title": f"{name}: attack surface by configuration",
        "kind": "Attack surface",
        "system": name,
        "scope": f"All {count} configurations that the model names",
        "year": page["date"][:4],
        "description": f"What each configuration of {name} exposes, and against whom",
        "figures": cover_figures(*numbers),
        "reading": _READING,
    }
    page["known"] = dict(NO_ENTRIES)
    page["attachments"] = []
    return page


def _storage(view: Mapping[str, Any] | None) -> Row | None:
    """Needs and ways with their addresses as links; None where the model has no record of them."""
    if not view:
        return None
    needs = [
        {
            **need,
            "stated_by": [{**text.link(o["source"]), "text": o["who"]} for o in need["stated_by"]],
        }
        for need in view["needs"]
    ]
    ways = [{**way, "link": {**text.link(way["source"]), "text": way["name"]}} for way in view["ways"]]
    return {**view, "needs": needs, "ways": ways}
