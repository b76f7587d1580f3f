"""Ways that no named configuration has: the nearest configuration that would have them, and what they bring there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from collateral.storage.matrix import WayExposure, exposures
from collateral.storage.model import StorageNeeds, Way
from threatmodel.analysis import Threat
from threatmodel.analysis.candidates import Broken
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.system import Configuration, Project

Load = Callable[[Sequence[Configuration]], Project]
"""The model with these configurations beside the named ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider:
    """`project` has no configuration but those that were made; `chosen` says for a way which one stands for it."""

    project: Project
    chosen: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The configurations that were made."""
        return tuple(system.configuration.name for system in self.project.systems)


def widen(needs: StorageNeeds, project: Project, *, broken: Broken, load: Load) -> Wider:
    """For each way that no configuration of the project has, the nearest valid one that would: a named one with options
    changed. A way that none can have is left out.

    Raises:
        InvalidInput: the model with such a configuration is invalid; D043 a way brings what no configuration has.
    """
    chosen = _chosen(needs, project, broken)
    made = {configuration.name: configuration for configuration in chosen.values()}
    wider = load(tuple(made.values())) if made else project
    _known(needs, wider)
    systems = tuple(system for system in wider.systems if system.configuration.name in made)
    return Wider(
        project=replace(wider, systems=systems),
        chosen={way: configuration.name for way, configuration in chosen.items()},
    )


def beyond(needs: StorageNeeds, wider: Wider, threats: Iterable[Threat]) -> tuple[WayExposure, ...]:
    """What each of these ways brings. `threats` are those of the wider project."""
    found = {item.way.id: item for item in exposures(needs, wider.project, threats)}
    return tuple(
        WayExposure(way=found[way].way, configurations=(replace(shown, named=False),))
        for way, name in wider.chosen.items()
        if (shown := found[way].of(name))
    )


def _known(needs: StorageNeeds, project: Project) -> None:
    names = project.element_ids | project.flow_ids
    wrong = [
        Diagnostic(
            code="D043",
            message=f'exposure: the model has no "{id_}" where {way.id} is',
            place=way.place,
            hint=nearest(id_, names),
        )
        for way in needs.ways
        for id_ in way.exposure
        if id_ not in names
    ]
    if wrong:
        raise InvalidInput(*wrong)


def _lacking(needs: StorageNeeds, project: Project) -> tuple[Way, ...]:
    return tuple(item.way for item in exposures(needs, project, ()) if not item.configurations)


def _chosen(needs: StorageNeeds, project: Project, broken: Broken) -> dict[str, Configuration]:
    """For each such way the valid configuration with the fewest changes; of equals that of the default one, then in the
    order of the model."""
    asked = [
        (way.id, made)
        for way in _lacking(needs, project)
        for made in sorted(_changed(way, project), key=lambda item: item[0])
    ]
    answers = broken([made.options for _, (_, made) in asked]) if asked else ()
    chosen: dict[str, Configuration] = {}
    for (id_, (_, made)), rules in zip(asked, answers, strict=True):
        if not rules:
            chosen.setdefault(id_, made)
    return chosen


def _changed(way: Way, project: Project) -> Iterator[tuple[int, Configuration]]:
    """Every named configuration with the options of the way, and how many of them differ."""
    default = project.default_configuration
    bases = sorted((s.configuration for s in project.systems), key=lambda base: base.name != default)
    for base in bases:
        for values in product(*way.when.values()):
            wanted = dict(zip(way.when, values, strict=True))
            changes = {key: value for key, value in wanted.items() if base.options.get(key) != value}
            if changes:
                yield len(changes), base.changed(changes)
