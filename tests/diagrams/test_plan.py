from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.diagrams.large import large
from tests.diagrams.systems import small
from threatmodel.diagrams.dfd import Diagram, whole
from threatmodel.diagrams.fold import ELSEWHERE, LIMITS, Limits, fold, ranked
from threatmodel.diagrams.plan import OVERVIEW, WHOLE, coverage, overview, plan, zooms
from threatmodel.system import Project, View
from threatmodel.system.model import Boundary, Configuration, Element, Flow, SystemModel

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


def _many(count: int) -> SystemModel:
    """The small system with more boundaries of one element each: every other one outermost, all joined to the shim."""
    base = small()
    ids = [f"b{n}" for n in range(count)]
    return replace(
        base,
        boundaries=(
            *base.boundaries,
            *(
                Boundary(id=id_, name=id_.upper(), privilege="user", parent="host" if n % 2 else None)
                for n, id_ in enumerate(ids)
            ),
        ),
        elements=(
            *base.elements,
            *(Element(id=f"x{id_}", name=f"X {id_}", kind="process", boundary=id_) for id_ in ids),
        ),
        flows=(*base.flows, *(Flow(id=f"G{id_}", source=f"x{id_}", target="shim", name="Go") for id_ in ids)),
    )


@pytest.mark.parametrize(
    ("count", "shared"),
    [
        (5, {}),  # eight boundaries: each has a picture of its own
        (6, {"b1": "boundary-host", "b3": "boundary-host", "b5": "boundary-host"}),
    ],
)
def test_where_boundaries_are_many_the_small_ones_are_in_the_picture_around_them(
    count: int, shared: dict[str, str]
) -> None:
    system = _many(count)
    found = zooms(system)
    assert list(found) == [b.id for b in system.boundaries]
    pictures = {item.id for item in plan(system, [], "S")}
    assert set(found.values()) <= pictures
    assert {b: found[b] for b in ("b1", "b3", "b5") if b in found and found[b] != f"boundary-{b}"} == shared
    outermost = {found[b] for b in ("outside", "b0", "b2", "b4")}
    assert len(outermost) == (1 if shared else 4)
    assert coverage(system, plan(system, [], "S")).complete


def test_a_shared_picture_is_named_after_all_that_it_shows() -> None:
    [shared] = [i.diagram for i in plan(_many(6), [], "S") if i.id == "boundary-outside"]
    assert shared.title == "Outside, B0, B2, B4: data flow diagram (default)"
    assert {"user", "registry", "xb0", "xb4"} <= {n.id for n in shared.nodes if not n.context}


LEVEL_0 = View(id="overview", name="Overview", elements=("x3", "shim", "absent"))


def test_the_view_of_the_overview_says_what_stands_alone_and_is_no_picture() -> None:
    system = _crowd(30)
    made = plan(system, [LEVEL_0, VIEW], "S")
    assert "view-overview" not in {item.id for item in made}
    found = made[0].diagram
    assert {"x3", "shim"} <= {node.id for node in found.nodes}
    assert {"user", "registry", "x0"} <= {m for stack in found.stacks for m in stack.members}
    assert coverage(system, made).complete


def test_boundaries_of_which_nothing_stands_alone_in_the_overview_are_one() -> None:
    found = overview(_many(20), first=["shim"])
    [joined] = [stack for stack in found.stacks if stack.boundary is None]
    assert "user" in joined.members
    assert joined.name == ELSEWHERE
    few = fold(whole(_many(6)), _many(6), ["shim"], Limits(nodes=6, edges=9), only=True)
    assert [stack.name for stack in few.stacks if stack.boundary is None] == ["Outside, B0, B2, B4"]


def test_a_line_of_a_folded_overview_speaks_for_all_its_flows() -> None:
    base = _crowd(30)
    more = (
        Flow(id=f"G{n}", source=f"x{n}", target="shim", name=f"Go {n}", data=("a", "b")[: 1 + (n == 29)])
        for n in range(20, 30)
    )
    found = overview(replace(base, flows=(*base.flows, *more)), first=["shim"])
    [edge] = [edge for edge in found.edges if "G29" in edge.flows]
    assert edge.says == (17, "Go 29")
    assert edge.brief == f"17 +{len(edge.flows) - 1}"
    assert not any(edge.says for edge in overview(small()).edges)


def test_what_an_overview_says_in_words_is_not_counted_as_shown() -> None:
    """Its lines do not name all of their flows."""
    [first, *_] = plan(_crowd(30), [LEVEL_0], "S")
    assert len(coverage(_crowd(30), [first]).flows) == 7


def test_a_flow_has_the_same_number_in_every_configuration() -> None:
    extra = Flow(id="F00", source="user", target="api", name="Other")
    other = replace(
        small(),
        configuration=Configuration(name="other", options={}),
        flows=(extra, *(flow for flow in small().flows if flow.id != "F02")),
    )
    project = Project(id="p", name="P", default_configuration="default", systems=(other, small()))
    numbers = project.flow_numbers()
    assert numbers == {**{f"F0{n}": n for n in range(1, 8)}, "F00": 8}
    legend = whole(other, numbers).legend
    assert [(row.number, row.flow) for row in legend] == [(n, f"F0{n}") for n in (1, 3, 4, 5, 6, 7)] + [
        (8, "F00")
    ]
    drawn = {item.id: item.diagram for item in plan(other, [], "P", numbers=numbers)}
    assert drawn["boundary-vmm"].legend[-1].number == 8


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
