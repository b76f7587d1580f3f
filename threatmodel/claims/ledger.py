"""Claims checked one by one, and what they make of each control in each configuration."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import re2
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion
from packaging.version import Version as ParsedVersion

from threatmodel.claims.literals import find_sequence, literals
from threatmodel.claims.values import Unreadable, value_at
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.evidence import public_source
from threatmodel.core.globs import select
from threatmodel.core.text import fold
from threatmodel.system import (
    WORST_FIRST,
    Absent,
    ArgumentsAbsent,
    Attested,
    Claim,
    Configuration,
    Control,
    ControlState,
    FileExists,
    Present,
    Project,
    Value,
    Version,
)

ClaimState = Literal["contradicted", "not-found", "not-checked", "attested", "verified"]
_SEEN_MAX = 160


class Tree(Protocol):
    """What the ledger needs of a source tree."""

    def paths(self) -> tuple[str, ...]: ...
    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimCheck:
    """One claim after its check: its sentence, its state, and the place and text that were seen."""

    control: str
    kind: str
    text: str
    when: Mapping[str, tuple[str, ...]]
    state: ClaimState
    path: str = ""
    line: int = 0
    seen: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRecord:
    """A control's state in one configuration."""

    control: str
    configuration: str
    state: ControlState


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All checks in the order of the model, and the state of each control in each configuration that uses it."""

    checks: tuple[ClaimCheck, ...]
    records: tuple[ControlRecord, ...]

    @property
    def states(self) -> dict[tuple[str, str], ControlState]:
        """(configuration, control) to state, as the engine wants it."""
        return {(record.configuration, record.control): record.state for record in self.records}


def check_claims(project: Project, sources: Mapping[str, Tree], *, as_of: datetime.date) -> Ledger:
    """Check every claim once. `sources` maps a source's name to its tree; empty is the model's own.

    A source that is not there leaves its claims `not-checked`. Attestations count until the day `as_of`.
    """
    checker = _Checker(sources, as_of)
    checked = {
        control.id: [checker.check(control, claim) for claim in control.claims]
        for control in project.controls
    }
    records = [
        ControlRecord(
            control=control.id,
            configuration=system.configuration.name,
            state=_state(checked[control.id], system.configuration),
        )
        for system in project.systems
        for control in project.controls
    ]
    return Ledger(
        checks=tuple(check for control in project.controls for check in checked[control.id]),
        records=tuple(records),
    )


def _state(checks: Iterable[ClaimCheck], configuration: Configuration) -> ControlState:
    here = [check.state for check in checks if configuration.matches(check.when)]
    if not here:
        return "unclaimed"
    return min(here, key=WORST_FIRST.index)


class _Checker:
    def __init__(self, sources: Mapping[str, Tree], as_of: datetime.date) -> None:
        self._sources = sources
        self._as_of = as_of
        self._texts: dict[tuple[str, str], str] = {}

    def check(self, control: Control, claim: Claim) -> ClaimCheck:
        blank = ClaimCheck(
            control=control.id, kind=claim.kind, text=describe(claim), when=claim.when, state="not-checked"
        )
        if isinstance(claim, Attested):
            return self._attested(blank, claim)
        tree = self._sources.get(claim.source)
        if tree is None:
            name = f'source "{claim.source}"' if claim.source else "source tree"
            return replace(blank, detail=f"no {name} was given")
        try:
            return self._on_tree(blank, claim, tree)
        except ThreatModelError as error:
            return replace(blank, detail=fold(str(error)))

    def _attested(self, blank: ClaimCheck, claim: Attested) -> ClaimCheck:
        if not claim.by.strip() or not public_source(claim.evidence):
            return replace(blank, detail="proposed: no person with a public source stands behind it")
        if datetime.date.fromisoformat(claim.expires) < self._as_of:
            return replace(blank, detail=f"the attestation expired on {claim.expires}")
        return replace(blank, state="attested", seen=claim.evidence)

    def _on_tree(self, blank: ClaimCheck, claim: Claim, tree: Tree) -> ClaimCheck:
        matched = {glob: select(tree.paths(), glob) for glob in claim.paths}
        missing = [glob for glob, paths in matched.items() if not paths]
        paths = tuple(dict.fromkeys(path for found in matched.values() for path in found))
        if isinstance(claim, FileExists):
            if missing:
                return replace(blank, state="contradicted", detail=f"no file matches {', '.join(missing)}")
            return replace(blank, state="verified", path=paths[0])
        if not paths:
            return replace(blank, state="not-found", detail=f"no file matches {', '.join(claim.paths)}")
        match claim:
            case Present():
                return self._present(blank, claim, paths, tree)
            case Absent():
                return self._absent(blank, claim, paths, tree)
            case ArgumentsAbsent():
                return self._arguments(blank, claim, paths, tree)
            case Value() | Version():
                return self._value(blank, claim, paths, tree)
            case _:
                raise AssertionError(claim)

    def _text(self, path: str, tree: Tree, source: str) -> str:
        key = (source, path)
        if key not in self._texts:
            text = tree.read(path).decode("utf-8", "replace")
            self._texts[key] = text.replace("\r\n", "\n")  # so that `$` finds the end of each line
        return self._texts[key]

    def _search(
        self, claim: Present | Absent, paths: Iterable[str], tree: Tree
    ) -> tuple[str, int, str] | None:
        pattern = re2.compile(f"(?m){claim.pattern}")
        for path in paths:
            text = self._text(path, tree, claim.source)
            if match := pattern.search(text):
                return path, text.count("\n", 0, match.start()) + 1, _line_of(text, match.start())
        return None

    def _present(self, blank: ClaimCheck, claim: Present, paths: tuple[str, ...], tree: Tree) -> ClaimCheck:
        found = self._search(claim, paths, tree)
        if found is None:
            return replace(blank, state="contradicted", path=paths[0], detail=f"not in {_files(paths)}")
        return replace(blank, state="verified", path=found[0], line=found[1], seen=found[2])

    def _absent(self, blank: ClaimCheck, claim: Absent, paths: tuple[str, ...], tree: Tree) -> ClaimCheck:
        found = self._search(claim, paths, tree)
        if found is None:
            return replace(blank, state="verified", path=paths[0], detail=f"read {_files(paths)}")
        return replace(blank, state="contradicted", path=found[0], line=found[1], seen=found[2])

    def _arguments(
        self, blank: ClaimCheck, claim: ArgumentsAbsent, paths: tuple[str, ...], tree: Tree
    ) -> ClaimCheck:
        for path in paths:
            text = self._text(path, tree, claim.source)
            if found := find_sequence(tuple(literals(text, path)), claim.arguments):
                seen = fold(text.splitlines()[found.line - 1].strip())[:_SEEN_MAX]
                return replace(blank, state="contradicted", path=path, line=found.line, seen=seen)
        return replace(blank, state="verified", path=paths[0], detail=f"read {_files(paths)}")

    def _value(
        self, blank: ClaimCheck, claim: Value | Version, paths: tuple[str, ...], tree: Tree
    ) -> ClaimCheck:
        return min(
            (_value_in(replace(blank, path=path), claim, tree) for path in paths),
            key=lambda check: WORST_FIRST.index(check.state),
        )


def _value_in(at: ClaimCheck, claim: Value | Version, tree: Tree) -> ClaimCheck:
    try:
        found = value_at(tree.read(at.path), at.path, claim.key)
    except Unreadable as error:
        return replace(at, detail=fold(str(error)))
    if found is None:
        return replace(at, state="not-found", detail=f"no key {claim.key}")
    at = replace(at, line=found.line, seen=fold(f"{claim.key} = {found.value!r}")[:_SEEN_MAX])
    judge = _judge_version if isinstance(claim, Version) else _judge
    return judge(at, claim, found.value)  # type: ignore[arg-type]  # the claim's type picks the function


def _judge(at: ClaimCheck, claim: Value, value: object) -> ClaimCheck:
    plain = tuple(str(item) for item in value) if isinstance(value, list) else value
    same = plain == claim.equals and isinstance(plain, bool) == isinstance(claim.equals, bool)
    return replace(at, state="verified" if same else "contradicted")


def _judge_version(at: ClaimCheck, claim: Version, value: object) -> ClaimCheck:
    if isinstance(value, float):
        return replace(at, detail=f"{value!r} is a number: 1.10 and 1.1 are the same, write it as text")
    try:
        version = ParsedVersion(str(value).removeprefix("v"))
    except InvalidVersion:
        return replace(at, detail=f"{value!r} is not a version")
    holds = SpecifierSet(claim.specifier).contains(version, prereleases=True)
    return replace(at, state="verified" if holds else "contradicted")


def describe(claim: Claim) -> str:
    """The claim as a sentence."""
    where = ", ".join(claim.paths)
    match claim:
        case FileExists():
            return f"{where} exists"
        case Present():
            return f"{where} has /{claim.pattern}/"
        case Absent():
            return f"{where} does not have /{claim.pattern}/"
        case ArgumentsAbsent():
            words = " ".join(claim.arguments)
            return f'{where} does not pass "{words}"'
        case Value():
            return f"{where}: {claim.key} is {claim.equals!r}"
        case Version():
            return f"{where}: version {claim.key} satisfies {claim.specifier}"
        case Attested():
            return f"attested by {claim.by or 'nobody'} on {claim.date} until {claim.expires}"


def _line_of(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return fold(text[start : end if end >= 0 else len(text)].strip())[:_SEEN_MAX]


def _files(paths: tuple[str, ...]) -> str:
    return paths[0] if len(paths) == 1 else f"{len(paths)} files"
