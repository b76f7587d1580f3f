"""The executive brief as a PDF of two pages."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from collateral.report.pdf import text
from collateral.report.pdf.cover import NO_ENTRIES, system_name
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs

Row = dict[str, Any]


def render_brief(view: Mapping[str, Any], *, timestamp: int, cache: Path | None = None) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view made by `report.brief`. Same arguments, same bytes.

    Raises:
        PdfFailed: the document could not be typeset.
    """
    return typeset("executive-brief.typ", prepare(view, glyphs()), {}, timestamp=timestamp, cache=cache)


def prepare(view: Mapping[str, Any], shown: Container[int]) -> Row:
    """The data of the document: folded to the glyphs that there are."""
    page: Row = text.for_page(dict(view), shown)
    name = system_name(view, page["release"], shown)
    page["meta"] = {
        "title": f"{name}: executive brief",
        "kind": "Executive brief",
        "system": name,
        "description": f"What {name} protects, from whom, how sure that is, and what is open",
    }
    page["known"] = dict(NO_ENTRIES)
    return page
