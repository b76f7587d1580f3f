"""What a finding's place looks like, as digests: its line, its neighbours, and the function around it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

NEIGHBOURS = 3
"""Lines that are not empty, before and after."""
_MAX_HEADER = 300
"""Characters of a line that are looked at for the head of a function."""
_TAB = 4
_HEADS = tuple(
    re.compile(pattern)
    for pattern in (
        r"func[ \t]*(?:\([^()]{0,120}\)[ \t]*)?(?P<name>[A-Za-z_]\w*)",
        r"(?:[\w()]+ ){0,5}(?:fn|def|class|function|struct|trait|mod|enum|interface|module|namespace) +(?P<name>[\w:-]+)",
        r"(?:unsafe )?(?P<name>impl\b[^{]*)",
        r"(?P<name>[\w:.-]+) ?\( ?\) ?\{?$",
        r"(?:- )?(?P<name>[\w.\"'-]+):$",
    )
)
"""Heads of functions, classes and blocks of the usual languages, and keys of YAML. A line that only looks like one
does no harm: it looks so in the next release too, and a match without the function follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Digests of a place. `line`: its text with white space folded. `scope`: the names of the functions and blocks
    around it, empty where none was recognised. `before` and `after`: the nearest lines, nearest first."""

    line: str
    scope: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Marker:
    """The marks of places in one file."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._folded = [" ".join(line.split()) for line in lines]
        self._lines = lines
        self._scopes: list[str] | None = None

    def marks(self, line: int) -> Marks:
        """The marks of a line, counted from 1; 0 is the whole file."""
        if line < 1:
            return Marks(line=_long(""), scope="", before=(), after=())
        at = line - 1
        if self._scopes is None:
            self._scopes = _scopes(self._lines, self._folded)
        scope = self._scopes[at]
        return Marks(
            line=_long(self._folded[at]),
            scope=_long(scope) if scope else "",
            before=self._near(range(at - 1, -1, -1)),
            after=self._near(range(at + 1, len(self._folded))),
        )

    def _near(self, places: range) -> tuple[str, ...]:
        found: list[str] = []
        for at in places:
            if self._folded[at]:
                found.append(short(self._folded[at]))
                if len(found) == NEIGHBOURS:
                    break
        return tuple(found)


def _scopes(lines: Sequence[str], folded: Sequence[str]) -> list[str]:
    """For each line the names of the heads above it that are indented less, outermost first."""
    stack: list[tuple[int, str]] = []
    out: list[str] = []
    for line, text in zip(lines, folded, strict=True):
        if not text:
            out.append("")
            continue
        head = line[:_MAX_HEADER].expandtabs(_TAB)
        indent = len(head) - len(head.lstrip())
        while stack and stack[-1][0] >= indent:
            stack.pop()
        out.append(" / ".join(name for _, name in stack))
        if (name := _name(text[:_MAX_HEADER])) != "":
            stack.append((indent, name))
    return out


def _name(text: str) -> str:
    for pattern in _HEADS:
        if (found := pattern.match(text)) is not None:
            return found["name"].strip()
    return ""


def short(text: str) -> str:
    """Eight hexadecimal digits for one line."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()


def _long(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
