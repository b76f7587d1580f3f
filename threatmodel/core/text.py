"""Untrusted text made safe to show: control, bidirectional and unsupported code points become visible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

_KEPT = frozenset("\n\t")
_DOUBTFUL = re.compile(r"[^\n\t -~]")
"""All but the characters of plain English text, which need no second look."""


def _hidden(char: str) -> bool:
    category = unicodedata.category(char)
    return category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} and char not in _KEPT


def _shown(found: re.Match[str]) -> str:
    char = found.group()
    return f"<U+{ord(char):04X}>" if _hidden(char) else char


def fold(text: str, glyphs: Container[int] | None = None) -> str:
    """Text with control, format (bidirectional) and private code points shown as `<U+XXXX>`.

    With `glyphs`, code points that it does not contain are shown in the same way (fonts that lack a glyph).
    Newline and tab are kept. The result of folding is its own folding where `glyphs` has the ASCII characters.
    """
    if text.isascii() and text.isprintable():
        return text
    if glyphs is None:
        return _DOUBTFUL.sub(_shown, text)
    out = []
    for char in text:
        point = ord(char)
        if _hidden(char) or (char not in _KEPT and point not in glyphs):
            out.append(f"<U+{point:04X}>")
        else:
            out.append(char)
    return "".join(out)
