"""The operator's checklist as PDF."""

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
    "This list is for whoever runs the release. It says what this bundle took for granted, and what nobody but the "
    "operator can see. A box that is ticked says something of your deployment; nothing here says so for you."
)


def render_checklist(view: Mapping[str, Any], *, timestamp: int, cache: Path | None = None) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view made by `report.checklist`. Same arguments, same bytes.

    Raises:
        PdfFailed: the document could not be typeset.
    """
    return typeset("operator-checklist.typ", prepare(view, glyphs()), {}, timestamp=timestamp, cache=cache)


def prepare(view: Mapping[str, Any], shown: Container[int]) -> Row:
    """The data of the document: folded to the glyphs that there are, with addresses as links."""
    linked = {
        kind: [{**row, "link": {**text.link(row["url"]), "text": row["id"]}} for row in view[kind]]
        for kind in ("advisories", "components")
    }
    page: Row = text.for_page({**view, **linked}, shown)
    name = system_name(view, page["release"], shown)
    figures = (
        (len(page["advisories"]) + len(page["components"]), "advisories to look at"),
        (len(page["options"]), "options"),
        (len(page["controls"]), "controls to check by hand"),
        (len(page["transferred"]), "threats given to others"),
    )
    page["meta"] = {
        "title": f"{name}: operator's checklist",
        "kind": "Operator's checklist",
        "system": name,
        "description": f"What to check in a deployment of {name}",
        "figures": cover_figures(*figures),
        "reading": _READING,
    }
    page["known"] = dict(NO_ENTRIES)
    page["attachments"] = []
    return page
