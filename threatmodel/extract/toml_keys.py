"""Keys and defaults of TOML files and of templates for them, where `@NAME@` stands for what a build puts in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from threatmodel.extract.fact import Fact, Read, Spec
from threatmodel.readers.content import Unparsable
from threatmodel.readers.toml_template import MAX_PARTS, VARIABLE, Route, read_template

COMMENTED = "commented out"
"""How the detail of a key begins that stands in a comment."""


def toml_keys(text: str, path: str, spec: Spec) -> Read:
    """A fact for each key, named `section.key`; its detail is the value, or the variable that a build puts in.

    A key that stands in a comment, with a value, is a fact too where its section has no such key. Its detail says so.
    Raises: Unparsable where the file is not TOML, with variables taken for texts.
    """
    template = read_template(text)
    facts: dict[Route, Fact] = {}
    for route, leaf in _leaves(template.value, ()):
        facts[route] = _fact(spec, route, _detail(leaf), path, template.lines.get(route, 0))
    for item in template.commented:
        route = (*item.section, item.key)
        if route not in facts and not _holds(template.value, route):
            facts[route] = _fact(spec, route, f"{COMMENTED}: {_detail(item.value)}", path, item.line)
    return Read(facts=facts.values())


def _fact(spec: Spec, route: Route, detail: str, path: str, line: int) -> Fact:
    parts = list(route)
    if len(parts) > 2 and parts[0] in spec.without:
        del parts[1]
    return Fact(kind=spec.kind, name=".".join(parts), detail=detail, path=path, line=line)


def _leaves(value: Mapping[str, Any], route: Route) -> Iterator[tuple[Route, Any]]:
    """Keys that hold no table. Tables of an array share their route; the first with a key tells it."""
    for key, item in value.items():
        here = (*route, key)
        if len(here) > MAX_PARTS:
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
    names = list(dict.fromkeys(VARIABLE.findall(shown)))
    if not names:
        return shown
    if isinstance(value, str) and VARIABLE.fullmatch(value):
        return f"set at build time by {names[0]}"
    return f"{shown}, set at build time by {', '.join(names)}"
