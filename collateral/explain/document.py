"""An explanation as sections of trees, which a terminal and Markdown show alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from collateral.explain.conditions import condition_nodes, listed
from collateral.explain.model import ClaimFacts, ExplainFile
from collateral.report.trees import Node
from threatmodel.analysis.evaluation import Answer
from threatmodel.analysis.explanation import Against, RiskAnswer
from threatmodel.analysis.standing import ClassAnswer, ListAnswer
from threatmodel.analysis.ways import Way
from threatmodel.system import HOLDS, ControlState


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with what belongs below it."""

    title: str
    nodes: tuple[Node, ...]


def headline(file: ExplainFile) -> tuple[str, ...]:
    """What it is, in two lines."""
    first = f"{file.threat}  {file.rule.title}"
    name = file.explanation.configuration
    here = file.judged
    if here is None:
        return first, f"no threat in {name}"
    risk = f"risk {here.risk}" + (f", inherent {here.inherent}" if here.inherent != here.risk else "")
    return first, f"{file.rule.stride} · {here.status} · {risk} · priority {here.priority} · in {name}"


def sections(file: ExplainFile, root: str = "") -> Iterator[Section]:
    """The sections in the order in which a reader wants them; those that say nothing are left out. `root` is the model's
    folder as the reader knows it, which places are relative to."""
    found = (
        ("Where", _where(file, root)),
        (_condition_title(file), [*condition_nodes(file), *_notes(file)]),
        ("Adversaries and their ways", _adversaries(file)),
        ("What stands against it", [node for against in file.explanation.against for node in _against(against, file)]),
        (_claims_title(file), _controls(file, root)),
        ("Risk", _risk(file)),
        ("Decision and priority", _decision(file)),
        ("The rule", _rule(file)),
        ("In the other configurations", _configurations(file)),
    )  # fmt: skip
    for title, nodes in found:
        made = tuple(nodes)
        if made:
            yield Section(title=title, nodes=made)


def _where(file: ExplainFile, root: str) -> Iterator[Node]:
    thing = file.thing
    ends = f", {thing.source} → {thing.target}" if thing.kind == "flow" else ""
    home = "its target is" if thing.kind == "flow" else "it is"
    name = f' "{thing.name}"' if thing.name != thing.id else ""
    boundary = f"{home} inside {thing.boundary}, with privilege {thing.privilege}"
    place = [f"{root}{thing.place}"] if thing.place else []
    yield Node(text=f"{thing.kind} {thing.id}{name}{ends}", details=(boundary, *place))
    yield Node(text=f"rule {file.rule.id} of the pack {file.rule.pack}", details=(file.rule.place,))


def _condition_title(file: ExplainFile) -> str:
    if file.explanation.holds:
        holding = [found.adversary for found in file.explanation.adversaries if found.holds]
        whom = f" for {', '.join(holding)}" if holding else ""
        return f"Why the threat is there: every part of the condition holds{whom}"
    return "Why there is no threat: not every part of the condition holds"


def _notes(file: ExplainFile) -> Iterator[Node]:
    for note in file.explanation.notes:
        yield Node(text=note)


def _adversaries(file: ExplainFile) -> Iterator[Node]:
    explanation = file.explanation
    for found in explanation.adversaries:
        if found.holds:
            details = _way(found.way) if found.way else ("no way of flows leads there",)
            yield Node(mark="held", text=_named(found.adversary, file), details=tuple(details))
    failing: dict[tuple[str, ...], list[str]] = {}
    for found in explanation.adversaries:
        if not found.holds:
            failing.setdefault(found.failed, []).append(found.adversary)
    for failed, ids in failing.items():
        yield Node(mark="failed", text=", ".join(ids), details=(f"fails: {'; '.join(failed)}",))
    if explanation.without_foothold:
        yield Node(text=f"no foothold in this configuration: {', '.join(explanation.without_foothold)}")


def _named(id_: str, file: ExplainFile) -> str:
    name = file.adversaries.get(id_, "")
    return f"{id_}  {name}" if name and name != id_ else id_


