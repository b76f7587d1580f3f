"""How large a project may be, so that checks and reports of a model from elsewhere end in reasonable time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.plain import field_names
from threatmodel.system import Boundary, Element, Flow, Project

MAX_TEXT = 20_000
MAX_COUNT: Mapping[str, int] = {
    "elements": 10_000,
    "flows": 20_000,
    "boundaries": 500,
    "adversaries": 200,
    "configurations": 200,
    "controls": 2_000,
    "claims": 5_000,
}


def only_short(data: bytes) -> bool:
    """True where no text of this JSON can have more than `MAX_TEXT` characters, told without reading it: none of its
    quotes are further apart."""
    return max(map(len, data.replace(b'\\"', b"..").split(b'"'))) <= MAX_TEXT


def over_limits(project: Project, *, short: bool = False) -> tuple[Diagnostic, ...]:
    """M027 for each count over its limit and for each place with a text over `MAX_TEXT` characters; `short` where it is
    known that there is none."""
    systems = project.systems
    counts = {
        "elements": _different(system.elements for system in systems),
        "flows": _different(system.flows for system in systems),
        "boundaries": _different(system.boundaries for system in systems),
        "adversaries": len(project.adversaries),
        "configurations": len(systems),
        "controls": len(project.controls),
        "claims": sum(len(control.claims) for control in project.controls),
    }
    found: dict[Diagnostic, None] = {}
    for what, count in counts.items():
        if count > MAX_COUNT[what]:
            found.setdefault(_too_large(f"the model has {count} {what}, at most {MAX_COUNT[what]} are read"))
    for name, length, place in () if short else _long_texts(project):
        found.setdefault(_too_large(f"{name} has {length} characters, at most {MAX_TEXT} are read", place))
    return tuple(found)


def _different(systems: Iterable[Sequence[Boundary | Element | Flow]]) -> int:
    """How many things the configurations have together; the same id in two of them is the same thing."""
    ids: set[str] = set()
    largest = 0
    for items in systems:
        ids.update(item.id for item in items)
        largest = max(largest, len(items))  # an id may stand twice in one
    return max(largest, len(ids))


def _too_large(message: str, place: Place | None = None) -> Diagnostic:
    return Diagnostic(code="M027", message=message, place=place, hint="split the model or shorten it")


def _long_texts(project: Project) -> Iterator[tuple[str, int, Place | None]]:
    """Name, length and place of every text that is too long, whatever holds it; shared parts are looked at once."""
    todo: list[tuple[str, Any, Place | None]] = [("the project", project, None)]
    seen: set[int] = set()
    while todo:
        name, value, place = todo.pop()
        kind: Any = type(value)
        names = field_names(kind)
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                yield name, len(value), place
        elif names is not None:
            if id(value) in seen:
                continue
            seen.add(id(value))
            place = getattr(value, "place", None) or place
            parts = ((part, getattr(value, part)) for part in reversed(names) if part != "place")
            todo += [(part, held, place) for part, held in parts if _may_be_long(held)]
        elif isinstance(value, Mapping):
            todo += [(name, item, place) for pair in value.items() for item in pair]
        elif isinstance(value, tuple | frozenset):
            ordered = sorted(value) if isinstance(value, frozenset) else value
            todo += [(name, item, place) for item in reversed(ordered) if _may_be_long(item)]


def _may_be_long(value: object) -> bool:
    """False for what is plainly short: most of a model."""
    return len(value) > MAX_TEXT if isinstance(value, str) else bool(value)
