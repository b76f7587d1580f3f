"""The engine: every rule on every element and flow, for every adversary, in every configuration."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from threatmodel.analysis.dispositions import Disposition, disposition_text, orphans
from threatmodel.analysis.judgement import ABSENCE, controls_at, judge_at
from threatmodel.analysis.library import library_threats, matches
from threatmodel.analysis.risk import RISK_LEVELS, RiskSettings, clamp, level, residual, steps, weighed
from threatmodel.analysis.threats import STATUSES, Status, Target, Threat, ThreatInConfiguration
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import InvalidInput
from threatmodel.core.ids import threat_id
from threatmodel.rules.language import Code, Variables, World
from threatmodel.rules.rule import Rule
from threatmodel.system import (
    Control,
    ControlState,
    ControlStates,
    Element,
    Flow,
    Project,
    SystemModel,
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What the controls at a subject make of a rule that holds there for one adversary."""

    status: Status
    controls: tuple[str, ...]
    reason: str
    states: frozenset[ControlState]
    """Those of `controls`."""
    undisclosed: bool
    """A control that bears on it may be contradicted; the edition does not say."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A rule that holds on a subject for one adversary. `left` is the likelihood that its controls leave."""

    adversary: str
    likelihood: int
    left: int
    impact: int
    judged: _Judged


_DEFAULT_RISK = RiskSettings()


def analyse(
    project: Project,
    rules: Sequence[Rule],
    states: ControlStates | None = None,
    *,
    dispositions: Iterable[Disposition] = (),
    as_of: datetime.date,
    risk: RiskSettings = _DEFAULT_RISK,
    configurations: Iterable[str] | None = None,
    orphans_everywhere: bool = False,
) -> tuple[Threat, ...]:
    """All threats of the project, sorted by id.

    `states` come from the claims ledger; a control that it does not name was not checked. Decisions count until
    the day `as_of`. `risk` are the settings of the model. `configurations` limits the work; then decisions on threats
    elsewhere are no orphans, and with `orphans_everywhere` the other configurations are asked for the threats that are
    decided on, and for no others.

    Raises:
        InvalidInput: a decision names a threat that exists in no configuration (D005), or a configuration that
            does not exist (D006), or rules of pytm's library cannot be asked (R013, R014).
    """
    library = [rule for rule in rules if rule.library]
    rules = [rule for rule in rules if not rule.library]
    wanted = None if configurations is None else frozenset(configurations)
    decided = {item.threat: item for item in dispositions}
    found: dict[tuple[str, Target], dict[str, ThreatInConfiguration]] = defaultdict(dict)
    for system in project.systems:
        name = system.configuration.name
        if rules and (wanted is None or name in wanted):
            for (rule, target), hits in _hits(project, system, rules, states or {}, risk).items():
                decision = decided.get(threat_id(rule, target.id))
                found[rule, target][name] = _combine(hits, decision, name, as_of, risk)
    _known_configurations(decided.values(), project)
    by_id = {rule.id: rule for rule in rules}
    threats = [
        _threat(by_id[rule], target, results, decided.get(threat_id(rule, target.id)))
        for (rule, target), results in found.items()
    ]
    if library and (wanted is None or project.default_configuration in wanted):
        threats += library_threats(project, library, decided, as_of, risk)
    known = {threat.id for threat in threats}
    if orphans_everywhere and wanted is not None:
        known |= present_threats(project, [*rules, *library], decided.keys() - known, wanted)
    whole = wanted is None or orphans_everywhere
    if whole and (lost := orphans(decided.values(), known)):
        raise InvalidInput(*lost)
    return tuple(sorted(threats, key=lambda threat: threat.id))


def present_threats(
    project: Project, rules: Sequence[Rule], ids: Iterable[str], but: Collection[str] = ()
) -> set[str]:
    """Those of the threats that some configuration has, the ones in `but` left out. Nothing else is asked."""
    left = set(ids)
    found: set[str] = set()
    named = {id_.partition("@")[0] for id_ in left}
    if library := [rule for rule in rules if rule.library and rule.id in named]:
        found |= left & {
            threat_id(rule.id, node.id)
            for rule, node, _ in matches(project, library)
            if node.kind != "boundary"
        }
        left -= found
    rules = [rule for rule in rules if not rule.library]
    for system in project.systems:
        if left and system.configuration.name not in but:
            there = {element.id for element in system.elements} | {flow.id for flow in system.flows}
            only: dict[str, set[str]] = defaultdict(set)
            for rule, _, target in (id_.partition("@") for id_ in left):
                if target in there:
                    only[rule].add(target)
            if not only:
                continue
            asked = [rule for rule in rules if rule.id in only]
            here = {
                threat_id(rule, target.id) for rule, target in _hits(project, system, asked, {}, only=only)
            }
            found |= here
            left -= here
    return found


def _known_configurations(decisions: Iterable[Disposition], project: Project) -> None:
    known = [system.configuration.name for system in project.systems]
    lost = [
        Diagnostic(
            code="D006",
            message=f'"{item.threat}": no configuration "{name}"',
            place=item.place,
            hint=nearest(name, known) or f"one of {', '.join(known)}",
        )
        for item in decisions
        for name in item.configurations
        if name not in known
    ]
    if lost:
        raise InvalidInput(*lost)


def _threat(
    rule: Rule, target: Target, results: dict[str, ThreatInConfiguration], decision: Disposition | None
) -> Threat:
    return Threat(
        id=threat_id(rule.id, target.id),
        rule=rule.id,
        pack=rule.pack,
        title=rule.title,
        description=rule.description,
        target=target,
        stride=rule.stride,
        cwe=rule.cwe,
        capec=rule.capec,
        attack=rule.attack,
        status=min((result.status for result in results.values()), key=STATUSES.index),
        risk=max((result.risk for result in results.values()), key=RISK_LEVELS.index),
        adversaries=tuple(sorted({a for result in results.values() for a in result.adversaries})),
        by_configuration=results,
        mitigated_by=rule.mitigated_by,
        disposition=disposition_text(decision),
    )


