"""`threats.json`: all threats, in the bundle and of the command, without what the other files of a bundle need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from collateral.vectors import ThreatVector, VectorRecord, vector_records
from threatmodel.analysis import Threat
from threatmodel.system import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatsFile:
    """`threats.json`: all threats, sorted by id."""

    format: Literal["threatmodel/threats"] = "threatmodel/threats"
    version: Literal[1] = 1
    project: str
    default_configuration: str
    configurations: tuple[str, ...]
    threats: tuple[Threat, ...]
    vectors: tuple[VectorRecord, ...] = ()
    """CVSS 4.0 of threats that have a vector; by threat."""


def threats_file(
    project: Project,
    threats: tuple[Threat, ...],
    configurations: tuple[str, ...] | None = None,
    vectors: Iterable[ThreatVector] = (),
) -> ThreatsFile:
    """The threats as the command line and the bundle write them."""
    names = tuple(system.configuration.name for system in project.systems)
    return ThreatsFile(
        project=project.id,
        default_configuration=project.default_configuration,
        configurations=names if configurations is None else configurations,
        threats=threats,
        vectors=vector_records(vectors, {threat.id for threat in threats}),
    )
