"""Texts that constants of Go and Rust files hold, with what they are put together from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import re2

from threatmodel.extract.fact import Fact, Read, Spec, Unparsable, Unread
from threatmodel.readers.scanner import family, scan, unclosed

_WORD = re.compile(r"[^\W\d]\w*|\n|\S")
_CONTINUED = re.compile(r"\\\n\s*")
_RAW_RUST = re.compile(r"(?:(?<!\w)[bc]?r)#*\Z")
_MAX_PARTS = 64
_MAX_CONSTANT = 4096


class _Token(NamedTuple):
    """A word or sign of code, or a text with its value; `text` is None where the value could not be worked out."""

    kind: str
    text: str | None
    line: int


class _Constant(NamedTuple):
    """A constant before it is worked out. Parts are values, or names of other constants in angle brackets."""

    name: str
    parts: tuple[_Token, ...] | None
    line: int
    texts: bool


def constants(text: str, path: str, spec: Spec) -> Read:
    """A fact for each constant whose whole text the pattern of the settings matches; it has no detail.

    A constant may join texts and constants of the same file. One that holds a text and could not be worked out is told
    as a place that was not read. Raises: Unparsable for files that are neither Go nor Rust.
    """
    kind = family(path)
    if kind not in {"go", "rust"}:
        raise Unparsable("constants are read of Go and Rust files only")
    if line := unclosed(text, path):
        raise Unparsable("a comment or text does not end", line)
    tokens = list(_tokens(text, path))
    made = list(_go(tokens) if kind == "go" else _rust(tokens))
    values = _values(made)
    matches = re2.compile(spec.pattern).fullmatch
    facts = [
        Fact(kind=spec.kind, name=value, detail="", path=path, line=constant.line)
        for constant, value in zip(made, values, strict=True)
        if value is not None and matches(value)
    ]
    unread = [
        Unread(
            path=path, line=constant.line, reason=f"the constant {constant.name} is not made of plain texts"
        )
        for constant, value in zip(made, values, strict=True)
        if value is None and constant.texts
    ]
    return Read(facts=facts, unread=unread)


def _tokens(source: str, path: str) -> Iterator[_Token]:
    kind, at, line = family(path), 0, 1
    for token in scan(source, kind):
        gap = source[at : token.start]
        raw = source[token.start] == "`"
        if token.kind == "text" and kind == "rust" and (prefix := _RAW_RUST.search(gap)):
            gap, raw = gap[: prefix.start()], True
        yield from _words(gap, line)
        line += source.count("\n", at, token.start)
        if token.kind == "text":
            yield _Token("text", _plain(source[token.inner : token.inner_end], raw=raw), line)
        line += source.count("\n", token.start, token.end)
        at = token.end
    yield from _words(source[at:], line)


def _words(code: str, line: int) -> Iterator[_Token]:
    for match in _WORD.finditer(code):
        yield _Token("code", match.group(), line)
        line += match.group() == "\n"


def _plain(inner: str, *, raw: bool) -> str | None:
    """What a text stands for; None for an escape that is not one of JSON's."""
    if raw or "\\" not in inner:
        return inner
    try:
        value = json.loads(f'"{_CONTINUED.sub("", inner)}"', strict=False)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _go(tokens: Sequence[_Token]) -> Iterator[_Constant]:
    """Constants of `const NAME = …` and of the blocks `const ( … )`."""
    at, size = 0, len(tokens)
    while at < size:
        if tokens[at].text != "const" or tokens[at].kind != "code":
            at += 1
            continue
        at += 1
        block = at < size and tokens[at].text == "(" and tokens[at].kind == "code"
        at += block
        while at < size:
            end, closed = _go_spec_end(tokens, at)
            if made := _go_constant(tokens[at:end]):
                yield from made
            at = end + 1
            if closed or not block:
                break


