"""`cvss.yaml` read, held against the model, and every score worked out anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from collateral.advisories import Advisory, load_advisories
from collateral.records import is_source, problem, read_record, record_schema
from collateral.vectors.model import VECTORS, ThreatVector, Vectors
from threatmodel.analysis import present_threats
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.scores import NoVector, score_of
from threatmodel.core.yamlpos import Document, Route
from threatmodel.rules import Rule
from threatmodel.rules.retired import RETIRED, retired_hint
from threatmodel.system import Project

_PREFIX = "CVSS:4.0/"
_BASE = ("AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA")
"""The base metrics of version 4.0; a vector has each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What the vectors of a model are held against."""

    project: Project
    rules: Sequence[Rule]
    advisories: Sequence[Advisory] = ()


def read_vectors(data: bytes, path: str, against: Against | None = None) -> tuple[ThreatVector, ...]:
    """The vectors with their scores, by threat and then in the order of the file. Without `against` the file is read
    alone: for a state of a model that is compared and not judged.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 a threat, configuration or advisory that does not exist,
            or two vectors for one threat in one configuration; D055 neither words nor an advisory, or both; D056 a
            threat that is not the advisory's; D057 a metric without words; D058 a score, severity or vector that is not
            the one that it should be. Holds every problem.
    """
    read, document = read_record(Vectors, data, path, {"source": is_source})
    problems: list[Diagnostic] = []
    scored = [
        _scored(item, document, ("vectors", index), problems) for index, item in enumerate(read.vectors)
    ]
    if against is not None:
        for index, item in enumerate(read.vectors):
            problems += _rests(item, against.advisories, document, ("vectors", index))
        problems += _lost(read.vectors, against, document)
        problems += _twice(read.vectors, against.project, document)
    if problems:
        raise InvalidInput(*sorted(problems, key=lambda p: p.place.line if p.place else 0))
    return tuple(sorted(scored, key=lambda item: item.threat))


def load_vectors(
    model: Path, project: Project, rules: Sequence[Rule], shown: str = ""
) -> tuple[ThreatVector, ...]:
    """The vectors of a model; none where it has no such file. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_vectors`, and of the advisories on which vectors may rest.
    """
    if not (model / VECTORS).is_file():
        return ()
    advisories = load_advisories(model, project, shown)
    return vectors_alone(model, shown, Against(project=project, rules=rules, advisories=advisories))


def vectors_alone(model: Path, shown: str = "", against: Against | None = None) -> tuple[ThreatVector, ...]:
    """The vectors of a model, held against nothing unless it is said against what.

    Raises:
        InvalidInput: as of `read_vectors`.
    """
    path = model / VECTORS
    name = f"{shown}/{VECTORS}" if shown else VECTORS
    return read_vectors(path.read_bytes(), name, against) if path.is_file() else ()


def vectors_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `cvss.yaml`."""
    return record_schema("cvss-input", Vectors)


def _scored(item: ThreatVector, document: Document, route: Route, problems: list[Diagnostic]) -> ThreatVector:
    """With the score and severity of its vector; what the file states must be the same."""
    place = document.place(*route)
    try:
        if not item.vector.startswith(_PREFIX):
            raise NoVector(f"{item.vector[:60]!r} is not of version 4.0; it starts with {_PREFIX}")
        found = score_of(item.vector)
    except NoVector as error:
        problems.append(problem(document, (*route, "vector"), "D042", f"vector is none: {error}"))
        return item
    if item.score is not None and item.score != found.value:
        message = f"score: {item.score} is stated, the vector has {found.value}"
        problems.append(
            problem(document, (*route, "score"), "D058", message, "leave it out, or mend one of them")
        )
    if item.severity and item.severity != found.severity:
        message = f"severity: {item.severity} is stated, the vector has {found.severity}"
        problems.append(problem(document, (*route, "severity"), "D058", message))
    return replace(item, score=found.value, severity=found.severity, place=place)


def _rests(
    item: ThreatVector, advisories: Sequence[Advisory], document: Document, route: Route
) -> list[Diagnostic]:
    """What is wrong with what the vector rests on."""
    if bool(item.metrics) == bool(item.advisory):
        message = (
            '"metrics" and "advisory" exclude each other'
            if item.advisory
            else 'needs "metrics" or "advisory"'
        )
        hint = "say in words why each metric has its value, or name the record of the advisory that has the vector"
        return [problem(document, route, "D055", message, hint)]
    if item.metrics:
        problems = [
            problem(
                document, (*route, "metrics", name), "D041", f'no base metric "{name}"', nearest(name, _BASE)
            )
            for name in item.metrics
            if name not in _BASE
        ]
        if silent := [name for name in _BASE if name not in item.metrics]:
            message = f"metrics: nothing is said about {', '.join(silent)}"
            problems.append(problem(document, (*route, "metrics"), "D057", message))
        return problems
    return _published(item, advisories, document, (*route, "advisory"))


def _published(
    item: ThreatVector, advisories: Sequence[Advisory], document: Document, route: Route
) -> list[Diagnostic]:
    """The advisory must be about this threat, and have this vector."""
    record = next((record for record in advisories if item.advisory in (record.id, *record.aliases)), None)
    if record is None:
        hint = nearest(item.advisory, [record.id for record in advisories])
        return [problem(document, route, "D043", f'no record of an advisory "{item.advisory}"', hint)]
    problems = []
    if item.threat not in record.threats:
        message = f"{record.id} is not about {item.threat}"
        hint = f"its record names {', '.join(record.threats)}" if record.threats else ""
        problems.append(problem(document, route, "D056", message, hint))
    if item.vector != record.cvss:
        message = f"{record.id} has the vector {record.cvss or 'of none'}"
        problems.append(problem(document, route, "D058", message))
    return problems


def _lost(items: Sequence[ThreatVector], against: Against, document: Document) -> list[Diagnostic]:
    """Threats and configurations that do not exist, and threats that are not in a configuration that is named."""
    project, rules = against.project, against.rules
    names = [system.configuration.name for system in project.systems]
    there = present_threats(project, rules, {item.threat for item in items})
    problems = []
    for index, item in enumerate(items):
        if item.threat not in there:
            hint = (
                retired_hint(item.threat, RETIRED)
                or nearest(item.threat, there)
                or "remove the orphaned vector"
            )
            message = f'no threat "{item.threat}" in any configuration'
            problems.append(problem(document, ("vectors", index, "threat"), "D043", message, hint))
            continue
        for at, name in enumerate(item.configurations):
            route: Route = ("vectors", index, "configurations", at)
            if name not in names:
                message = f'no configuration "{name}"'
                problems.append(problem(document, route, "D043", message, nearest(name, names)))
            elif not present_threats(project, rules, [item.threat], but=[n for n in names if n != name]):
                message = f'"{item.threat}" is not in the configuration "{name}"'
                problems.append(problem(document, route, "D043", message))
    return problems


def _twice(items: Sequence[ThreatVector], project: Project, document: Document) -> Iterable[Diagnostic]:
    """Two vectors of a threat for one configuration."""
    names = [system.configuration.name for system in project.systems]
    seen: dict[tuple[str, str], int] = {}
    for index, item in enumerate(items):
        for name in item.configurations or names:
            first = seen.setdefault((item.threat, name), index)
            if first != index:
                line = document.place("vectors", first).line
                message = f'"{item.threat}" has a vector for "{name}" in line {line} already'
                yield problem(document, ("vectors", index), "D043", message)
                break
