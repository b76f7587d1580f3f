"""What differs between the records of two states of a model: decisions, rules, policy, risk, checks of claims."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from collateral.first_seen import claim_id
from collateral.policy import BLOCKING_ORDER, PRIORITIES, Criterion, GatePolicy, Policy
from collateral.risk_changes import compare_risk
from collateral.sides import Side
from threatmodel.analysis.change import ChangeState, Edit, RecordChange
from threatmodel.claims import ClaimCheck, Ledger
from threatmodel.core.diagnostics import Place
from threatmodel.rules import Rule

Kind = Literal["disposition", "rule", "claim", "policy", "waiver", "risk", "pack", "cvss"]
Values = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A record of one side: its values as text, and its place."""

    values: Values = field(default_factory=dict)
    place: Place | None = None


Weakens = Callable[[ChangeState, Values, Values], bool]


def compare_records(base: Side, head: Side) -> list[RecordChange]:
    """Everything that the model is judged by."""
    old, new = base.policy, head.policy
    return [
        *_compare("policy", _project(base), _project(head), lambda *_: False),
        *_compare("pack", _packs(base), _packs(head), lambda state, *_: state == "removed"),
        *_compare("rule", *_rules(base, head), lambda state, *_: state != "added"),
        *_compare("disposition", _decisions(base), _decisions(head), _decision_weakens),
        *_compare("waiver", _waivers(old.gate), _waivers(new.gate), _decision_weakens),
        *_criteria(old, new),
        *_gate(old.gate, new.gate),
        *_compare("policy", _publishing(old), _publishing(new), lambda *_: False),
        *_compare("cvss", _vectors(base), _vectors(head), lambda *_: False),
        *compare_risk(base.loaded.manifest, head.loaded.manifest),
    ]


def compare_checks(old: Ledger, new: Ledger) -> list[RecordChange]:
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


def _compare(
    kind: Kind, old: Mapping[str, _Entry], new: Mapping[str, _Entry], weakens: Weakens
) -> list[RecordChange]:
    out = []
    for id_ in sorted({*old, *new}):
        before, after = old.get(id_, _Entry()), new.get(id_, _Entry())
        state: ChangeState = "added" if id_ not in old else "removed" if id_ not in new else "changed"
        edits = _edits(before.values, after.values)
        if state == "changed" and not edits:
            continue
        out.append(
            RecordChange(
                kind=kind,
                id=id_,
                state=state,
                edits=edits,
                weakens=weakens(state, before.values, after.values),
                place=(before if state == "removed" else after).place,
            )
        )
    return out


def _edits(old: Values, new: Values) -> tuple[Edit, ...]:
    out = []
    for key in sorted({*old, *new}):
        was, now = old.get(key, ""), new.get(key, "")
        if isinstance(was, tuple) or isinstance(now, tuple):
            gone, came = (
                frozenset(was or ()) - frozenset(now or ()),
                frozenset(now or ()) - frozenset(was or ()),
            )
            if gone or came:
                out.append(Edit(attribute=key, gone=tuple(sorted(gone)), came=tuple(sorted(came))))
        elif was != now:
            out.append(Edit(attribute=key, before=was, after=now))
    return tuple(out)


def _project(side: Side) -> dict[str, _Entry]:
    """What the manifest says of the project apart from its name: whether it is adopted, what it describes."""
    manifest = side.loaded.manifest
    default = {"default-configuration": side.loaded.project.default_configuration}
    return {"project": _Entry(values={**manifest.project, **default}, place=manifest.place("project"))}


def _packs(side: Side) -> dict[str, _Entry]:
    manifest = side.loaded.manifest
    return {pack: _Entry(place=manifest.place("packs")) for pack in manifest.packs}


def _rules(base: Side, head: Side) -> tuple[dict[str, _Entry], dict[str, _Entry]]:
    """The rules of packs that both sides have; the rest is a change of the packs."""
    common = {rule.pack for rule in base.rules} & {rule.pack for rule in head.rules}

    def entries(rules: Sequence[Rule]) -> dict[str, _Entry]:
        return {
            rule.id: _Entry(
                values={
                    "applies-to": rule.applies_to,
                    "stride": rule.stride,
                    "cwe": rule.cwe,
                    "when": rule.when.text,
                    "likelihood": rule.likelihood.text,
                    "impact": rule.impact.text,
                    "mitigated-by": tuple(" and ".join(sorted(words)) for words in rule.mitigated_by),
                },
                place=rule.place,
            )
            for rule in rules
            if rule.pack in common
        }

    return entries(base.rules), entries(head.rules)


