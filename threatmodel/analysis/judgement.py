"""Which controls can act against a threat, and what their states make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from threatmodel.analysis.threats import Status
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.system import HOLDS, WORST_FIRST, ControlState, Element, Flow

Verdict = tuple[Status, tuple[str, ...], str]
"""Status, the controls that it rests on, and the reason in words."""

ABSENCE = "interface-disabled"
"""The control class that says that a thing is not there: on the thing itself it answers every rule about it."""


def controls_at(subject: Flow | Element, world: AdversaryWorld, index: SystemIndex) -> tuple[str, ...]:
    """Controls that can act against the adversary at an element or flow.

    Controls of an element that the adversary controls are worth nothing. A boundary's controls act on what
    crosses it: on a flow with one end inside, and for an element inside against an adversary that is outside.
    """
    if isinstance(subject, Element):
        found = [*subject.controls]
        for boundary in index.chains[subject.id]:
            if not world.inside(boundary):
                found += index.boundaries[boundary].controls
        return tuple(dict.fromkeys(found))
    found = [*subject.controls]
    chains = {end: index.chains[end] for end in (subject.target, subject.source)}
    shared = frozenset(chains[subject.target]) & frozenset(chains[subject.source])
    for end, chain in chains.items():
        element = index.elements[end]
        if not world.controls(element):
            found += element.controls
            found += [
                id_
                for boundary in chain
                if boundary not in shared
                for id_ in index.boundaries[boundary].controls
            ]
    return tuple(dict.fromkeys(found))


def judge_at(
    mitigated_by: Sequence[Sequence[str]],
    own: Sequence[str],
    provides: Mapping[str, tuple[str, ...]],
    states: Mapping[str, ControlState],
) -> Verdict:
    """`judge`, and besides: a control on the subject itself (`own`) that says that it is absent suffices alone."""
    ruled = judge(mitigated_by, provides, states)
    if ruled[0] == "mitigated":
        return ruled
    absent = judge([[ABSENCE]], {id_: provides[id_] for id_ in own}, states)
    return absent if absent[0] == "mitigated" else min(ruled, absent, key=_rank)


def judge(
    mitigated_by: Sequence[Sequence[str]],
    provides: Mapping[str, tuple[str, ...]],
    states: Mapping[str, ControlState],
) -> Verdict:
    """What controls make of a threat.

    It is mitigated if one inner list of classes is wholly provided by controls that are verified or attested. Of
    several, one that is wholly verified counts.
    Otherwise a contradicted control on which an inner list depends makes it contradicted; a list that is
    wholly claimed leaves it unverified; else it is open.
    """
    best: Verdict = ("open", (), _lacking(mitigated_by, provides))
    for classes in mitigated_by:
        proven, claimed, failed = [], [], []
        for word in classes:
            givers = sorted(id_ for id_, words in provides.items() if word in words)
            holding = [id_ for id_ in givers if states[id_] in HOLDS]
            usable = [id_ for id_ in givers if states[id_] != "contradicted"]
            if holding:
                proven.append(max(holding, key=lambda id_: WORST_FIRST.index(states[id_])))
            elif usable:
                claimed.append(usable[0])
            elif givers:
                failed.append(givers[0])
            else:
                break
        else:
            found = _alternative(proven, claimed, failed, states)
            if found[0] == "mitigated" and all(states[id_] == "verified" for id_ in found[1]):
                return found
            best = min(best, found, key=_rank)
    return best


_PREFERENCE: tuple[Status, ...] = ("mitigated", "contradicted", "unverified", "open")


def _rank(verdict: Verdict) -> int:
    return _PREFERENCE.index(verdict[0])


def _lacking(mitigated_by: Sequence[Sequence[str]], provides: Mapping[str, tuple[str, ...]]) -> str:
    """Why a threat is open: nothing is claimed, or what is claimed is a part only."""
    given = {word for words in provides.values() for word in words}
    partly = [classes for classes in mitigated_by if not given.isdisjoint(classes)]
    if not partly:
        return "no control claims what would mitigate it"
    nearest = min(partly, key=lambda classes: sum(word not in given for word in classes))
    here = [word for word in nearest if word in given]
    missing = [word for word in nearest if word not in given]
    return f"{' and '.join(here)} alone {'does' if len(here) == 1 else 'do'} not suffice: {', '.join(missing)} is missing"


def _alternative(
    proven: list[str], claimed: list[str], failed: list[str], states: Mapping[str, ControlState]
) -> Verdict:
    used = tuple(dict.fromkeys([*failed, *claimed, *proven]))
    if failed:
        return "contradicted", used, f"the source contradicts {', '.join(dict.fromkeys(failed))}"
    if claimed:
        why = ", ".join(dict.fromkeys(f"{id_} is {_WORDS[states[id_]]}" for id_ in claimed))
        return "unverified", used, why
    return "mitigated", used, f"{', '.join(used)} {'holds' if len(used) == 1 else 'hold'}"


_WORDS: dict[ControlState, str] = {
    "contradicted": "contradicted",
    "undisclosed": "claimed, and this edition does not say whether it holds",
    "not-found": "claimed, but the place was not found",
    "not-checked": "claimed, but was not checked",
    "unclaimed": "claimed without evidence",
    "proposed": "proposed: nobody vouches for it",
    "attested": "attested",
    "verified": "verified",
}
