"""Why a rule gives a threat at a place in one configuration, or why it does not.

The condition is asked part by part with the code that the engine asks; status and risk come from the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from threatmodel.analysis.evaluation import Answer, evaluate
from threatmodel.analysis.judgement import controls_at, judge_at
from threatmodel.analysis.risk import RiskLevel, RiskSettings, clamp, level, residual, steps, weighed
from threatmodel.analysis.standing import Holder, ListAnswer, holders, lists
from threatmodel.analysis.threats import Status
from threatmodel.analysis.ways import Way, place_of, ways
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.rules.language import Compiled
from threatmodel.rules.outline import Outline, outline
from threatmodel.rules.rule import Rule
from threatmodel.system import Adversary, ControlState, ControlStates, Element, Flow, Project, SystemModel
from threatmodel.system.vocabulary import Vocabulary

Subject = Mapping[str, Flow | Element]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer and the adversaries for whom it is this one; none where it depends on no adversary."""

    adversaries: tuple[str, ...]
    answer: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAnswer:
    """One of the parts that all have to hold. `adversarial`: the answer can depend on the adversary; then there is none
    where no adversary has a foothold in the configuration."""

    text: str
    adversarial: bool
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversaryAnswer:
    """What the condition is worth for one adversary. `failed` are the parts that did not hold. `way` leads to the place,
    or to the end of the flow that it reaches more easily; None where there is no way."""

    adversary: str
    holds: bool
    failed: tuple[str, ...]
    way: Way | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskAnswer:
    """How a risk comes about. `likelihood` and `impact` are as the expressions say with the weights of the model,
    `clamped` is within 1..5. A proven mitigation takes `taken` steps of likelihood away, None where none is proven;
    `residual` is what is left."""

    likelihood: Answer
    impact: Answer
    clamped: tuple[int, int]
    taken: int | None
    residual: int
    inherent_risk: RiskLevel
    residual_risk: RiskLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What stands against the threat for adversaries to whom the same controls count and the same numbers come out."""

    adversaries: tuple[str, ...]
    status: Status
    reason: str
    controls: tuple[str, ...]
    holders: tuple[Holder, ...]
    lists: tuple[ListAnswer, ...]
    risk: RiskAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rule asked at a place in one configuration. `holds`: it gives a threat there. `without_foothold` are adversaries
    that have none in the configuration. `notes` say what is not explained, or decides beside the condition."""

    configuration: str
    holds: bool
    parts: tuple[PartAnswer, ...]
    adversaries: tuple[AdversaryAnswer, ...] = ()
    without_foothold: tuple[str, ...] = ()
    against: tuple[Against, ...] = ()
    notes: tuple[str, ...] = ()


