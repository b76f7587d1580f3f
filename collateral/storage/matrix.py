"""What each way to storage opens: flows that cross a boundary and threats, in each configuration that has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collateral.storage.model import StorageNeeds, Way
from threatmodel.analysis import STATUSES, Status, Threat
from threatmodel.system import Project, SystemModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a way brings in one configuration. `crossing` are those of its `flows` that cross a trust boundary.

    `threats` counts the threats at its flows and elements by status, `unsettled` names those that are contradicted,
    open or unverified. `named`: the model's files name the configuration; else it is one of them with options changed.
    """

    configuration: str
    named: bool = True
    flows: tuple[str, ...]
    elements: tuple[str, ...]
    crossing: tuple[str, ...]
    threats: Mapping[Status, int]
    unsettled: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WayExposure:
    """A way and what it brings, configuration by configuration; nothing where none can have it."""

    way: Way
    configurations: tuple[Exposure, ...]

    @property
    def nowhere(self) -> str:
        """Why nothing is known of what it brings; empty where something is."""
        if self.configurations:
            return ""
        return "no configuration can have it" if self.way.exposure else "the model does not have it"

    def of(self, configuration: str) -> Exposure | None:
        """What it brings in this configuration; None where that does not have it."""
        return next((found for found in self.configurations if found.configuration == configuration), None)

    def shown(self, preferred: str) -> Exposure | None:
        """The preferred configuration where it has the way, else the first one that does; None where none does."""
        return self.of(preferred) or next(iter(self.configurations), None)


_UNSETTLED = ("contradicted", "open", "unverified")


def exposures(needs: StorageNeeds, project: Project, threats: Iterable[Threat]) -> tuple[WayExposure, ...]:
    """Every way with what it opens. `threats` are those of all configurations."""
    all_threats = tuple(threats)
    return tuple(
        WayExposure(
            way=way,
            configurations=tuple(
                found for system in project.systems if (found := _exposure(way, system, all_threats))
            ),
        )
        for way in needs.ways
    )


def _exposure(way: Way, system: SystemModel, threats: tuple[Threat, ...]) -> Exposure | None:
    """What the way opens here; None where this configuration does not have it."""
    name = system.configuration.name
    wanted = frozenset(way.exposure)
    flows = [flow for flow in system.flows if flow.id in wanted]
    elements = tuple(element.id for element in system.elements if element.id in wanted)
    if not system.configuration.matches(way.when) or not (flows or elements):
        return None
    home = {element.id: element.boundary for element in system.elements}
    here = {
        threat.id: threat.by_configuration[name].status
        for threat in threats
        if threat.target.id in wanted and name in threat.by_configuration
    }
    counts = Counter(here.values())
    return Exposure(
        configuration=name,
        flows=tuple(flow.id for flow in flows),
        elements=elements,
        crossing=tuple(flow.id for flow in flows if home[flow.source] != home[flow.target]),
        threats={status: counts[status] for status in STATUSES if counts[status]},
        unsettled=tuple(sorted(id_ for id_, status in here.items() if status in _UNSETTLED)),
    )
