"""Claims checked one by one, and what they make of each control in each configuration."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from threatmodel.claims.check import ClaimCheck, Reading, Tree, absent_source
from threatmodel.claims.describe import describe
from threatmodel.claims.kinds import check_on_tree
from threatmodel.claims.moved import Moved
from threatmodel.claims.results import Results
from threatmodel.claims.rules import RuleRunner, RuleRuns
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.evidence import public_source
from threatmodel.core.globs import select
from threatmodel.core.text import fold
from threatmodel.system import (
    WORST_FIRST,
    Attested,
    Boundary,
    Claim,
    Configuration,
    Control,
    ControlState,
    Element,
    Flow,
    Project,
    Proposed,
    Semgrep,
    SystemModel,
)

_NOBODY = "no person with a public source stands behind it"


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


def check_claims(
    project: Project,
    sources: Mapping[str, Tree],
    *,
    as_of: datetime.date,
    missing: Mapping[str, str] | None = None,
    hints: bool = False,
    results: Results | None = None,
    rules: RuleRunner | None = None,
) -> Ledger:
    """Check every claim once. `sources` maps a source's name to its tree; empty is the model's own.

    A source that is not there leaves its claims `not-checked`; `missing` says why, by name. Attestations count until
    the day `as_of`. With `hints` the detail of what was not found names the likeliest new place.
    `results` are those of test runs of the model's own source. `rules` runs the rules of scanners that claims name;
    it is not called where none does.
    """
    readings = {
        name: Reading(
            tree=tree,
            systems=project.systems,
            moved=Moved(tree=tree) if hints else None,
            results=None if name else results,
            rules=_rule_runs(project, name, tree, rules) if rules else None,
        )
        for name, tree in sources.items()
    }
    checker = _Checker(readings, as_of, missing or {})
    return ledger_of(
        project, [checker.check(control, claim) for control in project.controls for claim in control.claims]
    )


def _rule_runs(project: Project, source: str, tree: Tree, runner: RuleRunner) -> RuleRuns:
    """The rules that claims on a tree name, each with the files of all its claims."""
    wanted: dict[str, set[str]] = {}
    for control in project.controls:
        for claim in control.claims:
            if isinstance(claim, Semgrep) and claim.source == source:
                found = (path for glob in claim.paths for path in select(tree.paths(), glob))
                wanted.setdefault(claim.rule, set()).update(found)
    return RuleRuns(
        source=source, runner=runner, wanted={rule: frozenset(wanted[rule]) for rule in sorted(wanted)}
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
    def __init__(
        self, readings: Mapping[str, Reading], as_of: datetime.date, missing: Mapping[str, str]
    ) -> None:
        self._missing = missing
        self._readings = readings
        self._as_of = as_of

    def check(self, control: Control, claim: Claim) -> ClaimCheck:
        blank = ClaimCheck(
            control=control.id,
            kind=claim.kind,
            text=describe(claim),
            when=claim.when,
            state="not-checked",
            source=claim.source,
        )
        if isinstance(claim, Attested):
            return self._attested(blank, claim)
        if isinstance(claim, Proposed):
            return replace(blank, state="proposed", seen=claim.evidence, detail=_NOBODY)
        reading = self._readings.get(claim.source)
        if reading is None:
            return replace(blank, detail=self._missing.get(claim.source) or absent_source(claim.source))
        try:
            return check_on_tree(blank, claim, reading)
        except ThreatModelError as error:
            return replace(blank, detail=fold(str(error)))

    def _attested(self, blank: ClaimCheck, claim: Attested) -> ClaimCheck:
        if not claim.by.strip() or not public_source(claim.evidence):
            return replace(blank, state="proposed", detail=_NOBODY)
        if datetime.date.fromisoformat(claim.expires) < self._as_of:
            return replace(blank, detail=f"the attestation expired on {claim.expires}")
        return replace(blank, state="attested", seen=claim.evidence)
