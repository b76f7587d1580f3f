"""The pictures of README are there, small, and were made by `make pictures`."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_MOST_BYTES = 300_000
PICTURES = sorted((ROOT / "docs" / "pictures").iterdir())


def test_readme_shows_every_picture_with_words_for_who_cannot_see_it() -> None:
    shown = re.findall(r"!\[([^\]]{20,})\]\((docs/pictures/[^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert sorted(path for _, path in shown) == [str(path.relative_to(ROOT)) for path in PICTURES]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_a_small_png(path: Path) -> None:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(data) < _MOST_BYTES
    width, height = struct.unpack(">II", data[16:24])
    assert 600 <= width <= 1200
    assert 400 <= height <= 1200
