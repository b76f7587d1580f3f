"""The document about the attack surface, in the bundle of a model that has configurations to compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from collateral.report.compare.document import attack_surface_view
from collateral.report.pdf.compare import render_attack_surface

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

DOCUMENT = "pdf/attack-surface.pdf"
Files = Mapping[str, bytes]


def document(making: Making, _before: Files) -> Files:
    """`pdf/attack-surface.pdf`, where the model has two configurations at least."""
    if not expected(making):
        return {}
    view = attack_surface_view(making.view, making.a)
    return {DOCUMENT: render_attack_surface(view, timestamp=making.timestamp, cache=making.document_cache)}


def expected(making: Making) -> bool:
    """True where a bundle has the document."""
    return len(making.a.project.systems) > 1
