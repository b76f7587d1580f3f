"""A project on its way from the child to the parent: first what it declares, then every different part once, systems as
numbers of parts.

Most configurations share most of their parts. Written out for each of them, the parts of thirty configurations take more
time to read than the model takes to run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from threatmodel.system import (
    Adversary,
    Boundary,
    CodeKind,
    Component,
    Configuration,
    Control,
    DataAsset,
    Element,
    Flow,
    NotApplicable,
    OptionSpec,
    Project,
    SystemModel,
    View,
)
from threatmodel.system.pytm import NodeKind, PytmModel

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A system whose parts are numbers."""

    configuration: Configuration
    boundaries: tuple[int, ...]
    elements: tuple[int, ...]
    flows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Every different part of all systems."""

    boundaries: tuple[Boundary, ...] = ()
    elements: tuple[Element, ...] = ()
    flows: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What stands at module level of a model. The parent looks at it while the model is being built."""

    data: tuple[DataAsset, ...] = ()
    controls: tuple[Control, ...] = ()
    adversaries: tuple[Adversary, ...] = ()
    components: tuple[Component, ...] = ()
    code_kinds: tuple[CodeKind, ...] = ()
    views: tuple[View, ...] = ()
    answers: tuple[NotApplicable, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A project whose systems share their parts. What was declared before is empty."""

    id: str
    name: str
    description: str = ""
    default_configuration: str
    options: tuple[OptionSpec, ...] = ()
    data: tuple[DataAsset, ...] = ()
    controls: tuple[Control, ...] = ()
    adversaries: tuple[Adversary, ...] = ()
    components: tuple[Component, ...] = ()
    code_kinds: tuple[CodeKind, ...] = ()
    views: tuple[View, ...] = ()
    answers: tuple[NotApplicable, ...] = ()
    pytm: PytmModel | None = None
    parts: Parts
    systems: tuple[Numbered, ...]

    def project(self, before: Declared) -> Project:
        """The domain's value; `before` is what was declared.

        Raises:
            ValueError: a system names a part that is not there, or an attribute of pytm names an object that is not.
        """
        if self.pytm is not None and (lost := self.pytm.dangling(self._ids())):
            raise ValueError(f"pytm's attributes name {lost}, which is not there")
        own = {field.name: getattr(self, field.name) for field in fields(Project) if field.name != "systems"}
        own |= {name: own[name] or getattr(before, name) for name in DECLARED}
        return Project(**own, systems=tuple(_system(numbered, self.parts) for numbered in self.systems))

    def _ids(self) -> dict[NodeKind, frozenset[str]]:
        return {
            "element": frozenset(part.id for part in self.parts.elements),
            "flow": frozenset(part.id for part in self.parts.flows),
            "boundary": frozenset(part.id for part in self.parts.boundaries),
        }


DECLARED = tuple(field.name for field in fields(Declared))


def to_wire(project: Project, *, declared: bool = False) -> dict[str, Any]:
    """The project in the form of `Wire`; without what it declares where that has been sent."""
    numbers: dict[Any, int] = {}
    parts: dict[str, list[Any]] = {field.name: [] for field in fields(Parts)}

    def numbered(name: str, items: Iterable[Any]) -> list[int]:
        found = []
        for item in items:
            new = len(parts[name])
            number = numbers.setdefault(item, new)
            if number == new:
                parts[name].append(item)
            found.append(number)
        return found

    systems = [
        {"configuration": system.configuration}
        | {name: numbered(name, getattr(system, name)) for name in parts}
        for system in project.systems
    ]
    own = {
        field.name: getattr(project, field.name)
        for field in fields(Project)
        if field.name != "systems" and not (declared and field.name in DECLARED)
    }
    return {**own, "parts": parts, "systems": systems}


def _system(numbered: Numbered, parts: Parts) -> SystemModel:
    return SystemModel(
        configuration=numbered.configuration,
        boundaries=_taken(parts.boundaries, numbered.boundaries),
        elements=_taken(parts.elements, numbered.elements),
        flows=_taken(parts.flows, numbered.flows),
    )


def _taken(parts: tuple[_Part, ...], numbers: tuple[int, ...]) -> tuple[_Part, ...]:
    if any(not 0 <= number < len(parts) for number in numbers):
        raise ValueError("a system names a part that is not there")
    return tuple(parts[number] for number in numbers)
