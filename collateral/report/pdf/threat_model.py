"""The threat model as one document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collateral.report.pdf import svg
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs
from collateral.report.pdf.prepare import prepare

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
    shown = glyphs()
    data = prepare(view, shown, svgs.keys())
    files = {d["file"]: svg.for_page(svgs[raw["id"]], shown) for d, raw in _pairs(data, view) if d["file"]}
    data["attachments"] = []
    for number, (name, content) in enumerate(sorted((attachments or {}).items())):
        path = f"attachment-{number}"
        files[path] = content
        data["attachments"].append({"path": path, "name": name, "type": _media_type(name)})
    return typeset("threat-model.typ", data, files, timestamp=timestamp, cache=cache)


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
