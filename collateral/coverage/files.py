"""`coverage.json`, as the command line writes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis import Threat
from threatmodel.analysis.coverage import CELL_STATES, BoundaryCell, Cell, CellState, Coverage, cover
from threatmodel.rules import Rule, load_vocabulary
from threatmodel.system import STRIDE, Adversary, Boundary, Element, Flow, Project, Stride, SystemModel

MEANING: Mapping[CellState, str] = {
    "unanswered": "no rule is about such a thing, and nobody says why none is needed",
    "threats": "there are threats",
    "author": "the authors of the model say that it does not apply, and why",
    "asked": "rules about such things were asked, and what they look for is not there",
    "method": "STRIDE per element does not ask it of such a thing (Shostack 2014, chapter 3)",
    "unreached": "no adversary of the model has a way there",
    "same-trust": "both ends are in the hands of the same, and it stays on the machine",
    "interactions": "asked and answered at each flow of the element",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRow:
    """How many cells are in a state."""

    state: CellState
    meaning: str
    elements: int
    flows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An element or flow, and its six cells in the order of STRIDE."""

    kind: Literal["element", "flow"]
    id: str
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A boundary and what each adversary has across it."""

    boundary: str
    name: str
    cells: tuple[BoundaryCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An adversary of the matrix."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFile:
    """The coverage of one configuration. `unanswered` counts cells; `packs` are those whose rules were asked."""

    format: Literal["threatmodel/coverage"] = "threatmodel/coverage"
    version: Literal[1] = 1
    project: str
    configuration: str
    packs: tuple[str, ...]
    categories: tuple[Stride, ...]
    unanswered: int
    states: tuple[StateRow, ...]
    elements: tuple[Subject, ...]
    flows: tuple[Subject, ...]
    adversaries: tuple[Named, ...]
    boundaries: tuple[Line, ...]


def coverage_of(
    project: Project, system: SystemModel, rules: Sequence[Rule], threats: Sequence[Threat]
) -> CoverageFile:
    """The matrices of a configuration, with names."""
    coverage = cover(project, system, rules, threats, load_vocabulary())
    counts = {
        kind: Counter(c.state for c in coverage.cells if c.kind == kind) for kind in ("element", "flow")
    }
    return CoverageFile(
        project=project.id,
        configuration=coverage.configuration,
        packs=tuple(dict.fromkeys(rule.pack for rule in rules)),
        categories=STRIDE,
        unanswered=len(coverage.unanswered),
        states=tuple(
            StateRow(
                state=state,
                meaning=MEANING[state],
                elements=counts["element"][state],
                flows=counts["flow"][state],
            )
            for state in CELL_STATES
        ),
        elements=_subjects("element", system.elements, coverage),
        flows=_subjects("flow", system.flows, coverage),
        adversaries=_adversaries(project.adversaries, coverage),
        boundaries=_lines(system.boundaries, coverage),
    )


def _subjects(
    kind: Literal["element", "flow"], items: Sequence[Element] | Sequence[Flow], coverage: Coverage
) -> tuple[Subject, ...]:
    cells = {(cell.id, cell.category): cell for cell in coverage.cells if cell.kind == kind}
    return tuple(
        Subject(
            kind=kind,
            id=item.id,
            name=item.name,
            cells=tuple(cells[item.id, category] for category in STRIDE),
        )
        for item in items
    )


def _adversaries(adversaries: Sequence[Adversary], coverage: Coverage) -> tuple[Named, ...]:
    """Those that have a foothold in the configuration."""
    there = {cell.adversary for cell in coverage.boundaries if cell.state != "no-foothold"}
    return tuple(Named(id=item.id, name=item.name) for item in adversaries if item.id in there)


def _lines(boundaries: Sequence[Boundary], coverage: Coverage) -> tuple[Line, ...]:
    return tuple(
        Line(
            boundary=boundary.id,
            name=boundary.name,
            cells=tuple(
                cell
                for cell in coverage.boundaries
                if cell.boundary == boundary.id and cell.state != "no-foothold"
            ),
        )
        for boundary in boundaries
    )
