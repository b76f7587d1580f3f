"""What stands against a threat at its place: where controls could be, whether they count there, what they provide.

The controls that count are those of `judgement.controls_at`, and the verdict is that of `judgement.judge_at`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis.judgement import ABSENCE
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.system import HOLDS, ControlState, Element, Flow

HolderKind = Literal["flow", "element", "boundary"]
Makes = Literal["mitigates", "unverified", "contradicted", "incomplete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A thing at the place that can have controls. `why` says why they do not count against these adversaries, empty
    where they do."""

    kind: HolderKind
    id: str
    name: str
    controls: tuple[str, ...]
    why: str = ""

    @property
    def counts(self) -> bool:
        """True where its controls act against the adversary."""
        return not self.why


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A control at the place that provides a class. `why` says why it does not count, empty where it does."""

    control: str
    state: ControlState
    at: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassAnswer:
    """One control class of an inner list, and who provides it at the place; missing where nobody who counts does."""

    control_class: str
    meaning: str
    missing: bool
    given: tuple[Given, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListAnswer:
    """One inner list of `mitigated_by`: it mitigates where every class comes from a control that holds. `own` is the list
    of one that every rule has: the thing itself is declared absent."""

    makes: Makes
    classes: tuple[ClassAnswer, ...]
    own: bool = False


def holders(subject: Flow | Element, world: AdversaryWorld, index: SystemIndex) -> tuple[Holder, ...]:
    """Where controls against the adversary could be, in the order in which they are looked for."""
    if isinstance(subject, Element):
        at = Holder(kind="element", id=subject.id, name=subject.name, controls=subject.controls)
        return (
            at,
            *(
                _boundary(id_, index, "the adversary is inside it from the start" * world.inside(id_))
                for id_ in index.chains[subject.id]
            ),
        )
    found = [Holder(kind="flow", id=subject.id, name=subject.name, controls=subject.controls)]
    chains = {end: index.chains[end] for end in (subject.target, subject.source)}
    shared = frozenset(chains[subject.target]) & frozenset(chains[subject.source])
    for end, chain in chains.items():
        element = index.elements[end]
        taken = world.controls(element)
        why = "the adversary controls it" * taken
        found.append(Holder(kind="element", id=end, name=element.name, controls=element.controls, why=why))
        for id_ in chain:
            why = (
                "both ends of the flow are inside it"
                if id_ in shared
                else f"the adversary controls {end}, the end that is inside it" * taken
            )
            found.append(_boundary(id_, index, why))
    once: dict[tuple[HolderKind, str], Holder] = {}
    for holder in found:
        once.setdefault((holder.kind, holder.id), holder)
    return tuple(once.values())


def _boundary(id_: str, index: SystemIndex, why: str) -> Holder:
    boundary = index.boundaries[id_]
    return Holder(kind="boundary", id=id_, name=boundary.name, controls=boundary.controls, why=why)


def lists(
    mitigated_by: Sequence[Sequence[str]],
    places: Sequence[Holder],
    provides: Mapping[str, tuple[str, ...]],
    states: Mapping[str, ControlState],
    meanings: Mapping[str, str],
) -> tuple[ListAnswer, ...]:
    """Each inner list, class by class; last the list that a control of the thing itself answers by its absence."""
    answers = [_list(classes, places, provides, states, meanings) for classes in mitigated_by]
    own = _list([ABSENCE], places[:1], provides, states, meanings)
    if any(answer.given for answer in own.classes):
        answers.append(ListAnswer(makes=own.makes, classes=own.classes, own=True))
    return tuple(answers)


def _list(
    classes: Sequence[str],
    places: Sequence[Holder],
    provides: Mapping[str, tuple[str, ...]],
    states: Mapping[str, ControlState],
    meanings: Mapping[str, str],
) -> ListAnswer:
    answers = []
    worst: Makes = "mitigates"
    for word in classes:
        given = tuple(
            Given(control=id_, state=states[id_], at=place.id, why=place.why)
            for place in places
            for id_ in place.controls
            if word in provides[id_]
        )
        counting = [item.state for item in given if not item.why]
        answers.append(
            ClassAnswer(control_class=word, meaning=meanings.get(word, ""), missing=not counting, given=given)
        )
        worst = max(worst, _makes(counting), key=_ORDER.index)
    return ListAnswer(makes=worst, classes=tuple(answers))


_ORDER: tuple[Makes, ...] = ("mitigates", "unverified", "contradicted", "incomplete")


def _makes(states: Sequence[ControlState]) -> Makes:
    if not states:
        return "incomplete"
    if any(state in HOLDS for state in states):
        return "mitigates"
    return "contradicted" if all(state == "contradicted" for state in states) else "unverified"
