"""Published advisories held against the model, as a part of a bundle."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.assessment import Assessment, NotDone
from collateral.backtest import BacktestFile, Records, Source, State, read_backtest, run_backtest
from collateral.model_at import ModelAt
from threatmodel.analysis import Threat, analyse
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import SourceUnavailable, ThreatModelError
from threatmodel.core.plain import to_plain
from threatmodel.load import Loaded
from threatmodel.rules import Rule
from threatmodel.source import SourceTree, open_source

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PATH = "data/backtest.json"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """The records of a model, and the threats of the configurations that they name."""

    records: Records
    threats: tuple[Threat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The repository with the tags of earlier releases, empty where none was named, and how it is opened. `told`: what is
    wrong with it, for people; it may name places of this machine."""

    spec: str
    cache: Path
    base: Path
    environ: Mapping[str, str]
    told: list[Diagnostic] = field(default_factory=list)

    @contextmanager
    def state(self, ref: str) -> Iterator[State]:
        """The source at a ref. Claims on other sources are not checked there.

        Raises:
            SourceUnavailable: it cannot be read; the words name no place of this machine.
        """
        spec = f"{self.spec.rstrip('/')}@{ref}"
        try:
            tree = open_source(spec, cache=self.cache, base=self.base, environ=self.environ, partial=True)
        except ThreatModelError as error:
            self.told.extend(error.diagnostics)
            message = "the repository could not be read at this ref"
            raise SourceUnavailable(Diagnostic(code="source-ref-unknown", message=message)) from error
        with tree:
            yield State(tree=tree, trees={"": tree})


def prepare_backtest(loaded: Loaded, model: Path, rules: Sequence[Rule]) -> Prepared | None:
    """The records and their threats; None where the model records no advisory.

    Raises:
        InvalidInput: a record is invalid, or names what the model does not have.
    """
    records = read_backtest(ModelAt(model), loaded.project)
    if records is None:
        return None
    threats = analyse(
        records.project,
        rules,
        None,
        as_of=datetime.date.min,  # nothing that expires counts: no claim is checked, no decision applied
        risk=loaded.manifest.risk,
        configurations=records.configurations or None,
    )
    run_backtest(records, threats, Source(open=None), as_of=datetime.date.min)
    return Prepared(records=records, threats=tuple(threats))


def judged_backtest(
    prepared: Prepared, a: Assessment, tree: SourceTree | None, history: History
) -> BacktestFile:
    """The records held against the model, the tags of the repository, and the versions that this release takes."""
    source = Source(
        open=history.state if history.spec else None,
        release=(a.release, tree) if tree is not None and prepared.records.parts.advisories else None,
        fixes=True,
    )
    return run_backtest(prepared.records, prepared.threats, source, as_of=a.date.date())


def not_checked(file: BacktestFile | None) -> tuple[NotDone, ...]:
    """What was asked of the repository and could not be answered."""
    if file is None or not file.checked:
        return ()
    return tuple(
        NotDone(what=f"Claims at the tags of {row.id}", why=row.reason)
        for row in file.advisories
        if row.verdict == "not-checked"
    )


def data(making: Making, _before: Files) -> Files:
    """`data/backtest.json`, where the model records published advisories."""
    return {PATH: dump_bytes(to_plain(making.backtest))} if making.backtest else {}
