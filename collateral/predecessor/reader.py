"""`predecessor.yaml` read, and held against the model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from collateral.advisories.reader import unknown
from collateral.predecessor.model import PREDECESSOR, Predecessor, Statement
from collateral.records import TREE_PATH, is_source, matches, problem, read_record, record_schema
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document, Route
from threatmodel.system import Project

_CHECKS = {
    "id": matches(r"[A-Za-z][A-Za-z0-9.-]{0,63}", "an id; letters, digits, - and ."),
    "path": matches(TREE_PATH, "a path of the source tree"),
    "seen": matches(rf"{TREE_PATH}(?::[1-9]\d*)?", "a path of the source tree; write src/x.go:12"),
    "source": is_source,
}


def read_predecessor(
    data: bytes, path: str, project: Project, threats: Collection[str] | None = None
) -> Predecessor:
    """The statements, in the order of the file. `threats` are the ids of the model's threats in all configurations;
    without them, of a threat's id only the element or flow is looked up.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 a name that the model does not have, or an id twice.
            Holds every problem.
    """
    read, document = read_record(Predecessor, data, path, _CHECKS)
    known = _names(project)
    problems: list[Diagnostic] = []
    seen: set[str] = set()
    for index, statement in enumerate(read.statements):
        route: Route = ("statements", index)
        if statement.id in seen:
            problems.append(problem(document, (*route, "id"), "D043", f'"{statement.id}" stands twice'))
        seen.add(statement.id)
        problems += _form(statement, document, route)
        at = (*route, "answered_by")
        plain = [id_ for id_ in statement.answered_by if "@" not in id_]
        problems += unknown(plain, known, document, at, "answered_by")
        of_threats = [id_ for id_ in statement.answered_by if "@" in id_]
        if threats is None:
            places = [id_.partition("@")[2] for id_ in of_threats]
            problems += unknown(places, known, document, at, "answered_by")
        else:
            problems += unknown(of_threats, threats, document, at, "answered_by")
    if problems:
        raise InvalidInput(*problems)
    placed = tuple(
        replace(statement, place=document.place("statements", i))
        for i, statement in enumerate(read.statements)
    )
    return replace(read, statements=placed)


def load_predecessor(
    model: Path, project: Project, shown: str = "", threats: Collection[str] | None = None
) -> Predecessor | None:
    """The `predecessor.yaml` of a model; None where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_predecessor`.
    """
    path = model / PREDECESSOR
    name = f"{shown}/{PREDECESSOR}" if shown else PREDECESSOR
    return read_predecessor(path.read_bytes(), name, project, threats) if path.is_file() else None


def predecessor_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `predecessor.yaml`."""
    return record_schema("predecessor-input", Predecessor)


def _names(project: Project) -> frozenset[str]:
    """Ids of elements, flows and boundaries in any configuration, and of controls."""
    names = {control.id for control in project.controls}
    for system in project.systems:
        names |= {element.id for element in system.elements}
        names |= {flow.id for flow in system.flows}
        names |= {boundary.id for boundary in system.boundaries}
    return frozenset(names)


def _form(statement: Statement, document: Document, route: Route) -> list[Diagnostic]:
    """What the types cannot say of one statement."""
    out = []
    if statement.line < 1:
        out.append(
            problem(
                document, (*route, "line"), "D042", f"line {statement.line} is not a line; the first is 1"
            )
        )
    if statement.answered == bool(statement.nothing):
        told = "has answered_by and nothing" if statement.answered else "says neither answered_by nor nothing"
        hint = "name what of the model answers it, or write nothing: with the reason"
        out.append(problem(document, route, "D040", f'"{statement.id}" {told}', hint))
    if len(set(statement.answered_by)) < len(statement.answered_by):
        out.append(problem(document, (*route, "answered_by"), "D043", "an id stands twice"))
    return out
