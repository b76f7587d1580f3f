"""The release document: this release beside the one before."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from collateral.report.pdf import text
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs
from collateral.report.pdf.prepare import finding_sections, scanned

Row = dict[str, Any]
_READING = (
    "The summary and the two chapters after it are for everybody. Each finding, threat and claim that changed stands "
    "once in full in the chapter of its kind; the last chapters say what was not compared and how to read the words."
)
_ALONE = "No earlier bundle was given: this document shows the findings of this release and compares nothing."


def render_release(view: Mapping[str, Any], *, timestamp: int, cache: Path | None = None) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view made by `report.release`. Same arguments, same bytes.

    Raises:
        PdfFailed: the document could not be typeset.
    """
    return typeset("release.typ", prepare(view, glyphs()), {}, timestamp=timestamp, cache=cache)


def prepare(view: Mapping[str, Any], shown: Container[int]) -> Row:
    """The data of the document: folded, every list in the order in which it is shown."""
    page: Row = text.for_page(dict(view), shown)
    anchors = {row["id"]: True for row in page["threats"]}
    known = {"threats": anchors, "controls": {}, "elements": {}, "flows": {}}
    title = text.for_page({"whole": view["title"]}, shown)["whole"]
    return {
        **page,
        "meta": _meta(page, f"{title} {page['release']}".strip()),
        "known": known,
        "attachments": [],
        "scanned": scanned(page),
        "finding_sections": finding_sections(page["findings"]) if page["previous"] is None else [],
    }


def _meta(page: Row, name: str) -> Row:
    previous = page["previous"]
    about = f"beside {previous['release']}" if previous else "alone"
    return {
        "title": f"{name}: findings of the release",
        "kind": "Release findings",
        "system": name,
        "year": page["date"][:4],
        "description": f"Findings, threats and claims of {name} {about}",
        "figures": _compared(page) if previous else _counted(page),
        "reading": _READING if previous else _ALONE,
    }


def _compared(page: Row) -> list[Row]:
    worse, better = page["worse"], page["better"]
    numbers = (
        (len(worse["findings"]), "findings new or back"),
        (len(better["findings"]), "findings fixed"),
        (len(worse["threats"]) + len(worse["claims"]), "threats and claims worse"),
        (len(better["threats"]), "threats better"),
        (len(better["claims"]), "claims better"),
        (sum(page["uncompared"].values()), "not compared"),
    )
    return [{"number": str(number), "name": words} for number, words in numbers]


def _counted(page: Row) -> list[Row]:
    if not scanned(page):
        return [{"number": "–", "name": "findings: not checked"}]
    counts = [
        (sum(f["severity"] == word for f in page["findings"]), word) for word in ("error", "warning", "note")
    ]
    return [{"number": str(number), "name": f"findings of level {word}"} for number, word in counts]
