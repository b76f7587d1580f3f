"""`extracts.yaml` read, and held against the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import re2

from collateral.advisories.reader import unknown
from collateral.drift.model import EXTRACTS, Extracts, Source
from collateral.records import matches, problem, read_record, record_schema
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.core.globs import compile_glob, select
from threatmodel.core.yamlpos import Document
from threatmodel.extract import Kind
from threatmodel.system import Project

_CHECKS = {
    "id": matches(r"[a-z0-9][a-z0-9-]{0,63}", "an id; lower-case letters, digits and -"),
    "paths": matches(r"(?!/)[^\s\\]+", "a glob of relative paths; write src/**/*.proto"),
    "lookup": matches(r"(?!/)[^\s\\]+", "a glob of relative paths; write src/**/*.rego"),
    "keys": matches(r"[\w.-]+", "a key"),
    "without": matches(r"[\w-]+", "the name of a section"),
}
_SETTINGS: Mapping[str, tuple[Kind, ...]] = {
    "lookup": ("rpc", "policy"),
    "pattern": ("constants",),
    "without": ("toml-keys",),
    "keys": ("pins",),
}
"""Settings that some kinds alone take."""
_NEEDED: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    "constants": (("pattern", "say which constants count"),),
    "policy": (("lookup", "say where the calls are that the rules decide on"),),
}
"""Settings that a kind cannot do without, and what they are for."""


def read_extracts(data: bytes, path: str, project: Project) -> Extracts:
    """The extracts in the order of the file.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 a name that the model does not have, or an id twice;
            D048 a setting that the kind does not take or lacks, a malformed glob or pattern. Holds every problem.
    """
    read, document = read_record(Extracts, data, path, _CHECKS)
    elements, flows = project.element_ids, project.flow_ids
    problems: list[Diagnostic] = []
    if not read.extracts:
        problems.append(problem(document, ("extracts",), "D040", "nothing is extracted"))
    for index, source in enumerate(read.extracts):
        route = ("extracts", index)
        if source.id in [other.id for other in read.extracts[:index]]:
            problems.append(problem(document, (*route, "id"), "D043", f'"{source.id}" stands twice'))
        problems += unknown(
            source.belongs_to, elements | flows, document, (*route, "belongs_to"), "belongs_to"
        )
        problems += _empty(source, route, document)
        problems += [
            problem(document, (*route, "notes", at, "name"), "D043", f'"{note.name}" has two notes')
            for at, note in enumerate(source.notes)
            if note.name in [other.name for other in source.notes[:at]]
        ]
        problems += _settings(source, route, document)
        problems += _globs(source, route, document, flows)
    if problems:
        raise InvalidInput(*problems)
    return replace(
        read,
        extracts=tuple(replace(s, place=document.place("extracts", i)) for i, s in enumerate(read.extracts)),
    )


def load_extracts(model: Path, project: Project, shown: str = "") -> Extracts | None:
    """The `extracts.yaml` of a model; None where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_extracts`.
    """
    path = model / EXTRACTS
    name = f"{shown}/{EXTRACTS}" if shown else EXTRACTS
    return read_extracts(path.read_bytes(), name, project) if path.is_file() else None


def extracts_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `extracts.yaml`."""
    return record_schema("extracts-input", Extracts)


def _empty(source: Source, route: tuple[str | int, ...], document: Document) -> Iterator[Diagnostic]:
    for name in ("paths", "belongs_to"):
        if not getattr(source, name):
            yield problem(document, (*route, name), "D040", f'"{name}" is empty')


def _settings(source: Source, route: tuple[str | int, ...], document: Document) -> Iterator[Diagnostic]:
    for name, kinds in _SETTINGS.items():
        if getattr(source, name) and source.kind not in kinds:
            yield problem(
                document,
                (*route, name),
                "D048",
                f'"{name}" says nothing for {source.kind}',
                f"it is for {' and '.join(kinds)}",
            )
    for name, hint in _NEEDED.get(source.kind, ()):
        if not getattr(source, name):
            yield problem(document, route, "D048", f'"{name}" is missing', hint)
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(source.pattern, options)
    except re2.error as error:
        yield problem(document, (*route, "pattern"), "D048", f"pattern is malformed: {error}")


def _globs(
    source: Source, route: tuple[str | int, ...], document: Document, flows: frozenset[str]
) -> Iterator[Diagnostic]:
    for name in ("paths", "lookup", "operations_of"):
        for index, glob in enumerate(getattr(source, name)):
            try:
                compile_glob(glob)
            except ValueError as error:
                yield problem(document, (*route, name, index), "D048", f"{error}")
                continue
            if name == "operations_of" and not select(sorted(flows), glob):
                yield problem(document, (*route, name, index), "D043", f'the model has no flow "{glob}"')
