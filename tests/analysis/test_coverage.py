"""Which questions of STRIDE have an answer: no blank without a reason, nothing unasked that looks clean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from tests.analysis.support import DAY, RULES, VOCABULARY, chain, projects
from threatmodel.analysis import analyse
from threatmodel.analysis.coverage import METHOD, Cell, Coverage, cover, wrong_answers
from threatmodel.core.diagnostics import Place
from threatmodel.rules import Rule
from threatmodel.system import STRIDE, Adversary, NotApplicable, Project, Stride


def covered(project: Project, rules: tuple[Rule, ...] = RULES) -> Coverage:
    threats = analyse(project, rules, as_of=DAY)
    return cover(project, project.systems[0], rules, threats, VOCABULARY)


def cells(project: Project, rules: tuple[Rule, ...] = RULES) -> dict[tuple[str, Stride], Cell]:
    return {(cell.id, cell.category): cell for cell in covered(project, rules).cells}


def hostile(**changes: Any) -> Project:
    """The chain with an adversary outside."""
    return replace(chain(), adversaries=(Adversary(id="a", name="A", controls=("out",)),), **changes)


@settings(max_examples=20)
@given(projects())
def test_every_cell_is_there_and_says_why(project: Project) -> None:
    system = project.systems[0]
    found = covered(project)
    ids = [*(item.id for item in system.elements), *(item.id for item in system.flows)]
    wanted = [(id_, category) for id_ in ids for category in STRIDE]
    assert [(cell.id, cell.category) for cell in found.cells] == wanted
    assert all(cell.reason for cell in found.cells)
    threats = analyse(project, RULES, as_of=DAY)
    here = {(threat.target.id, threat.stride) for threat in threats}
    assert {(cell.id, cell.category) for cell in found.cells if cell.state == "threats"} == here
    assert all(cell.about and cell.failed for cell in found.cells if cell.state == "asked")
    assert all(cell.about == 0 for cell in found.unanswered)
    for cell in found.cells:
        asked = {rule.id for rule in RULES if (rule.applies_to, rule.stride) == (cell.kind, cell.category)}
        named = [id_ for item in cell.failed for id_ in item.rules]
        assert set(named) <= asked
        assert len(named) == len(set(named))
        assert all(item.why for item in cell.failed)


@settings(max_examples=20)
@given(projects())
def test_without_rules_nothing_is_asked(project: Project) -> None:
    for cell in covered(project, ()).cells:
        assert cell.state in {"unanswered", "method", "unreached", "same-trust", "interactions"}


@settings(max_examples=20)
@given(projects())
def test_a_boundary_has_the_threats_of_the_adversary(project: Project) -> None:
    name = project.systems[0].configuration.name
    threats = {threat.id: threat for threat in analyse(project, RULES, as_of=DAY)}
    for cell in covered(project).boundaries:
        assert cell.reason
        assert (cell.state == "threats") is bool(cell.threats)
        for id_ in cell.threats:
            assert cell.adversary in threats[id_].by_configuration[name].adversaries


def test_what_nobody_asks_is_unanswered() -> None:
    found = cells(hostile(), ())
    assert found["one", "spoofing"].state == "unanswered"
    assert "no rule of the enabled packs" in found["one", "spoofing"].reason
    assert "F1" in found["one", "spoofing"].reason


def test_an_element_is_answered_by_its_flows() -> None:
    answer = NotApplicable(id="n", category="spoofing", at=("F1",), reason="because")
    found = cells(hostile(answers=(answer,)), ())
    assert found["one", "spoofing"].state == "interactions"
    assert found["one", "spoofing"].flows == ("F1", "F2")
    assert (found["F2", "spoofing"].state, found["F2", "spoofing"].about) == ("same-trust", 0)


def test_where_no_adversary_gets_there_is_nothing_to_ask() -> None:
    found = cells(hostile(), ())
    assert found["island", "tampering"].state == "unreached"
    nobody = cells(replace(chain(), adversaries=()), ())
    assert nobody["island", "tampering"].state == "unanswered"  # a model without adversaries answers nothing


def test_an_actor_is_asked_for_what_the_method_asks() -> None:
    project = hostile()
    system = project.systems[0]
    actor = replace(system.elements[1], kind="actor")
    changed = replace(system, elements=(system.elements[0], actor, *system.elements[2:]))
    found = cells(replace(project, systems=(changed,)), ())
    states = {category: found["one", category].state for category in STRIDE}
    assert {category for category, state in states.items() if state != "method"} == METHOD["actor"]


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, "author"),
        ({"at": ("F*",)}, "author"),
        ({"at": ("F2",)}, "unanswered"),
        ({"category": "tampering"}, "unanswered"),
        ({"when": {"tee": ("snp",)}}, "unanswered"),
        ({"when": {"tee": ("none",)}}, "author"),
    ],
)
def test_an_answer_of_the_authors_counts_where_it_says(more: dict[str, Any], state: str) -> None:
    base: dict[str, Any] = {"id": "n", "category": "spoofing", "at": ("F1",), "reason": "because"}
    cell = cells(hostile(answers=(NotApplicable(**{**base, **more}),)), ())["F1", "spoofing"]
    assert cell.state == state
    if state == "author":
        assert (cell.reason, cell.answer, cell.proposed) == ("because", "n", True)


def test_an_answer_where_there_is_a_threat_is_wrong() -> None:
    project = hostile()
    system = project.systems[0]
    shared = replace(system.flows[0], shares_memory=True)
    project = replace(project, systems=(replace(system, flows=(shared, *system.flows[1:])),))
    threat = next(t for t in analyse(project, RULES, as_of=DAY) if t.target.kind == "flow")
    place = Place("m.py", 3)
    answer = NotApplicable(id="n", category=threat.stride, at=("F*",), reason="because", place=place)
    lying = replace(project, answers=(answer,))
    found = wrong_answers(lying, analyse(lying, RULES, as_of=DAY))
    assert {(item.code, item.place) for item in found} == {("M038", place)}
    assert any(threat.id in item.message for item in found)
    elsewhere = replace(project, answers=(replace(answer, when={"tee": ("snp",)}),))
    assert wrong_answers(elsewhere, analyse(elsewhere, RULES, as_of=DAY)) == ()
