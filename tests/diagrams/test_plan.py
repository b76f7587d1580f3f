from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagrams.large import large
from tests.diagrams.systems import small
from threatmodel.diagrams.dfd import Diagram, whole
from threatmodel.diagrams.fold import LIMITS, Limits, fold, ranked
from threatmodel.diagrams.plan import OVERVIEW, WHOLE, coverage, overview, plan
from threatmodel.system import View
from threatmodel.system.model import Element, SystemModel

SYSTEMS = st.builds(
    large,
    st.integers(0, 10_000),
    elements=st.integers(1, 70),
    flows=st.integers(0, 140),
    boundaries=st.integers(1, 40),
)
VIEW = View(id="even", name="Even", elements=tuple(f"e{number}" for number in range(0, 70, 2)))


@given(SYSTEMS)
@settings(max_examples=40, deadline=None)
def test_every_element_and_every_flow_is_in_a_picture_that_is_small_enough(system: SystemModel) -> None:
    planned = plan(system, [VIEW], "Large")
    found = coverage(system, planned)
    assert (found.elements, found.flows, found.complete) == ((), (), True)
    assert len({item.id for item in planned}) == len(planned)
    for item in planned:
        assert LIMITS.hold(item.diagram) or not item.printed
    assert planned[0].id == OVERVIEW


@given(SYSTEMS, st.sampled_from([Limits(), Limits(nodes=6, edges=9), Limits(nodes=2, edges=1)]))
@settings(max_examples=40, deadline=None)
def test_what_is_folded_adds_up(system: SystemModel, limits: Limits) -> None:
    everything = whole(system)
    folded = fold(everything, system, limits=limits)
    members = [id_ for stack in folded.stacks for id_ in stack.members]
    alone = [node.id for node in folded.nodes]
    assert sorted([*alone, *members]) == sorted(e.id for e in system.elements)
    drawn = [flow for edge in folded.edges for flow in edge.flows]
    assert len(drawn) == len(set(drawn))
    assert len(drawn) + sum(stack.inside for stack in folded.stacks) == len(system.flows)
    assert {row.flow for row in folded.legend} == set(drawn)
    assert all(len(edge.flows) == len(edge.numbers) for edge in folded.edges)
    assert all(
        len(stack.members) == stack.total or not stack.closed or stack.id == "--" for stack in folded.stacks
    )


@given(SYSTEMS)
@settings(max_examples=20, deadline=None)
def test_everything_stands_in_a_box_that_is_drawn(system: SystemModel) -> None:
    for item in plan(system, [VIEW], "Large"):
        boxes = {box.id for box in item.diagram.boundaries}
        ends = {node.id for node in item.diagram.nodes} | {stack.id for stack in item.diagram.stacks}
        homes: set[str | None] = {node.boundary for node in item.diagram.nodes}
        homes |= {stack.boundary for stack in item.diagram.stacks}
        homes |= {edge.boundary for edge in item.diagram.edges} | {b.parent for b in item.diagram.boundaries}
        assert homes <= boxes | {None}
        assert {end for edge in item.diagram.edges for end in (edge.source, edge.target)} <= ends


def _crowd(count: int) -> SystemModel:
    """The small system with more elements in the boundary `outside`."""
    base = small()
    more = (Element(id=f"x{n}", name=f"X {n}", kind="process", boundary="outside") for n in range(count))
    return replace(base, elements=(*base.elements, *more))


def test_a_small_system_is_not_folded() -> None:
    system = small()
    assert overview(system).nodes == whole(system).nodes
    assert [item.id for item in plan(system, [], "S")] == [
        OVERVIEW,
        "boundary-outside",
        "boundary-host",
        "boundary-vmm",
        WHOLE,
    ]


def test_the_rest_of_a_boundary_is_one_stack_and_follows_in_a_part() -> None:
    system = _crowd(30)
    [stack] = overview(system).stacks
    assert (stack.id, stack.closed, stack.boundary, len(stack.members)) == ("outside", False, "outside", 17)
    parts = {i.id: i.diagram for i in plan(system, [], "S") if i.part_of == "boundary-outside"}
    assert list(parts) == ["boundary-outside", "boundary-outside--2"]
    shown = [node.id for part in parts.values() for node in part.nodes if not node.context]
    assert sorted(shown) == sorted(e.id for e in system.elements if e.boundary == "outside")


def test_a_boundary_without_an_element_of_its_own_in_the_picture_becomes_a_closed_stack() -> None:
    found = fold(whole(small()), small(), limits=Limits(nodes=5, edges=9))
    closed = {stack.id: (stack.boundary, len(stack.members)) for stack in found.stacks if stack.closed}
    assert closed == {"vmm": ("host", 2)}
    assert not closed.keys() & {box.id for box in found.boundaries}


def test_the_most_privileged_crossings_come_first() -> None:
    # F01, F02, F07 enter the host (root), F04 and F05 the VMM (restricted); F06 crosses nothing
    assert ranked(small()) == ("shim", "registry", "user", "api", "state", "vcpu")


def test_the_choice_does_not_depend_on_names_and_the_words_tell_who_is_in_a_stack() -> None:
    plain, named = overview(_crowd(30)), overview(replace(_crowd(30), configuration=small().configuration))
    assert [s.members for s in plain.stacks] == [s.members for s in named.stacks]
    assert "17 elements are drawn as one in Outside: X 13, " in plain.alt


def test_coverage_names_what_is_left_out() -> None:
    system = small()
    some = [item for item in plan(system, [], "S") if item.id == "boundary-vmm"]
    found = coverage(system, some)
    assert (found.elements, found.flows) == (
        ("user", "registry", "shim", "state"),
        ("F01", "F02", "F03", "F07"),
    )
    assert not found.complete
    assert coverage(system, [item for item in plan(system, [], "S") if item.id == WHOLE]).elements


@pytest.mark.parametrize("limits", [Limits(), Limits(nodes=5, edges=5)])
def test_a_title_without_its_configuration(limits: Limits) -> None:
    made: Diagram = overview(small(), limits).unnamed("default")
    assert made.title == "Overview of the data flows"
    assert made.alt.startswith("Overview of the data flows. 6 elements") or made.stacks
    assert "default" not in made.alt
