"""Threats of pytm's own library: its conditions asked of pytm's attributes, of no adversary.

What is the same for all threats of a rule is made once: a model of a thousand elements has some ten thousand of them.
"""

from __future__ import annotations

import datetime
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from threatmodel.analysis.dispositions import Disposition, disposition_text
from threatmodel.analysis.risk import RiskSettings, level
from threatmodel.analysis.threats import Target, Threat, ThreatInConfiguration
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import InvalidInput
from threatmodel.core.ids import threat_id
from threatmodel.core.plain import copier
from threatmodel.rules.pytm.values import Unsupported, nodes_of
from threatmodel.rules.rule import Library, Rule
from threatmodel.system import Project
from threatmodel.system.pytm import PytmModel, PytmNode

_Asked = tuple[Rule, Library]
Match = tuple[Rule, PytmNode, bool]
"""A rule and the node where it applies. The last is False where an override forces it and its condition does not hold."""
_HOLDS = "pytm's condition holds"
_FORCED = "an override in the model forces it, as in pytm; pytm's condition does not hold"


def matches(project: Project, rules: Sequence[Rule]) -> Iterator[Match]:
    """What pytm's `resolve()` finds, what it excludes by an assumption too, in the order of the model.

    Raises:
        InvalidInput: R013, the model has no attributes of pytm; R014, a condition cannot be evaluated on it.
    """
    asked: list[_Asked] = [
        (rule, rule.library) for rule in rules if rule.library and not rule.library.not_evaluated
    ]
    if not asked:
        return
    model = _attributes(project, asked[0][0])
    codes: list[list[tuple[Callable[[object], object], Rule]]] = [
        [(library.code, rule) for rule, library in asked if not library.targets.isdisjoint(cls.classes)]
        for cls in model.classes
    ]
    by_sid = {library.sid: rule for rule, library in asked}
    for node, made in zip(model.nodes, nodes_of(model), strict=True):
        if not made.get("inScope", True):
            continue
        forced = [by_sid[sid] for sid in node.forced if sid in by_sid]
        for code, rule in codes[node.cls]:
            try:
                holds = code(made)
            except Unsupported as error:
                raise InvalidInput(_cannot(rule, node, error)) from error
            except Exception:  # noqa: S112 - a condition that raises does not match, as in pytm
                continue
            if holds:
                yield rule, node, True
                forced = [other for other in forced if other is not rule] if forced else forced
        for rule in forced:
            yield rule, node, False


def _attributes(project: Project, rule: Rule) -> PytmModel:
    if project.pytm is None:
        raise InvalidInput(
            Diagnostic(
                code="R013",
                message=f"the pack {rule.pack} asks for attributes of pytm, which this model does not have",
                hint="it is for plain pytm files that pytm itself accepts",
            )
        )
    return project.pytm


def _cannot(rule: Rule, node: PytmNode, error: Unsupported) -> Diagnostic:
    message = f"{rule.id} cannot be evaluated at {node.id}: {error}"
    hint = "leave the pack out, or the attribute"
    return Diagnostic(code="R014", message=message, place=rule.place, hint=hint)


def library_threats(
    project: Project,
    rules: Sequence[Rule],
    decided: Mapping[str, Disposition],
    as_of: datetime.date,
    risk: RiskSettings,
) -> list[Threat]:
    """The threats that rules of pytm's library make, in the configuration that a plain pytm file has.

    A threat that pytm would leave out because of an assumption is open, with the assumption as a proposed decision: it
    names no source. An override at a boundary makes none.

    Raises:
        InvalidInput: as `matches`.
    """
    makers = {rule.id: _Maker(rule, project, decided, as_of, risk) for rule in rules}
    targets: dict[str, Target] = {}
    with _no_collection():
        for rule, node, holds in matches(project, rules):
            if node.kind == "boundary":
                continue
            target = targets.get(node.id) or targets.setdefault(node.id, Target(kind=node.kind, id=node.id))
            maker = makers[rule.id]
            if maker.usual and holds and not node.assumed:  # nearly all
                maker.threats.append(maker.make(maker.prefix + node.id, target))
            else:
                maker.add(target, node.assumed, holds)
    return [threat for maker in makers.values() for threat in maker.threats]


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cycles while values without any are made in large numbers: it would take longer than to make them."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


class _Maker:
    """Makes the threats of one rule. `make` makes one that nothing was said about; `usual`: none was decided on, and the
    model assumes nothing of them all."""

    def __init__(
        self,
        rule: Rule,
        project: Project,
        decided: Mapping[str, Disposition],
        as_of: datetime.date,
        risk: RiskSettings,
    ) -> None:
        assert rule.library is not None  # only such rules come here
        self.threats: list[Threat] = []
        self.prefix = threat_id(rule.id, "")
        self._sid, self._as_of, self._name = rule.library.sid, as_of, project.default_configuration
        self._decided = {id_: item for id_, item in decided.items() if id_.startswith(self.prefix)}
        self._assumed = project.pytm.assumed.get(self._sid) if project.pytm else None
        self.usual = not self._decided and self._assumed is None
        found = level(rule.library.likelihood, rule.library.impact, risk)
        self._result = ThreatInConfiguration(
            status="open",
            risk=found,
            inherent=found,
            likelihood=rule.library.likelihood,
            residual_likelihood=rule.library.likelihood,
            impact=rule.library.impact,
            controls=(),
            adversaries=(),
            reason=_HOLDS,
        )
        self._first = Threat(
            id=self.prefix,
            rule=rule.id,
            pack=rule.pack,
            title=rule.title,
            description=rule.description,
            target=Target(kind="element", id=""),
            stride=rule.stride,
            cwe=rule.cwe,
            capec=rule.capec,
            attack=rule.attack,
            status="open",
            risk=found,
            adversaries=(),
            by_configuration={self._name: self._result},
            mitigated_by=(),
        )
        self.make = copier(self._first, "id", "target")

    def add(self, target: Target, assumed: Mapping[str, str], holds: bool) -> None:
        """Make the threat at the target; `assumed` are the threats that an assumption excludes there."""
        id_ = self.prefix + target.id
        result = self._result if holds else replace(self._result, reason=_FORCED)
        told = _assumption(assumed.get(self._sid, self._assumed))
        if decision := self._decided.get(id_):
            told = "; ".join(text for text in (told, disposition_text(decision)) if text)
            if decision.in_force(self._name, self._as_of):
                result = replace(result, status=decision.decision, reason=f"decided: {decision.reason}")
        self.threats.append(
            replace(
                self._first,
                id=id_,
                target=target,
                status=result.status,
                by_configuration={self._name: result},
                disposition=told,
            )
        )


def _assumption(name: str | None) -> str:
    """What the model's own exclusion of a threat is: a proposal, as it names no source."""
    if name is None:
        return ""
    why = f'the model\'s assumption "{name}"' if name else "the model excludes the threat"
    return f"proposed: not-applicable ({why})"
