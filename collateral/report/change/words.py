"""What the forms of a difference have in common: order, signs, numbers, notes. Nothing is judged here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from collateral.assessment import Edition
from collateral.policy import PRIORITIES, Priority
from threatmodel.analysis import RISK_LEVELS, STATUSES
from threatmodel.analysis.change import ChangeState, Difference, RecordChange, ThreatChange

NO_CHANGE = "no change"
NOT_CHECKED = "no two source trees were given: no claim was checked, and each status is what the model claims"
SIGNS: Mapping[ChangeState, str] = {"added": "+", "removed": "-", "changed": "~"}
_ORDER: tuple[ChangeState, ...] = ("added", "removed", "changed")
_UNSETTLED = frozenset({"open", "contradicted", "unverified"})
_MOST_ORPHANS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """A changed threat with the priority that it has now, or had before it went."""

    change: ThreatChange
    priority: Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffFile:
    """`threatmodel diff --format json`. Model, records and threats are sorted by kind and id."""

    format: Literal["threatmodel/diff"] = "threatmodel/diff"
    version: Literal[1] = 1
    project: str
    edition: Edition
    changed: bool
    difference: Difference
    priorities: Mapping[str, Priority]


def ranked(rated: Iterable[Rated]) -> list[Rated]:
    """Most urgent first; what is gone after what is there."""
    return sorted(
        rated,
        key=lambda r: (r.change.state == "removed", PRIORITIES.index(r.priority), r.change.id),
    )


def worse(change: ThreatChange) -> bool:
    """True where the threat is new, or has a worse status or risk than before."""
    if change.after is None:
        return False
    if change.before is None:
        return True
    risk = RISK_LEVELS.index(change.after.risk) > RISK_LEVELS.index(change.before.risk)
    return risk or STATUSES.index(change.after.status) < STATUSES.index(change.before.status)


def notes(d: Difference) -> list[str]:
    """What a reader has to know beside the changes."""
    out = [] if d.sources_checked else [NOT_CHECKED]
    if d.withheld:
        claims = "claim" if d.withheld == 1 else "claims"
        out.append(f"public edition: {d.withheld} contradicted {claims} withheld")
    out += [f"decision on {id_}, which is no threat any more" for id_ in d.orphans[:_MOST_ORPHANS]]
    if (rest := len(d.orphans) - _MOST_ORPHANS) > 0:
        out.append(f"and {rest} more decisions on what is no threat any more")
    return out


def counts(d: Difference) -> str:
    """How many things of each kind were added, removed and changed, each counted once."""
    things: dict[str, set[tuple[ChangeState, str]]] = {}
    for change in d.model:
        things.setdefault(_plural(change.kind), set()).add((change.state, change.id))
    things["threats"] = {(change.state, change.id) for change in d.threats}
    things["decisions, rules and policy"] = {(r.state, f"{r.kind} {r.id}") for r in records(d, claims=False)}
    things["checks of claims"] = {(r.state, r.id) for r in records(d, claims=True)}
    parts = []
    for word, found in things.items():
        by_state = Counter(state for state, _ in found)
        said = ", ".join(f"{by_state[state]} {state}" for state in _ORDER if by_state[state])
        parts += [f"{word}: {said}"] if said else []
    return " · ".join(parts)


def _plural(kind: str) -> str:
    return {"boundary": "boundaries", "adversary": "adversaries", "data": "data assets"}.get(kind, f"{kind}s")


def risks(d: Difference) -> str:
    """How many unsettled threats of each risk there are more or less, each where the newer state is worst."""
    delta: Counter[str] = Counter()
    for change in d.threats:
        for side, step in ((change.before, -1), (change.after, 1)):
            if side is not None and side.status in _UNSETTLED:
                delta[side.risk] += step
    return ", ".join(f"{level} {delta[level]:+d}" for level in reversed(RISK_LEVELS) if delta[level])


def step(change: ThreatChange) -> str:
    """What became of status, risk, controls and adversaries in the configuration where it is worst."""
    was, now = change.before, change.after
    if now is None:
        return f"was {was.status}, {was.risk}" if was else ""
    if was is None:
        return f"{now.status}, {now.risk}"
    parts = [f"{was.status} → {now.status}" if was.status != now.status else now.status]
    parts.append(f"{was.risk} → {now.risk}" if was.risk != now.risk else now.risk)
    if was.inherent != now.inherent:
        parts.append(f"without controls {was.inherent} → {now.inherent}")
    for word, old, new in (
        ("controls", was.controls, now.controls),
        ("adversaries", was.adversaries, now.adversaries),
    ):
        if set(old) != set(new):
            parts.append(f"{word} {', '.join(old) or 'none'} → {', '.join(new) or 'none'}")
    return ", ".join(parts)


def where(names: Sequence[str], known: int) -> str:
    """In which configurations, where it is not in all of them."""
    return ", ".join(names) if names and len(names) < known else ""


def records(d: Difference, *, claims: bool) -> list[RecordChange]:
    """The checks of claims, or all other records."""
    return [record for record in d.records if (record.kind == "claim") == claims]


def record_name(record: RecordChange) -> str:
    """Kind and id of a record, without saying one thing twice."""
    kind = record.kind.replace("-", " ")
    return kind if record.id == kind else f"{kind} {record.id}"
