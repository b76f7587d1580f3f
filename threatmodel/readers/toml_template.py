"""TOML files and templates for them, where `@NAME@` stands for what a build puts in: values, lines, keys in comments."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

import re2

from threatmodel.readers.content import Unparsable
from threatmodel.readers.scanner import scan, unclosed

VARIABLE = re.compile(r"@([A-Z][A-Z0-9_]*)@", re.ASCII)
MAX_PARTS = 64
_HEADER = re.compile(r"[ \t]*\[\[?([^\[\]]+)\]\]?[ \t]*")
_COMMENTED = re.compile(r"#[ \t]?([a-z][a-z0-9_]*)[ \t]*=[ \t]*(\S.*)", re.ASCII)
_MAX_LINE = 20_000
_DEEP = re2.compile(rf"(?:[\w-]+[ \t]*\.[ \t]*){{{MAX_PARTS}}}")
"""A key of too many parts: the parser of TOML takes time by the square of their number."""
Route = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentedKey:
    """A key that stands in a comment with a value, the table around it and its line."""

    section: Route
    key: str
    value: Any
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A file, with variables outside of texts taken for texts. `lines`: of keys that begin a line."""

    value: dict[str, Any]
    lines: dict[Route, int]
    commented: tuple[CommentedKey, ...]


def read_template(text: str) -> Template:
    """The template. Raises: Unparsable where the text is not TOML, with variables taken for texts."""
    if line := unclosed(text, ".toml"):
        raise Unparsable("a text does not end", line)
    long = next((n for n, line in enumerate(text.split("\n"), 1) if len(line) > _MAX_LINE), 0)
    if long:
        raise Unparsable(f"a line of more than {_MAX_LINE} characters", long)
    quoted = _with_texts(text)
    code, comments = _blanked(quoted)
    if deep := _DEEP.search(code):
        raise Unparsable("nested too deeply", code.count("\n", 0, deep.start()) + 1)
    value = _parse(quoted)
    lines, commented = _lines(quoted, code, comments)
    return Template(value=value, lines=lines, commented=tuple(commented))


def _with_texts(text: str) -> str:
    """The same lines with quotes around variables that stand outside of texts and comments."""
    out, at = [], 0
    for token in scan(text, "toml"):
        out += [VARIABLE.sub(r'"@\1@"', text[at : token.start]), text[token.start : token.end]]
        at = token.end
    return "".join((*out, VARIABLE.sub(r'"@\1@"', text[at:])))


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise Unparsable(f"not TOML: {error}", int(found[1]) if found else 0) from error
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"not TOML that can be read: {type(error).__name__}") from error


def _lines(text: str, code: str, comments: frozenset[int]) -> tuple[dict[Route, int], list[CommentedKey]]:
    """Where keys stand: only what begins a line outside of texts, arrays and inline tables counts."""
    section: Route = ()
    keys, commented = dict[Route, int](), list[CommentedKey]()
    depth, at = 0, 0
    for number, line in enumerate(code.split("\n"), 1):
        whole = text[at : at + len(line)]
        if not depth and (header := _HEADER.fullmatch(line)):
            section = _route(whole[header.start(1) : header.end(1)])
        elif not depth:
            equals = line.find("=")
            if equals > 0 and line.lstrip()[0] not in "[{=":
                keys.setdefault((*section, *_route(whole[:equals])), number)
            if at in comments and (said := _COMMENTED.fullmatch(whole.rstrip())):
                found = _commented_value(said[1], said[2])
                commented += [CommentedKey(section=section, key=said[1], value=v, line=number) for v in found]
        if not (not depth and header):
            depth = max(0, depth + sum(line.count(c) for c in "[{") - sum(line.count(c) for c in "]}"))
        at += len(line) + 1
    return keys, commented


def _blanked(text: str) -> tuple[str, frozenset[int]]:
    """The text with blanks in comments and `_` in texts, and where comments start that begin a line."""
    out, at, starts = [], 0, set()
    for token in scan(text, "toml"):
        inside = text[token.start : token.end]
        fill = " " if token.kind == "comment" else "_"
        out += [text[at : token.start], re.sub(r"[^\n]", fill, inside)]
        if token.kind == "comment" and (not token.start or text[token.start - 1] == "\n"):
            starts.add(token.start)
        at = token.end
    return "".join((*out, text[at:])), frozenset(starts)


def _route(key: str) -> Route:
    """The parts of a dotted key; itself where it is none."""
    try:
        value: Any = tomllib.loads(f"{key} = 0")
    except (ValueError, RecursionError):
        return (key.strip(),)
    parts: list[str] = []
    while isinstance(value, dict) and value:
        part = next(iter(value))
        parts.append(part)
        value = value[part]
    return tuple(parts)


def _commented_value(key: str, value: str) -> list[Any]:
    """The value that a comment gives to a key, nothing where it is prose."""
    try:
        found = tomllib.loads(_with_texts(f"{key} = {value}"))
    except (ValueError, RecursionError):
        return []
    return [found[key]] if set(found) == {key} else []
