"""Where a model names a fact of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from collateral.deployed import DeployedKeys
from collateral.drift.model import Source
from threatmodel.claims import describe
from threatmodel.core.globs import select
from threatmodel.extract import FactChange, Kind
from threatmodel.system import Project, Value, Version

Followed = Literal["named", "listed", "not-named"]
"""`listed`: the name stands in a list of known keys, and nothing of the model takes it up."""
_TOKEN = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?", re.ASCII)
_CLASS = re.compile(r"\\[A-Za-z]")
_MOST = 6
_BY_FILE: frozenset[Kind] = frozenset({"workflows", "policy", "codeowners"})
"""Kinds whose facts a model follows where it names their file."""


def by_file(kind: Kind) -> bool:
    """Whether a model follows facts of a kind where it names their file."""
    return kind in _BY_FILE


def words_of(text: str) -> frozenset[str]:
    """The words of a text, those of a pattern among them. Of `a.b.c` also `b.c` and `c`."""
    found: set[str] = set()
    for token in _TOKEN.findall(_CLASS.sub(" ", text).replace("\\", "")):
        found.add(token)
        while "." in token:
            token = token.partition(".")[2]
            found.add(token)
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Whether the model names a fact, and the things of the model that do, a few of them."""

    followed: Followed
    where: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """What a model names. `words`: a word to the things whose texts have it. `operations`: name to flows."""

    words: dict[str, dict[str, None]] = field(default_factory=dict)
    operations: dict[str, dict[str, None]] = field(default_factory=dict)
    options: frozenset[str] = frozenset()
    claimed: dict[str, dict[str, None]] = field(default_factory=dict)
    decided: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()

    def find(self, source: Source, change: FactChange) -> Mention:
        """Where a fact is named.

        Its own name counts in any text. Its last part counts as an operation of the flows that the extract names, as the
        name of an option and, where it is no plain word, in any text. A note of the extract counts.
        """
        name, last = change.name, change.name.rpartition(".")[2]
        where: dict[str, None] = {}
        files = [place.path.rpartition("/")[2] for place in change.places] if source.kind in _BY_FILE else []
        noted = {note.name for note in source.notes}
        if not noted.isdisjoint(files or [" ".join(name.split())]):
            where[f"note of {source.id}"] = None
        flows = {**self.operations.get(name, {}), **self.operations.get(last, {})}
        for glob in source.operations_of:
            where |= dict.fromkeys(select(flows, glob))
        if source.kind in _BY_FILE:
            for file in files:
                where |= self.words.get(file, {})
            return _mention(where)
        where |= self.words.get(name, {})
        where |= self.claimed.get(name, {})
        if source.kind in {"toml-keys", "constants"}:
            keys = (name, ".".join(name.split(".")[-2:]))
            if any(key in self.decided for key in keys):
                where["configuration-keys.yaml"] = None
            if last in self.options:
                where[f"option {last}"] = None
            if "_" in last or "-" in last:
                where |= self.words.get(last, {})
        if not where and source.kind == "toml-keys" and last in self.listed:
            return Mention(followed="listed", where=("configuration-keys.yaml",))
        return _mention(where)


def mentions(project: Project, keys: DeployedKeys | None) -> Mentions:
    """All that the model names, in every configuration."""
    found = Mentions(
        options=frozenset(option.name for option in project.options),
        decided=frozenset(
            [rule.key for rule in keys.rules] + [mark for marks in keys.marks.values() for mark in marks]
            if keys
            else ()
        ),
        listed=frozenset(name for lines in keys.known.values() for line in lines for name in line.split())
        if keys
        else frozenset(),
    )
    for label, text in _texts(project):
        for word in words_of(text):
            found.words.setdefault(word, {})[label] = None
    for system in project.systems:
        for flow in system.flows:
            for operation in flow.operations:
                found.operations.setdefault(operation, {})[flow.id] = None
    for control in project.controls:
        for claim in control.claims:
            if isinstance(claim, Value | Version):
                found.claimed.setdefault(claim.key, {})[f"control {control.id}"] = None
    return found


def _mention(where: Iterable[str]) -> Mention:
    found = sorted(where)
    return Mention(followed="named" if found else "not-named", where=tuple(found[:_MOST]))


def _texts(project: Project) -> Iterator[tuple[str, str]]:
    """Texts of the model with what they belong to. Operations are no texts: one of the agent is no key of a file."""
    for asset in project.data:
        yield f"data {asset.id}", f"{asset.name} {asset.description}"
    for control in project.controls:
        yield f"control {control.id}", f"{control.title} {control.description}"
        for claim in control.claims:
            yield f"control {control.id}", _CLASS.sub(" ", describe(claim)).replace("\\", "")
    for option in project.options:
        yield f"option {option.name}", option.description
    for system in project.systems:
        for element in system.elements:
            yield element.id, f"{element.name} {element.description}"
        for flow in system.flows:
            yield flow.id, f"{flow.name} {flow.protocol} {flow.port} {flow.description}"
