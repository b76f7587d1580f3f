"""The steps that an adversary can take in one configuration, and the graph that they make."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from threatmodel.analysis.judgement import controls_at, judge_at
from threatmodel.analysis.paths.assets import Having, exposed, held, wanted
from threatmodel.analysis.paths.defeat import Sets, to_defeat, to_hold
from threatmodel.analysis.paths.effects import At, effects, needs_flaw
from threatmodel.analysis.paths.machine import spread
from threatmodel.analysis.paths.values import Effect, StepKind
from threatmodel.analysis.threats import Status
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.core.ids import threat_id
from threatmodel.rules.language import Code, Variables
from threatmodel.rules.rule import Rule
from threatmodel.system import (
    HOLDS,
    Adversary,
    ControlState,
    ControlStates,
    DataAsset,
    Element,
    Flow,
    Project,
    SystemModel,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A threat that makes a step. `defeats` are the sets of controls one of which must fail, `holds` those one of which
    stops it if it holds; `via` is the flow. `flaw`: it needs a mistake in code too."""

    threat: str
    title: str
    effect: Effect
    via: str
    flaw: bool
    status: Status
    reason: str
    defeats: Sets
    holds: Sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From what the adversary has to what it gets. `attempts` are alternatives; none means that nothing is needed.

    `target` is an element, or an asset where `reaches_asset`. `via` are the flows that the step goes over, or why the
    asset is there.
    """

    kind: StepKind
    source: str
    target: str
    reaches_asset: bool
    via: tuple[str, ...]
    attempts: tuple[Attempt, ...]


_Useful = tuple[Rule, Sequence[Code], Sequence[Effect]]
Candidates = Mapping[str, Sequence[tuple[Rule, Sequence[Code]]]]


class Field:
    """One configuration as a field of attack: which rules could hold where, and what the controls there are worth.

    `excluded` are threats that a decision in force says are not applicable.
    """

    def __init__(
        self,
        project: Project,
        system: SystemModel,
        rules: Sequence[Rule],
        states: ControlStates,
        *,
        excluded: Collection[str] = (),
        failed: Collection[str] = (),
    ) -> None:
        self.project, self.system = project, system
        self.index = SystemIndex(project, system)
        self.controls = {control.id: control for control in project.controls}
        self.failed = frozenset(failed)
        name = system.configuration.name
        self.states: dict[str, ControlState] = {
            id_: states.get((name, id_), "not-checked" if control.claims else "unclaimed")
            for id_, control in self.controls.items()
        }
        self.flows = tuple(sorted(system.flows, key=lambda flow: flow.id))
        self._excluded = excluded
        self._neutral = AdversaryWorld(self.index, None)
        self.candidates = self._candidates([rule for rule in rules if not rule.library])
        self.wanted = {id_: wanted(asset) for id_, asset in self.index.assets.items()}
        self.held: Mapping[str, Mapping[str, Having]] = {
            element.id: held(element, self.index) for element in system.elements
        }
        self._kept: dict[tuple[str, At], Sequence[_Useful]] = {}
        self._outbreaks: dict[str, tuple[Attempt, ...]] = {}
        self._verdicts: dict[tuple[str, str, tuple[str, ...]], tuple[Status, str, Sets, Sets]] = {}

    def usable(self) -> frozenset[str]:
        """Controls that are claimed, not contradicted, and were not told to fail."""
        return frozenset(id_ for id_, state in self.states.items() if self._usable(id_, state))

    def proven(self) -> frozenset[str]:
        """Those of them that hold."""
        return frozenset(id_ for id_ in self.usable() if self.states[id_] in HOLDS)

    def _usable(self, id_: str, state: ControlState) -> bool:
        return state != "contradicted" and id_ not in self.failed

    def _candidates(self, rules: Sequence[Rule]) -> Candidates:
        """For each flow and element the rules whose parts that depend on no adversary hold."""
        found: dict[str, list[tuple[Rule, Sequence[Code]]]] = defaultdict(list)
        for rule in rules:
            if rule.stride == "repudiation":
                continue
            parts = rule.when.parts or (rule.when,)
            fixed = [part.code for part in parts if not part.adversarial]
            asked = [part.code for part in parts if part.adversarial]
            subjects: Iterable[Flow | Element]
            subjects = self.system.flows if rule.applies_to == "flow" else self.system.elements
            for subject in subjects:
                if _all(fixed, self._neutral, {rule.applies_to: subject}):
                    found[subject.id].append((rule, asked))
        return found

    def attempts(
        self, subject: Flow | Element, victim: Element, at: At, world: AdversaryWorld, via: str
    ) -> Iterator[Attempt]:
        """The threats at the place that hold in this world and give the victim or an asset that is wanted."""
        variable = "flow" if isinstance(subject, Flow) else "element"
        for rule, asked, given in self._useful(subject, victim, at):
            if _all(asked, world, {variable: subject}):
                yield from self._made(rule, subject, controls_at(subject, world, self.index), given, via)

    def _useful(self, subject: Flow | Element, victim: Element, at: At) -> Sequence[_Useful]:
        key = (subject.id, at)
        if key not in self._kept:
            found = [
                (rule, asked, given)
                for rule, asked in self.candidates.get(subject.id, ())
                if (
                    given := [
                        effect
                        for effect in sorted(effects(rule, subject, at, victim))
                        if effect == "takes" or self.lost(subject, victim, at, effect)
                    ]
                )
            ]
            self._kept[key] = found
        return self._kept[key]

    def lost(self, subject: Flow | Element, victim: Element, at: At, effect: Effect) -> list[str]:
        """The assets whose wanted property is lost by such an effect at the place."""
        if effect == "takes" or effect == "spreads":
            return []
        places = exposed(subject, victim, from_source=at == "source", effect=effect)
        return sorted(asset for asset in places if effect in self.wanted[asset])

    def breakouts(self, element: Element) -> tuple[Attempt, ...]:
        """The threats by which whoever has the element gets out of what confines it."""
        if element.id not in self._outbreaks:
            self._outbreaks[element.id] = self._breakouts(element)
        return self._outbreaks[element.id]

    def _breakouts(self, element: Element) -> tuple[Attempt, ...]:
        """Asked for somebody who has all that sends to it, with the controls of the element and of every boundary around
        it that its machine does not share."""
        senders = {flow.source for flow in self.index.inbound.get(element.id, ())} - {element.id}
        world = AdversaryWorld(self.index, None, senders)
        machine = spread(element, self.index).machine
        here = [*element.controls]
        for boundary in self.index.chains[element.id]:
            if boundary == machine:
                break
            here += self.index.boundaries[boundary].controls
        return tuple(
            attempt
            for rule, asked in self.candidates.get(element.id, ())
            if rule.applies_to == "element"
            and "spreads" in (given := effects(rule, element, "source", element))
            and _all(asked, world, {"element": element})
            for attempt in self._made(rule, element, tuple(dict.fromkeys(here)), given, "")
        )

    def _made(
        self, rule: Rule, subject: Flow | Element, here: tuple[str, ...], given: Collection[Effect], via: str
    ) -> Iterator[Attempt]:
        key = (rule.id, subject.id, here)
        if key not in self._verdicts:
            self._verdicts[key] = self._judged(rule, subject, here)
        status, reason, defeats, holds = self._verdicts[key]
        if status in {"open", "unverified"} and self._decided(rule, subject, here):
            return
        for effect in sorted(given):
            yield Attempt(
                threat=threat_id(rule.id, subject.id),
                title=rule.title,
                effect=effect,
                via=via,
                flaw=needs_flaw(rule),
                status=status,
                reason=reason,
                defeats=defeats,
                holds=holds,
            )

    def _decided(self, rule: Rule, subject: Flow | Element, here: Iterable[str]) -> bool:
        """True where a decision says that the threat does not apply, and the edition shows what bears on it."""
        shown = all(self.states[id_] != "undisclosed" for id_ in here)
        return shown and threat_id(rule.id, subject.id) in self._excluded

    def _judged(
        self, rule: Rule, subject: Flow | Element, here: tuple[str, ...]
    ) -> tuple[Status, str, Sets, Sets]:
        provides = {id_: self.controls[id_].provides for id_ in here if id_ not in self.failed}
        own = [id_ for id_ in subject.controls if id_ in provides]
        status, _, reason = judge_at(rule.mitigated_by, own, provides, self.states)
        usable = {id_: words for id_, words in provides.items() if self._usable(id_, self.states[id_])}
        standing = [id_ for id_ in own if id_ in usable]
        return (
            status,
            reason,
            to_defeat(rule.mitigated_by, standing, usable),
            to_hold(rule.mitigated_by, standing, usable),
        )


def _all(parts: Sequence[Code], world: AdversaryWorld, variables: Variables) -> bool:
    for code in parts:  # noqa: SIM110  # asked a hundred thousand times, so it makes no generator
        if not code(world, variables):
            return False
    return True


class Attacker:
    """One adversary in a field: what it has from the start, and the steps from there."""

    def __init__(self, field: Field, adversary: Adversary) -> None:
        self._field, self._adversary = field, adversary
        self._first = AdversaryWorld(field.index, adversary)
        self.start = tuple(element.id for element in field.system.elements if self._first.controls(element))
        self._given = frozenset(adversary.controls)

    @property
    def present(self) -> bool:
        """True where it has a foothold in the configuration."""
        return bool(self.start)

    def own(self, asset: str) -> tuple[str, ...]:
        """The elements that it has from the start and that have the asset."""
        return tuple(
            id_
            for id_ in self.start
            if (found := self._field.held[id_].get(asset))
            and not found.loses.isdisjoint(self._field.wanted[asset])
        )

    def steps(self) -> tuple[Step, ...]:
        """All steps from elements that it has or can get, sorted."""
        found: list[Step] = []
        seen = set(self.start)
        todo = list(self.start)
        while todo:
            here = self._from(todo.pop())
            found += here
            fresh = {step.target for step in here if not step.reaches_asset} - seen
            seen |= fresh
            todo += sorted(fresh)
        return tuple(
            sorted(found, key=lambda step: (step.source, step.reaches_asset, step.target, step.kind))
        )

    def _from(self, id_: str) -> list[Step]:
        index = self._field.index
        world = self._first if id_ in self.start else AdversaryWorld(index, self._adversary, (id_,))
        element = index.elements[id_]
        taken: dict[tuple[StepKind, str], dict[str, list[Attempt]]] = defaultdict(lambda: defaultdict(list))
        lost: dict[tuple[StepKind, str], dict[str, list[Attempt]]] = defaultdict(lambda: defaultdict(list))
        asked: set[str] = set()
        for kind, flow in self._flows(element):
            at: At = "target" if kind == "reply" else "beside" if kind == "beside" else "source"
            victim = index.elements[flow.source if kind == "reply" else flow.target]
            if victim.id in self.start or victim.id == id_:
                continue
            subjects: tuple[Flow | Element, ...] = (flow,)
            if at == "source" and victim.id not in asked:
                asked.add(victim.id)
                subjects = (flow, victim)
            for subject in subjects:
                for attempt in self._field.attempts(subject, victim, at, world, flow.id):
                    if attempt.effect == "takes":
                        taken[kind, victim.id][flow.id].append(attempt)
                    for asset in self._field.lost(subject, victim, at, attempt.effect):
                        lost[kind, asset][flow.id].append(attempt)
        steps = [_step(kind, id_, to, by, asset=False) for (kind, to), by in taken.items()]
        steps += [_step(kind, id_, to, by, asset=True) for (kind, to), by in lost.items()]
        return [*steps, *self._spreading(element), *self._having(id_)]

    def _flows(self, element: Element) -> Iterator[tuple[StepKind, Flow]]:
        """The flows that the adversary can use from an element, each once."""
        index = self._field.index
        authored = {asset.id for asset in index.assets.values() if self._writes(element.id, asset)}
        seen: set[str] = set()
        for flow in sorted(index.outbound.get(element.id, ()), key=lambda flow: flow.id):
            seen.add(flow.id)
            yield "flow", flow
        for flow in sorted(index.inbound.get(element.id, ()), key=lambda flow: flow.id):
            seen.add(flow.id)
            yield "reply", flow
        met = {flow.target for flow in index.outbound.get(element.id, ())} - set(self.start)
        for flow in self._field.flows:
            if flow.id in seen or flow.source in self.start:
                continue
            if not authored.isdisjoint(flow.data):
                yield "data", flow
            elif flow.source in met or flow.target in met:
                yield "beside", flow

    def _writes(self, id_: str, asset: DataAsset) -> bool:
        if id_ in asset.origin:
            return True
        chain = self._field.index.chains[id_]
        return id_ in self.start and any(origin in self._given and origin in chain for origin in asset.origin)

    def _spreading(self, element: Element) -> Iterator[Step]:
        reach = spread(element, self._field.index)
        attempts = () if reach.by_right else self._field.breakouts(element)
        if not reach.elements or not (reach.by_right or attempts):
            return
        for id_ in reach.elements:
            if id_ not in self.start:
                yield Step(
                    kind="rules" if reach.by_right else "spreads",
                    source=element.id,
                    target=id_,
                    reaches_asset=False,
                    via=(reach.machine,),
                    attempts=attempts,
                )

    def _having(self, id_: str) -> Iterator[Step]:
        """The assets that are there; none for what the adversary has from the start, which is no way to where they are
        elsewhere."""
        for asset, found in self._field.held[id_].items():
            if id_ not in self.start and not found.loses.isdisjoint(self._field.wanted[asset]):
                via = (f"{found.why} {found.received[0]}" if found.received else found.why,)
                yield Step(kind="has", source=id_, target=asset, reaches_asset=True, via=via, attempts=())


def _step(kind: StepKind, source: str, target: str, by: Mapping[str, list[Attempt]], *, asset: bool) -> Step:
    once: dict[tuple[str, str], Attempt] = {}
    for flow in sorted(by):
        for attempt in by[flow]:
            once.setdefault((attempt.threat, attempt.effect), attempt)
    return Step(
        kind=kind,
        source=source,
        target=target,
        reaches_asset=asset,
        via=tuple(sorted(by)),
        attempts=tuple(sorted(once.values(), key=lambda item: (item.threat, item.effect))),
    )
