"""`why.json`: the table with what the model knows today of each thing that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from collateral.advisories import Advisory
from collateral.assessment import Assessment
from collateral.vex import Affects
from collateral.why.model import Cell, Column, Evidence, ModelKind, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecord:
    """One piece of evidence. Where it is something of the model, `name` is its name. `states` are those of a control or
    threat in each configuration that has it; `this_release` is what the range of an advisory says of the release."""

    ref: str
    says: str
    kind: ModelKind | Literal["address"]
    name: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    this_release: Affects | Literal[""] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRecord:
    """One cell. `no_evidence` says why there is none."""

    column: str
    claim: str
    scope: str
    as_of: str
    evidence: tuple[EvidenceRecord, ...]
    counter_evidence: tuple[EvidenceRecord, ...]
    no_evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRecord:
    """One question with a cell for each column."""

    id: str
    question: str
    cells: tuple[CellRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyFile:
    """`why.json`: the questions of adopters, in the order of `why.yaml`. Claims are its author's; states are of this
    bundle."""

    format: Literal["threatmodel/why"] = "threatmodel/why"
    version: Literal[1] = 1
    project: str
    release: str
    configuration: str
    title: str
    notice: str
    columns: tuple[Column, ...]
    rows: tuple[RowRecord, ...]


def why_file(a: Assessment, why: Why, advisories: Iterable[Advisory]) -> WhyFile:
    """The table for one assessment."""
    known = _Known(a, advisories)
    return WhyFile(
        project=a.project.id,
        release=a.release,
        configuration=a.configuration,
        title=why.title,
        notice=why.notice,
        columns=why.columns,
        rows=tuple(
            RowRecord(id=row.id, question=row.question, cells=tuple(_cell(cell, known) for cell in row.cells))
            for row in why.rows
        ),
    )


class _Known:
    """What is known of the things that a table names. Nothing but the assessment is asked, so that an edition shows what
    it may."""

    def __init__(self, a: Assessment, advisories: Iterable[Advisory]) -> None:
        self._names: Mapping[str, Mapping[str, str]] = {
            "boundary": {b.id: b.name for s in a.project.systems for b in s.boundaries},
            "control": {c.id: c.title for c in a.project.controls},
            "data": {d.id: d.name for d in a.project.data},
            "element": {e.id: e.name for s in a.project.systems for e in s.elements},
            "flow": {f.id: f.name for s in a.project.systems for f in s.flows},
            "threat": {t.id: t.title for t in a.threats},
        }
        states: dict[str, dict[str, dict[str, str]]] = {"control": {}, "threat": {}}
        for record in a.ledger.records:
            states["control"].setdefault(record.control, {})[record.configuration] = record.state
        for threat in a.threats:
            states["threat"][threat.id] = {name: r.status for name, r in threat.by_configuration.items()}
        self._states = states
        self._advisories = {
            id_: (item.title, item.affects(a.release)) for item in advisories for id_ in item.ids
        }

    def __call__(self, item: Evidence) -> EvidenceRecord:
        if item.named is None:
            return EvidenceRecord(ref=item.ref, says=item.says, kind="address")
        kind, id_ = item.named
        if kind == "advisory" and id_ in self._advisories:
            title, affects = self._advisories[id_]
            return EvidenceRecord(ref=item.ref, says=item.says, kind=kind, name=title, this_release=affects)
        return EvidenceRecord(
            ref=item.ref,
            says=item.says,
            kind=kind,
            name=self._names.get(kind, {}).get(id_, ""),
            states=self._states.get(kind, {}).get(id_, {}),
        )


def _cell(cell: Cell, known: _Known) -> CellRecord:
    return CellRecord(
        column=cell.column,
        claim=cell.claim,
        scope=cell.scope,
        as_of=cell.as_of,
        evidence=tuple(map(known, cell.evidence)),
        counter_evidence=tuple(map(known, cell.counter_evidence)),
        no_evidence=cell.no_evidence,
    )
