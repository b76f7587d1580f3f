"""What separates an adversary from its goal: the fewest controls that must hold, and the fewest steps to close."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import networkx as nx

from threatmodel.analysis.paths.defeat import Sets, smallest
from threatmodel.analysis.paths.search import START, Graph, Node

SETS = 4_000
"""Sets of controls that the search for the smallest one looks at, at most."""
Edge = tuple[Node, Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """`controls`: the smallest set that separates if it holds, None where no set does; then `open_way` are the nodes of a
    path on which no step has a control that would stop it. `exact`: the search came to its end; else the set separates
    and a smaller one may exist. `narrowest`: the fewest steps that would have to be closed, None where some way takes no
    step at all."""

    controls: tuple[str, ...] | None
    exact: bool
    open_way: tuple[Node, ...]
    narrowest: tuple[Edge, ...] | None


def cut(graph: Graph, goal: Node, proven: Collection[str]) -> Cut:
    """The smallest separating set of controls; of equal ones that with the fewest unproven, then the first by ids."""
    inner: nx.DiGraph[Node] = graph.graph.subgraph({*nx.ancestors(graph.graph, goal), goal})
    closing = {edge: _closing(graph, edge) for edge in inner.edges}
    never = [edge for edge, sets in closing.items() if not sets]
    open_way = _way(nx.DiGraph(sorted(never)), goal)
    narrow = _narrowest(inner, goal)
    if open_way:
        return Cut(controls=None, exact=True, open_way=tuple(open_way), narrowest=narrow)
    search = _Search(inner, goal, closing, proven)
    return Cut(controls=search.best, exact=search.exact, open_way=(), narrowest=narrow)


def _closing(graph: Graph, edge: Edge) -> Sets:
    """The smallest sets of controls that stop every attempt at an edge; none where an attempt or nothing is free."""
    out: Sets = (frozenset(),)
    steps = graph.graph.edges[edge].get("steps", ())
    if not steps or not all(step.attempts for step in steps):
        return ()
    holds = {attempt.holds for step in steps for attempt in step.attempts}
    for sets in sorted(holds, key=lambda item: (len(item), sorted(map(sorted, item)))):
        out = smallest(one | other for one, other in product(out, sets))
    return out


def _way(graph: nx.DiGraph[Node], goal: Node) -> list[Node]:
    """A shortest way, the first by ids, since the edges were added in order; empty where there is none."""
    if START not in graph or goal not in graph or not nx.has_path(graph, START, goal):
        return []
    return nx.shortest_path(graph, START, goal)


def _narrowest(graph: nx.DiGraph[Node], goal: Node) -> tuple[Edge, ...] | None:
    network: nx.DiGraph[Node] = nx.DiGraph()
    for one, other, edge in sorted(graph.edges(data=True), key=lambda item: item[:2]):
        free = not edge.get("steps") or any(not step.attempts for step in edge["steps"])
        network.add_edge(one, other, **({} if free else {"capacity": 1}))  # without one it is unbounded
    try:
        _, (near, far) = nx.minimum_cut(network, START, goal)
    except nx.NetworkXUnbounded:
        return None
    return tuple(sorted(edge for edge in network.edges if edge[0] in near and edge[1] in far))


class _Search:
    """Takes a way that is still open and closes it at each of its steps in turn, the smallest sets first."""

    def __init__(
        self, graph: nx.DiGraph[Node], goal: Node, closing: dict[Edge, Sets], proven: Collection[str]
    ) -> None:
        self._graph, self._goal, self._closing, self._proven = graph, goal, closing, proven
        self._seen: set[frozenset[str]] = set()
        self.exact = True
        every = frozenset(id_ for sets in closing.values() for found in sets for id_ in found)
        self.best = tuple(sorted(every))
        self._least = self._cost(every)
        self._try(frozenset())

    def _cost(self, chosen: frozenset[str]) -> tuple[int, int, tuple[str, ...]]:
        return len(chosen), len(chosen - set(self._proven)), tuple(sorted(chosen))

    def _try(self, chosen: frozenset[str]) -> None:
        if chosen in self._seen or self._cost(chosen)[:2] > self._least[:2]:
            return
        if len(self._seen) >= SETS:
            self.exact = False
            return
        self._seen.add(chosen)
        way = self._open(chosen)
        if not way:
            if self._cost(chosen) < self._least:
                self._least, self.best = self._cost(chosen), tuple(sorted(chosen))
            return
        further = {chosen | found for edge in pairwise(way) for found in self._closing[edge]}
        for bigger in sorted(further, key=self._cost):
            self._try(bigger)

    def _open(self, chosen: frozenset[str]) -> list[Node]:
        left: nx.DiGraph[Node] = nx.DiGraph()
        left.add_edges_from(self._left(chosen))
        return _way(left, self._goal)

    def _left(self, chosen: frozenset[str]) -> Iterator[Edge]:
        for edge in sorted(self._graph.edges):
            if not any(found <= chosen for found in self._closing[edge]):
                yield edge
