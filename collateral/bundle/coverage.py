"""The questions of STRIDE and their answers as a part of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from threatmodel.core.canonical import dump_pieces

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PATH = "data/coverage.json"
Files = Mapping[str, bytes]


def data(making: Making, _before: Files) -> Files:
    """`data/coverage.json`."""
    return {PATH: b"".join(dump_pieces(making.coverage))}
