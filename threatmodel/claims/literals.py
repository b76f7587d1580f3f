"""String literals of source code in their order, comments left out, whatever the language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HASH_COMMENTS = (".py", ".sh", ".bats", ".toml", ".toml.in", ".yaml", ".yml", ".conf", ".mk", "Makefile")
_C_STYLE = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|'(?:\\.|[^'\\\n])'|//[^\n]*|/\*.*?\*/""", re.DOTALL
)
_HASH_STYLE = re.compile(r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|\#[^\n]*""")


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal without its quotes, and its line (from 1)."""

    text: str
    line: int


def literals(source: str, path: str) -> Iterator[Literal]:
    """The string literals of a file; escapes are left as written."""
    pattern = _HASH_STYLE if path.endswith(_HASH_COMMENTS) else _C_STYLE
    line, at = 1, 0
    for match in pattern.finditer(source):
        line += source.count("\n", at, match.start())
        at = match.start()
        if (text := match["text"]) is not None:
            yield Literal(text[1:-1], line)


def find_sequence(found: Sequence[Literal], wanted: Sequence[str]) -> Literal | None:
    """Where the wanted texts stand one after the other, or joined by `=` in one literal."""
    joined = "=".join(wanted)
    for index, literal in enumerate(found):
        if literal.text == joined:
            return literal
        window = [item.text for item in found[index : index + len(wanted)]]
        if window == list(wanted):
            return literal
    return None