def _way(way: Way) -> Iterator[str]:
    """The way in words: where it starts, how far it is, and a line for each flow."""
    if not way.steps:
        yield f"{way.to} is the adversary's from the start"
        return
    first = way.steps[0]
    if first.authored:
        yield f"wrote {', '.join(first.authored)}, which {first.source} delivers"
    else:
        yield f"has {way.starts} from the start"
    crossed = [step.boundary for step in way.steps if step.boundary]
    over = f"; it enters {', '.join(crossed)}" if crossed else "; it stays inside its boundary"
    yield f"shortest way to {way.to}: {_count(len(way.steps), 'flow')}, {_count(way.distance, 'step')} of distance{over}"
    for step in way.steps:
        enters = f", enters {step.boundary}" if step.boundary else ""
        yield f"  {step.source} → {step.target} by {step.flow} ({step.name}){enters}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _against(against: Against, file: ExplainFile) -> Iterator[Node]:
    who = f"for {', '.join(against.adversaries)}: " if len(file.explanation.against) > 1 else ""
    children = [_list(answer) for answer in against.lists]
    counted = [f"{place.kind} {place.id}" for place in against.holders if place.counts]
    children.append(Node(text=f"controls count at {listed(counted)}"))
    by_reason: dict[str, list[str]] = {}
    for place in against.holders:
        if place.why and place.controls:
            by_reason.setdefault(place.why, []).append(f"{place.kind} {place.id}")
    for why, places in by_reason.items():
        children.append(Node(text=f"not at {listed(places)}: {why}"))
    mark: Literal["held", "failed", "unknown"] = "failed"
    if against.status == "mitigated":
        mark = "held"
    elif against.status == "unverified":
        mark = "unknown"
    yield Node(mark=mark, text=f"{who}{against.status}, {against.reason}", children=tuple(children))


_MADE = {
    "mitigates": "mitigates",
    "unverified": "would mitigate; not every control in it is proven",
    "contradicted": "the source contradicts a control that it needs",
    "incomplete": "not whole",
}


def _list(answer: ListAnswer) -> Node:
    words = " and ".join(item.control_class for item in answer.classes)
    own = "; a control of the thing itself says that it is not there" * answer.own
    mark: Literal["held", "failed", "unknown"] = "failed"
    if answer.makes == "mitigates":
        mark = "held"
    elif answer.makes == "unverified":
        mark = "unknown"
    children = tuple(_class(item) for item in answer.classes)
    text = f"{words}: {_MADE[answer.makes]}{own}"
    if len(children) == 1:
        return Node(mark=mark, text=text, details=children[0].details)
    return Node(mark=mark, text=text, children=children)


def _class(item: ClassAnswer) -> Node:
    details = [item.meaning] if item.meaning else []
    details += [
        f"{found.control} at {found.at} is {found.state}{f', and does not count: {found.why}' if found.why else ''}"
        for found in item.given
    ]
    if not item.given:
        details.append("no control at the place provides it")
    states = [found.state for found in item.given if not found.why]
    return Node(mark=_state_mark(states), text=item.control_class, details=tuple(details))


def _state_mark(states: Iterable[ControlState]) -> Literal["held", "failed", "unknown"]:
    known = list(states)
    if any(state in HOLDS for state in known):
        return "held"
    return "unknown" if any(state != "contradicted" for state in known) else "failed"


def _claims_title(file: ExplainFile) -> str:
    if file.checked_against:
        return f"Controls and their claims, checked against {file.checked_against}"
    return "Controls and their claims, not checked: --source names a source tree"


def _controls(file: ExplainFile, root: str) -> Iterator[Node]:
    for control in file.controls:
        claims = tuple(_claim(claim, root) for claim in control.claims if claim.counts)
        other = len(control.claims) - len(claims)
        details = [f"provides {', '.join(control.provides)}"]
        details += [f"{root}{control.place}"] if control.place else []
        details += [f"{_count(other, 'claim')} for other configurations"] if other else []
        details += ["no claim applies, so nothing can be checked"] * (not claims)
        yield Node(
            mark=_state_mark([control.state]),
            text=f"{control.id}  {control.state}  {control.title}",
            details=tuple(details),
            children=claims,
        )


