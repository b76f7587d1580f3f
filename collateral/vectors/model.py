"""Vectors of CVSS 4.0 as values. They stand beside the risk of a threat and change neither it nor its priority."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from collateral.records import CLOSED
from threatmodel.core.diagnostics import Place

VECTORS = "cvss.yaml"
NOT_GIVEN = "no CVSS vector is given"
"""What is said of a threat without one. It is not a score of 0.0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreatVector:
    """One vector of one threat, `https://www.first.org/cvss/v4-0/`.

    `configurations` limits it; empty means every configuration that has the threat. It rests on `metrics`, which says in
    words why each base metric has its value, or on the published `advisory` that has the same vector. `source` is where
    somebody stands for it in public; without one it is proposed. The reader sets `score` and `severity` where the file
    does not state them.
    """

    __pydantic_config__ = CLOSED

    threat: str
    vector: str
    configurations: tuple[str, ...] = ()
    score: float | None = None
    severity: str = ""
    metrics: Mapping[str, str] = field(default_factory=dict)
    advisory: str = ""
    source: str = ""
    place: Place | None = None

    @property
    def proposed(self) -> bool:
        """True while nobody is on public record with it."""
        return not self.source

    @property
    def number(self) -> float:
        """The score, from 0.0 to 10.0."""
        assert self.score is not None  # the reader sets it
        return self.score


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    """The file."""

    __pydantic_config__ = CLOSED

    vectors: tuple[ThreatVector, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorRecord:
    """A vector with its score as `threats.json` has it. A threat that no record names has none, which is no score."""

    threat: str
    configurations: tuple[str, ...]
    vector: str
    score: float
    severity: str
    proposed: bool
    metrics: Mapping[str, str]
    advisory: str
    source: str


def vector_records(given: Iterable[ThreatVector], threats: Container[str]) -> tuple[VectorRecord, ...]:
    """The records of vectors of these threats, in their order."""
    return tuple(
        VectorRecord(
            threat=item.threat,
            configurations=item.configurations,
            vector=item.vector,
            score=item.number,
            severity=item.severity,
            proposed=item.proposed,
            metrics=item.metrics,
            advisory=item.advisory,
            source=item.source,
        )
        for item in given
        if item.threat in threats
    )


def vectors_at(given: Iterable[ThreatVector], threat: str, configuration: str = "") -> list[ThreatVector]:
    """Those of a threat that hold in the configuration, or in any."""
    return [
        item
        for item in given
        if item.threat == threat
        and (not configuration or not item.configurations or configuration in item.configurations)
    ]


def best_vector(given: Iterable[ThreatVector], threat: str, configuration: str = "") -> ThreatVector | None:
    """The one with the highest score of those; None where there is none."""
    found = vectors_at(given, threat, configuration)
    return max(found, key=lambda item: (item.number, item.vector), default=None)


def in_words(item: ThreatVector | None) -> str:
    """The vector in one line, with what it rests on."""
    if item is None:
        return NOT_GIVEN
    rests = f"published for {item.advisory}" if item.advisory else "derived metric by metric"
    stands = "proposed" if item.proposed else item.source
    return f"{item.number:.1f} {item.severity} ({item.vector}; {rests}; {stands})"
