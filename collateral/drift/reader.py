"""`extracts.yaml` read, and held against the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import re2

from collateral.advisories.reader import unknown
from collateral.drift.model import EXTRACTS, Extracts, Source
from collateral.records import TREE_PATH, matches, problem, read_record, record_schema
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.core.globs import compile_glob, select
from threatmodel.core.yamlpos import Document
from threatmodel.extract import Kind
from threatmodel.system import Project

_CODE = r"[A-Za-z_]\w*"
_CHECKS = {
    "id": matches(r"[a-z0-9][a-z0-9-]{0,63}", "an id; lower-case letters, digits and -"),
    "paths": matches(r"(?!/)[^\s\\]+", "a glob of relative paths; write src/**/*.proto"),
    "lookup": matches(r"(?!/)[^\s\\]+", "a glob of relative paths; write src/**/*.rego"),
    "keys": matches(r"[\w.-]+", "a key"),
    "makefile": matches(TREE_PATH, "a path of the source tree"),
    "given": matches(r"\w+=.*", "a variable; write ARCH=x86_64"),
    "without": matches(r"[\w-]+", "the name of a section"),
    "implements": matches(_CODE, "a name of Go or Rust"),
    "gates": matches(_CODE, "the name of a function"),
    "returns": matches(_CODE, "the name of a method"),
    "registry": matches(_CODE, "the name of a static"),
}
_SETTINGS: Mapping[str, tuple[Kind, ...]] = {
    "lookup": ("rpc", "policy", "gated-keys", "implementations"),
    "pattern": ("constants", "arguments", "names", "values", "gated-keys", "implementations"),
    "without": ("toml-keys",),
    "makefile": ("toml-keys",),
    "given": ("toml-keys",),
    "keys": ("pins",),
    "implements": ("guards", "implementations"),
    "gates": ("guards", "gated-keys"),
    "checks": ("gated-keys",),
    "returns": ("implementations",),
    "registry": ("implementations",),
}
"""Settings that some kinds alone take."""
_PATTERN = ("pattern", "say which texts or names count")
_NEEDED: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    "constants": (_PATTERN,),
    "arguments": (_PATTERN,),
    "names": (_PATTERN,),
    "values": (_PATTERN,),
    "policy": (("lookup", "say where the calls are that the rules decide on"),),
    "guards": (
        ("implements", "say which trait or type answers the calls"),
        ("gates", "say which functions allow or refuse"),
    ),
    "gated-keys": (_PATTERN, ("gates", "say which functions allow or refuse")),
    "implementations": (("implements", "say which trait or method counts"),),
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
    if source.given and not source.makefile:
        yield problem(document, (*route, "given"), "D048", '"given" says nothing without a makefile')
    if source.registry and not source.pattern:
        yield problem(
            document, route, "D048", '"pattern" is missing', "say which names of the registry count"
        )
    options = re2.Options()
    options.log_errors = False
    for name in ("pattern", "checks"):
        try:
            re2.compile(getattr(source, name), options)
        except re2.error as error:
            yield problem(document, (*route, name), "D048", f"{name} is malformed: {error}")


def _globs(
    source: Source, route: tuple[str | int, ...], document: Document, flows: frozenset[str]
) -> Iterator[Diagnostic]:
    for name in ("paths", "lookup", "operations_of", "known"):
        for index, glob in enumerate(getattr(source, name)):
            try:
                compile_glob(glob)
            except ValueError as error:
                yield problem(document, (*route, name, index), "D048", f"{error}")
                continue
            if name == "operations_of" and not select(sorted(flows), glob):
                yield problem(document, (*route, name, index), "D043", f'the model has no flow "{glob}"')
