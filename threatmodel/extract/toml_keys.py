"""Keys and defaults of TOML files and of templates for them, where `@NAME@` stands for what a build puts in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from threatmodel.extract.defaults import filled
from threatmodel.extract.fact import Fact, Read, Spec
from threatmodel.readers.content import Unparsable
from threatmodel.readers.toml_template import MAX_PARTS, VARIABLE, Route, read_template

COMMENTED = "commented out"
"""How the detail of a key begins that stands in a comment."""
_UNKNOWN = object()


def toml_keys(text: str, path: str, spec: Spec) -> Read:
    """A fact for each key, named `section.key`; its detail is the value, or the variable that a build puts in.

    With a `makefile`: the variable and the value that it has there where `given` is set and nothing else is, or why it
    has none. A key that stands in a comment, with a value, is a fact too where its section has no such key. Its detail
    says so. Raises: Unparsable where the file is not TOML, with variables taken for texts.
    """
    template = read_template(text)
    shipped, why = filled(text, spec) if spec.makefile else (None, {})
    leaves = list(_leaves(template.value, ()))
    values = [value for _, value in _leaves(shipped.value, ())] if shipped else []
    facts: dict[Route, Fact] = {}
    # sections have variables in their names too: keys are the same by their order
    for (route, leaf), value in zip(leaves, _as_many(values, leaves), strict=True):
        by, detail = _detail(leaf, value, why)
        facts[route] = _fact(spec, route, detail, path, template.lines.get(route, 0), by)
    comments = [item.value for item in shipped.commented] if shipped else []
    for item, value in zip(template.commented, _as_many(comments, template.commented), strict=True):
        route = (*item.section, item.key)
        if route not in facts and not _holds(template.value, route):
            by, detail = _detail(item.value, value, why)
            said = f"{COMMENTED}: {by} = {detail}" if by else f"{COMMENTED}: {detail}"
            facts[route] = _fact(spec, route, said, path, item.line)
    return Read(facts=tuple(facts.values()))


def _as_many(values: Sequence[Any], others: Sequence[Any]) -> Sequence[Any]:
    """The values, where there are as many as there are others; as many that are not known otherwise."""
    return values if len(values) == len(others) else [_UNKNOWN] * len(others)


def _fact(spec: Spec, route: Route, detail: str, path: str, line: int, by: str = "") -> Fact:
    parts = list(route)
    if len(parts) > 2 and parts[0] in spec.without:
        del parts[1]
    return Fact(kind=spec.kind, name=".".join(parts), detail=detail, path=path, line=line, by=by)


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


def _detail(value: Any, shipped: Any, why: Mapping[str, str]) -> tuple[str, str]:
    """The variables that make a value, and the value as JSON; or no variable, and what a build does, never guessed."""
    shown = _shown(value)
    names = list(dict.fromkeys(VARIABLE.findall(shown)))
    if not names:
        return "", shown
    made = "" if shipped is _UNKNOWN else _shown(shipped)
    if made and not VARIABLE.search(made):
        return ", ".join(f"@{name}@" for name in names), made
    reasons = "; ".join(dict.fromkeys(why[name] for name in names if name in why))
    whole = isinstance(value, str) and VARIABLE.fullmatch(value)
    said = f"set at build time by {', '.join(names)}"
    return "", (said if whole else f"{shown}, {said}") + (f", not known: {reasons}" if reasons else "")


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
