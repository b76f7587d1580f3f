"""Statements of the earlier threat model joined with what of the model answers them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from collateral.predecessor.model import Predecessor, Statement
from threatmodel.analysis import Threat
from threatmodel.system import Project

Kind = Literal["boundary", "element", "flow", "control", "threat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What of the model answers a statement. `status` is that of a threat, the worst over the configurations."""

    id: str
    kind: Kind
    name: str
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A statement and what answers it; no answer where the model has nothing."""

    statement: Statement
    answers: tuple[Answer, ...]


def answers(record: Predecessor, project: Project, threats: Iterable[Threat]) -> tuple[Answered, ...]:
    """Every statement, in the order of the file, with the name of each id that it is answered by.

    Raises:
        KeyError: an id is not in the model; the reader told so.
    """
    known = _index(project, threats)
    return tuple(
        Answered(statement=statement, answers=tuple(known[id_] for id_ in statement.answered_by))
        for statement in record.statements
    )


def _index(project: Project, threats: Iterable[Threat]) -> dict[str, Answer]:
    out: dict[str, Answer] = {}
    for system in project.systems:
        kinds: tuple[tuple[Kind, Iterable[tuple[str, str]]], ...] = (
            ("element", ((x.id, x.name) for x in system.elements)),
            ("flow", ((x.id, x.name) for x in system.flows)),
            ("boundary", ((x.id, x.name) for x in system.boundaries)),
        )
        for kind, rows in kinds:
            for id_, name in rows:
                out.setdefault(id_, Answer(id=id_, kind=kind, name=name))
    for control in project.controls:
        out.setdefault(control.id, Answer(id=control.id, kind="control", name=control.title))
    for threat in threats:
        out[threat.id] = Answer(id=threat.id, kind="threat", name=threat.title, status=threat.status)
    return out
