"""The security group's document as PDF."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from collateral.report.pdf import text
from collateral.report.pdf.cover import NO_ENTRIES, system_name
from collateral.report.pdf.engine import typeset
from collateral.report.pdf.fonts import glyphs

Row = dict[str, Any]
_READING = (
    "Reporters read chapter 1. Whoever handles reports reads chapters 2 to 6. Chapters 7 and 8 are for maintainers, and "
    "for companies that want to help. A statement carries the number of its public source, such as S1, or the word "
    "proposed: then no public source says it, and it binds nobody."
)
_BLOB = re.compile(r"https://github\.com/([^/]+/[^/]+)/blob/([^/]+)/(.+)")


def render_response(view: Mapping[str, Any], *, timestamp: int, cache: Path | None = None) -> bytes:
    """The PDF (PDF/UA-1 and PDF/A-3a) of a view made by `report.response`. Same arguments, same bytes.

    Raises:
        PdfFailed: the document could not be typeset.
    """
    return typeset("security-response.typ", prepare(view, glyphs()), {}, timestamp=timestamp, cache=cache)


def prepare(view: Mapping[str, Any], shown: Container[int]) -> Row:
    """The data of the document: folded, every list in the order in which it is shown."""
    raw = dict(view)
    raw["sources"] = [{"number": s["number"], **_source(s["source"])} for s in view["sources"]]
    if view["response"] is not None:
        response = dict(view["response"])
        response["channels"] = [{**c, "link": text.link(c["uri"])} for c in response["channels"]]
        response["policy_link"] = text.link(response["policy_url"])
        raw["response"] = response
    page: Row = text.for_page(raw, shown)
    page["meta"] = _meta(page, system_name(view, page["release"], shown))
    page["known"] = dict(NO_ENTRIES)
    page["attachments"] = []
    return page


def _source(source: str) -> Row:
    """A short name of a public source, and its link."""
    found = _BLOB.fullmatch(source)
    if found is None:
        return text.link(source)
    ref = found[2][:12] if re.fullmatch(r"[0-9a-f]{40}", found[2]) else found[2]
    return {**text.link(source), "text": f"{found[1]}: {found[3]} at {ref}"}


def _meta(page: Row, name: str) -> Row:
    return {
        "title": f"{name}: security response",
        "kind": "Security response",
        "system": name,
        "year": page["date"][:4],
        "description": f"How reports of vulnerabilities of {name} are handled, and who owns the code",
        "figures": _figures(page),
        "reading": _READING,
    }


def _figures(page: Row) -> list[Row]:
    response, audit = page["response"], page["ownership"]
    vacant = {row["state"]: row["count"] for row in response["role_counts"]} if response else {}
    scope = {row["verdict"]: row["count"] for row in page["rubric"]["counts"]}
    numbers = [
        (str(response["published"]) if response else "–", "published statements"),
        (str(response["proposed"]) if response else "–", "proposed statements"),
        (str(vacant.get("vacant", 0) + vacant.get("candidate", 0)) if response else "–", "vacant roles"),
        (str(scope.get("needs-team", 0)), "rubric: for the team"),
        (
            str(audit["unowned"]) if audit else "–",
            "files without owner" if audit else "ownership: not audited",
        ),
    ]
    return [{"number": number, "name": words} for number, words in numbers]
