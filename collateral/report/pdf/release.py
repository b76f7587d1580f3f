"""The release document: this release beside the one before."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from collateral.report.pdf import text
from collateral.report.pdf.cover import cover_figures, system_name
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs
from collateral.report.pdf.prepare import scanned

Row = dict[str, Any]
_MOST_THREATS = 6
"""Threats that a group of findings names; the rest is a number."""
_SEVERITIES = ("error", "warning", "note")
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
    return {
        **page,
        "meta": _meta(page, system_name(view, page["release"], shown)),
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
    return cover_figures(*numbers)


def _counted(page: Row) -> list[Row]:
    if not scanned(page):
        return [{"number": "–", "name": "findings: not checked"}]
    counts = [
        (sum(f["severity"] == word for f in page["findings"]), word) for word in ("error", "warning", "note")
    ]
    return [{"number": str(number), "name": f"findings of level {word}"} for number, word in counts]


def finding_sections(findings: Sequence[Row]) -> list[Row]:
    """Findings by component, then by rule with one message: a message stands once, its places below it."""
    sections = []
    for name, of_component in _grouped(findings, ("component", "role")):
        groups = [
            _finding_group(rows)
            for _, rows in _grouped(of_component, ("scanner", "rule", "severity", "message"))
        ]
        groups.sort(key=lambda g: (_severity(g["severity"]), g["scanner"], g["rule"], g["message"]))
        elements = {e["id"]: e for finding in of_component for e in finding["elements"]}
        sections.append(
            {
                "component": name[0],
                "role": name[1],
                "elements": [elements[i] for i in sorted(elements)],
                "groups": groups,
                "count": len(of_component),
            }
        )
    return sections


def _finding_group(rows: Sequence[Row]) -> Row:
    first = rows[0]
    ids = sorted({threat["id"] for row in rows for threat in row["threats"]})
    places = [
        {key: r[key] for key in ("id", "path", "line", "snippet", "code", "also", "decision")} for r in rows
    ]
    return {
        "scanner": first["scanner"],
        "rule": first["rule"],
        "severity": first["severity"],
        "message": first["message"],
        "cwe": sorted({cwe for row in rows for cwe in row["cwe"]}),
        "threats": ids[:_MOST_THREATS],
        "more_threats": max(0, len(ids) - _MOST_THREATS),
        "decided": any(place["decision"] for place in places),
        "places": sorted(places, key=lambda p: (p["path"], p["line"], p["id"])),
    }


def _severity(name: str) -> int:
    return _SEVERITIES.index(name) if name in _SEVERITIES else len(_SEVERITIES)


def _grouped(rows: Iterable[Row], keys: tuple[str, ...]) -> list[tuple[tuple[str, ...], list[Row]]]:
    def key(row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in keys)

    return [(name, list(group)) for name, group in groupby(sorted(rows, key=key), key=key)]
