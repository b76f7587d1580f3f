"""Untrusted text in Markdown: shown as it is, interpreted by no renderer."""

from __future__ import annotations

import re

from threatmodel.core.text import fold

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&$@:^=\"'/])")


def inline(text: str) -> str:
    """The text on one line with every character that Markdown or HTML could act on escaped.

    A backslash before ASCII punctuation is that character itself (CommonMark 0.31, section 2.4); `<`, `>` and `&`
    become entities, because not every renderer follows the rule for them.
    """
    folded = fold(" ".join(text.split()))
    escaped = _SPECIAL.sub(r"\\\1", folded)
    return escaped.replace("\\&", "&amp;").replace("\\<", "&lt;").replace("\\>", "&gt;")