def _go_spec_end(tokens: Sequence[_Token], at: int) -> tuple[int, bool]:
    """Where the specification of a constant ends, and whether its block ends there too."""
    depth, before = 0, ""
    while at < len(tokens):
        text = tokens[at].text if tokens[at].kind == "code" else ""
        if text in {"(", "[", "{"}:
            depth += 1
        elif text in {")", "]", "}"}:
            if not depth:
                return at, True
            depth -= 1
        elif text == ";" and not depth:
            return at, False
        elif text == "\n":
            if not depth and before not in {"+", "=", ","}:
                return at, False
            text = before
        before = text or ""
        at += 1
    return at, True


def _go_constant(tokens: Sequence[_Token]) -> list[_Constant]:
    found = [token for token in tokens if token.text != "\n" or token.kind == "text"]
    equals = next((i for i, token in enumerate(found) if _is(token, "=")), 0)
    if not equals:
        return []
    names = [token for token in _split(found[:equals], ",") if token]
    values = _split(found[equals + 1 :], ",")
    if len(names) != len(values):
        return []
    return [
        _Constant(str(name[0].text), _joined(value, "+"), name[0].line, _has_text(value))
        for name, value in zip(names, values, strict=True)
    ]


def _rust(tokens: Sequence[_Token]) -> Iterator[_Constant]:
    """Constants `const NAME: &str = …;` and `static NAME: &str = …;`."""
    found = [token for token in tokens if token.kind == "text" or token.text != "\n"]
    for at, token in enumerate(found[:-2]):
        if not (_is(token, "const") or _is(token, "static")) or not _is(found[at + 2], ":"):
            continue
        equals = next((i for i in range(at + 3, min(at + 9, len(found))) if _is(found[i], "=")), 0)
        kind = [str(part.text) for part in found[at + 3 : equals]]
        if not equals or kind[:1] != ["&"] or kind[-1] != "str" or not _lifetime(kind[1:-1]):
            continue
        end = next(
            (i for i in range(equals, min(equals + _MAX_PARTS * 2, len(found))) if _is(found[i], ";")), 0
        )
        value = found[equals + 1 : end] if end else []
        parts = _joined(value, "+")
        if [str(part.text) for part in value[:3]] == ["concat", "!", "("] and _is(value[-1], ")"):
            parts = _joined(value[3:-2] if len(value) > 5 and _is(value[-2], ",") else value[3:-1], ",")
            parts = parts if parts and all(part.kind == "text" for part in parts) else None
        elif len(value) != 1:
            parts = None
        yield _Constant(str(found[at + 1].text), parts, found[at + 1].line, True)


def _lifetime(words: Sequence[str]) -> bool:
    return not words or (len(words) == 2 and words[0] == "'")


def _is(token: _Token, text: str) -> bool:
    return token.kind == "code" and token.text == text


def _has_text(tokens: Sequence[_Token]) -> bool:
    return any(token.kind == "text" for token in tokens)


def _split(tokens: Sequence[_Token], sign: str) -> list[list[_Token]]:
    out: list[list[_Token]] = [[]]
    for token in tokens:
        if _is(token, sign):
            out.append([])
        else:
            out[-1].append(token)
    return out


def _joined(tokens: Sequence[_Token], sign: str) -> tuple[_Token, ...] | None:
    """The parts between signs, where each is one text or one name; None for anything else."""
    parts = _split(tokens, sign)
    if len(parts) > _MAX_PARTS or any(len(part) != 1 for part in parts):
        return None
    return tuple(part[0] for part in parts)


def _values(made: Sequence[_Constant]) -> list[str | None]:
    """What the constants are, in the order of the file; None where a part is unknown."""
    known: dict[str, str | None] = {}
    for _ in range(_MAX_PARTS):  # a constant may stand before those that it is made of
        before = len(known)
        for constant in made:
            if known.get(constant.name) is None and (value := _value(constant, known)) is not None:
                known[constant.name] = value
        if len(known) == before:
            break
    return [_value(constant, known) for constant in made]


def _value(constant: _Constant, known: Mapping[str, str | None]) -> str | None:
    out = []
    for part in constant.parts or ():
        text = part.text if part.kind == "text" else known.get(part.text or "")
        if text is None:
            return None
        out.append(text)
    whole = "".join(out)
    return whole if constant.parts and len(whole) <= _MAX_CONSTANT else None
