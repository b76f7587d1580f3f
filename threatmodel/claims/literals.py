"""String literals of source code in their order, comments left out, whatever the language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HASH_COMMENTS = (".toml", ".toml.in", ".yaml", ".yml", ".conf", ".mk", "Makefile")
_SHELL = (".sh", ".bash", ".bats")
_STRING = r"""(?P<text>"(?:[^"\\\n]|\\.)*"|`[^`]*`)"""
_CHAR_OR_COMMENT = r"""'(?:\\.|[^'\\\n])'|//[^\n]*|/\*.*?\*/"""
_C_STYLE = re.compile(f"{_STRING}|{_CHAR_OR_COMMENT}", re.DOTALL)
# strings of Rust may hold line ends; raw ones end at as many # as they began with
_RUST = re.compile(
    r"""(?<![A-Za-z0-9_])[bc]?r(?P<hashes>\#*)(?P<raw>".*?")(?P=hashes)|(?P<text>"(?:[^"\\]|\\.)*")|"""
    + _CHAR_OR_COMMENT,
    re.DOTALL,
)
_HASH_STYLE = re.compile(r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|\#[^\n]*""")
# `$#` and `${#name}` are no comments; a string ends with its line, so that an odd quote in a text does little
_SHELL_STYLE = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|\\.|(?:^|(?<=[\s;&|(]))\#[^\n]*""", re.DOTALL | re.MULTILINE
)
_PYTHON = re.compile(
    r"""(?P<block>\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3})|"""
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\#[^\n]*""",
    re.DOTALL,
)
_BY_SUFFIX: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    ((".rs",), _RUST),
    ((".py",), _PYTHON),
    (_SHELL, _SHELL_STYLE),
    (_HASH_COMMENTS, _HASH_STYLE),
)


@dataclass(frozen=True, slots=True)
class Literal:
    """A string literal without its quotes, and its line (from 1)."""

    text: str
    line: int


def literals(source: str, path: str) -> Iterator[Literal]:
    """The string literals of a file; escapes are left as written."""
    pattern = next((found for suffixes, found in _BY_SUFFIX if path.endswith(suffixes)), _C_STYLE)
    line, at = 1, 0
    for match in pattern.finditer(source):
        line += source.count("\n", at, match.start())
        at = match.start()
        groups = match.groupdict()
        if text := groups["text"] or groups.get("raw"):
            yield Literal(text[1:-1], line)
        elif block := groups.get("block"):
            yield Literal(block[3:-3], line)


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
