"""Trees of short texts with marks, for a terminal and as nested lists of Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from collateral.report.markdown import inline
from threatmodel.core.text import fold

Mark = Literal["held", "failed", "unknown", ""]
WIDTH = 98
_NARROW = 40
"""Columns that a text has at least, however deep it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A text with what belongs to it: further lines, and nodes below."""

    text: str
    mark: Mark = ""
    details: tuple[str, ...] = ()
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The characters of a tree. `arrow` and `dot` stand for → and ·."""

    marks: Mapping[Mark, str]
    branch: str
    last: str
    down: str
    plain: bool


UNICODE = Signs(
    marks={"held": "✓ ", "failed": "✗ ", "unknown": "? ", "": ""},
    branch="├─ ",
    last="└─ ",
    down="│  ",
    plain=False,
)
ASCII = Signs(
    marks={"held": "[+] ", "failed": "[-] ", "unknown": "[?] ", "": ""},
    branch="|- ",
    last="`- ",
    down="|  ",
    plain=True,
)
_ASCII = {"→": "->", "·": "-", "×": "x", "–": "-", "…": "..."}


def signs_of(environ: Mapping[str, str]) -> Signs:
    """The signs that a terminal with this environment shows: others than ASCII where its locale is UTF-8 (POSIX.1-2024,
    8.2)."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return UNICODE if locale.lower().replace("-", "").endswith("utf8") else ASCII


def tree_lines(nodes: Sequence[Node], signs: Signs, width: int = WIDTH) -> Iterator[str]:
    """The nodes, each on a branch of its own."""
    for place, node in enumerate(nodes):
        end = place == len(nodes) - 1
        head = signs.last if end else signs.branch
        below = "   " if end else signs.down
        mark = signs.marks[node.mark]
        indent = " " * len(mark)
        stem = below + indent
        deeper = stem[: len(below)] + (signs.down if node.children else "   ")
        yield from _wrapped(node.text, head + mark, below + indent, width, signs)
        for detail in node.details:
            yield from _wrapped(detail, deeper, deeper + "  ", width, signs)
        for line in tree_lines(node.children, signs, width - len(below)):
            yield below + line


def _wrapped(text: str, first: str, other: str, width: int, signs: Signs) -> Iterator[str]:
    blanks = len(text) - len(text.lstrip(" "))
    lines = textwrap.wrap(
        plain(fold(text), signs).lstrip(" "),
        max(width - max(len(first), len(other)) - blanks, _NARROW),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for place, line in enumerate(lines or [""]):
        yield (f"{other if place else first}{' ' * blanks}{line}").rstrip()


def plain(text: str, signs: Signs) -> str:
    """The text without the signs of our own that the terminal may not have."""
    if signs.plain:
        for sign, word in _ASCII.items():
            text = text.replace(sign, word)
    return text


_WORDS: Mapping[Mark, str] = {"held": "**✓** ", "failed": "**✗** ", "unknown": "**?** ", "": ""}


def list_lines(nodes: Iterable[Node], depth: int = 0) -> Iterator[str]:
    """The nodes as a nested list of Markdown; nothing in a text is markup."""
    for node in nodes:
        yield f"{'  ' * depth}- {_WORDS[node.mark]}{inline(node.text)}"
        for detail in node.details:
            yield f"{'  ' * (depth + 1)}- {inline(detail)}"
        yield from list_lines(node.children, depth + 1)
