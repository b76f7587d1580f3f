"""Attack paths of a release as a part of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from collateral.paths.shown import AttackPaths
from threatmodel.core.canonical import dump_pieces

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PATH = "data/paths.json"
Files = Mapping[str, bytes]


def data(making: Making, _before: Files) -> Files:
    """`data/paths.json`."""
    return {PATH: b"".join(dump_pieces(making.paths.file))}


def picture_files(paths: AttackPaths) -> Files:
    """`diagrams/paths-<number>.svg` and `.png`."""
    files: dict[str, bytes] = {}
    for picture in paths.pictures:
        if picture.drawn is not None:
            files[f"diagrams/{picture.id}.svg"] = picture.drawn.svg
            files[f"diagrams/{picture.id}.png"] = picture.drawn.png
    return files
