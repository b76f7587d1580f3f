"""The table of adopters' questions as a part of a bundle: as data and as a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from collateral.assessment import Assessment
from collateral.report.pdf.why import render_why
from collateral.report.why import why_view
from collateral.why.files import why_file
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PATH = "data/why.json"
DOCUMENT = "pdf/why.pdf"
"""Where the model has no short name; see `named`."""
Files = Mapping[str, bytes]


def named(a: Assessment) -> str:
    """The document's path."""
    return f"pdf/why-{a.manifest.short}.pdf" if a.manifest.short else DOCUMENT


def data(making: Making, _before: Files) -> Files:
    """`data/why.json`, where the model has a `why.yaml`."""
    if making.why is None:
        return {}
    return {PATH: dump_bytes(to_plain(why_file(making.a, making.why, making.advisories)))}


def document(making: Making, _before: Files) -> Files:
    """The document, where the model has a `why.yaml`."""
    if making.why is None:
        return {}
    view = why_view(making.view, why_file(making.a, making.why, making.advisories))
    return {named(making.a): render_why(view, timestamp=making.timestamp, cache=making.document_cache)}
