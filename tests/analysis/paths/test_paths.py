"""Attack paths of whole systems: what never changes, and what a step needs."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.analysis.paths.support import ASKED, STATES, found, projects, with_system
from tests.analysis.support import chain
from threatmodel.analysis.engine import analyse
from threatmodel.analysis.paths import Pair, change
from threatmodel.analysis.paths.find import Paths
from threatmodel.analysis.paths.without import cost
from threatmodel.system import Project

_NEVER = (99, 0, 0, 0)


def price(pair: Pair) -> tuple[int, int, int, int]:
    return cost(pair.weakest) if pair.weakest else _NEVER


def asset(paths: Paths) -> Pair:
    return paths.pair("a", "asset", "d")


@given(projects(), st.data())
def test_one_more_control_makes_no_path_weaker(project: Project, data: Any) -> None:
    before = asset(found(project))
    [system] = project.systems
    control = data.draw(st.sampled_from([item.id for item in project.controls]))
    at = data.draw(st.integers(0, len(system.elements) - 1))
    elements = list(system.elements)
    elements[at] = replace(elements[at], controls=(*elements[at].controls, control))
    more = with_system(project, elements=tuple(elements))
    # One more place of two controls can make them share a fate: then they were never independent there.
    assume(_fates(project) == _fates(more))
    assert price(asset(found(more))) >= price(before)


def _fates(project: Project) -> Any:
    paths = found(project)
    return sorted(map(sorted, paths._fates.edges))


@given(projects(), st.data())
def test_one_flow_less_makes_no_path_weaker(project: Project, data: Any) -> None:
    before = asset(found(project))
    [system] = project.systems
    gone = data.draw(st.integers(0, len(system.flows) - 1))
    flows = tuple(flow for at, flow in enumerate(system.flows) if at != gone)
    assert price(asset(found(with_system(project, flows=flows)))) >= price(before)


@given(projects(), st.randoms(use_true_random=False))
def test_the_order_of_the_model_does_not_matter(project: Project, chance: Any) -> None:
    [system] = project.systems
    parts = {
        name: chance.sample(getattr(system, name), len(getattr(system, name)))
        for name in ("elements", "flows", "boundaries")
    }
    shuffled = with_system(project, **{name: tuple(items) for name, items in parts.items()})
    one = found(project).pair("a", "asset", "d", detailed=True)
    other = found(shuffled).pair("a", "asset", "d", detailed=True)
    assert replace(one, own=()) == replace(other, own=())


@given(projects(), st.data())
def test_a_failing_control_makes_no_path_stronger(project: Project, data: Any) -> None:
    control = data.draw(st.sampled_from([item.id for item in project.controls]))
    before, after = asset(found(project)), asset(found(project, without=(control,)))
    assert price(after) <= price(before)
    told = change(before, after)
    assert (told is None) or told.after == after.weakest


@given(projects())
def test_a_step_of_the_first_element_is_a_threat_of_the_engine(project: Project) -> None:
    pair = asset(found(project))
    assume(pair.weakest and pair.weakest.steps[0].threat)
    assert pair.weakest
    first = pair.weakest.steps[0]
    threats = {
        threat.id: threat for threat in analyse(project, ASKED, STATES, as_of=datetime.date(2026, 6, 1))
    }
    assert "a" in threats[first.threat].adversaries
    assert threats[first.threat].by_configuration["x"].status == first.status


def test_an_unknown_adversary_is_an_error() -> None:
    project = chain()
    [system] = project.systems
    with pytest.raises(KeyError):
        Paths(project, system, ASKED).pair("nobody", "asset", "d")
