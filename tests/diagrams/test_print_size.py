from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.diagrams.print_size import READABLE_TYPE, Fits, NeedsSplit, choose


@pytest.mark.parametrize(
    ("size", "sheet"),
    [
        ((400, 300), ("a4", "portrait")),
        ((480, 1000), ("a4", "portrait")),
        ((1100, 600), ("a4", "landscape")),
        ((1700, 1100), ("a3", "landscape")),
    ],
)
def test_the_smallest_sheet_that_can_be_read_is_taken(size: tuple[int, int], sheet: tuple[str, str]) -> None:
    found = choose(*size)
    assert isinstance(found, Fits)
    assert (found.paper, found.orientation) == sheet


def test_a_picture_is_never_enlarged() -> None:
    found = choose(100, 100)
    assert isinstance(found, Fits)
    assert (found.scale, found.width_pt, found.type_pt) == (1.0, 100, 11)


def test_a_picture_that_no_sheet_makes_readable_is_split() -> None:
    assert choose(4000, 3000) == NeedsSplit(type_pt=2.71)


@given(st.floats(1, 20_000), st.floats(1, 20_000))
def test_type_is_readable_or_the_picture_is_split(width: float, height: float) -> None:
    found = choose(width, height)
    assert isinstance(found, NeedsSplit) or found.type_pt >= READABLE_TYPE


def test_sizes_are_positive() -> None:
    with pytest.raises(ValueError, match="greater than zero"):
        choose(0, 1)
