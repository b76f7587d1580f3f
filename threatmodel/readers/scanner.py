"""Comments and string literals of source text, found in one pass; each character is looked at a few times at most."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

Family = Literal["rust", "go", "c", "python", "toml", "yaml", "shell", "make", "other"]
WORD_FAMILIES: frozenset[Family] = frozenset({"toml", "yaml", "shell", "make", "other"})
_SUFFIXES: tuple[tuple[tuple[str, ...], Family], ...] = (
    ((".rs",), "rust"),
    ((".go",), "go"),
    ((".c", ".h", ".cc", ".cpp", ".hpp", ".proto"), "c"),
    ((".py",), "python"),
    ((".toml",), "toml"),
    ((".yaml", ".yml"), "yaml"),
    ((".sh", ".bash", ".bats"), "shell"),
    ((".mk", "Makefile"), "make"),
)
_C_START = re.compile(r"""["'`]|//|/\*""")
_COMMENT_ENDS = re.compile(r"/\*|\*/")
_HASH_START = re.compile(r"""["'\#\\]""")
_STOPS = {
    (quote, lines): re.compile(f"[{quote}\\\\]" if lines else f"[{quote}\\\\\n]")
    for quote in "\"'"
    for lines in (False, True)
}
_LONGEST_ESCAPE = 12
_NOT_LINE_END = re.compile(r"[^\n]")


class Token(NamedTuple):
    """A comment, or a text with the bounds of what stands inside its quotes; `open` ends with the file."""

    kind: Literal["comment", "text", "open"]
    start: int
    end: int
    inner: int = 0
    inner_end: int = 0


def family(path: str) -> Family:
    """The family of languages that the name of a file stands for; a template (`.in`) is what it becomes."""
    name = path.removesuffix(".in")
    return next((found for suffixes, found in _SUFFIXES if name.endswith(suffixes)), "other")


def scan(source: str, kind: Family) -> Iterator[Token]:
    """The comments and texts in their order; what lies between is code."""
    if kind in {"rust", "go", "c", "other"}:
        return _c_like(source, kind)
    return _hash_like(source, kind)


def without_comments(source: str, path: str) -> str:
    """The source with blanks in place of its comments: lines and columns stay. Files of other kinds stay whole."""
    kind = family(path)
    if kind == "other":
        return source
    parts, at = [], 0
    for token in scan(source, kind):
        if token.kind == "comment":
            parts += [source[at : token.start], _NOT_LINE_END.sub(" ", source[token.start : token.end])]
            at = token.end
    return "".join((*parts, source[at:]))


def unclosed(source: str, path: str) -> int:
    """The line of a comment or text that the file never closes, 0 without one."""
    kind = family(path)
    if kind == "other":
        return 0
    start = next((token.start for token in scan(source, kind) if token.kind == "open"), -1)
    return source.count("\n", 0, start) + 1 if start >= 0 else 0


def _close(source: str, at: int, quote: str, *, lines: bool) -> tuple[bool, int]:
    """Whether a text closes, and where its closing quote stands or the search ended."""
    stop = _STOPS[quote, lines]
    while match := stop.search(source, at):
        if match.group() == "\\":
            at = match.end() + 1
            continue
        return match.group() == quote, match.start()
    return False, len(source)


def _c_like(source: str, kind: Family) -> Iterator[Token]:
    at, size = 0, len(source)
    while match := _C_START.search(source, at):
        start, opener = match.start(), match.group()
        if opener == "//":
            end = source.find("\n", start)
            token = Token("comment", start, end if end >= 0 else size)
        elif opener == "/*":
            token = _block_comment(source, start, nested=kind == "rust")
        elif opener == "`":
            end = source.find("`", start + 1) if kind in {"go", "other"} else start
            if end == start:
                at = start + 1
                continue
            token = Token("text", start, end + 1, start + 1, end) if end > 0 else Token("open", start, size)
        elif opener == "'":
            at = _after_character(source, start)
            continue
        elif kind == "rust":
            token = _rust_text(source, start, at)
        else:
            closed, end = _close(source, start + 1, '"', lines=False)
            if not closed:
                at = end
                continue
            token = Token("text", start, end + 1, start + 1, end)
        at = token.end
        # a file of an unknown kind may hold "src/*" in plain words
        if token.kind == "open" and kind == "other":
            at = start + len(opener)
            source = source[:at] + source[at:].replace(opener, " " * len(opener))
            continue
        yield token