def _hits(
    project: Project,
    system: SystemModel,
    rules: Sequence[Rule],
    states: ControlStates,
    risk: RiskSettings = _DEFAULT_RISK,
    *,
    only: Mapping[str, Collection[str]] | None = None,
) -> dict[tuple[str, Target], list[_Hit]]:
    """The rules that hold; `only` names the subjects that each rule is asked about, all of them otherwise."""
    index = SystemIndex(project, system)
    neutral = AdversaryWorld(index, None)
    name = system.configuration.name
    controls = {control.id: control for control in project.controls}
    worlds = [
        (adversary, world, weighed(world, index, adversary, risk))
        for adversary in project.adversaries
        if system.configuration.matches(adversary.when)
        and (world := AdversaryWorld(index, adversary)).present
    ]
    out: dict[tuple[str, Target], list[_Hit]] = defaultdict(list)
    for rule in rules:
        fixed, asked = _split(rule)
        subjects: tuple[Flow, ...] | tuple[Element, ...]
        subjects = system.flows if rule.applies_to == "flow" else system.elements
        for subject in subjects:
            if only is not None and subject.id not in only[rule.id]:
                continue
            variables: Variables = {rule.applies_to: subject}
            if not _holds(fixed, neutral, variables):
                continue
            for adversary, world, scale in worlds:
                if _holds(asked, world, variables):
                    key = (rule.id, Target(kind=rule.applies_to, id=subject.id))
                    judged = _judged(rule, subject, world, index, controls, states, name)
                    out[key].append(_hit(rule, subject, adversary.id, scale, judged, risk))
    return out


def _holds(parts: Sequence[Code], world: World, variables: Variables) -> bool:
    """All parts hold. Asked a million times for thirty configurations, so it makes no generator."""
    for code in parts:  # noqa: SIM110
        if not code(world, variables):
            return False
    return True


def _split(rule: Rule) -> tuple[list[Code], list[Code]]:
    """The parts of the condition that hold for every adversary alike, and those that must be asked for each."""
    parts = rule.when.parts or (rule.when,)
    return (
        [part.code for part in parts if not part.adversarial],
        [part.code for part in parts if part.adversarial],
    )


def _hit(
    rule: Rule, subject: Flow | Element, adversary: str, scale: World, judged: _Judged, risk: RiskSettings
) -> _Hit:
    """`scale` is what likelihood and impact are asked in."""
    variables: Variables = {rule.applies_to: subject}
    likelihood = clamp(rule.likelihood.code(scale, variables))
    mitigated = judged.status == "mitigated"
    return _Hit(
        adversary=adversary,
        likelihood=likelihood,
        left=residual(likelihood, steps(judged.states, risk.mitigation)) if mitigated else likelihood,
        impact=clamp(rule.impact.code(scale, variables)),
        judged=judged,
    )


def _judged(
    rule: Rule,
    subject: Flow | Element,
    world: AdversaryWorld,
    index: SystemIndex,
    controls: dict[str, Control],
    states: ControlStates,
    configuration: str,
) -> _Judged:
    here = controls_at(subject, world, index)
    found = {id_: states.get((configuration, id_), _unchecked(controls[id_])) for id_ in here}
    status, used, reason = judge_at(
        rule.mitigated_by,
        subject.controls,
        {id_: controls[id_].provides for id_ in here},
        found,
    )
    return _Judged(
        status=status,
        controls=used,
        reason=reason,
        states=frozenset(found[id_] for id_ in used),
        undisclosed=_doubtful(rule, {id_ for id_ in here if found[id_] == "undisclosed"}, controls),
    )


def _doubtful(rule: Rule, undisclosed: set[str], controls: dict[str, Control]) -> bool:
    wanted = {ABSENCE, *(word for classes in rule.mitigated_by for word in classes)}
    return any(not wanted.isdisjoint(controls[id_].provides) for id_ in undisclosed)


def _unchecked(control: Control) -> ControlState:
    return "not-checked" if control.claims else "unclaimed"


def _combine(
    hits: list[_Hit],
    decision: Disposition | None,
    configuration: str,
    as_of: datetime.date,
    risk: RiskSettings,
) -> ThreatInConfiguration:
    """The worst over the adversaries; a decision in force replaces a status that is not proven."""
    worst = min(
        hits, key=lambda hit: (STATUSES.index(hit.judged.status), -hit.likelihood * hit.impact)
    ).judged
    likelihood = max(hit.likelihood for hit in hits)
    left = max(hit.left for hit in hits)
    impact = max(hit.impact for hit in hits)
    result = ThreatInConfiguration(
        status=worst.status,
        risk=level(left, impact, risk),
        inherent=level(likelihood, impact, risk),
        likelihood=likelihood,
        residual_likelihood=left,
        impact=impact,
        controls=tuple(dict.fromkeys(id_ for hit in hits for id_ in hit.judged.controls)),
        adversaries=tuple(sorted(hit.adversary for hit in hits)),
        reason=worst.reason,
    )
    # What the source contradicts stays so: a decision cannot make a failed claim disappear.
    decidable = worst.status in {"open", "unverified"} and not any(hit.judged.undisclosed for hit in hits)
    if decision and decidable and decision.in_force(configuration, as_of):
        return replace(result, status=decision.decision, reason=f"decided: {decision.reason}")
    return result
