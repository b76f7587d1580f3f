"""What explains a threat agrees with what found it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.support import DAY, RULES, VOCABULARY, projects
from threatmodel.analysis import RISK_LEVELS, STATUSES, RiskSettings, Threat, analyse
from threatmodel.analysis.evaluation import Answer
from threatmodel.analysis.explanation import Explainer, Explanation
from threatmodel.analysis.judgement import controls_at
from threatmodel.analysis.standing import holders
from threatmodel.analysis.ways import ways
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.load import load_model
from threatmodel.rules import Rule, load_packs
from threatmodel.system import (
    WORST_FIRST,
    Boundary,
    Control,
    ControlState,
    Element,
    Flow,
    Project,
    SystemModel,
)
from threatmodel.system.risk import Mitigation

WEIGHTS = RiskSettings(reach=(5, 5, 3, 1, 1), mitigation=Mitigation(verified=2, attested=1))


def explained(
    system: SystemModel, explainer: Explainer, rules: tuple[Rule, ...] = RULES
) -> Iterator[tuple[str, Explanation]]:
    """Every rule at every place, by the id that a threat would have."""
    for rule in rules:
        things: tuple[Element | Flow, ...] = system.flows if rule.applies_to == "flow" else system.elements
        for thing in things:
            yield f"{rule.id}@{thing.id}", explainer.explain(rule, thing)


def agrees(found: Explanation, threat: Threat | None, name: str) -> None:
    """The explanation says what the engine says."""
    here = threat.by_configuration.get(name) if threat else None
    assert found.holds is (here is not None)
    assert found.holds is any(answer.holds for answer in found.adversaries)
    for answer in (answered.answer for part in found.parts for answered in part.answers):
        consistent(answer)
    if here is None:
        assert not found.against
        return
    assert tuple(sorted(a for item in found.against for a in item.adversaries)) == here.adversaries
    worst = min((item.status for item in found.against), key=STATUSES.index)
    assert worst == here.status
    risks = [item.risk for item in found.against]
    assert max(risk.clamped[0] for risk in risks) == here.likelihood
    assert max(risk.clamped[1] for risk in risks) == here.impact
    assert max(risk.residual for risk in risks) == here.residual_likelihood
    assert (
        max((risk.inherent_risk for risk in risks), key=RISK_LEVELS.index)
        in RISK_LEVELS[: RISK_LEVELS.index(here.inherent) + 1]
    )
    assert {c for item in found.against for c in item.controls} == {*here.controls}
    for item in found.against:
        assert any(made.makes == "mitigates" for made in item.lists) is (item.status == "mitigated")
        assert (item.risk.taken is not None) is (item.status == "mitigated")


def consistent(answer: Answer) -> None:
    """What a part is worth follows from the parts in it."""
    for part in answer.parts:
        consistent(part)
    for item in answer.items:
        consistent(item.answer)
    held = [bool(part.held) for part in answer.parts]
    asked = [bool(item.answer.held) for item in answer.items if item.asked]
    match answer.kind:
        case "and":
            assert answer.held is all(held)
        case "or":
            assert answer.held is any(held)
        case "not":
            assert answer.held is not held[0]
        case "any":
            assert answer.held is any(asked)
        case "all":
            assert answer.held is all(asked)


@settings(max_examples=40, deadline=None)
@given(projects(), st.sampled_from(WORST_FIRST))
def test_an_explanation_agrees_with_the_engine(project: Project, state: ControlState) -> None:
    states = {("x", "k"): state}
    threats = {t.id: t for t in analyse(project, RULES, states, as_of=DAY, risk=WEIGHTS)}
    system = project.systems[0]
    explainer = Explainer(project, system, VOCABULARY, states, WEIGHTS)
    for id_, found in explained(system, explainer):
        agrees(found, threats.get(id_), "x")


@settings(max_examples=100, deadline=None)
@given(projects())
def test_ways_are_as_long_as_reach_says_and_hang_together(project: Project) -> None:
    index = SystemIndex(project, project.systems[0])
    flows = {flow.id: flow for flow in project.systems[0].flows}
    for adversary in project.adversaries:
        world = AdversaryWorld(index, adversary)
        found = ways(world, index)
        for element in index.elements.values():
            assert (element.id in found) is world.reached(element)
            if not world.reached(element):
                continue
            way = found[element.id]
            assert max(1, 5 - way.distance) == world.reach(element)
            at = way.starts
            for step in way.steps:
                flow = flows[step.flow]
                assert (flow.source, flow.target) == (at, step.target)
                assert bool(step.boundary) is world.crosses(flow)
                at = step.target
            assert at == element.id
            first = way.steps[0] if way.steps else None
            if first and first.authored:
                assert not world.controls(index.elements[way.starts])
            else:
                assert world.controls(index.elements[way.starts])


def guarded(project: Project) -> Project:
    """The same with a control of its own on each boundary, element and flow."""
    system = project.systems[0]
    parts: dict[str, tuple[Boundary | Element | Flow, ...]] = {
        "boundaries": system.boundaries,
        "elements": system.elements,
        "flows": system.flows,
    }
    given: dict[str, Any] = {
        name: tuple(replace(item, controls=(f"k-{item.id}",)) for item in items)
        for name, items in parts.items()
    }
    words = sorted({word for rule in RULES for classes in rule.mitigated_by for word in classes})
    controls = tuple(
        Control(id=f"k-{item.id}", title="K", provides=tuple(words[place::3]))
        for place, item in enumerate(item for items in parts.values() for item in items)
    )
    return replace(project, controls=controls, systems=(replace(system, **given),))


@settings(max_examples=100, deadline=None)
@given(projects())
def test_places_where_controls_count_are_those_of_the_engine(project: Project) -> None:
    project = guarded(project)
    system = project.systems[0]
    index = SystemIndex(project, system)
    for adversary in project.adversaries:
        world = AdversaryWorld(index, adversary)
        things: tuple[Element | Flow, ...] = (*system.elements, *system.flows)
        for thing in things:
            found = holders(thing, world, index)
            counting = {id_ for place in found if place.counts for id_ in place.controls}
            assert counting == {*controls_at(thing, world, index)}
            assert len({(place.kind, place.id) for place in found}) == len(found)


@settings(max_examples=40, deadline=None)
@given(projects(), st.data())
def test_a_status_follows_from_the_lists(project: Project, data: st.DataObject) -> None:
    project = guarded(project)
    system = project.systems[0]
    kinds: st.SearchStrategy[ControlState] = st.sampled_from(["verified", "contradicted", "not-checked"])
    states = {("x", control.id): data.draw(kinds) for control in project.controls}
    threats = {t.id: t for t in analyse(project, RULES, states, as_of=DAY)}
    explainer = Explainer(project, system, VOCABULARY, states)
    for id_, found in explained(system, explainer):
        agrees(found, threats.get(id_), "x")
        for against in found.against:
            made = {answer.makes for answer in against.lists}
            order = (
                ("mitigates", "mitigated"),
                ("contradicted", "contradicted"),
                ("unverified", "unverified"),
            )
            assert against.status == next((status for word, status in order if word in made), "open")
            for item in (item for answer in against.lists for item in answer.classes):
                assert item.missing is all(given.why for given in item.given)


@pytest.mark.slow
def test_every_rule_at_every_place_of_the_kata_model() -> None:
    model = Path(__file__).parents[2] / "models/kata"
    loaded = load_model(model, "models/kata", VOCABULARY)
    rules = load_packs(loaded.manifest.packs, VOCABULARY)
    name = loaded.project.default_configuration
    day = datetime.date(2026, 1, 1)
    threats = {t.id: t for t in analyse(loaded.project, rules, as_of=day, configurations=[name])}
    system = loaded.project.system(name)
    explainer = Explainer(loaded.project, system, VOCABULARY)
    asked = 0
    for id_, found in explained(system, explainer, rules):
        agrees(found, threats.get(id_), name)
        asked += 1
    assert asked > 40_000
