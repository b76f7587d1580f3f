"""What the covers of all documents are made of."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType
from typing import Any

from collateral.report.pdf import text

NO_ENTRIES: Mapping[str, Mapping[str, bool]] = MappingProxyType(
    {"threats": {}, "controls": {}, "elements": {}, "flows": {}}
)
"""Of a document that has no entry that a link could lead to."""


def system_name(view: Mapping[str, Any], release: str, shown: Container[int]) -> str:
    """The title of the system, never broken, with the release as it is ready for the page."""
    title = text.for_page({"whole": view["title"]}, shown)["whole"]
    return f"{title} {release}".strip()


def cover_figures(*rows: tuple[int, str]) -> list[dict[str, str]]:
    """The figures at the foot of a cover."""
    return [{"number": str(number), "name": words} for number, words in rows]
