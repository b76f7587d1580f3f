"""Two states of a model compared: the model, its threats, and the records that judge them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from collateral.assessment import Edition, matrix_of
from collateral.first_seen import claim_id
from collateral.policy import BLOCKING_ORDER, PRIORITIES, GatePolicy, Policy, Priorities
from collateral.publish import Withholding, public_ledger, withheld_claims
from collateral.sides import Side
from threatmodel.analysis import RISK_LEVELS, Disposition, Threat, analyse
from threatmodel.analysis.change import ChangeState, Difference, Edit, RecordChange
from threatmodel.analysis.modeldiff import compare_projects
from threatmodel.analysis.threatdiff import compare_threats
from threatmodel.claims import ClaimCheck, Ledger, check_claims
from threatmodel.claims.ledger import describe
from threatmodel.core.diagnostics import Place
from threatmodel.source import SourceTree

Trees = tuple[SourceTree | None, SourceTree | None]


def difference(
    base: Side,
    head: Side,
    *,
    as_of: datetime.date,
    configurations: Iterable[str] | None = None,
    trees: Trees = (None, None),
    decided_by: Literal["own", "base"] = "own",
    edition: Edition = "private",
) -> Difference:
    """What differs between two states of a model.

    `configurations` limits the comparison; None is all that one of the two has. `decided_by` "base" judges the threats
    of both by the rules, the risk matrix and the decisions of BASE, as a gate does. `trees` are the sources that the
    claims of each are checked against; the public edition withholds what BASE's publishing policy names. A decision
    on a threat that is nowhere stops nothing here: HEAD's are named in `orphans`.
    """
    sides = (base, head)
    names = _names(sides, configurations)
    common = [n for n in names if all(n in _configurations(side) for side in sides)]
    full = [
        check_claims(side.loaded.project, {"": tree} if tree is not None else {}, as_of=as_of)
        for side, tree in zip(sides, trees, strict=True)
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
    records = [*_records(base, head), *(_claims(ledgers[0], ledgers[1]) if checked else ())]
    return Difference(
        base=base.name,
        head=head.name,
        configurations=tuple(names),
        model=model,
        threats=compare_threats(projects, threats, model, records, common),
        records=tuple(sorted(records, key=lambda r: (r.kind, r.id, r.state))),
        sources_checked=checked,
        orphans=_orphans(head, ledgers[1], as_of),
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
        matrix=matrix_of(judge.loaded.manifest),
        configurations=names,
    )


def _fitting(item: Disposition, here: frozenset[str]) -> Disposition | None:
    """The decision, for those of its configurations that a side has."""
    if not item.configurations:
        return item
    kept = tuple(name for name in item.configurations if name in here)
    return replace(item, configurations=kept) if kept else None


def _orphans(head: Side, ledger: Ledger, as_of: datetime.date) -> tuple[str, ...]:
    if not head.dispositions:
        return ()
    names = _configurations(head)
    known = {threat.id for threat in _threats(head, head, ledger, names, as_of)}
    return tuple(sorted(item.threat for item in head.dispositions if item.threat not in known))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A record of one side: its values as text, and its place."""

    values: Mapping[str, str]
    place: Place | None = None


def _records(base: Side, head: Side) -> list[RecordChange]:
    old, new = base.policy, head.policy
    return [
        *_compare("pack", _packs(base), _packs(head), lambda state, _: state == "removed"),
        *_compare("disposition", _decisions(base), _decisions(head), _decision_weakens),
        *_compare("waiver", _waivers(old.gate), _waivers(new.gate), _decision_weakens),
        *_compare("policy", _criteria(old), _criteria(new), lambda *_: True),
        *_gate(old.gate, new.gate),
        *_compare("policy", _publishing(old), _publishing(new), lambda *_: False),
        *_matrix(base, head),
    ]


Kind = Literal["disposition", "rule", "claim", "policy", "waiver", "risk-matrix", "pack"]


def _compare(
    kind: Kind, old: Mapping[str, _Entry], new: Mapping[str, _Entry], weakens: Any
) -> list[RecordChange]:
    out = []
    for id_ in sorted({*old, *new}):
        before, after = old.get(id_), new.get(id_)
        state: ChangeState = "added" if before is None else "removed" if after is None else "changed"
        was, now = before.values if before else {}, after.values if after else {}
        edits = tuple(
            Edit(attribute=key, before=was.get(key, ""), after=now.get(key, ""))
            for key in sorted({*was, *now})
            if was.get(key, "") != now.get(key, "")
        )
        if state == "changed" and not edits:
            continue
        entry = after or before
        place = entry.place if entry else None
        out.append(
            RecordChange(
                kind=kind, id=id_, state=state, edits=edits, weakens=weakens(state, edits), place=place
            )
        )
    return out


def _packs(side: Side) -> dict[str, _Entry]:
    manifest = side.loaded.manifest
    return {pack: _Entry(values={}, place=manifest.place("packs")) for pack in manifest.packs}


