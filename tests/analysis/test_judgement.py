"""Which controls can act against a threat: absence, and what a boundary acts on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from threatmodel.analysis.judgement import controls_at, judge_at
from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.system import (
    Adversary,
    Boundary,
    Configuration,
    Control,
    ControlState,
    Element,
    Flow,
    Project,
    SystemModel,
)


@pytest.mark.parametrize(
    ("own", "provides", "states", "status"),
    [
        (["off"], {"off": "interface-disabled"}, "verified", "mitigated"),
        (["part"], {"part": "device-not-exposed"}, "verified", "open"),
        (["off"], {"off": "interface-disabled"}, "unclaimed", "unverified"),
        (["off"], {"off": "interface-disabled"}, "contradicted", "contradicted"),
        ([], {"off": "interface-disabled"}, "verified", "open"),
    ],
)
def test_what_is_absent_is_no_threat_but_only_where_the_control_is_its_own(
    own: list[str], provides: dict[str, str], states: ControlState, status: str
) -> None:
    given = {id_: (word,) for id_, word in provides.items()}
    verdict = judge_at([["a"]], own, given, dict.fromkeys(provides, states))
    assert verdict[0] == status


def _boxed(*, outer: bool, inner: bool) -> Project:
    """Boundary `box` holds `here`, where the attack arrives, and `near`; `far` is outside. Flows come from both."""
    boundaries = (
        Boundary(id="out", name="Out", privilege="none"),
        Boundary(id="box", name="Box", privilege="root", controls=("wall",) if outer else ()),
        Boundary(id="cell", name="Cell", privilege="root", parent="box", controls=("wall",) if inner else ()),
    )
    elements = (
        Element(id="far", name="Far", kind="process", boundary="out"),
        Element(id="near", name="Near", kind="process", boundary="box"),
        Element(id="here", name="Here", kind="process", boundary="cell"),
    )
    flows = (
        Flow(id="from-far", source="far", target="here", name="x"),
        Flow(id="from-near", source="near", target="here", name="y"),
    )
    return Project(
        id="p",
        name="P",
        default_configuration="c",
        controls=(Control(id="wall", title="Wall", provides=("syscall-filter",)),),
        adversaries=(Adversary(id="adv", name="Adv", controls=("far", "near")),),
        systems=(
            SystemModel(
                configuration=Configuration(name="c", options={}),
                boundaries=boundaries,
                elements=elements,
                flows=flows,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("outer", "inner", "far", "near"),
    [(True, False, True, False), (False, True, True, True), (False, False, False, False)],
)
def test_a_boundary_acts_on_what_crosses_it(outer: bool, inner: bool, far: bool, near: bool) -> None:
    project = _boxed(outer=outer, inner=inner)
    index = SystemIndex(project, project.systems[0])
    world = AdversaryWorld(index, project.adversaries[0])
    flows = {flow.id: flow for flow in project.systems[0].flows}
    assert ("wall" in controls_at(flows["from-far"], world, index)) is far
    assert ("wall" in controls_at(flows["from-near"], world, index)) is near


def test_a_boundary_does_not_protect_from_an_adversary_inside() -> None:
    project = _boxed(outer=True, inner=False)
    index = SystemIndex(project, project.systems[0])
    near = AdversaryWorld(index, project.adversaries[0])
    far = AdversaryWorld(index, replace(project.adversaries[0], controls=("far",)))
    element = index.elements["here"]
    assert "wall" not in controls_at(element, near, index)
    assert "wall" in controls_at(element, far, index)
