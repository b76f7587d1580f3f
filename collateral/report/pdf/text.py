"""Texts of the view made fit for the page: folded to the glyphs there are, long tokens breakable, links allow-listed."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from threatmodel.core.text import fold

LONGEST_TOKEN = 28
"""Longest run of characters without a space that is left as it is."""

_LONG = re.compile(rf"\S{{{LONGEST_TOKEN + 1},}}")
_BREAK_AFTER = re.compile(r"([/._\-:@,;=&?|+#)\]}>])(?=[^/._\-:@,;=&?|+#)\]}>])")
_ZERO_WIDTH_SPACE = "\u200b"
_SCHEME = re.compile(r"^https?://(www\.)?")
_SCHEMES = ("https://", "http://", "mailto:")
# Read by programs (alternative text, link targets) or set where there is room for the whole.
_UNBROKEN = frozenset({"alt", "url", "whole", "commit", "model_digest"})


def breakable(text: str) -> str:
    """The text with zero-width spaces in its tokens of more than `LONGEST_TOKEN` characters.

    After punctuation first, then every `LONGEST_TOKEN` characters.
    """
    return _LONG.sub(lambda found: _broken(found.group()), text)


def _broken(token: str) -> str:
    pieces = _BREAK_AFTER.sub(rf"\1{_ZERO_WIDTH_SPACE}", token).split(_ZERO_WIDTH_SPACE)
    cut = [p[i : i + LONGEST_TOKEN] for p in pieces for i in range(0, len(p), LONGEST_TOKEN)]
    return _ZERO_WIDTH_SPACE.join(cut)


def for_page(value: Any, glyphs: Container[int], *, key: str = "") -> Any:
    """A copy of JSON-like `value` with every text folded and, except under the keys that must stay whole, breakable."""
    if isinstance(value, str):
        folded = fold(value, glyphs)
        return folded if key in _UNBROKEN else breakable(folded)
    if isinstance(value, dict):
        return {name: for_page(item, glyphs, key=name) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [for_page(item, glyphs, key=key) for item in value]
    return value


def link(url: str) -> dict[str, str]:
    """`text` to show and `url` to link to, which is empty unless the scheme is https, http or mailto."""
    safe = url.lower().startswith(_SCHEMES) and url.isascii() and url.isprintable() and " " not in url
    return {"text": _SCHEME.sub("", url) if safe else url, "url": url if safe else ""}
