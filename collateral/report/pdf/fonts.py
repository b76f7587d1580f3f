"""The fonts of the documents: IBM Plex from its pinned wheels, so that no font of the machine is used."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path

from fontTools.ttLib import TTFont

FONT_PACKAGES = ("fontpkg-ibm-plex-mono", "fontpkg-ibm-plex-sans")
"""Distributions that the fonts come from."""
_WHEELS = ("fontpkg_ibm_plex_mono", "fontpkg_ibm_plex_sans")
# The faces that the templates use. Every one must have a combining mark before it is let through.
_FACES = (
    ("fontpkg_ibm_plex_mono", "IBMPlexMono-Regular.ttf"),
    ("fontpkg_ibm_plex_mono", "IBMPlexMono-SemiBold.ttf"),
    ("fontpkg_ibm_plex_sans", "IBMPlexSans[wdth,wght].ttf"),
    ("fontpkg_ibm_plex_sans", "IBMPlexSans-Italic[wdth,wght].ttf"),
)


def font_folders() -> tuple[str, ...]:
    """Folders that hold the font files.

    Raises:
        ModuleNotFoundError: a font wheel is not installed.
    """
    return tuple(str(_folder(wheel)) for wheel in _WHEELS)


@cache
def glyphs() -> frozenset[int]:
    """Code points that the documents can show, read once per process.

    A character may come from either family (the templates name both), but a combining mark only where every
    face has it: it is shaped with its base letter.
    """
    faces = [_cmap(_folder(wheel) / name) for wheel, name in _FACES]
    shared = frozenset.intersection(*faces)
    return frozenset(
        point
        for point in frozenset.union(*faces)
        if point in shared or not unicodedata.category(chr(point)).startswith("M")
    )


def _folder(wheel: str) -> Path:
    return Path(str(resources.files(wheel))) / "files"


def _cmap(path: Path) -> frozenset[int]:
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())
