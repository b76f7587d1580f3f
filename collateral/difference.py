"""Two states of a model compared: the model, its threats, and the records that judge them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from collateral.assessment import Edition
from collateral.named_sources import NamedSources
from collateral.policy import Priorities
from collateral.publish import Withholding, public_ledger, withheld_claims
from collateral.record_changes import compare_checks, compare_records
from collateral.sides import Side
from threatmodel.analysis import Disposition, Threat, analyse, present_threats
from threatmodel.analysis.change import Difference
from threatmodel.analysis.modeldiff import compare_projects
from threatmodel.analysis.threatdiff import compare_threats
from threatmodel.claims import Ledger, check_claims, describe
from threatmodel.source import SourceTree

Trees = tuple[SourceTree | None, SourceTree | None]


def difference(
    base: Side,
    head: Side,
    *,
    as_of: datetime.date,
    configurations: Iterable[str] | None = None,
    trees: Trees = (None, None),
    named: tuple[NamedSources, NamedSources] = (NamedSources(), NamedSources()),
    decided_by: Literal["own", "base"] = "own",
    edition: Edition = "private",
) -> Difference:
    """What differs between two states of a model.

    `configurations` limits the comparison; None is all that one of the two has. `decided_by` "base" judges the threats
    of both by the rules, the risk settings and the decisions of BASE, as a gate does. `trees` are the sources that the
    claims of each are checked against, `named` those of other projects; the public edition withholds what BASE's
    publishing policy names. A decision on a threat that is nowhere stops nothing here: HEAD's are named in `orphans`.
    """
    sides = (base, head)
    names = _names(sides, configurations)
    common = [n for n in names if all(n in _configurations(side) for side in sides)]
    full = [
        check_claims(side.loaded.project, other.beside(tree), as_of=as_of, missing=other.missing)
        for side, tree, other in zip(sides, trees, named, strict=True)
    ]
    withholding = [_withholding(side, base, as_of) for side in sides]
    withheld = withheld_claims(full[1], withholding[1]) if edition == "public" else ()
    ledgers = [
        ledger if edition == "private" else public_ledger(side.loaded.project, ledger, rules)
        for side, ledger, rules in zip(sides, full, withholding, strict=True)
    ]
    judges = (base, base if decided_by == "base" else head)
    threats = (
        _threats(base, judges[0], ledgers[0], common, as_of),
        _threats(head, judges[1], ledgers[1], common, as_of),
    )
    projects = (base.loaded.project, head.loaded.project)
    model = compare_projects(*projects, names, describe)
    checked = all(tree is not None for tree in trees)
    records = [*compare_records(base, head), *(compare_checks(ledgers[0], ledgers[1]) if checked else ())]
    return Difference(
        base=base.name,
        head=head.name,
        configurations=tuple(names),
        model=model,
        threats=compare_threats(projects, threats, model, records, common),
        records=tuple(sorted(records, key=lambda r: (r.kind, r.id, r.state))),
        sources_checked=checked,
        orphans=_orphans(head),
        withheld=len(withheld),
    )


def _withholding(side: Side, base: Side, as_of: datetime.date) -> Withholding:
    """Nothing is known here of earlier releases, so what is contradicted counts as seen today."""
    priorities = Priorities(side.loaded.project, base.policy.criteria)
    return Withholding(priorities=priorities, publishing=base.policy.publishing, as_of=as_of)


def _names(sides: tuple[Side, Side], wanted: Iterable[str] | None) -> list[str]:
    known = list(dict.fromkeys(name for side in reversed(sides) for name in _configurations(side)))
    chosen = None if wanted is None else frozenset(wanted)
    return [name for name in known if chosen is None or name in chosen]


def _configurations(side: Side) -> tuple[str, ...]:
    return tuple(system.configuration.name for system in side.loaded.project.systems)


def _threats(
    side: Side, judge: Side, ledger: Ledger, names: Sequence[str], as_of: datetime.date
) -> tuple[Threat, ...]:
    here = frozenset(_configurations(side))
    return analyse(
        side.loaded.project,
        judge.rules,
        ledger.states,
        dispositions=[found for item in judge.dispositions if (found := _fitting(item, here))],
        as_of=as_of,
        risk=judge.loaded.manifest.risk,
        configurations=names,
    )


def _fitting(item: Disposition, here: frozenset[str]) -> Disposition | None:
    """The decision, for those of its configurations that a side has."""
    if not item.configurations:
        return item
    kept = tuple(name for name in item.configurations if name in here)
    return replace(item, configurations=kept) if kept else None


def _orphans(head: Side) -> tuple[str, ...]:
    decided = {item.threat for item in head.dispositions}
    return tuple(sorted(decided - present_threats(head.loaded.project, head.rules, decided)))
