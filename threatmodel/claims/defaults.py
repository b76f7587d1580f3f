"""Claims on what templates of configuration files are shipped with, once a makefile has filled them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from threatmodel.claims.check import SEEN_MAX, ClaimCheck, Reading, line_of, worst
from threatmodel.claims.keys import judge_value
from threatmodel.core.text import fold
from threatmodel.readers.content import Unparsable, Unusable
from threatmodel.readers.filled import Filled, fill
from threatmodel.readers.make import read_makefile
from threatmodel.readers.make_values import Variables
from threatmodel.readers.toml_template import VARIABLE, Route, Template, read_template
from threatmodel.system import ConfigDefault


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shipped:
    """A template as it is shipped, with its own text."""

    text: str
    template: Template
    filled: Filled | None


def config_default(
    blank: ClaimCheck, claim: ConfigDefault, paths: tuple[str, ...], reading: Reading
) -> ClaimCheck:
    """Verified where the key of each template has the value; a key in a comment is not there."""
    return worst(_in_template(replace(blank, path=path), claim, reading) for path in paths)


def _in_template(at: ClaimCheck, claim: ConfigDefault, reading: Reading) -> ClaimCheck:
    key = ("shipped", at.path, claim.makefile, tuple(sorted(claim.given.items())))
    shipped = reading.once(key, lambda: _shipped(at.path, claim, reading))
    if isinstance(shipped, Unparsable):
        return replace(at, line=shipped.line, detail=fold(shipped.reason))
    route: Route = tuple(claim.key.split("."))
    found = _descend(shipped.template.value, route)
    if found is None:
        return _not_there(at, route, shipped)
    line = shipped.template.lines.get(route, 0)
    at = replace(at, line=line, seen=line_of(shipped.text, line) if line else "")
    names = list(dict.fromkeys(VARIABLE.findall(repr(found))))
    if not names:
        judged = judge_value(at, claim.equals, found)
        shown = fold(f"{claim.key} is {found!r}")[:SEEN_MAX]
        said = at.seen and judged.state == "verified" and not VARIABLE.search(at.seen)
        return replace(judged, detail="" if said else shown)
    if shipped.filled is None:
        return replace(at, detail=f"a build sets it by {names[0]}, and the claim names no makefile")
    why = shipped.filled.open.get(names[0])
    where = f" at {why.path}:{why.line}" if why is not None and why.line else ""
    return replace(
        at, detail=fold(f"{names[0]} is not known: {why.reason if why else 'it makes itself'}{where}")
    )


def _not_there(at: ClaimCheck, route: Route, shipped: _Shipped) -> ClaimCheck:
    name = ".".join(route)
    for item in shipped.template.commented:
        if (*item.section, item.key) == route:
            seen = line_of(shipped.text, item.line)
            detail = f"{name} stands in a comment: what the code does without it holds"
            return replace(at, state="not-found", line=item.line, seen=seen, detail=detail)
    return replace(at, state="not-found", detail=f"no key {name}")


def _shipped(path: str, claim: ConfigDefault, reading: Reading) -> _Shipped | Unparsable:
    content = reading.content(path)
    if isinstance(content, Unusable):
        return Unparsable(content.reason)
    filled = None
    if claim.makefile:
        variables = makefile_variables(claim.makefile, claim.given, reading)
        if isinstance(variables, Unusable):
            return Unparsable(f"{claim.makefile}: {variables.reason}")
        filled = fill(content.text, variables, claim.makefile)
    try:
        template = read_template(filled.text if filled is not None else content.text)
    except Unparsable as unparsable:
        return unparsable
    return _Shipped(text=content.text, template=template, filled=filled)


def makefile_variables(path: str, given: Mapping[str, str], reading: Reading) -> Variables | Unusable:
    """The variables of a makefile of the tree, with some given from outside; read once for what is given."""
    key = ("make", path, tuple(sorted(given.items())))
    return reading.once(key, lambda: _read_makefile(path, given, reading))


def _read_makefile(makefile: str, given: Mapping[str, str], reading: Reading) -> Variables | Unusable:
    there = frozenset(reading.tree.paths())
    if makefile not in there:
        return Unusable("there is no such file")
    content = reading.content(makefile)
    if isinstance(content, Unusable):
        return content

    def load(path: str) -> str | None:
        found = reading.content(path) if path in there else None
        return None if found is None or isinstance(found, Unusable) else found.text

    return read_makefile(content.text, makefile, given=given, load=load)


def _descend(value: Any, route: Route) -> Any:
    """The value at a route, None where there is none."""
    for part in route:
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value
