"""Names as they are written in a picture: folded to what the fonts have, wrapped, with known widths."""

from __future__ import annotations

import unicodedata

from threatmodel.core.text import fold

# Code points that both the layout font (Arial metrics) and the document fonts (IBM Plex Sans) have.
_RANGES = (
    range(0x20, 0x7F),
    range(0xA0, 0x180),
    range(0x391, 0x3CF),
    range(0x400, 0x460),
    (0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2192),
)
GLYPHS = frozenset(point for part in _RANGES for point in part)
_BREAK_AFTER = frozenset(" /-_.,:+")
_WIDEST_SINGLE = 13
_WIDEST_WORD = 19
_WIDEST_DOUBLE = 24


def one_line(text: str) -> str:
    """Text on one line with every code point that cannot be shown folded to `<U+XXXX>`."""
    return fold(" ".join(text.split()), GLYPHS)


def _breaks(text: str) -> list[int]:
    return [i + 1 for i, char in enumerate(text[:-1]) if char in _BREAK_AFTER and text[i + 1] != " "]


def _split(text: str, parts: int) -> list[str]:
    """`text` in at most `parts` lines of about equal length, broken after spaces and joining punctuation."""
    if parts == 1:
        return [text]
    points = _breaks(text)
    if not points:
        return [text]
    share = len(text) / parts
    # A space is the better place to break; punctuation costs two characters of balance.
    best = min(points, key=lambda at: (abs(at - share) + (0 if text[at - 1] == " " else 2), at))
    return [text[:best].rstrip(), *_split(text[best:].lstrip(), parts - 1)]


def wrap(text: str) -> tuple[str, ...]:
    """A name on one line where it is short, else two balanced lines, three where two would be very wide."""
    line = one_line(text)
    if len(line) <= (_WIDEST_SINGLE if " " in line else _WIDEST_WORD):
        return (line,)
    two = _split(line, 2)
    if max(map(len, two)) <= _WIDEST_DOUBLE:
        return tuple(two)
    return tuple(_split(line, 3))


def width(text: str, size: float) -> float:
    """Width of one line in points, rounded up: a bound for the layout where it has no metrics of its own."""
    wide = sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.62 for char in text)
    return round(wide * size, 1)


_BOLD = 1.07
_ADVANCES = {
    char: wide
    for wide, chars in (
        (0.28, " ',.ijl|"),
        (0.36, "!:;[]()ft{}"),
        (0.4, '-/Ir\\"`'),
        (0.56, "JLcsvxyaegk*?z"),
        (0.72, "ABCDEHKNPRSTUVXYZ&#"),
        (0.78, "GOQw"),
        (0.88, "Mm"),
        (0.96, "W%@"),
    )
    for char in chars
}


def advance(text: str, size: float, *, bold: bool = False) -> float:
    """Width of one line in points, a little more than in either font: the layout's Arial and that of the documents."""
    wide = sum(_ADVANCES.get(char, 0.6 if char.isascii() else width(char, 1)) for char in text)
    return round(wide * size * (_BOLD if bold else 1.0), 1)