def _decisions(side: Side) -> dict[str, _Entry]:
    found = {
        item.threat: _Entry(
            values={
                "decision": item.decision,
                "reason": item.reason,
                "owner": item.owner,
                "expires": item.expires,
                "source": item.source,
                "configurations": ", ".join(sorted(item.configurations)),
            },
            place=item.place,
        )
        for item in side.dispositions
    }
    found |= {
        f"finding {id_}": _Entry(
            values={
                "decision": entry.decision,
                "reason": entry.reason,
                "owner": entry.owner,
                "expires": str(entry.expires),
                "source": entry.source,
            },
            place=entry.place,
        )
        for id_, entry in side.triage.items()
    }
    return found


def _decision_weakens(state: ChangeState, edits: Sequence[Edit]) -> bool:
    """A decision or waiver that is new or other than before may let something pass; one that is gone may not."""
    words = {"reason", "owner"}
    return state == "added" or (state == "changed" and any(edit.attribute not in words for edit in edits))


def _waivers(gate: GatePolicy) -> dict[str, _Entry]:
    return {
        f"{w.rule} {w.subject}": _Entry(
            values={
                "reason": w.reason,
                "owner": w.owner,
                "expires": w.expires.isoformat(),
                "source": w.source,
            },
            place=w.place,
        )
        for w in gate.waivers
    }


def _criteria(policy: Policy) -> dict[str, _Entry]:
    """The criteria by their number: the first that matches decides, so their order counts."""
    return {
        f"priority criterion {number}": _Entry(
            values={
                "priority": criterion.priority,
                "about": criterion.about,
                **{fact: " or ".join(sorted(words)) for fact, words in criterion.facts.items()},
            },
            place=criterion.place,
        )
        for number, criterion in enumerate(policy.criteria, 1)
    }


def _gate(old: GatePolicy, new: GatePolicy) -> list[RecordChange]:
    out = []

    def changed(name: str, before: object, after: object, *, weakens: bool) -> None:
        if before != after:
            edit = Edit(attribute=name, before=str(before), after=str(after))
            out.append(
                RecordChange(
                    kind="policy", id=f"gate {name}", state="changed", edits=(edit,), weakens=weakens
                )
            )

    less = PRIORITIES.index(new.threshold) < PRIORITIES.index(old.threshold) or new.threshold == "none"
    changed("threshold", old.threshold, new.threshold, weakens=less)
    changed("warn-days", old.warn_days, new.warn_days, weakens=new.warn_days < old.warn_days)
    for rule in sorted({*old.levels, *new.levels}):
        before, after = old.levels[rule], new.levels[rule]
        changed(f"level of {rule}", before, after, weakens=BLOCKING_ORDER[after] < BLOCKING_ORDER[before])
    return out + _compare("policy", _paths(old), _paths(new), lambda state, _: state != "added")


def _paths(gate: GatePolicy) -> dict[str, _Entry]:
    return {
        f"boundary path {path.name}": _Entry(
            values={
                name: ", ".join(sorted(words))
                for name, words in asdict(path).items()
                if name in {"paths", "elements", "documents"}
            },
            place=path.place,
        )
        for path in gate.boundary_paths
    }


def _publishing(policy: Policy) -> dict[str, _Entry]:
    values = {"withhold": policy.publishing.withhold, "days": str(policy.publishing.days)}
    return {"publishing": _Entry(values=values)}


def _matrix(base: Side, head: Side) -> list[RecordChange]:
    old, new = matrix_of(base.loaded.manifest), matrix_of(head.loaded.manifest)
    cells = [
        (row, column, old[row][column], new[row][column])
        for row in range(5)
        for column in range(5)
        if old[row][column] != new[row][column]
    ]
    if not cells:
        return []
    edits = tuple(
        Edit(attribute=f"likelihood {row + 1}, impact {column + 1}", before=before, after=after)
        for row, column, before, after in cells
    )
    lower = any(RISK_LEVELS.index(after) < RISK_LEVELS.index(before) for _, _, before, after in cells)
    place = head.loaded.manifest.place("risk")
    return [
        RecordChange(
            kind="risk-matrix", id="risk matrix", state="changed", edits=edits, weakens=lower, place=place
        )
    ]


def _claims(old: Ledger, new: Ledger) -> list[RecordChange]:
    """Claims whose check came to another result. Claims that only one side has are a change of their control."""
    before = {_key(check): check for check in old.checks}
    out = []
    for check in new.checks:
        was = before.get(_key(check))
        if was is not None and was.state != check.state:
            edit = Edit(attribute="state", before=was.state, after=check.state)
            place = Place(check.path, check.line) if check.path else None
            out.append(
                RecordChange(kind="claim", id=claim_id(check), state="changed", edits=(edit,), place=place)
            )
    return out


def _key(check: ClaimCheck) -> tuple[object, ...]:
    return check.control, check.kind, check.text, tuple(sorted(check.when.items()))
