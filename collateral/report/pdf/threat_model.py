"""The threat model as a document that can be read whole, and as a register that has everything in full."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    data, files = _page(view, svgs)
    data |= compact(data)
    data["known"] = {
        **data["known"],
        "claims": {},
        "flows": {flow["id"]: True for flow in data["crossing"]},
    }
    used = {figure["file"] for figure in _drawn(data)}
    files = {name: content for name, content in files.items() if name in used}
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
    data, files = _page(view, svgs)
    meta = data["meta"]
    data["meta"] = {
        **meta,
        "title": f"{meta['system']}: threat register",
        "kind": "Threat register",
        "description": f"Every threat, control, claim and flow of {meta['system']}",
        "reading": _REGISTER,
    }
    return typeset("threat-register.typ", data, files, timestamp=timestamp, cache=cache)


def _page(view: Mapping[str, Any], svgs: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The data of both documents, and the pictures by their files."""
    shown = glyphs()
    data = prepare(view, shown, svgs.keys())
    files = {d["file"]: svg.for_page(svgs[raw["id"]], shown) for d, raw in _pairs(data, view) if d["file"]}
    data["attachments"] = []
    return data, files


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
