"""What may not be published yet: kept outside of the model's repository, shown in private editions only."""

from collateral.overlay.files import HeldFile, held_file, text_lines
from collateral.overlay.model import (
    OVERLAY,
    Embargo,
    Overlay,
    OverlayDisposition,
    OverlayFile,
    OverlayFinding,
    OverlayTestCase,
    OverlayThreat,
    mark,
    note,
)
from collateral.overlay.place import NEEDS_PRIVATE, refuse_inside
from collateral.overlay.reader import ended_warnings, load_overlay, overlay_schema, read_overlay

__all__ = [
    "NEEDS_PRIVATE",
    "OVERLAY",
    "Embargo",
    "HeldFile",
    "Overlay",
    "OverlayDisposition",
    "OverlayFile",
    "OverlayFinding",
    "OverlayTestCase",
    "OverlayThreat",
    "ended_warnings",
    "held_file",
    "load_overlay",
    "mark",
    "note",
    "overlay_schema",
    "read_overlay",
    "refuse_inside",
    "text_lines",
]
