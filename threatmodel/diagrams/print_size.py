"""On which paper a picture can be read: rotate first, then a larger sheet, then split by boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from threatmodel.diagrams.style import SMALLEST_TYPE

READABLE_TYPE = 6.5
"""Smallest type on paper, in points."""
LANDSCAPE = 297 / 210

# Fields for a picture in points: the sheet less its margins, page header, footer and caption. The A3 sheet
# is the picture's own page, with margins of 10 mm.
A4_PORTRAIT_FIELD = (482.0, 650.0)
A4_LANDSCAPE_FIELD = (742.0, 425.0)
A3_FIELD = (1134.0, 740.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """The picture can be read on this sheet. `scale` is at most 1; `type_pt` is its smallest type there."""

    paper: Literal["a4", "a3"]
    orientation: Literal["portrait", "landscape"]
    scale: float
    width_pt: float
    height_pt: float
    type_pt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsSplit:
    """Even on A3 landscape the type would be this small: show the boundaries one by one."""

    type_pt: float


Decision = Fits | NeedsSplit

_SHEETS: tuple[tuple[Literal["a4", "a3"], Literal["portrait", "landscape"], tuple[float, float]], ...] = (
    ("a4", "portrait", A4_PORTRAIT_FIELD),
    ("a4", "landscape", A4_LANDSCAPE_FIELD),
    ("a3", "landscape", A3_FIELD),
)


def choose(
    width_pt: float, height_pt: float, *, base_type: float = SMALLEST_TYPE, readable: float = READABLE_TYPE
) -> Decision:
    """The first sheet on which type of `base_type` points in a picture of this size is at least `readable`.

    Raises:
        ValueError: a size is not greater than zero.
    """
    if min(width_pt, height_pt, base_type, readable) <= 0:
        raise ValueError("sizes are greater than zero")
    type_pt = 0.0
    for paper, orientation, (field_width, field_height) in _SHEETS:
        scale = min(1.0, field_width / width_pt, field_height / height_pt)
        type_pt = base_type * scale
        if type_pt >= readable:
            return Fits(
                paper=paper,
                orientation=orientation,
                scale=round(scale, 4),
                width_pt=round(width_pt * scale, 2),
                height_pt=round(height_pt * scale, 2),
                type_pt=round(type_pt, 2),
            )
    return NeedsSplit(type_pt=round(type_pt, 2))
