"""Rules, policy and waivers brought together. Pure: the same input, in whatever order, gives the same verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from collateral.gate.model import Draft, Event, GateInput, Verdict
from collateral.gate.rules import RULES
from collateral.policy import (
    BLOCKING_ORDER,
    GATE_RULES,
    PRIORITIES,
    Level,
    PublishingPolicy,
    Subject,
    Waiver,
    at_or_above,
)
from threatmodel.core.errors import Exit, worst_exit
from threatmodel.core.text import fold

_EXITS: Mapping[Subject, Exit] = {
    "threat": Exit.GATE_THREATS,
    "finding": Exit.GATE_FINDINGS,
    "claim": Exit.GATE_CLAIMS,
}
WITHHELD = "withheld"


def evaluate(given: GateInput) -> Verdict:
    """The verdict: every draft of every rule becomes one event, the most severe first."""
    drafts = [draft for rule in RULES for draft in rule.find(given)]
    events = tuple(sorted((_judge(draft, given) for draft in drafts), key=_order))
    stops = {_EXITS[event.about] for event in events if event.level == "block"}
    unchecked = {Exit.INCOMPLETE} if given.undone else set()
    return Verdict(
        base=given.base,
        head=given.head,
        stage=given.stage,
        enforced=given.enforced,
        as_of=given.as_of.isoformat(),
        events=events,
        blocked=bool(stops),
        would=worst_exit(stops | unchecked),
        exit=worst_exit(stops | unchecked if given.enforced else unchecked),
        undone=tuple(sorted(set(given.undone))),
        notes=tuple(sorted(set(given.notes))),
    )


def _judge(draft: Draft, given: GateInput) -> Event:
    level = _lower(given.policy.levels[draft.rule], draft.ceiling)
    waiver = _waiver(draft, given.policy.waivers, given)
    why = draft.why
    waived_by = ""
    if waiver is not None and waiver.in_force(given.as_of):
        level = _lower(level, "info")
        waived_by = f"{waiver.owner} until {waiver.expires} [{waiver.source}]"
        why = f"waived: {waiver.reason}"
    elif waiver is not None:
        reason = "has expired" if waiver.source else "is proposed: no public source stands behind it"
        why = _joined(why, f"the waiver of {waiver.owner} {reason}")
    elif _waiver(draft, given.head_waivers, given) is not None:
        why = _joined(why, "HEAD brings a waiver; one that is new here does not count for this change")
    return Event(
        rule=draft.rule,
        subject=draft.subject,
        message=draft.message,
        level=max(level, draft.floor, key=BLOCKING_ORDER.__getitem__),
        about=draft.about,
        priority=draft.priority,
        why=why,
        place=draft.place,
        tree=draft.tree,
        waived_by=waived_by,
        discloses=draft.discloses,
    )


def _waiver(draft: Draft, waivers: tuple[Waiver, ...], given: GateInput) -> Waiver | None:
    """The waiver of exactly this subject, one in force before others."""
    shown = _shown(draft.subject)
    found = [w for w in waivers if w.rule == draft.rule and _shown(w.subject) == shown]
    return max(found, key=lambda w: (w.in_force(given.as_of), w.expires, w.owner, w.reason), default=None)


def _shown(subject: str) -> str:
    """The subject as the output gives it: a waiver is copied from there."""
    return fold(" ".join(subject.split()))


def _lower(one: Level, other: Level) -> Level:
    return min(one, other, key=BLOCKING_ORDER.__getitem__)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _order(event: Event) -> tuple[object, ...]:
    return (
        -BLOCKING_ORDER[event.level],
        GATE_RULES.index(event.rule),
        PRIORITIES.index(event.priority),
        event.subject,
        event.message,
        event.why,
        str(event.place or ""),
        event.tree,
    )


def published(verdict: Verdict, publishing: PublishingPolicy) -> Verdict:
    """The verdict as the public may see it: urgent weaknesses of the source are a number. Nothing else differs."""
    shown = [event for event in verdict.events if not _early(event, publishing)]
    held: dict[tuple[object, ...], list[Event]] = {}
    for event in verdict.events:
        if _early(event, publishing):
            held.setdefault((event.rule, event.level, bool(event.waived_by)), []).append(event)
    shown += [_counted(events, publishing) for events in held.values()]
    return replace(verdict, events=tuple(sorted(shown, key=_order)))


def _early(event: Event, publishing: PublishingPolicy) -> bool:
    urgent = publishing.days > 0 and at_or_above(event.priority, publishing.withhold)
    return event.discloses and urgent


def _counted(events: list[Event], publishing: PublishingPolicy) -> Event:
    first = events[0]
    count = len(events)
    noun = {"threat": "threats", "claim": "claims", "finding": "findings"}[first.about]
    return replace(
        first,
        subject=WITHHELD,
        message=f"{count} {noun if count > 1 else noun[:-1]} at or above {publishing.withhold}",
        why="the public edition does not say which; `--edition private` does",
        place=None,
        tree="model",
        waived_by="by a waiver" if first.waived_by else "",
        priority=publishing.withhold,
        count=count,
    )
