"""Configurations of one model compared: what one has and another has not, and what it makes of the attack surface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from threatmodel.analysis.comparison import (
    Comparison,
    ControlRow,
    PartKind,
    PartRow,
    ThreatRow,
    Variation,
)
from threatmodel.analysis.modeldiff import BY_SYSTEM, text_of
from threatmodel.analysis.surfaces import Side, adversary_rows, surface_groups
from threatmodel.analysis.threatdiff import facts_of
from threatmodel.analysis.threats import Threat
from threatmodel.system import Control, ControlState, ControlStates, Project, SystemModel

_KINDS: tuple[PartKind, ...] = get_args(PartKind)
_LISTS: Mapping[PartKind, str] = {"boundary": "boundaries", "element": "elements", "flow": "flows"}


def compare_configurations(
    project: Project,
    threats: Sequence[Threat],
    names: Sequence[str],
    states: ControlStates | None = None,
) -> Comparison:
    """The named configurations side by side, in that order.

    `threats` are those of the project in these configurations, `states` what the claims ledger says of controls.

    Raises:
        KeyError: no configuration has the name.
        ValueError: a name stands twice.
    """
    if len({*names}) != len(names):
        raise ValueError("a configuration stands twice")
    sides = [Side(project, project.system(name), threats) for name in names]
    systems = {side.name: side.system for side in sorted(sides, key=lambda side: side.name)}
    return Comparison(
        project=project.id,
        columns=tuple(side.column() for side in sides),
        options=_options(systems),
        parts=tuple(row for kind in _KINDS for row in _parts(kind, systems)),
        controls=tuple(_controls(project, systems, states or {})),
        threats=tuple(_threats(threats, systems)),
        groups=surface_groups(sides),
        adversaries=adversary_rows(sides),
    )


def _options(systems: Mapping[str, SystemModel]) -> dict[str, dict[str, str]]:
    known = {name: system.configuration.options for name, system in systems.items()}
    keys = sorted({key for options in known.values() for key in options})
    rows = {key: {name: options.get(key, "") for name, options in known.items()} for key in keys}
    return {key: row for key, row in rows.items() if len({*row.values()}) > 1}


def _parts(kind: PartKind, systems: Mapping[str, SystemModel]) -> Iterator[PartRow]:
    found: dict[str, dict[str, Any]] = {}
    for name, system in systems.items():
        for item in getattr(system, _LISTS[kind]):
            found.setdefault(item.id, {})[name] = item
    for id_, items in sorted(found.items()):
        variations = tuple(_variations(BY_SYSTEM[kind], items))
        if variations or len(items) < len(systems):
            first = next(iter(items.values()))
            yield PartRow(
                kind=kind,
                id=id_,
                name=first.name,
                configurations=tuple(items),
                variations=variations,
            )


def _variations(attributes: Iterable[str], items: Mapping[str, Any]) -> Iterator[Variation]:
    for attribute in attributes:
        values = {name: getattr(item, attribute) for name, item in items.items()}
        listed = any(isinstance(value, tuple | frozenset) for value in values.values())
        if listed:
            sets = {name: frozenset(map(str, value)) for name, value in values.items()}
            common = frozenset.intersection(*sets.values())
            values = {name: tuple(value - common) for name, value in sets.items()}
        shown = {name: text_of(value) for name, value in values.items()}
        if len({*shown.values()}) > 1:
            yield Variation(attribute=attribute, listed=listed, values=shown)


def _controls(
    project: Project, systems: Mapping[str, SystemModel], states: ControlStates
) -> Iterator[ControlRow]:
    used = {name: {*_used(system)} for name, system in systems.items()}
    for control in sorted(project.controls, key=lambda control: control.id):
        here = {
            name: states.get((name, control.id), _unchecked(control))
            for name in systems
            if control.id in used[name]
        }
        if here and (len(here) < len(systems) or len({*here.values()}) > 1):
            yield ControlRow(id=control.id, title=control.title, states=here)


def _used(system: SystemModel) -> Iterator[str]:
    for kind in _KINDS:
        for item in getattr(system, _LISTS[kind]):
            yield from item.controls


def _unchecked(control: Control) -> ControlState:
    return "not-checked" if control.claims else "unclaimed"


def _threats(threats: Iterable[Threat], systems: Mapping[str, SystemModel]) -> Iterator[ThreatRow]:
    names = {
        (kind, item.id): item.name
        for kind in _KINDS
        for system in systems.values()
        for item in getattr(system, _LISTS[kind])
    }
    for threat in sorted(threats, key=lambda threat: threat.id):
        here = {name: threat.by_configuration.get(name) for name in systems}
        cells = {name: found for name, found in here.items() if found is not None}
        if cells and len({facts_of(found) for found in here.values()}) > 1:
            yield ThreatRow(
                id=threat.id,
                rule=threat.rule,
                title=threat.title,
                target=threat.target,
                target_name=names[threat.target.kind, threat.target.id],
                stride=threat.stride,
                cells=cells,
            )
