"""The weakest path and the smallest cut, beside what trying everything finds."""

from __future__ import annotations

from itertools import combinations

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.paths.support import CONTROLS, GOAL, PROVEN, attempt, every_cost, graphs, step
from threatmodel.analysis.paths.cut import cut
from threatmodel.analysis.paths.search import START, Graph, Node, Units, build, several, weakest


def units(*pairs: tuple[str, str], proven: tuple[str, ...] = PROVEN) -> Units:
    fates: nx.Graph[str] = nx.Graph()
    fates.add_nodes_from(CONTROLS)
    fates.add_edges_from(pairs)
    return Units(fates.subgraph(proven), fates.subgraph(set(CONTROLS) - set(proven)))


@given(graphs())
def test_the_weakest_path_costs_what_trying_every_path_finds(graph: Graph) -> None:
    found = weakest(graph)
    assert found.complete
    route = found.routes.get(GOAL)
    least = min(every_cost(graph), default=None)
    assert (route.cost if route else None) == least


@given(graphs())
def test_the_cost_of_a_route_is_that_of_its_options(graph: Graph) -> None:
    for route in weakest(graph).routes.values():
        mask = 0
        for option in route.options:
            mask |= option.mask
        flaws = sum(option.flaw for option in route.options)
        steps = sum(option.step.kind != "has" for option in route.options)
        assert route.cost == (*graph.units.cost(mask), flaws, steps)


@given(graphs())
def test_listed_paths_are_sorted_and_none_is_weaker_than_the_weakest(graph: Graph) -> None:
    least = weakest(graph).routes.get(GOAL)
    if least is None:
        return
    listing = several(graph, GOAL, most=3, steps=8, looked=50)
    costs = [route.cost for route in listing.routes]
    assert costs == sorted(costs)
    assert all(cost >= least.cost for cost in costs)


@given(graphs())
def test_the_cut_is_the_smallest_set_that_separates(graph: Graph) -> None:
    if GOAL not in weakest(graph).routes:
        return
    found = cut(graph, GOAL, PROVEN)
    assert found.exact
    separating = [
        len(chosen)
        for size in range(len(CONTROLS) + 1)
        for chosen in map(frozenset, combinations(CONTROLS, size))
        if not _open(graph, chosen)
    ]
    if found.controls is None:
        assert not separating
        assert _open(graph, frozenset(CONTROLS))
    else:
        assert not _open(graph, frozenset(found.controls))
        assert len(found.controls) == min(separating)


@given(graphs())
def test_closing_the_narrowest_steps_separates(graph: Graph) -> None:
    if GOAL not in weakest(graph).routes:
        return
    narrow = cut(graph, GOAL, PROVEN).narrowest
    if narrow is not None:
        left: nx.DiGraph[Node] = nx.DiGraph(graph.graph)
        left.remove_edges_from(narrow)
        assert not nx.has_path(left, START, GOAL)


def _open(graph: Graph, holding: frozenset[str]) -> bool:
    """True where some way is left when these controls hold."""
    left: nx.DiGraph[Node] = nx.DiGraph()
    left.add_nodes_from([START, GOAL])
    for one, other, edge in graph.graph.edges(data=True):
        steps = edge.get("steps", ())
        attempts = [attempt for step in steps for attempt in step.attempts]
        stopped = [any(found <= holding for found in attempt.holds) for attempt in attempts]
        if not steps or not all(step.attempts for step in steps) or not all(stopped):
            left.add_edge(one, other)
    return nx.has_path(left, START, GOAL)


def test_a_control_on_two_steps_counts_once() -> None:
    graph = build(
        ["n0"],
        [
            step("n0", "n1", attempt("A@F1", [["k0"]])),
            step("n1", "n2", attempt("A@F2", [["k0"]])),
            step("n0", "n3", attempt("B@F3", [["k1"]])),
            step("n3", "n2", attempt("B@F4", [["k2"]])),
        ],
        units(),
    )
    route = weakest(graph).routes["element", "n2"]
    assert route.cost == (1, 0, 0, 2)
    assert [option.step.target for option in route.options] == ["n1", "n2"]


def test_controls_that_share_their_fate_count_once() -> None:
    steps = [step("n0", "n1", attempt("A@F1", [["k0", "k1"]]))]
    assert weakest(build(["n0"], steps, units())).routes["element", "n1"].cost == (2, 0, 0, 1)
    assert weakest(build(["n0"], steps, units(("k0", "k1")))).routes["element", "n1"].cost == (1, 0, 0, 1)


def test_what_fails_with_a_third_only_is_independent() -> None:
    kinds = units(("k0", "k1"), ("k1", "k2"))
    assert kinds.cost(kinds.mask(["k0", "k2"])) == (2, 0)
    assert kinds.cost(kinds.mask(["k0", "k1", "k2"])) == (2, 0)


def test_a_claimed_control_counts_apart_from_proven_ones() -> None:
    graph = build(["n0"], [step("n0", "n1", attempt("A@F1", [["k0", "k3"]]))], units())
    assert weakest(graph).routes["element", "n1"].cost == (1, 1, 0, 1)


def test_a_path_without_a_mistake_in_code_is_weaker_than_a_shorter_one_with_one() -> None:
    graph = build(
        ["n0"],
        [
            step("n0", "n2", attempt("A@F1", [[]], flaw=True)),
            step("n0", "n1", attempt("B@F2", [[]])),
            step("n1", "n2", attempt("B@F3", [[]])),
        ],
        units(),
    )
    assert weakest(graph).routes["element", "n2"].cost == (0, 0, 0, 2)


def test_the_limit_of_the_search_is_told() -> None:
    chain = [step(f"n{at}", f"n{at + 1}", attempt("A@F", [[]])) for at in range(3)]
    graph = build(["n0"], chain, units())
    found = weakest(graph, limit=2)
    assert not found.complete
    assert ("element", "n3") not in found.routes


@given(st.permutations(range(4)))
def test_the_order_of_steps_does_not_matter(order: list[int]) -> None:
    steps = [
        step("n0", "n1", attempt("A@F1", [["k0"]])),
        step("n0", "n2", attempt("A@F2", [["k0"]])),
        step("n1", "n3", attempt("A@F3", [[]])),
        step("n2", "n3", attempt("A@F4", [[]])),
    ]
    shuffled = weakest(build(["n0"], [steps[at] for at in order], units()))
    assert shuffled.routes == weakest(build(["n0"], steps, units())).routes


def test_a_listing_that_is_cut_off_says_so() -> None:
    steps = [step("n0", f"m{at}", attempt(f"A@F{at}", [[]])) for at in range(4)]
    steps += [step(f"m{at}", "g", attempt(f"R@F{at}", [[]]), asset=True) for at in range(4)]
    graph = build(["n0"], steps, units())
    assert several(graph, GOAL, most=4, steps=8, looked=10).complete
    cut_off = several(graph, GOAL, most=3, steps=8, looked=10)
    assert len(cut_off.routes) == 3
    assert not cut_off.complete
    assert not several(graph, GOAL, most=4, steps=1, looked=10).complete
    assert not several(graph, GOAL, most=9, steps=8, looked=2).complete


def test_ways_that_go_on_from_the_goal_are_none_of_their_own() -> None:
    steps = [
        step("n0", "n1", attempt("A@F1", [[]])),
        step("n1", "n2", attempt("A@F2", [[]])),
        step("n1", "g", asset=True, has=True),
        step("n2", "g", asset=True, has=True),
    ]
    listing = several(build(["n0"], steps, units()), GOAL, most=5, steps=8, looked=10)
    assert [len(route.options) for route in listing.routes] == [2]
    assert listing.complete
