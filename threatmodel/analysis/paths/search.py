"""The weakest path to each place, over the graph of steps.

A path costs the independent proven controls that it defeats, each counted once however many steps it stands on. Such a
cost is a union of sets, so no sum over edges gives it; the search keeps, for each node, all sets that no other one there
makes needless (label setting with dominance). It is exact unless it stops at its limit, and says so.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

import networkx as nx

from threatmodel.analysis.paths.steps import Attempt, Step
from threatmodel.analysis.paths.values import LABELS

Node = tuple[str, str]
"""`start`, `element` or `goal` (an asset), and an id."""
START: Node = ("start", "")
_AROUND = 3
"""Nodes of a route beside one for each step: where it starts, what the adversary has, and an asset that is there."""
Cost = tuple[int, int, int, int]
"""Independent proven controls, independent controls that are only claimed, steps that need a mistake in code, steps."""


class Units:
    """Controls as bits, and how many of them are independent.

    Of a set of controls, those count of which no two share their fate, as many as there can be. So one more control never
    makes the number smaller.
    """

    def __init__(self, proven: nx.Graph[str], claimed: nx.Graph[str]) -> None:
        ids = [*sorted(proven), *sorted(claimed)]
        self.bits = {id_: 1 << place for place, id_ in enumerate(ids)}
        self.proven = self.mask(proven)
        self._alone = 0
        self._groups: list[int] = []
        self._near: dict[int, int] = {}
        self._counted: dict[int, int] = {0: 0}
        for graph in (proven, claimed):
            for group in nx.connected_components(graph):
                if len(group) == 1:
                    self._alone |= self.mask(group)
                else:
                    self._groups.append(self.mask(group))
                    for id_ in group:
                        self._near[self.bits[id_]] = self.mask(graph.neighbors(id_))

    def mask(self, controls: Iterable[str]) -> int:
        """The bits of these controls."""
        out = 0
        for id_ in controls:
            out |= self.bits[id_]
        return out

    def named(self, mask: int) -> tuple[str, ...]:
        """The controls of these bits, by id."""
        return tuple(sorted(id_ for id_, bit in self.bits.items() if bit & mask))

    def cost(self, mask: int) -> tuple[int, int]:
        """How many independent proven controls there are, and how many that are only claimed."""
        return self._independent(mask & self.proven), self._independent(mask & ~self.proven)

    def _independent(self, mask: int) -> int:
        alone = (mask & self._alone).bit_count()
        return alone + sum(self._most(mask & group) for group in self._groups if mask & group)

    def _most(self, mask: int) -> int:
        """The size of the largest set without two that share their fate."""
        if mask not in self._counted:
            first = mask & -mask
            rest = mask ^ first
            self._counted[mask] = max(self._most(rest), 1 + self._most(rest & ~self._near[first]))
        return self._counted[mask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way to take an edge: the units that must fail, and the attempt; None where nothing is needed."""

    mask: int
    step: Step
    attempt: Attempt | None

    @property
    def flaw(self) -> int:
        """1 where it needs a mistake in code."""
        return int(self.attempt is not None and self.attempt.flaw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path of options, the first from what the adversary has. Empty where it has the goal from the start."""

    options: tuple[Option, ...]
    mask: int
    cost: Cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The graph of steps. Each edge has its `options`, of which none needs more than another one, and `weight` 1 where it
    is a step, 0 where the asset is just there."""

    graph: nx.DiGraph[Node]
    units: Units


def build(start: Sequence[str], steps: Iterable[Step], units: Units) -> Graph:
    """The graph from the elements that an adversary has."""
    graph: nx.DiGraph[Node] = nx.DiGraph()
    graph.add_node(START)
    for id_ in sorted(start):
        graph.add_edge(START, ("element", id_), options=(), weight=0)
    between: dict[tuple[Node, Node], list[Step]] = {}
    for step in steps:
        to: Node = ("goal" if step.reaches_asset else "element", step.target)
        between.setdefault((("element", step.source), to), []).append(step)
    for (one, other), found in sorted(between.items(), key=lambda item: item[0]):
        options = _options(found, units)
        graph.add_edge(
            one, other, options=options, weight=int(options[0].step.kind != "has"), steps=tuple(found)
        )
    return Graph(graph=graph, units=units)


def _options(steps: Iterable[Step], units: Units) -> tuple[Option, ...]:
    """The undominated ways over an edge: first those that need least, then by threat."""
    every = [
        Option(mask=units.mask(controls), step=step, attempt=attempt)
        for step in steps
        for attempt in step.attempts
        for controls in attempt.defeats
    ]
    every += [Option(mask=0, step=step, attempt=None) for step in steps if not step.attempts]
    every.sort(key=lambda option: (units.cost(option.mask), option.flaw, option.mask, _rank(option)))
    kept: list[Option] = []
    for option in every:
        if not any(other.mask & ~option.mask == 0 and other.flaw <= option.flaw for other in kept):
            kept.append(option)
    return tuple(kept)


_INSIDE = frozenset({"spreads", "rules"})
_KINDS = ("has", "rules", "flow", "data", "reply", "beside", "spreads")


def _rank(option: Option) -> tuple[int, str, str, str]:
    found = option.attempt
    return (
        _KINDS.index(option.step.kind),
        found.threat if found else "",
        found.via if found else "",
        found.effect if found else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakest:
    """The weakest route to each node that was reached. `complete` is False where the search stopped at its limit: then
    what is missing was not searched to the end."""

    routes: Mapping[Node, Route]
    complete: bool


@dataclass(slots=True)
class _Label:
    node: Node
    mask: int
    flaws: int
    length: int
    before: _Label | None
    option: Option | None

    def makes_needless(self, other: _Label) -> bool:
        """True where whatever goes on from the other goes on from this one at no higher cost."""
        return not self.mask & ~other.mask and self.flaws <= other.flaws and self.length <= other.length


def weakest(graph: Graph, limit: int = LABELS) -> Weakest:
    """The weakest route to every node: fewest proven, then fewest claimed controls, then fewest mistakes, then fewest
    steps, then by ids."""
    queue: list[tuple[Cost, tuple[Node, ...], int, int, _Label]] = []
    heapq.heappush(queue, ((0, 0, 0, 0), (START,), 0, 0, _Label(START, 0, 0, 0, None, None)))
    settled: dict[Node, list[_Label]] = {}
    routes: dict[Node, Route] = {}
    ticket = done = 0
    while queue:
        cost, nodes, _, _, label = heapq.heappop(queue)
        known = settled.setdefault(label.node, [])
        if any(other.makes_needless(label) for other in known):
            continue
        known.append(label)
        routes.setdefault(label.node, _route(label, cost))
        done += 1
        if done > limit:
            return Weakest(routes=routes, complete=False)
        for to in graph.graph.successors(label.node):
            if to in nodes:
                continue
            edge = graph.graph.edges[label.node, to]
            for option in edge["options"] or (None,):
                further = _extended(label, to, option, edge["weight"])
                if any(other.makes_needless(further) for other in settled.get(to, ())):
                    continue
                ticket += 1
                key = (*graph.units.cost(further.mask), further.flaws, further.length)
                heapq.heappush(queue, (key, (*nodes, to), further.mask, ticket, further))
    return Weakest(routes=routes, complete=True)


def _extended(label: _Label, to: Node, option: Option | None, weight: int) -> _Label:
    mask, flaw = (option.mask, option.flaw) if option else (0, 0)
    return _Label(to, label.mask | mask, label.flaws + flaw, label.length + weight, label, option)


def _route(label: _Label, cost: Cost) -> Route:
    options: list[Option] = []
    at: _Label | None = label
    while at is not None:
        if at.option is not None:
            options.append(at.option)
        at = at.before
    return Route(options=tuple(reversed(options)), mask=label.mask, cost=cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Routes of different elements, weakest first. `complete`: there are no others of at most so many steps."""

    routes: tuple[Route, ...]
    complete: bool


def several(graph: Graph, goal: Node, *, most: int, steps: int, looked: int) -> Listing:
    """Up to `most` routes of at most `steps` steps, the weakest of the `looked` shortest ones. One that goes on after it
    had the goal is none of its own, and of those that differ in the last store of a machine alone one counts."""
    found: list[tuple[Cost, tuple[Node, ...], Route]] = []
    complete = True
    for nodes in islice(nx.shortest_simple_paths(_direct(graph, goal), START, goal), looked + 1):
        if len(found) == looked or len(nodes) > steps + _AROUND:
            complete = False
            break
        route = cheapest(graph, nodes)
        if _spreads_twice(route):
            continue
        if route.cost[3] <= steps:
            found.append((route.cost, tuple(nodes), route))
        else:
            complete = False
    found.sort(key=lambda item: item[:2])
    return Listing(
        routes=tuple(route for *_, route in found[:most]), complete=complete and len(found) <= most
    )


def _spreads_twice(route: Route) -> bool:
    """True where a step out of a confinement goes to what the step before had: all of the same machine."""
    return any(
        one.step.kind in _INSIDE and other.step.kind in _INSIDE and one.step.via == other.step.via
        for one, other in pairwise(route.options)
    )


def _direct(graph: Graph, goal: Node) -> nx.DiGraph[Node]:
    """The part of the graph that leads to the goal, without ways that go on from where it is."""
    every = graph.graph
    inner: nx.DiGraph[Node] = nx.DiGraph(every.subgraph({*nx.ancestors(every, goal), goal}))
    there = {node for node in inner.predecessors(goal) if inner.edges[node, goal]["weight"] == 0}
    inner.remove_edges_from([edge for edge in inner.edges if edge[0] in there and edge[1] != goal])
    seen: set[Node] = set()
    for one, other in sorted(edge for edge in inner.edges if edge[1] in there):
        kinds = {step.kind for step in inner.edges[one, other].get("steps", ())}
        if kinds and kinds <= _INSIDE:
            if one in seen:
                inner.remove_edge(one, other)
            seen.add(one)
    return inner


def cheapest(graph: Graph, nodes: Sequence[Node]) -> Route:
    """The weakest route over exactly these nodes."""
    best: dict[tuple[int, int], tuple[Option, ...]] = {(0, 0): ()}
    length = 0
    for one, other in pairwise(nodes):
        edge = graph.graph.edges[one, other]
        length += edge["weight"]
        if edge["options"]:
            further: dict[tuple[int, int], tuple[Option, ...]] = {}
            for (mask, flaws), options in best.items():
                for option in edge["options"]:
                    further.setdefault((mask | option.mask, flaws + option.flaw), (*options, option))
            best = _undominated(further)
    mask, flaws = min(best, key=lambda item: (graph.units.cost(item[0]), item[1], item[0]))
    return Route(options=best[mask, flaws], mask=mask, cost=(*graph.units.cost(mask), flaws, length))


def _undominated(
    found: Mapping[tuple[int, int], tuple[Option, ...]],
) -> dict[tuple[int, int], tuple[Option, ...]]:
    kept: dict[tuple[int, int], tuple[Option, ...]] = {}
    for mask, flaws in sorted(found, key=lambda item: (item[0].bit_count(), item)):
        if not any(not other & ~mask and fewer <= flaws for other, fewer in kept):
            kept[mask, flaws] = found[mask, flaws]
    return kept
