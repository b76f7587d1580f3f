"""The comparison of choices as PDF."""

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
    "Each question stands with what each choice answers. Below an answer stands what speaks for it and what speaks "
    "against it; where nothing is listed, nothing is recorded, which is not the same as nothing to be found. States of "
    "threats and controls are those of this release."
)


def render_why(view: Mapping[str, Any], *, timestamp: int, cache: Path | None = None) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view made by `report.why`. Same arguments, same bytes.

    Raises:
        PdfFailed: the document could not be typeset.
    """
    return typeset("why.typ", prepare(view, glyphs()), {}, timestamp=timestamp, cache=cache)


def prepare(view: Mapping[str, Any], shown: Container[int]) -> Row:
    """The data of the document: folded to the glyphs that there are, with addresses as links."""
    rows = [
        {
            **row,
            "cells": [
                {**cell, **{kind: [_linked(item) for item in cell[kind]] for kind in ("evidence", "against")}}
                for cell in row["cells"]
            ],
        }
        for row in view["rows"]
    ]
    page: Row = text.for_page({**view, "rows": rows}, shown)
    name = system_name(view, page["release"], shown)
    evidence = sum(len(cell["evidence"]) for row in rows for cell in row["cells"])
    against = sum(len(cell["against"]) for row in rows for cell in row["cells"])
    figures = (
        (len(rows), "questions"),
        (len(page["columns"]), "choices"),
        (evidence, "pieces of evidence"),
        (against, "pieces against"),
    )
    page["meta"] = {
        "title": f"{page['heading']}: {name}",
        "kind": page["heading"],
        "system": name,
        "scope": ", ".join(column["name"] for column in page["columns"]),
        "description": f"Questions of adopters, what each choice answers, and the evidence, at {name}",
        "figures": cover_figures(*figures),
        "reading": _READING,
    }
    page["known"] = dict(NO_ENTRIES)
    page["attachments"] = []
    return page


def _linked(item: Mapping[str, Any]) -> Row:
    link = text.link(item["url"]) if item["url"] else {"url": "", "text": item["ref"]}
    return {**item, "link": link}
