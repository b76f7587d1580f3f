"""Where a model names a fact of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from collateral.deployed import DeployedKeys
from collateral.drift.model import EXTRACTS, Source
from threatmodel.claims import describe
from threatmodel.core.globs import compile_glob, select
from threatmodel.extract import FactChange, Kind
from threatmodel.system import ArgumentsAbsent, Project, Value, Version

Followed = Literal["named", "listed", "not-named"]
"""`listed`: the name stands in a list of known keys, and nothing of the model takes it up."""
_TOKEN = re.compile(r"[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?", re.ASCII)
_OPTION = re.compile(r"(?<![\w.-])(?:--?[A-Za-z][\w-]*|[a-z][\w.-]*=[\w.-]+)", re.ASCII)
"""An option of a program: --name, name=value."""
_CLASS = re.compile(r"\\[A-Za-z]")
_MOST = 6
_BY_FILE: frozenset[Kind] = frozenset({"workflows", "policy", "codeowners", "names"})
"""Kinds whose facts a model follows where it names their file."""
_PLAIN: frozenset[Kind] = frozenset({"arguments", "guards", "implementations"})
"""Kinds of which a plain word in a text says nothing: local, scsi."""
_KEYS: frozenset[Kind] = frozenset({"toml-keys", "constants", "gated-keys"})
"""Kinds of keys: the last part of a name counts."""


def by_file(kind: Kind) -> bool:
    """Whether a model follows facts of a kind where it names their file."""
    return kind in _BY_FILE


def words_of(text: str) -> frozenset[str]:
    """The words of a text, those of a pattern and options of programs among them. Of `a.b.c` also `b.c` and `c`."""
    plain = _CLASS.sub(" ", text).replace("\\", "")
    found: set[str] = {*_OPTION.findall(plain)}
    for token in _TOKEN.findall(plain):
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
    """What a model names. `words`: a word to the things whose texts have it. `operations`: name to flows. `claimed`: keys
    of claims, `passed`: arguments that claims say are not passed."""

    words: dict[str, dict[str, None]] = field(default_factory=dict)
    operations: dict[str, dict[str, None]] = field(default_factory=dict)
    options: frozenset[str] = frozenset()
    claimed: dict[str, dict[str, None]] = field(default_factory=dict)
    passed: dict[str, dict[str, None]] = field(default_factory=dict)
    decided: frozenset[str] = frozenset()
    listed: frozenset[str] = frozenset()

    def find(self, source: Source, change: FactChange) -> Mention:
        """Where a fact is named.

        Its own name counts in any text. Its last part counts as an operation of the flows that the extract names, as the
        name of an option and, where it is no plain word, in any text. A note of the extract counts. What `extracts.yaml`
        calls known is listed, where nothing names it.
        """
        found = self._find(source, change)
        if found.followed == "not-named" and any(
            compile_glob(glob).fullmatch(change.name) for glob in source.known
        ):
            return Mention(followed="listed", where=(EXTRACTS,))
        return found

    def _find(self, source: Source, change: FactChange) -> Mention:
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
        if not (source.kind in _PLAIN and name.isalpha() and name.islower()):
            where |= self.words.get(name, {})
        where |= self.claimed.get(name, {})
        for word in _words(source.kind, change):
            where |= self.words.get(word, {})
        if source.kind == "guards":
            flows = {
                flow: None for call in self.operations for flow in self.operations[call] if _same(call, name)
            }
            for glob in source.operations_of:
                where |= dict.fromkeys(select(flows, glob))
        if source.kind == "arguments" and change.state == "removed":  # a claim may say that it is not passed
            where = {label: None for label in where if not label.startswith("control ")}
        elif source.kind == "arguments":
            where |= self.passed.get(name.partition("=")[0], {})
        if source.kind in _KEYS:
            keys = (name, ".".join(name.split(".")[-2:]))
            if any(key in self.decided for key in keys):
                where["configuration-keys.yaml"] = None
            if last in self.options:
                where[f"option {last}"] = None
            if "_" in last or "-" in last:
                where |= self.words.get(last, {})
        if not where and source.kind in {"toml-keys", "gated-keys"} and last in self.listed:
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
    for option in project.options:
        for value in option.values:
            found.words.setdefault(value, {})[f"option {option.name}"] = None
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
            for argument in claim.arguments if isinstance(claim, ArgumentsAbsent) else ():
                found.passed.setdefault(argument.partition("=")[0], {})[f"control {control.id}"] = None
    return found


def _words(kind: Kind, change: FactChange) -> Iterator[str]:
    """What else than its name stands for a fact in texts."""
    match kind:
        case "arguments":
            option = change.name.lstrip("-").partition("=")[0]
            if "_" in option or "-" in option:
                yield option
        case "implementations" if ": " in change.name:
            yield change.name.rpartition(" ")[2]
        case "gated-keys":
            yield change.name.removeprefix("gate ")
        case "values":
            yield from (value for value in (change.before, change.after) if len(value) > 3)


def _same(operation: str, function: str) -> bool:
    """Whether a function answers a call, whatever the case of their names: get_ip_tables, GetIPTables."""
    return operation.lower() == function.replace("_", "").lower()


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
