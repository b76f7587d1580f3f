"""`why.yaml` read, and held against the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from collateral.advisories import Advisory
from collateral.records import is_date, problem, read_record, record_schema
from collateral.why.model import KINDS, WHY, Cell, Evidence, Row, Why
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.evidence import public_source
from threatmodel.core.yamlpos import Document, Route
from threatmodel.rules import Rule
from threatmodel.system import Project

Ids = Callable[[Collection[str]], Collection[str]]
"""Those of the ids that are there, and maybe others; asked only where the file names one of the kind."""


def _is_ref(text: str) -> str:
    if text.startswith("https://"):
        return "" if public_source(text) else "is not a public address"
    kind, _, id_ = text.partition(":")
    if kind not in KINDS:
        return f"is neither a public address nor <kind>:<id>; kinds: {', '.join(KINDS)}"
    return "" if id_ else f"names no {kind}"


def _is_date_or_release(text: str) -> str:
    product, _, release = text.rpartition(" ")
    if product[:1].isalpha() and release.removeprefix("v")[:1].isdigit():
        return ""
    return is_date(text) and "is neither a date nor a product with its release; write runc 1.5.1"


def _is_id(text: str) -> str:
    plain = text.replace("-", "")
    return "" if plain.isascii() and plain.isalnum() else f"{text!r} is not an id"


_CHECKS = {"ref": _is_ref, "as_of": _is_date_or_release, "id": _is_id, "column": _is_id}


def read_why(data: bytes, path: str, project: Project, others: Mapping[str, Ids] | None = None) -> Why:
    """The table. `others` give the ids of `threat` and `advisory`, which are no part of a project; a kind that is not
    there is not looked up.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 a name that the model does not have, or an id twice.
    """
    read, document = read_record(Why, data, path, _CHECKS)
    cells = [cell for row in read.rows for cell in row.cells]
    named = [item.named for cell in cells for _, _, item in _items(cell) if item.named]
    known = _Known(project, others or {}, named)
    problems = [
        *_twice([column.id for column in read.columns], document, "columns"),
        *_twice([row.id for row in read.rows], document, "rows"),
    ]
    columns = [column.id for column in read.columns]
    rows = []
    for index, row in enumerate(read.rows):
        route: Route = ("rows", index)
        problems += _cells(row, columns, document, route)
        cells = []
        for number, cell in enumerate(row.cells):
            at: Route = (*route, "cells", number)
            problems += _evidence(cell, known, document, at)
            cells.append(_placed(cell, document, at))
        rows.append(replace(row, cells=tuple(sorted(cells, key=lambda c: _order(c.column, columns)))))
    if problems:
        raise InvalidInput(*sorted(problems, key=lambda p: p.place.line if p.place else 0))
    return replace(read, rows=tuple(rows))


def load_why(
    model: Path, project: Project, shown: str = "", others: Mapping[str, Ids] | None = None
) -> Why | None:
    """The `why.yaml` of a model; None where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_why`.
    """
    path = model / WHY
    name = f"{shown}/{WHY}" if shown else WHY
    return read_why(path.read_bytes(), name, project, others) if path.is_file() else None


def other_ids(project: Project, rules: tuple[Rule, ...], advisories: Iterable[Advisory]) -> dict[str, Ids]:
    """What `read_why` asks beside the project: the threats of every configuration, and the advisories."""

    def threats(named: Collection[str]) -> Collection[str]:
        from threatmodel.analysis import present_threats  # a table that names no threat costs no analysis

        return present_threats(project, rules, named)

    known = {id_ for item in advisories for id_ in item.ids}
    return {"threat": threats, "advisory": lambda _: known}


def why_schema() -> dict[str, Any]:
    """The JSON Schema of `why.yaml`."""
    return record_schema("why-input", Why)


class _Known:
    """The ids of the model by kind."""

    def __init__(self, project: Project, others: Mapping[str, Ids], named: Iterable[tuple[str, str]]) -> None:
        self._ids: dict[str, Collection[str]] = {
            "boundary": {b.id for s in project.systems for b in s.boundaries},
            "control": {c.id for c in project.controls},
            "data": {d.id for d in project.data},
            "element": project.element_ids,
            "flow": project.flow_ids,
        }
        self._others = others
        self._named = [*named]

    def __call__(self, kind: str) -> Collection[str] | None:
        """The ids of a kind; None where nobody gave them."""
        if kind not in self._ids and kind in self._others:
            self._ids[kind] = self._others[kind]({id_ for other, id_ in self._named if other == kind})
        return self._ids.get(kind)


def _twice(ids: list[str], document: Document, key: str) -> Iterator[Diagnostic]:
    for index, id_ in enumerate(ids):
        if id_ in ids[:index]:
            yield problem(document, (key, index), "D043", f'"{id_}" stands twice')


def _cells(row: Row, columns: list[str], document: Document, route: Route) -> Iterator[Diagnostic]:
    here = Counter(cell.column for cell in row.cells)
    for column in columns:
        if not here[column]:
            yield problem(document, route, "D040", f'"{row.id}" has no cell for the column "{column}"')
    for number, cell in enumerate(row.cells):
        at: Route = (*route, "cells", number, "column")
        if cell.column not in columns:
            hint = nearest(cell.column, columns) or f"columns: {', '.join(columns)}"
            yield problem(document, at, "D043", f'there is no column "{cell.column}"', hint)
        elif cell.column in [other.column for other in row.cells[:number]]:
            yield problem(document, at, "D043", f'"{cell.column}" stands twice in "{row.id}"')


def _evidence(cell: Cell, known: _Known, document: Document, route: Route) -> Iterator[Diagnostic]:
    if not cell.evidence and not cell.no_evidence:
        yield problem(
            document,
            route,
            "D040",
            "a cell without evidence",
            "give some, or say in no_evidence why there is none",
        )
    if cell.evidence and cell.no_evidence:
        at: Route = (*route, "no_evidence")
        yield problem(document, at, "D040", "no_evidence beside evidence", "one of the two")
    for key, index, item in _items(cell):
        if item.named is None:
            continue
        kind, id_ = item.named
        ids = known(kind)
        if ids is not None and id_ not in ids:
            place: Route = (*route, key, index, "ref")
            yield problem(document, place, "D043", f'the model has no {kind} "{id_}"', nearest(id_, ids))


def _items(cell: Cell) -> Iterator[tuple[str, int, Evidence]]:
    for key, items in (("evidence", cell.evidence), ("counter_evidence", cell.counter_evidence)):
        yield from ((key, index, item) for index, item in enumerate(items))


def _placed(cell: Cell, document: Document, route: Route) -> Cell:
    def placed(key: str, items: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        return tuple(replace(e, place=document.place(*route, key, i)) for i, e in enumerate(items))

    return replace(
        cell,
        evidence=placed("evidence", cell.evidence),
        counter_evidence=placed("counter_evidence", cell.counter_evidence),
    )


def _order(column: str, columns: list[str]) -> int:
    return columns.index(column) if column in columns else len(columns)
