"""A backtest from start to end: records, model, and the states of the source that they name."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from collateral.advisories import (
    ADVISORIES,
    THIRD_PARTY,
    AdvisoriesFile,
    ThirdPartyFile,
    load_entries,
)
from collateral.backtest.check import backtest, components, widened
from collateral.backtest.flips import Unread, tags
from collateral.backtest.model import BacktestFile, Rules, part_totals, totals
from collateral.backtest.rules import Scan, cases_for, not_run, run_rules
from collateral.model_at import ModelAt
from threatmodel.analysis import Threat
from threatmodel.claims import Ledger, check_claims
from threatmodel.claims.check import Tree
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.yamlpos import Document, load
from threatmodel.system import Project

NOT_RUN = "the rules were not run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a model records of published advisories, with the files for places. `project` has the configurations that the
    records name."""

    own: AdvisoriesFile
    document: Document
    parts: ThirdPartyFile
    parts_document: Document
    project: Project

    @property
    def configurations(self) -> tuple[str, ...]:
        """The names of the configurations that were affected."""
        entries = (*self.own.advisories, *self.parts.advisories)
        return tuple(sorted({entry.where for entry in entries if entry.where}))


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of the source: its tree, and those of other projects by name, or why there is none."""

    tree: Tree
    trees: Mapping[str, Tree]
    missing: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where states of the source come from. `open` raises ThreatModelError where one cannot be read; it is None where no
    repository was named. `tags`: at which versions of components are looked at, beside `release`, a state that is open
    already, with its name. `fixes`: whether claims are checked at the commits of fixes too. `scan` runs the rules, None
    where they are not to be run."""

    open: Callable[[str], AbstractContextManager[State]] | None
    release: tuple[str, Tree] | None = None
    tags: tuple[str, ...] = ()
    fixes: bool = False
    scan: Scan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Some files of a tree, after it was closed."""

    files: Mapping[str, bytes]
    lost: Mapping[str, ThreatModelError]

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted({*self.files, *self.lost}))

    def read(self, path: str) -> bytes:
        if path in self.lost:
            raise self.lost[path]
        return self.files[path]


def read_backtest(at: ModelAt, project: Project) -> Records | None:
    """The records of a model; None where it has no `advisories.yaml`.

    Raises:
        InvalidInput: as of `load_entries` and `widened`.
    """
    own = load_entries(AdvisoriesFile, at.path, project, at.shown)
    if own is None:
        return None
    parts = load_entries(ThirdPartyFile, at.path, project, at.shown) or ThirdPartyFile(advisories=())
    document = _document(at.path / ADVISORIES, at.shown)
    parts_document = _document(at.path / THIRD_PARTY, at.shown) if parts.advisories else document
    entries = [
        *((entry, document, i) for i, entry in enumerate(own.advisories)),
        *((entry, parts_document, i) for i, entry in enumerate(parts.advisories)),
    ]
    return Records(
        own=own,
        document=document,
        parts=parts,
        parts_document=parts_document,
        project=widened(entries, project, broken=at.broken, load=at.project),
    )


def _document(path: Path, shown: str) -> Document:
    return load(path.read_bytes(), f"{shown}/{path.name}" if shown else path.name)


def run_backtest(
    records: Records, threats: Sequence[Threat], source: Source, *, as_of: datetime.date
) -> BacktestFile:
    """The records held against threats and source. `threats` are those of the configurations that the records name, with
    no claim checked and no decision applied.

    Raises:
        InvalidInput: as of `backtest` and `components`.
    """
    seen = _look(records, source, as_of)
    cases = cases_for({entry.id for entry in records.own.advisories})
    rules: dict[str, Rules] = {}
    for id_ in {case.advisory for case in cases}:
        rules[id_] = not_run([case for case in cases if case.advisory == id_], NOT_RUN)
    if source.scan:
        rules |= run_rules(cases, seen.kept, source.scan)
    rows = backtest(records.own.advisories, records.project, records.document, threats, seen.ledgers, rules)
    asked: dict[str, Tree | str] = dict([source.release]) if source.release else {}
    asked |= {tag: seen.kept[tag] for tag in source.tags if source.open}
    parts = components(records.parts.advisories, records.project, records.parts_document, threats, asked)
    return BacktestFile(
        project=records.project.id,
        checked=source.open is not None,
        advisories=rows,
        totals=totals(rows),
        third_party=parts,
        third_party_totals=part_totals(parts, tuple(asked)),
        left_out=(*records.own.left_out, *records.parts.left_out),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What was seen of the source, by ref."""

    ledgers: Mapping[str, Ledger | Unread] = field(default_factory=dict)
    kept: Mapping[str, Tree | str] = field(default_factory=dict)


def _look(records: Records, source: Source, as_of: datetime.date) -> _Seen:
    """Each state of the source that is needed, opened once."""
    if source.open is None:
        return _Seen()
    wanted = tags(records.own.advisories, records.project, fixes=source.fixes)
    files = _files(records, source)
    ledgers: dict[str, Ledger | Unread] = {}
    kept: dict[str, Tree | str] = {}
    for ref in sorted({*wanted, *files}):
        try:
            with source.open(ref) as state:
                if ref in wanted:
                    ledgers[ref] = check_claims(wanted[ref], state.trees, as_of=as_of, missing=state.missing)
                kept[ref] = _keep(state.tree, files.get(ref, set()))
        except ThreatModelError as error:
            reason = f"{ref}: {error.diagnostics[0].message}"
            kept[ref] = reason
            if ref in wanted:
                ledgers[ref] = Unread(reason=reason)
    return _Seen(ledgers=ledgers, kept=kept)


def _files(records: Records, source: Source) -> dict[str, set[str]]:
    """The files that are to be kept, by ref."""
    pins = {pin.path for entry in records.parts.advisories for pin in entry.pins}
    files = {tag: set(pins) for tag in source.tags}
    if source.scan:
        for case in cases_for({entry.id for entry in records.own.advisories}):
            files.setdefault(case.affected, set()).add(case.path)
            files.setdefault(case.fixed, set()).add(case.fixed_path)
    return files


def _keep(tree: Tree, paths: set[str]) -> _Kept:
    there = paths & {*tree.paths()}
    files: dict[str, bytes] = {}
    lost: dict[str, ThreatModelError] = {}
    for path in sorted(there):
        try:
            files[path] = tree.read(path)
        except ThreatModelError as error:
            lost[path] = error
    return _Kept(files=files, lost=lost)
