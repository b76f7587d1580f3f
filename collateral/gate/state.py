"""One side of a change as the gate sees it: its claims checked, its threats judged by the rules of BASE."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace

from collateral.gate.scanfile import ScanFile
from collateral.named_sources import NamedSources
from collateral.policy import Priorities
from collateral.sides import Side
from threatmodel.analysis import Disposition, RiskSettings, Threat, analyse
from threatmodel.claims import ClaimCheck, Ledger, check_claims, ledger_of
from threatmodel.rules import Rule
from threatmodel.source import SourceTree

_NONE = NamedSources()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was given beside the model: trees and scans, each of BASE and of HEAD. `named`: the trees of other projects,
    at the refs that each side's own source pins."""

    trees: tuple[SourceTree | None, SourceTree | None] = (None, None)
    named: tuple[NamedSources, NamedSources] = (_NONE, _NONE)
    scans: tuple[ScanFile, ScanFile] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One side with its claims checked and its threats as BASE sees them."""

    side: Side
    ledger: Ledger
    threats: tuple[Threat, ...]
    priorities: Priorities


def state_of(
    side: Side, base: Side, tree: SourceTree | None, as_of: datetime.date, named: NamedSources = _NONE
) -> State:
    project = side.loaded.project
    ledger = check_claims(
        project, named.beside(tree), as_of=as_of, missing=named.missing, hints=side is not base
    )
    if side is not base:
        words = check_claims(base.loaded.project, {}, as_of=as_of).checks
        known = {key(check) for check in words if check.state == "attested"}
        ledger = ledger_of(project, [_not_yet(check, known) for check in ledger.checks])
    threats = judged(side, base.rules, base.dispositions, ledger, as_of, risk=base.loaded.manifest.risk)
    return State(
        side=side, ledger=ledger, threats=threats, priorities=Priorities(project, base.policy.criteria)
    )


def _not_yet(check: ClaimCheck, known: Set[tuple[object, ...]]) -> ClaimCheck:
    """A person's word that only HEAD has counts once it is merged, like every other decision."""
    if check.state != "attested" or key(check) in known:
        return check
    return replace(
        check, state="not-checked", seen="", detail="an attestation that is new here does not count yet"
    )


def judged(
    side: Side,
    rules: Sequence[Rule],
    decisions: Iterable[Disposition],
    ledger: Ledger,
    as_of: datetime.date,
    *,
    risk: RiskSettings,
) -> tuple[Threat, ...]:
    """The threats of a side by the rules and decisions of another; decisions on what is not there are left out."""
    project = side.loaded.project
    names = tuple(system.configuration.name for system in project.systems)
    fitting = []
    for item in decisions:
        here = tuple(name for name in item.configurations if name in names)
        if here or not item.configurations:
            fitting.append(replace(item, configurations=here))
    return analyse(
        project,
        rules,
        ledger.states,
        dispositions=fitting,
        as_of=as_of,
        risk=risk,
        configurations=names,
    )


def key(check: ClaimCheck) -> tuple[object, ...]:
    """What makes a claim of BASE and one of HEAD the same."""
    return check.control, check.kind, check.text, tuple(sorted(check.when.items()))
