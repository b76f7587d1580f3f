from __future__ import annotations

import pytest

from tests.diagrams.systems import small
from threatmodel.diagrams import dfd


def test_flow_numbers_are_the_same_in_every_diagram_of_a_system() -> None:
    system = small()
    numbers = dfd.flow_numbers(system)
    assert list(numbers.values()) == [1, 2, 3, 4, 5, 6, 7]
    diagrams = [dfd.whole(system), dfd.zoom(system, "vmm"), dfd.view(system, "v", ["registry"], "V")]
    for diagram in diagrams:
        assert {row.flow: row.number for row in diagram.legend}.items() <= numbers.items()
        for edge in diagram.edges:
            assert [numbers[flow] for flow in edge.flows] == list(edge.numbers)


def test_flows_between_two_elements_are_one_line_with_heads_where_they_arrive() -> None:
    edges = {(e.source, e.target): e for e in dfd.whole(small()).edges}
    pull = edges["shim", "registry"]
    assert (pull.numbers, pull.forward, pull.backward) == ((2, 7), True, True)
    save = edges["shim", "state"]
    assert (save.numbers, save.forward, save.backward, save.crosses) == ((3,), True, False, False)


@pytest.mark.parametrize(
    ("pair", "boundary", "crosses"),
    [
        (("user", "shim"), None, True),
        (("shim", "state"), "host", False),
        (("shim", "api"), "host", True),
        (("api", "vcpu"), "vmm", False),
    ],
)
def test_a_number_stands_in_the_innermost_boundary_that_holds_both_ends(
    pair: tuple[str, str], boundary: str | None, crosses: bool
) -> None:
    edge = next(e for e in dfd.whole(small()).edges if (e.source, e.target) == pair)
    assert (edge.boundary, edge.crosses) == (boundary, crosses)


def test_zoom_holds_nested_elements_and_grey_neighbours_with_their_boundary() -> None:
    zoom = dfd.zoom(small(), "vmm")
    assert {node.id: node.context for node in zoom.nodes} == {"shim": True, "api": False, "vcpu": False}
    assert {box.id: box.context for box in zoom.boundaries} == {"host": True, "vmm": False}
    assert [row.number for row in zoom.legend] == [4, 5, 6]
    host = dfd.zoom(small(), "host")
    assert {n.id for n in host.nodes if not n.context} == {"shim", "state", "api", "vcpu"}
    assert {box.id for box in host.boundaries if not box.context} == {"host", "vmm"}


def test_zoom_of_an_unknown_boundary_is_an_error() -> None:
    with pytest.raises(KeyError):
        dfd.zoom(small(), "nowhere")


def test_a_view_leaves_out_elements_that_the_configuration_does_not_have() -> None:
    view = dfd.view(small(), "control", ["api", "absent"], "Control")
    assert (view.id, [n.id for n in view.nodes if not n.context]) == ("view-control", ["api"])
    assert {n.id for n in view.nodes if n.context} == {"shim", "vcpu"}
    assert dfd.view(small(), "none", ["absent"], "None").nodes == ()


def test_the_alternative_text_counts_and_names() -> None:
    alt = dfd.whole(small()).alt
    assert "6 elements (3 processes, 1 data store, 1 external entity, 1 actor)." in alt
    assert "Trust boundaries: Outside; Host; VMM process." in alt
    assert "7 flows, 5 across a trust boundary." in alt
    assert "1 Cluster user to Runtime shim: Start" in alt
    assert "1 neighbour is drawn grey." in dfd.zoom(small(), "vmm").alt


@pytest.mark.parametrize(
    ("numbers", "text"),
    [((3,), "3"), ((13, 14), "13, 14"), ((9, 7, 8), "7-9"), ((1, 4, 5, 8, 9, 10, 12), "1, 4, 5, 8-10, 12")],
)
def test_numbers_are_written_as_people_do(numbers: tuple[int, ...], text: str) -> None:
    assert dfd.spans(numbers) == text