def _block_comment(source: str, start: int, *, nested: bool) -> Token:
    if not nested:
        end = source.find("*/", start + 2)
        return Token("comment", start, end + 2) if end >= 0 else Token("open", start, len(source))
    depth = 0
    for match in _COMMENT_ENDS.finditer(source, start):
        depth += 1 if match.group() == "/*" else -1
        if not depth:
            return Token("comment", start, match.end())
    return Token("open", start, len(source))


def _after_character(source: str, start: int) -> int:
    """Behind a character literal, or behind the quote where it is a lifetime or an apostrophe."""
    if source.startswith("\\", start + 1):
        end = source.find("'", start + 3, start + _LONGEST_ESCAPE)
        return end + 1 if end >= 0 else start + 1
    character = source[start + 1 : start + 3]
    return start + 3 if character[1:] == "'" and character[0] not in "'\n" else start + 1


def _rust_text(source: str, quote: int, floor: int) -> Token:
    hashes = quote
    while hashes > floor and source[hashes - 1] == "#":
        hashes -= 1
    if hashes > floor and source[hashes - 1] == "r":
        before = hashes - 1
        if before > floor and source[before - 1] in "bc":
            before -= 1
        if before == 0 or not (source[before - 1].isalnum() or source[before - 1] == "_"):
            closer = '"' + "#" * (quote - hashes)
            end = source.find(closer, quote + 1)
            if end < 0:
                return Token("open", quote, len(source))
            return Token("text", quote, end + len(closer), quote + 1, end)
    closed, end = _close(source, quote + 1, '"', lines=True)
    return Token("text", quote, end + 1, quote + 1, end) if closed else Token("open", quote, len(source))


def _hash_like(source: str, kind: Family) -> Iterator[Token]:
    at = 0
    while match := _HASH_START.search(source, at):
        start, opener = match.start(), match.group()
        before = source[start - 1] if start else "\n"
        at = start + 1
        if opener == "\\":
            at += kind in {"shell", "make"}
        elif opener == "#":
            if _starts_comment(before, kind):
                end = source.find("\n", start)
                at = end if end >= 0 else len(source)
                yield Token("comment", start, at)
        elif kind in {"python", "toml"} and source.startswith(opener * 3, start):
            token = _block_text(source, start, opener, raw=kind == "toml" and opener == "'")
            at = token.end
            yield token
        elif kind == "yaml" and (before.isalnum() or before in "_)"):
            continue  # an apostrophe in a plain scalar
        else:
            closed, end = _line_text(source, start, opener, kind, before)
            at = end + closed
            if closed:
                yield Token("text", start, at, start + 1, end)


def _starts_comment(before: str, kind: Family) -> bool:
    """`$#` and `${#name}` of a shell and `#` inside a word of YAML are no comments."""
    if kind in {"python", "toml"}:
        return True
    return before.isspace() or (kind in {"shell", "make"} and before in ";&|(")


def _block_text(source: str, start: int, quote: str, *, raw: bool) -> Token:
    closer, at = quote * 3, start + 3
    while True:
        if raw:
            end = source.find(closer, at)
            closed = end >= 0
        else:
            closed, end = _close(source, at, quote, lines=True)
        if not closed:
            return Token("open", start, len(source))
        if source.startswith(closer, end):
            return Token("text", start, end + 3, start + 3, end)
        at = end + 1


def _line_text(source: str, start: int, quote: str, kind: Family, before: str) -> tuple[bool, int]:
    """A text that ends with its line, so that an odd quote in plain words does little."""
    if quote == '"' or kind == "python" or (kind in {"shell", "make"} and before == "$"):
        return _close(source, start + 1, quote, lines=False)
    end = source.find(quote, start + 1)
    stop = source.find("\n", start, end if end >= 0 else len(source))  # no further than the quote: linear
    if stop >= 0:
        return False, stop
    return (True, end) if end >= 0 else (False, len(source))