class Explainer:
    """Explains rules in one configuration. `states` come from the claims ledger; a control that it does not name was not
    checked."""

    def __init__(
        self,
        project: Project,
        system: SystemModel,
        vocabulary: Vocabulary,
        states: ControlStates | None = None,
        risk: RiskSettings | None = None,
    ) -> None:
        self._vocabulary, self._states, self._settings = vocabulary, states or {}, risk or RiskSettings()
        self._name = system.configuration.name
        self._controls = {control.id: control for control in project.controls}
        self._index = SystemIndex(project, system)
        self._neutral = AdversaryWorld(self._index, None)
        self._worlds: list[tuple[Adversary, AdversaryWorld]] = []
        self._absent: list[str] = []
        self._ways: dict[str, Mapping[str, Way]] = {}
        self._outlines: dict[Compiled, Outline] = {}
        for adversary in project.adversaries:
            world = AdversaryWorld(self._index, adversary)
            if system.configuration.matches(adversary.when) and world.present:
                self._worlds.append((adversary, world))
            else:
                self._absent.append(adversary.id)

    def explain(self, rule: Rule, subject: Flow | Element) -> Explanation:
        """The rule, which is none of pytm's library, asked at the element or flow.

        Raises:
            ValueError: the rule is asked of the other kind of thing.
        """
        if (rule.applies_to == "flow") is not isinstance(subject, Flow):
            raise ValueError(f"{rule.id} is asked of each {rule.applies_to}")
        variables: Subject = {rule.applies_to: subject}
        parts = tuple(self._parts(rule, variables))
        answers = tuple(self._adversary(subject, *found, parts) for found in self._worlds)
        against: dict[tuple[object, ...], list[str]] = {}
        made: dict[tuple[object, ...], Against] = {}
        holding = {answer.adversary for answer in answers if answer.holds}
        for adversary, world in self._worlds:
            if adversary.id in holding:
                found = self._against(rule, subject, adversary, world)
                key = (found.status, found.controls, found.holders, found.risk)
                against.setdefault(key, []).append(adversary.id)
                made.setdefault(key, found)
        return Explanation(
            configuration=self._name,
            holds=bool(holding),
            parts=parts,
            adversaries=answers,
            without_foothold=tuple(self._absent),
            against=tuple(replace(made[key], adversaries=tuple(names)) for key, names in against.items()),
        )

    def _outline(self, condition: Compiled, rule: Rule) -> Outline:
        if condition not in self._outlines:
            self._outlines[condition] = outline(condition, rule.applies_to, self._vocabulary)
        return self._outlines[condition]

    def _parts(self, rule: Rule, variables: Subject) -> list[PartAnswer]:
        out = []
        for part in self._outline(rule.when, rule).top:
            adversarial = part.code.adversarial
            if not adversarial:
                answers = [Answered(adversaries=(), answer=evaluate(part, self._neutral, variables))]
            else:
                grouped: dict[Answer, list[str]] = {}
                for adversary, world in self._worlds:
                    grouped.setdefault(evaluate(part, world, variables), []).append(adversary.id)
                answers = [Answered(adversaries=tuple(ids), answer=a) for a, ids in grouped.items()]
                answers.sort(key=lambda found: not found.answer.held)
            out.append(PartAnswer(text=part.text, adversarial=adversarial, answers=tuple(answers)))
        return out

    def _adversary(
        self,
        subject: Flow | Element,
        adversary: Adversary,
        world: AdversaryWorld,
        parts: Sequence[PartAnswer],
    ) -> AdversaryAnswer:
        failed = tuple(
            part.text
            for part in parts
            for found in part.answers
            if not found.answer.held and (not part.adversarial or adversary.id in found.adversaries)
        )
        place = place_of(subject, world, self._index)
        if adversary.id not in self._ways:
            self._ways[adversary.id] = ways(world, self._index)
        return AdversaryAnswer(
            adversary=adversary.id,
            holds=not failed,
            failed=failed,
            way=self._ways[adversary.id].get(place),
        )

    def _against(
        self, rule: Rule, subject: Flow | Element, adversary: Adversary, world: AdversaryWorld
    ) -> Against:
        places = holders(subject, world, self._index)
        provides = {id_: self._controls[id_].provides for place in places for id_ in place.controls}
        states = {id_: self._state(id_) for id_ in provides}
        counting = controls_at(subject, world, self._index)
        status, used, reason = judge_at(
            rule.mitigated_by, subject.controls, {id_: provides[id_] for id_ in counting}, states
        )
        return Against(
            adversaries=(),
            status=status,
            reason=reason,
            controls=used,
            holders=places,
            lists=lists(rule.mitigated_by, places, provides, states, self._vocabulary.control_classes),
            risk=self._risk(
                rule,
                {rule.applies_to: subject},
                weighed(world, self._index, adversary, self._settings),
                steps((states[id_] for id_ in used), self._settings.mitigation)
                if status == "mitigated"
                else None,
            ),
        )

    def _state(self, control: str) -> ControlState:
        known = self._states.get((self._name, control))
        return known or ("not-checked" if self._controls[control].claims else "unclaimed")

    def _risk(self, rule: Rule, variables: Subject, scale: AdversaryWorld, taken: int | None) -> RiskAnswer:
        """`scale` is what likelihood and impact are asked in, `taken` what a proven mitigation takes away."""
        likelihood, impact = (
            evaluate(self._outline(number, rule), scale, variables)
            for number in (rule.likelihood, rule.impact)
        )
        clamped = clamp(likelihood.number or 0), clamp(impact.number or 0)
        left = residual(clamped[0], taken or 0)
        return RiskAnswer(
            likelihood=likelihood,
            impact=impact,
            clamped=clamped,
            taken=taken,
            residual=left,
            inherent_risk=level(*clamped, self._settings),
            residual_risk=level(left, clamped[1], self._settings),
        )
