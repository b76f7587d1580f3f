"""The threat model as a document that can be read whole, and as a register that has everything in full."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from collateral.report.pdf import svg
from collateral.report.pdf.compact import compact
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs
from collateral.report.pdf.prepare import prepare

_REGISTER = (
    "This document is for looking things up: the threat model of the same bundle is the one to read. Threats, controls, "
    "elements and flows are links to their entries."
)
_MEDIA_TYPES = {".json": "application/json", ".sarif": "application/sarif+json", ".csv": "text/csv"}


def render_threat_model(
    view: Mapping[str, Any],
    svgs: Mapping[str, bytes],
    *,
    timestamp: int,
    attachments: Mapping[str, bytes] | None = None,
    cache: Path | None = None,
) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view; `svgs` has the pictures by diagram id.

    `timestamp` (seconds since 1970) is the only date in the file. `attachments` are embedded under their names.
    `cache` is a folder that keeps documents between runs.

    Raises:
        PdfFailed: the document could not be typeset.
        ValueError: a picture is not well-formed SVG, or has no size.
    """
    data = prepare(view, glyphs(), svgs.keys())
    data |= compact(data)
    data["known"] = {
        **data["known"],
        "claims": {},
        "flows": {flow["id"]: True for flow in data["crossing"]},
    }
    data["attachments"] = []
    files = _pictures(data, view, svgs, {figure["file"] for figure in _drawn(data)})
    for number, (name, content) in enumerate(sorted((attachments or {}).items())):
        path = f"attachment-{number}"
        files[path] = content
        data["attachments"].append({"path": path, "name": name, "type": _media_type(name)})
    return typeset("threat-model.typ", data, files, timestamp=timestamp, cache=cache)


def render_threat_register(
    view: Mapping[str, Any], svgs: Mapping[str, bytes], *, timestamp: int, cache: Path | None = None
) -> bytes:
    """The register of the same view as a PDF: all diagrams, threats, controls, claims, findings and flows in full.

    Raises:
        PdfFailed: the document could not be typeset.
        ValueError: a picture is not well-formed SVG, or has no size.
    """
    data = prepare(view, glyphs(), svgs.keys())
    data["attachments"] = []
    meta = data["meta"]
    data["meta"] = {
        **meta,
        "title": f"{meta['system']}: threat register",
        "kind": "Threat register",
        "description": f"Every threat, control, claim and flow of {meta['system']}",
        "reading": _REGISTER,
    }
    files = _pictures(data, view, svgs)
    return typeset("threat-register.typ", data, files, timestamp=timestamp, cache=cache)


def _pictures(
    data: Mapping[str, Any],
    view: Mapping[str, Any],
    svgs: Mapping[str, bytes],
    wanted: Collection[str] | None = None,
) -> dict[str, bytes]:
    """The pictures of the page by their files; only the wanted ones where they are named."""
    shown = glyphs()
    return {
        figure["file"]: svg.for_page(svgs[raw["id"]], shown)
        for figure, raw in _pairs(data, view)
        if figure["file"] and (wanted is None or figure["file"] in wanted)
    }


def _drawn(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The figures of the threat model: the overview and those of the views that are chapters."""
    if data["overview"] is not None:
        yield data["overview"]
    for part in data["view_chapters"]:
        if part["figure"] is not None:
            yield part["figure"]
        yield from part["more"]


def _pairs(
    data: Mapping[str, Any], view: Mapping[str, Any]
) -> list[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Each figure with the picture of the view that it was made from: its id there names it."""
    paths = [part["paths"]["pictures"] if part.get("paths") else [] for part in (data, view)]
    return [*zip(data["diagrams"], view["diagrams"], strict=True), *zip(*paths, strict=True)]


def _media_type(name: str) -> str:
    return next(
        (kind for ending, kind in _MEDIA_TYPES.items() if name.endswith(ending)), "application/octet-stream"
    )
