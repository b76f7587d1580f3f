"""Claims checked one by one, and what they make of each control in each configuration."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import re2
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion
from packaging.version import Version as ParsedVersion

from threatmodel.claims.content import Content, Unusable, content_of, why_unusable
from threatmodel.claims.literals import find_arguments
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
    Boundary,
    Claim,
    Configuration,
    Control,
    ControlState,
    Element,
    FileExists,
    Flow,
    Present,
    Project,
    SystemModel,
    Value,
    Version,
)

ClaimState = Literal["contradicted", "undisclosed", "not-found", "not-checked", "attested", "verified"]
"""`undisclosed`: what a check found and a public edition does not say; no check gives it."""
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
    return ledger_of(
        project, [checker.check(control, claim) for control in project.controls for claim in control.claims]
    )


def ledger_of(project: Project, checks: Sequence[ClaimCheck]) -> Ledger:
    """The ledger of these checks, which are in the order of the model."""
    checked: dict[str, list[ClaimCheck]] = {control.id: [] for control in project.controls}
    for check in checks:
        checked[check.control].append(check)
    records = [
        ControlRecord(
            control=control.id,
            configuration=system.configuration.name,
            state=_state(checked[control.id], system.configuration),
        )
        for system, used in ((system, _attached(system)) for system in project.systems)
        for control in project.controls
        if control.id in used
    ]
    return Ledger(checks=tuple(checks), records=tuple(records))


def _attached(system: SystemModel) -> frozenset[str]:
    items: tuple[Boundary | Element | Flow, ...] = (*system.boundaries, *system.elements, *system.flows)
    return frozenset(id_ for item in items for id_ in item.controls)


def _state(checks: Iterable[ClaimCheck], configuration: Configuration) -> ControlState:
    here = [check.state for check in checks if configuration.matches(check.when)]
    if not here:
        return "unclaimed"
    return min(here, key=WORST_FIRST.index)


class _Checker:
    def __init__(self, sources: Mapping[str, Tree], as_of: datetime.date) -> None:
        self._sources = sources
        self._as_of = as_of
        self._contents: dict[tuple[str, str], Content | Unusable] = {}

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
            return _all_hold(replace(blank, path=paths[0]), matched.values(), tree)
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

    def _content(self, path: str, tree: Tree, source: str) -> Content | Unusable:
        key = (source, path)
        if key not in self._contents:
            try:
                self._contents[key] = content_of(tree.read(path), path)
            except ThreatModelError as error:
                self._contents[key] = Unusable(fold(str(error)))
        return self._contents[key]

    def _present(self, blank: ClaimCheck, claim: Present, paths: tuple[str, ...], tree: Tree) -> ClaimCheck:
        found, unusable = self._search(blank, claim, paths, tree)
        if found is not None:
            return replace(found, state="verified")
        if unusable is not None:
            return unusable
        return replace(blank, state="contradicted", path=paths[0], detail=f"not in {_files(paths)}")

    def _absent(self, blank: ClaimCheck, claim: Absent, paths: tuple[str, ...], tree: Tree) -> ClaimCheck:
        found, unusable = self._search(blank, claim, paths, tree)
        if found is not None:
            return replace(found, state="contradicted")
        if unusable is not None:
            return unusable
        return replace(blank, state="verified", path=paths[0], detail=f"read {_files(paths)}")

    def _search(
        self, blank: ClaimCheck, claim: Present | Absent, paths: Iterable[str], tree: Tree
    ) -> tuple[ClaimCheck | None, ClaimCheck | None]:
        """The first place that matches outside of comments, and the first file that could not be searched."""
        pattern = re2.compile(f"(?m){claim.pattern}")
        unusable = None
        for path in paths:
            content = self._content(path, tree, claim.source)
            if isinstance(content, Unusable):
                unusable = unusable or replace(blank, path=path, detail=content.reason)
            elif match := pattern.search(content.code):
                blanks = len(match.group()) - len(match.group().lstrip())
                at = match.start() + (blanks if match.group().strip() else 0)
                line = content.code.count("\n", 0, at) + 1
                return replace(blank, path=path, line=line, seen=_line_of(content.text, line)), unusable
        return None, unusable

    def _arguments(
        self, blank: ClaimCheck, claim: ArgumentsAbsent, paths: tuple[str, ...], tree: Tree
    ) -> ClaimCheck:
        open_point: ClaimCheck | None = None
        for path in paths:
            content = self._content(path, tree, claim.source)
            if isinstance(content, Unusable):
                open_point = open_point or replace(blank, path=path, detail=content.reason)
            elif passed := find_arguments(content.text, path, claim.arguments):
                seen = _line_of(content.text, passed.line)
                found = replace(blank, path=path, line=passed.line, seen=seen)
                if passed.certain:
                    return replace(found, state="contradicted")
                open_point = open_point or replace(found, detail="passed with a value that is not a literal")
        return open_point or replace(blank, state="verified", path=paths[0], detail=f"read {_files(paths)}")

    def _value(
        self, blank: ClaimCheck, claim: Value | Version, paths: tuple[str, ...], tree: Tree
    ) -> ClaimCheck:
        return min(
            (_value_in(replace(blank, path=path), claim, tree) for path in paths),
            key=lambda check: WORST_FIRST.index(check.state),
        )


def _value_in(at: ClaimCheck, claim: Value | Version, tree: Tree) -> ClaimCheck:
    data = tree.read(at.path)
    if reason := why_unusable(data):
        return replace(at, detail=reason)
    try:
        found = value_at(data, at.path, claim.key)
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


def _all_hold(at: ClaimCheck, matched: Iterable[Sequence[str]], tree: Tree) -> ClaimCheck:
    """Verified where each glob has a file that holds something."""
    for paths in matched:
        reasons = (why_unusable(tree.read(path), whole=False) for path in paths)
        reason = next(reasons)
        if reason and all(reasons):
            return replace(at, path=paths[0], detail=reason)
    return replace(at, state="verified")


def _line_of(text: str, line: int) -> str:
    return fold(text.split("\n", line)[line - 1].strip())[:_SEEN_MAX]


def _files(paths: tuple[str, ...]) -> str:
    return paths[0] if len(paths) == 1 else f"{len(paths)} files"
