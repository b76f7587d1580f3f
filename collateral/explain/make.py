"""An explanation joined with what the model, the ledger and the policy say of the threat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collateral.explain.model import (
    ClaimFacts,
    ConfigurationRow,
    ControlFacts,
    ExplainFile,
    Judged,
    RuleFacts,
    ThingFacts,
)
from collateral.explain.place import Asked
from collateral.policy import Policy, Priorities
from threatmodel.analysis import RiskSettings, Threat
from threatmodel.analysis.explanation import Explanation
from threatmodel.analysis.judgement import ABSENCE
from threatmodel.claims import ClaimCheck, Ledger
from threatmodel.claims.describe import describe
from threatmodel.rules import Rule
from threatmodel.system import Configuration, Control, ControlState, Flow, Project, SystemModel


def explain_file(
    project: Project,
    system: SystemModel,
    asked: Asked,
    explanation: Explanation,
    threat: Threat | None,
    *,
    ledger: Ledger | None,
    source: str,
    policy: Policy,
    risk: RiskSettings,
) -> ExplainFile:
    """The answer. `threat` is what the engine found in any configuration; `ledger` None: no source was named."""
    name = system.configuration.name
    return ExplainFile(
        project=project.id,
        threat=asked.threat,
        rule=_rule(asked.rule),
        thing=_thing(system, asked),
        explanation=explanation,
        judged=_judged(project, threat, name, policy),
        checked_against=source if ledger else "",
        controls=tuple(_controls(project, system, asked.rule, explanation, ledger)),
        adversaries={adversary.id: adversary.name for adversary in project.adversaries},
        names={found.id: found.name for found in system.boundaries}
        | {found.id: found.name for found in system.elements},
        matrix=risk.matrix,
        scales={"likelihood": risk.likelihood, "impact": risk.impact},
        configurations=tuple(_configurations(project, asked, threat)),
    )


def _rule(rule: Rule) -> RuleFacts:
    return RuleFacts(
        id=rule.id,
        pack=rule.pack,
        title=rule.title,
        stride=rule.stride,
        applies_to=rule.applies_to,
        when=" ".join(rule.when.text.split()),
        description=rule.description,
        detection=rule.detection,
        false_positives=rule.false_positives,
        cwe=rule.cwe,
        capec=rule.capec,
        attack=rule.attack,
        references=rule.references,
        test=rule.test,
        place=str(rule.place).removesuffix(":1"),
    )


def _thing(system: SystemModel, asked: Asked) -> ThingFacts:
    subject = asked.subject
    is_flow = isinstance(subject, Flow)
    home = {element.id: element.boundary for element in system.elements}
    boundary = home[subject.target] if isinstance(subject, Flow) else subject.boundary
    return ThingFacts(
        kind="flow" if is_flow else "element",
        id=subject.id,
        name=subject.name,
        boundary=boundary,
        privilege=next(found.privilege for found in system.boundaries if found.id == boundary),
        source=subject.source if isinstance(subject, Flow) else "",
        target=subject.target if isinstance(subject, Flow) else "",
        place=subject.place,
    )


def _judged(project: Project, threat: Threat | None, name: str, policy: Policy) -> Judged | None:
    if threat is None or name not in threat.by_configuration:
        return None
    here = threat.by_configuration[name]
    found = Priorities(project, policy.criteria).of_threat(threat, name)
    return Judged(
        status=here.status,
        reason=here.reason,
        risk=here.risk,
        inherent=here.inherent,
        likelihood=here.likelihood,
        residual_likelihood=here.residual_likelihood,
        impact=here.impact,
        priority=found.priority,
        because=found.because,
        decision=threat.disposition,
    )


def _controls(
    project: Project, system: SystemModel, rule: Rule, explanation: Explanation, ledger: Ledger | None
) -> Iterator[ControlFacts]:
    """The controls at the place that provide what the rule asks for, in the order of the model."""
    wanted = {ABSENCE, *(word for classes in rule.mitigated_by for word in classes)}
    here = {id_ for found in explanation.against for place in found.holders for id_ in place.controls}
    configuration = system.configuration
    checks = _by_control(ledger.checks if ledger else ())
    states = ledger.states if ledger else {}
    for control in project.controls:
        if control.id in here and not wanted.isdisjoint(control.provides):
            bare: ControlState = "not-checked" if control.claims else "unclaimed"
            yield ControlFacts(
                id=control.id,
                title=control.title,
                provides=control.provides,
                state=states.get((configuration.name, control.id), bare),
                claims=tuple(_claims(control, checks.get(control.id, ()), configuration)),
                place=control.place,
            )


def _by_control(checks: Iterable[ClaimCheck]) -> dict[str, list[ClaimCheck]]:
    out: dict[str, list[ClaimCheck]] = {}
    for check in checks:
        out.setdefault(check.control, []).append(check)
    return out


def _claims(
    control: Control, checks: Iterable[ClaimCheck], configuration: Configuration
) -> Iterator[ClaimFacts]:
    """The claims with their checks, which stand in the same order."""
    found = list(checks)
    for place, claim in enumerate(control.claims):
        check = found[place] if place < len(found) else None
        yield ClaimFacts(
            text=describe(claim),
            kind=claim.kind,
            when=claim.when,
            counts=configuration.matches(claim.when),
            state=check.state if check else "not-checked",
            path=check.path if check else "",
            line=check.line if check else 0,
            seen=check.seen if check else "",
            detail=check.detail if check else "",
            place=claim.place,
        )


def _configurations(project: Project, asked: Asked, threat: Threat | None) -> Iterator[ConfigurationRow]:
    id_ = asked.subject.id
    for system in project.systems:
        name = system.configuration.name
        result = threat.by_configuration.get(name) if threat else None
        ids = {*(element.id for element in system.elements), *(flow.id for flow in system.flows)}
        yield ConfigurationRow(
            name=name,
            there=id_ in ids,
            status=result.status if result else None,
            risk=result.risk if result else None,
        )
