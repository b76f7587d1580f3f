"""Type, colours and signs of the pictures, and text made safe for a label."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape as html_escape

from threatmodel.diagrams.dfd import SIGNS, Mark

FONT = "Arial"
NAME_SIZE = 12
NUMBER_SIZE = 11
BOUNDARY_SIZE = 14
LEGEND_SIZE = 11
SMALLEST_TYPE = 11
"""Smallest type in a picture, in points before it is scaled to the paper."""

CROSSING = "#b91c1c"
INSIDE = "#334155"
GREY = "#64748b"
TINTS = ("#ffffff", "#fffafa", "#fef4f4", "#fdeeee", "#fce7e7")
# Fill and line of the shapes; context nodes are grey whatever they are.
COLOURS = {
    "process": ("#eff6ff", "#1d4ed8"),
    "datastore": ("#f0fdf4", "#15803d"),
    "external": ("#fff7ed", "#9a3412"),
    "actor": ("#faf5ff", "#7e22ce"),
}
CONTEXT = ("#f8fafc", "#718096")
# Fill, line, style and width of what changed: told apart by sign and line as well as by colour. The hues are those of
# Okabe and Ito (2008), darkened until a name can be read on its fill.
MARKED: Mapping[Mark, tuple[str, str, str, str]] = {
    "added": ("#e6f2fa", "#00669f", "solid", "3"),
    "removed": ("#fdf0e6", "#a84200", "dotted", "2.4"),
    "changed": ("#f6eef4", "#8a3a70", "dashed", "2.4"),
}


def escape(text: str) -> str:
    """Text for an HTML-like label.

    The engine decodes entities first and then reads `\\N` as the node's name and two backslashes as one.
    """
    return html_escape(text).replace("\\", "&#92;&#92;")


def signed(text: str, mark: Mark) -> str:
    """The text with the sign of what became of it."""
    return f"{SIGNS[mark]} {text}" if mark else text
