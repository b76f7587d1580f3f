"""Keys and defaults of TOML files and of templates for them, where `@NAME@` stands for what a build puts in."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import re2

from threatmodel.extract.fact import Fact, Read, Spec, Unparsable
from threatmodel.readers.scanner import scan, unclosed

_VARIABLE = re.compile(r"@([A-Z][A-Z0-9_]*)@", re.ASCII)
_HEADER = re.compile(r"[ \t]*\[\[?([^\[\]]+)\]\]?[ \t]*")
_COMMENTED = re.compile(r"#[ \t]?([a-z][a-z0-9_]*)[ \t]*=[ \t]*(\S.*)", re.ASCII)
_MAX_PARTS = 64
_MAX_LINE = 20_000
_DEEP = re2.compile(rf"(?:[\w-]+[ \t]*\.[ \t]*){{{_MAX_PARTS}}}")
"""A key of too many parts: the parser of TOML takes time by the square of their number."""
COMMENTED = "commented out"
"""How the detail of a key begins that stands in a comment."""
Route = tuple[str, ...]


@dataclass(slots=True)
class _Lines:
    """Where keys stand. `commented`: section, key, value and line of keys in comments."""

    keys: dict[Route, int] = field(default_factory=dict)
    commented: list[tuple[Route, str, str, int]] = field(default_factory=list)


def toml_keys(text: str, path: str, spec: Spec) -> Read:
    """A fact for each key, named `section.key`; its detail is the value, or the variable that a build puts in.

    A key that stands in a comment, with a value, is a fact too where its section has no such key. Its detail says so.
    Raises: Unparsable where the file is not TOML, with variables taken for texts.
    """
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
    lines = _lines(quoted, code, comments)
    facts: dict[Route, Fact] = {}
    for route, leaf in _leaves(value, ()):
        facts[route] = _fact(spec, route, _detail(leaf), path, lines.keys.get(route, 0))
    for section, key, shown, line in lines.commented:
        route = (*section, key)
        if route not in facts and not _holds(value, route):
            facts[route] = _fact(spec, route, f"{COMMENTED}: {shown}", path, line)
    return Read(facts=facts.values())


def _fact(spec: Spec, route: Route, detail: str, path: str, line: int) -> Fact:
    parts = list(route)
    if len(parts) > 2 and parts[0] in spec.without:
        del parts[1]
    return Fact(kind=spec.kind, name=".".join(parts), detail=detail, path=path, line=line)


def _with_texts(text: str) -> str:
    """The same lines with quotes around variables that stand outside of texts and comments."""
    out, at = [], 0
    for token in scan(text, "toml"):
        out += [_VARIABLE.sub(r'"@\1@"', text[at : token.start]), text[token.start : token.end]]
        at = token.end
    return "".join((*out, _VARIABLE.sub(r'"@\1@"', text[at:])))


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        raise Unparsable(f"not TOML: {error}", int(found[1]) if found else 0) from error
    except (ValueError, RecursionError) as error:
        raise Unparsable(f"not TOML that can be read: {type(error).__name__}") from error


def _leaves(value: Mapping[str, Any], route: Route) -> Iterator[tuple[Route, Any]]:
    """Keys that hold no table. Tables of an array share their route; the first with a key tells it."""
    for key, item in value.items():
        here = (*route, key)
        if len(here) > _MAX_PARTS:
            raise Unparsable("nested too deeply")
        if isinstance(item, dict) and item:
            yield from _leaves(item, here)
        elif isinstance(item, list) and item and all(isinstance(part, dict) for part in item):
            seen: set[Route] = set()
            for part in item:
                for found, leaf in _leaves(part, (*here, "[]")):
                    if found not in seen:
                        seen.add(found)
                        yield found, leaf
        else:
            yield here, item


def _holds(value: Any, route: Route) -> bool:
    for part in route:
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def _detail(value: Any) -> str:
    """The value as JSON, or what a build does; a value with a variable is never guessed."""
    shown = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    names = list(dict.fromkeys(_VARIABLE.findall(shown)))
    if not names:
        return shown
    if isinstance(value, str) and _VARIABLE.fullmatch(value):
        return f"set at build time by {names[0]}"
    return f"{shown}, set at build time by {', '.join(names)}"


def _lines(text: str, code: str, comments: frozenset[int]) -> _Lines:
    """Where keys stand: only what begins a line outside of texts, arrays and inline tables counts."""
    section: Route = ()
    out, depth, at = _Lines(), 0, 0
    for number, line in enumerate(code.split("\n"), 1):
        whole = text[at : at + len(line)]
        if not depth and (header := _HEADER.fullmatch(line)):
            section = _route(whole[header.start(1) : header.end(1)])
        elif not depth:
            equals = line.find("=")
            if equals > 0 and line.lstrip()[0] not in "[{=":
                out.keys.setdefault((*section, *_route(whole[:equals])), number)
            if at in comments and (said := _COMMENTED.fullmatch(whole.rstrip())):
                shown = _commented_value(said[1], said[2])
                if shown:
                    out.commented.append((section, said[1], shown, number))
        if not (not depth and header):
            depth = max(0, depth + sum(line.count(c) for c in "[{") - sum(line.count(c) for c in "]}"))
        at += len(line) + 1
    return out


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


def _commented_value(key: str, value: str) -> str:
    """The value that a comment gives to a key, empty where it is prose."""
    try:
        found = tomllib.loads(_with_texts(f"{key} = {value}"))
    except (ValueError, RecursionError):
        return ""
    return _detail(found[key]) if set(found) == {key} else ""
