"""Slides for a talk as PDF."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from collateral.report.pdf import svg, text
from collateral.report.pdf.cover import NO_ENTRIES, system_name
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs

Row = dict[str, Any]
_FIELD = (760.0, 350.0)
"""Width and height in points that a picture may have on a slide."""


def render_slides(
    view: Mapping[str, Any], svgs: Mapping[str, bytes], *, timestamp: int, cache: Path | None = None
) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view made by `report.slides`, pages of 16 to 9. `svgs` has the pictures by
    diagram id. Same arguments, same bytes.

    Raises:
        PdfFailed: the document could not be typeset.
        ValueError: a picture is not well-formed SVG, or has no size.
    """
    shown = glyphs()
    data = prepare(view, shown, svgs)
    files = {d["file"]: svg.for_page(svgs[d["key"]], shown) for d in data["diagrams"] if d["file"]}
    return typeset("slides.typ", data, files, timestamp=timestamp, cache=cache)


def prepare(view: Mapping[str, Any], shown: Container[int], pictures: Container[str]) -> Row:
    """The data of the slides: folded to the glyphs that there are, pictures in the size of a slide."""
    diagrams = [
        {**d, "key": d["id"], **_placed(d, number, d["id"] in pictures)}
        for number, d in enumerate(view["diagrams"])
    ]
    page: Row = text.for_page({**view, "diagrams": diagrams}, shown)
    for made, raw in zip(page["diagrams"], diagrams, strict=True):
        made["key"] = raw["key"]
    name = system_name(view, page["release"], shown)
    page["meta"] = {
        "title": f"{name}: security model, slides",
        "kind": "Security model",
        "system": name,
        "description": f"Slides on the threat model of {name}",
    }
    page["known"] = dict(NO_ENTRIES)
    return page


def _placed(diagram: Mapping[str, Any], number: int, there: bool) -> Row:
    """File and size on the slide; no file where there is no picture."""
    if diagram["failed"] or not there:
        return {"file": "", "failed": diagram["failed"] or "there is no picture of it"}
    scale = min(_FIELD[0] / diagram["width"], _FIELD[1] / diagram["height"])
    return {
        "file": f"slide-{number}.svg",
        "width": round(diagram["width"] * scale, 2),
        "height": round(diagram["height"] * scale, 2),
    }
