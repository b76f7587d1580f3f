"""`storage-needs.yaml` read, and held against the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from collateral.advisories.reader import unknown
from collateral.records import TREE_PATH, is_source, matches, problem, read_record, record_schema
from collateral.storage.model import STORAGE, Need, StorageNeeds, Way
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document
from threatmodel.system import Project

_CHECKS = {
    "id": matches(r"[a-z0-9][a-z0-9-]{0,63}", "an id; lower-case letters, digits and -"),
    "group": matches(r"[a-z][a-z0-9_-]{0,63}", "the name of a group; lower-case letters, digits, _ and -"),
    "seen": matches(
        rf"https://[^\s<>\"]+|{TREE_PATH}(?::[1-9]\d*)?",
        "a path of the source tree or an address; write src/x.go:12 or https://…",
    ),
    "source": is_source,
}


def read_storage(data: bytes, path: str, project: Project) -> StorageNeeds:
    """Ways and needs, in the order of the file.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 a name that the model or the file does not have, or an id
            twice; D044 a need that leaves out a way of a group. Holds every problem. What a way brings that no
            configuration of the project can have is not held against it: `beyond` does that.
    """
    read, document = read_record(StorageNeeds, data, path, _CHECKS)
    problems = [
        *_twice((way.id for way in read.ways), "ways", document),
        *_twice((need.id for need in read.needs), "needs", document),
    ]
    names = project.element_ids | project.flow_ids
    configurations = [system.configuration for system in project.systems]
    for index, way in enumerate(read.ways):
        if any(configuration.matches(way.when) for configuration in configurations):
            problems += unknown(way.exposure, names, document, ("ways", index, "exposure"), "exposure")
        problems += _options(way, index, project, document)
    for index, need in enumerate(read.needs):
        problems += _services(need, index, read.ways, document)
    if problems:
        raise InvalidInput(*problems)
    return replace(
        read,
        ways=tuple(replace(way, place=document.place("ways", i)) for i, way in enumerate(read.ways)),
        needs=tuple(replace(need, place=document.place("needs", i)) for i, need in enumerate(read.needs)),
    )


def load_storage(model: Path, project: Project, shown: str = "") -> StorageNeeds | None:
    """The `storage-needs.yaml` of a model; None where it has none. `shown` is the name of the model in messages.

    Raises:
        InvalidInput: as of `read_storage`.
    """
    path = model / STORAGE
    name = f"{shown}/{STORAGE}" if shown else STORAGE
    return read_storage(path.read_bytes(), name, project) if path.is_file() else None


def storage_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `storage-needs.yaml`."""
    return record_schema("storage-needs-input", StorageNeeds)


def _twice(ids: Iterable[str], key: str, document: Document) -> list[Diagnostic]:
    out = []
    seen: set[str] = set()
    for index, id_ in enumerate(ids):
        if id_ in seen:
            out.append(problem(document, (key, index, "id"), "D043", f'"{id_}" stands twice'))
        seen.add(id_)
    return out


def _options(way: Way, index: int, project: Project, document: Document) -> list[Diagnostic]:
    """Options and their words that the model does not have."""
    known = {option.name: option.values for option in project.options}
    out = []
    for name, words in way.when.items():
        at = ("ways", index, "when", name)
        if name not in known:
            hint = nearest(name, known) or f"options: {', '.join(known)}"
            out.append(problem(document, at, "D043", f'when: the model has no option "{name}"', hint))
            continue
        out += [
            problem(
                document, at, "D043", f'when: option "{name}" has no "{word}"', nearest(word, known[name])
            )
            for word in words
            if word not in known[name]
        ]
    return out


def _services(need: Need, index: int, ways: tuple[Way, ...], document: Document) -> list[Diagnostic]:
    """Ways that are not there, that stand twice, or that are left out of a group that the need names."""
    route = ("needs", index)
    group = {way.id: way.group for way in ways}
    out = []
    if not need.stated_by:
        out.append(
            problem(document, (*route, "stated_by"), "D040", "nobody states the need", "name a source")
        )
    if not need.served_by:
        out.append(problem(document, (*route, "served_by"), "D040", "no way is judged"))
    named = [service.way for service in need.served_by]
    for number, way in enumerate(named):
        at = (*route, "served_by", number)
        out += unknown([way], group, document, at, "served_by")
        if way in named[:number]:
            out.append(problem(document, at, "D043", f'"{way}" is judged twice'))
    touched = {group[way] for way in named if way in group}
    out += [
        problem(document, (*route, "served_by"), "D044", f'"{need.id}": way "{way}" is not judged', hint)
        for way, its in group.items()
        if its in touched and way not in named
        for hint in (f"a need that names one way of {its} names all",)
    ]
    return out
