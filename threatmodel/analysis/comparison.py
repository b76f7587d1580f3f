"""Configurations of one model side by side: values only. `configdiff` and `surfaces` find them, `collateral` shows them.

Mappings by configuration have an entry for each configuration that has the thing, in the order of names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Literal, Self

from threatmodel.analysis.risk import RiskLevel
from threatmodel.analysis.threats import Status, Target, ThreatInConfiguration
from threatmodel.system import ControlState, Privilege, Stride

CellState = Literal[
    "absent",
    "elsewhere",
    "inside",
    "contradicted",
    "open",
    "unverified",
    "decided",
    "mitigated",
    "no-threat",
]
"""What a surface is in one configuration. `elsewhere`: it is there and enters another boundary. `inside`: it is there
and crosses no boundary. The five after it are the worst status of its threats: `mitigated` only where each of them is.
`no-threat`: it is there and no rule found a threat."""
PartKind = Literal["boundary", "element", "flow"]
UNSETTLED: frozenset[Status] = frozenset({"contradicted", "open", "unverified"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many threats have which status. `decided`: accepted, transferred or not applicable."""

    contradicted: int = 0
    open: int = 0
    unverified: int = 0
    decided: int = 0
    mitigated: int = 0

    @classmethod
    def of(cls, statuses: Iterable[Status]) -> Self:
        """The counts of these statuses."""
        names = {field.name for field in fields(cls)}
        found = dict.fromkeys(names, 0)
        for status in statuses:
            found[status if status in names else "decided"] += 1
        return cls(**found)

    @property
    def total(self) -> int:
        """All of them."""
        return self.contradicted + self.open + self.unverified + self.decided + self.mitigated

    @property
    def unsettled(self) -> int:
        """Those that nothing proven and no decision stands against."""
        return self.contradicted + self.open + self.unverified

    @property
    def state(self) -> CellState:
        """The worst status that one of them has."""
        order: tuple[CellState, ...] = ("contradicted", "open", "unverified", "decided", "mitigated")
        return next((word for word in order if getattr(self, word)), "no-threat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A surface in one configuration. `threats` and `adversaries` are ids; `risk` is the worst of the threats that are
    not settled. `enters`: the other boundary, where the state is `elsewhere`."""

    state: CellState
    counts: Counts
    risk: RiskLevel | None = None
    threats: tuple[str, ...] = ()
    adversaries: tuple[str, ...] = ()
    enters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A flow that enters a boundary in one of the configurations, or an element with threats of its own.

    `sources`, `targets`, `protocols`, `over`, `authentication` and `data` hold each value that one of the
    configurations has, sorted; `cells` has an entry for every configuration.
    """

    kind: Literal["flow", "element"]
    id: str
    name: str
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    authentication: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    cells: Mapping[str, Cell]

    @property
    def differs(self) -> bool:
        """True where two configurations do not have it alike."""
        return len({(c.state, c.counts, c.risk, c.adversaries, c.enters) for c in self.cells.values()}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceGroup:
    """The surfaces of one boundary: what enters it, and the elements in it that have threats of their own.
    `privileges`: each that the boundary has in one of the configurations."""

    boundary: str
    name: str
    privileges: tuple[Privilege, ...]
    surfaces: tuple[Surface, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One configuration. `surfaces`: flows that cross a boundary, and elements with threats of their own.
    `inside`: threats on flows that cross no boundary, which are on no surface. `unsettled` counts the threats that are
    contradicted, open or unverified by risk."""

    name: str
    description: str
    options: Mapping[str, str]
    threats: int
    statuses: Mapping[Status, int]
    unsettled: Mapping[RiskLevel, int]
    surfaces: int
    inside: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversaryCell:
    """An adversary in one configuration. `present`: it is one there and has a foothold. `severe`: threats of critical
    or high risk among those that are not settled."""

    present: bool
    counts: Counts
    severe: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversaryRow:
    """The threats that an adversary takes part in, by configuration."""

    id: str
    name: str
    description: str
    cells: Mapping[str, AdversaryCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """An attribute that is not the same in all configurations that have the part. Of a list (`listed`), only the items
    that not all of them have are named."""

    attribute: str
    listed: bool
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """A boundary, element or flow that not every configuration has, or that is not the same in all that have it."""

    kind: PartKind
    id: str
    name: str
    configurations: tuple[str, ...]
    variations: tuple[Variation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRow:
    """A control that not every configuration uses, or that is not in the same state in all of them."""

    id: str
    title: str
    states: Mapping[str, ControlState]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatRow:
    """A threat that differs: in being there, status, risk, controls or adversaries."""

    id: str
    rule: str
    title: str
    target: Target
    target_name: str
    stride: Stride
    cells: Mapping[str, ThreatInConfiguration]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two or more configurations of one model. `columns` are in the order that was asked for; nothing else depends on
    it. `options` has those that differ, by name."""

    project: str
    columns: tuple[Column, ...]
    options: Mapping[str, Mapping[str, str]]
    parts: tuple[PartRow, ...]
    controls: tuple[ControlRow, ...]
    threats: tuple[ThreatRow, ...]
    groups: tuple[SurfaceGroup, ...]
    adversaries: tuple[AdversaryRow, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The configurations in the order of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def empty(self) -> bool:
        """True where nothing but names and options differs."""
        surfaces = any(surface.differs for group in self.groups for surface in group.surfaces)
        return not (self.parts or self.controls or self.threats or surfaces)