def _claim(claim: ClaimFacts, root: str) -> Node:
    at = f"{claim.path}:{claim.line}" if claim.line else claim.path
    seen = "  ".join(part for part in (at, claim.seen, claim.detail) if part)
    details = [seen] if seen else []
    details += [f"claimed at {root}{claim.place}"] if claim.place else []
    return Node(mark=_state_mark([claim.state]), text=f"{claim.state}  {claim.text}", details=tuple(details))


def _risk(file: ExplainFile) -> Iterator[Node]:
    made: dict[RiskAnswer, list[str]] = {}
    for against in file.explanation.against:
        made.setdefault(against.risk, []).extend(against.adversaries)
    for risk, ids in made.items():
        changed = f", {risk.residual_risk} with what is proven" * (risk.residual_risk != risk.inherent_risk)
        yield Node(
            text=f"{risk.inherent_risk}{changed}, for {', '.join(ids)}",
            children=tuple(_derivation(risk, file)),
        )
    here = file.judged
    if here and not made:
        yield Node(text=f"{here.risk}: likelihood {here.likelihood} × impact {here.impact}")
    elif here and len(made) > 1:
        numbers = f"likelihood {here.likelihood}, residual {here.residual_likelihood}, impact {here.impact}"
        yield Node(
            text=f"the threat takes the highest of each, {numbers}: {here.risk}, inherent {here.inherent}"
        )


def _derivation(risk: RiskAnswer, file: ExplainFile) -> Iterator[Node]:
    likelihood, impact = risk.clamped
    for word, answer, clamped, scale in (
        ("likelihood", risk.likelihood, likelihood, file.scales["likelihood"]),
        ("impact", risk.impact, impact, file.scales["impact"]),
    ):
        bounded = "" if answer.number == clamped else ", within 1..5"
        yield _number(answer, f"{word} {clamped}{bounded}: ", scale[clamped - 1])
    row = " ".join(
        f"[{cell}]" if place == impact else cell for place, cell in enumerate(file.matrix[likelihood - 1], 1)
    )
    yield Node(text=f"matrix, likelihood {likelihood}, impact 1 to 5: {row}")
    if risk.taken is not None:
        left = f"likelihood {risk.residual}: {risk.residual_risk}"
        yield Node(
            text=f"residual: a proven mitigation takes {_count(risk.taken, 'step')} away and leaves {left}"
        )
    else:
        yield Node(text="residual: no mitigation is proven, the likelihood stays")


def _number(answer: Answer, word: str = "", meaning: str = "") -> Node:
    """A number with the numbers that it is made of."""
    of = next((f", of {seen.of}" for seen in answer.seen if seen.of), "")
    stated = "" if answer.text == str(answer.number) else f"{answer.text} is "
    return Node(
        text=f"{word}{stated}{answer.number}{of}",
        details=(meaning,) if meaning else (),
        children=tuple(_number(part) for part in answer.parts if part.text != str(part.number)),
    )


def _decision(file: ExplainFile) -> Iterator[Node]:
    here = file.judged
    if here is None:
        return
    yield Node(text=f"priority {here.priority}: {here.because}")
    yield Node(text=here.decision or "nothing is decided on it")
    if here.reason.startswith("decided: "):
        yield Node(text=f"status {here.status} by that decision")


def _rule(file: ExplainFile) -> Iterator[Node]:
    rule = file.rule
    for title, text in (
        ("what happens", rule.description),
        ("what the condition looks for", rule.detection),
        ("where it is wrong", rule.false_positives),
        ("how to test", rule.test),
    ):
        if text:
            yield Node(text=f"{title}: {text}")
    numbers = [*rule.cwe, *rule.capec, *rule.attack]
    yield Node(text=f"catalogues: {listed(numbers)}", details=rule.references)


def _configurations(file: ExplainFile) -> Iterator[Node]:
    groups: dict[str, list[str]] = {}
    for row in file.configurations:
        if row.name == file.explanation.configuration:
            continue
        if row.status:
            what = f"{row.status}, risk {row.risk}"
        elif row.there:
            what = "the rule gives no threat"
        else:
            what = f"there is no such {file.thing.kind}"
        groups.setdefault(what, []).append(row.name)
    for what, names in groups.items():
        yield Node(text=f"{what}: {', '.join(names)}")