def _decisions(side: Side) -> dict[str, _Entry]:
    found = {
        item.threat: _Entry(
            values={
                "decision": item.decision,
                "reason": item.reason,
                "owner": item.owner,
                "expires": item.expires,
                "source": item.source,
                "configurations": item.configurations,
                "evidence": item.evidence,
                "review": item.review,
            },
            place=item.place,
        )
        for item in side.dispositions
    }
    found |= {
        f"finding {id_}": _Entry(
            values={
                "decision": entry.decision,
                "justification": entry.justification,
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


def _vectors(side: Side) -> dict[str, _Entry]:
    """Vectors say how severe a threat is; nothing is judged by them."""
    return {
        " ".join((item.threat, *item.configurations)): _Entry(
            values={"vector": item.vector, "advisory": item.advisory, "source": item.source},
            place=item.place,
        )
        for item in side.vectors
    }


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


def _decision_weakens(state: ChangeState, was: Values, now: Values) -> bool:
    """A decision or waiver counts only with a source: one that comes, says other, lasts longer or covers more."""
    if state == "removed" or not now["source"]:
        return False
    if state == "added" or not was["source"]:
        return True
    if any(was.get(key) != now.get(key) for key in ("decision", "justification", "source")):
        return True
    covered, covers = frozenset(was.get("configurations", ())), frozenset(now.get("configurations", ()))
    more = bool(covered) and (not covers or not covers <= covered)
    return more or _day(now["expires"]) > _day(was["expires"])


def _day(text: str | tuple[str, ...]) -> datetime.date:
    return datetime.date.fromisoformat(str(text))


def _criteria(old: Policy, new: Policy) -> list[RecordChange]:
    """The criteria in their order, because the first that matches decides: what lies between those that both have at
    the start and at the end."""
    was, now = ([_criterion(criterion) for criterion in policy.criteria] for policy in (old, new))
    start = _alike(was, now)
    end = _alike(was[start:][::-1], now[start:][::-1])
    came = {_number(at): now[at] for at in range(start, len(now) - end)}
    free = list(came.items())
    gone: dict[str, _Entry] = {}
    for at in range(start, len(was) - end):
        pair = next((item for item in free if item[1].values["about"] == was[at].values["about"]), None)
        if pair:
            free.remove(pair)
        gone[pair[0] if pair else f"former {_number(at)}"] = was[at]
    return _compare("policy", gone, came, lambda *_: True)


def _alike(one: Sequence[_Entry], two: Sequence[_Entry]) -> int:
    """How many at the start are the same in both."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (a, b) in pairs if a.values != b.values), min(len(one), len(two)))


def _number(at: int) -> str:
    return f"priority criterion {at + 1}"


def _criterion(criterion: Criterion) -> _Entry:
    facts = {fact: " or ".join(sorted(words)) for fact, words in criterion.facts.items()}
    return _Entry(
        values={"priority": criterion.priority, "about": criterion.about, **facts}, place=criterion.place
    )


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
    return out + _compare("policy", _paths(old), _paths(new), _path_weakens)


def _paths(gate: GatePolicy) -> dict[str, _Entry]:
    return {
        f"boundary path {path.name}": _Entry(
            values={"paths": path.paths, "elements": path.elements, "documents": path.documents},
            place=path.place,
        )
        for path in gate.boundary_paths
    }


def _path_weakens(state: ChangeState, was: Values, now: Values) -> bool:
    """More paths ask for more; more elements or documents may be followed more easily."""
    if state != "changed":
        return state == "removed"
    return any(edit.attribute != "paths" or bool(edit.gone) for edit in _edits(was, now))


def _publishing(policy: Policy) -> dict[str, _Entry]:
    values = {"withhold": policy.publishing.withhold, "days": str(policy.publishing.days)}
    return {"publishing": _Entry(values=values)}
