"""Diagrams made small enough to read: elements that find no room are drawn as one stack for each boundary.

Which elements stand alone is chosen by `ranked`, from the model alone: neither threats nor layouts have a say. An
element's weight is the sum, over its flows, of the privilege of the most privileged boundary that the flow enters or
leaves; equal weights are told apart by the number of flows, then by the order of the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from threatmodel.diagrams.dfd import Box, Diagram, Edge, Node, Stack, alternative, chain
from threatmodel.system.model import Privilege, SystemModel

ELSEWHERE = "Other boundaries"
_NAMED_BOUNDARIES = 4
_FOREMOST = 3
_PRIVILEGES: Mapping[Privilege, int] = {
    "none": 0,
    "restricted": 1,
    "user": 2,
    "elevated": 3,
    "root": 4,
    "kernel": 5,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a picture may hold: `nodes` are elements and stacks together."""

    nodes: int = 20
    edges: int = 32

    def hold(self, diagram: Diagram) -> bool:
        """True where the diagram is within the limits."""
        return len(diagram.nodes) + len(diagram.stacks) <= self.nodes and len(diagram.edges) <= self.edges


LIMITS = Limits()


def ranked(system: SystemModel) -> tuple[str, ...]:
    """The ids of all elements, those at the most privileged crossings first."""
    parents = {b.id: b.parent for b in system.boundaries}
    privilege = {b.id: _PRIVILEGES[b.privilege] for b in system.boundaries}
    around = {e.id: set(chain(e.boundary, parents)) for e in system.elements}
    weights = dict.fromkeys(around, 0)
    flows = dict.fromkeys(around, 0)
    for flow in system.flows:
        passed = around[flow.source] ^ around[flow.target]
        for end in {flow.source, flow.target}:
            weights[end] += max((privilege[b] for b in passed), default=0)
            flows[end] += 1
    places = {id_: place for place, id_ in enumerate(around)}
    return tuple(sorted(around, key=lambda id_: (-weights[id_], -flows[id_], places[id_])))


def fold(
    diagram: Diagram,
    system: SystemModel,
    first: Iterable[str] = (),
    limits: Limits = LIMITS,
    *,
    only: bool = False,
) -> Diagram:
    """The diagram within the limits: elements stand alone while there is room, `first` ones before the others.

    `only`: no others are chosen, and outermost boundaries without any of `first` are drawn as one. An element that is
    left over in its boundary is no stack and stands alone all the same.
    """
    if limits.hold(diagram):
        return diagram
    shown = {node.id for node in diagram.nodes}
    order = [id_ for id_ in dict.fromkeys((*first, *(() if only else ranked(system)))) if id_ in shown]
    folding = _Folding(diagram, system, tuple(dict.fromkeys((*order, *ranked(system)))))
    if only:
        folding.join(order)
    folding.merge(limits, fifths=2 if only else 3)
    opened: frozenset[str] = frozenset()
    for id_ in order:
        wider = opened | {id_}
        if folding.fits(wider, limits):
            opened = wider
    return folding.diagram(opened)


_Group = tuple[str, bool]
"""A boundary and whether its members are context; the empty id stands for all boundaries together."""


class _Folding:
    """The stacks of a diagram for a choice of elements that stand alone."""

    def __init__(self, diagram: Diagram, system: SystemModel, order: Iterable[str]) -> None:
        self._from = diagram
        self._system = system
        self._parents: dict[str, str | None] = {b.id: b.parent for b in system.boundaries}
        self._names = {box.id: box.name for box in diagram.boundaries} | {"": ELSEWHERE}
        self._places = {b.id: place for place, b in enumerate(system.boundaries)}
        self._at = {node.id: node for node in diagram.nodes}
        self._into = {b.id: b.id for b in system.boundaries}
        self._ranks = {id_: rank for rank, id_ in enumerate(order)}

    def join(self, wanted: Iterable[str]) -> None:
        """Makes one of the outermost boundaries that hold none of these elements."""
        outermost = {b: chain(b, self._parents)[-1] for b in self._parents}
        kept = {outermost[self._at[id_].boundary] for id_ in wanted}
        if len(set(outermost.values()) - kept) > 1:
            self._into = {b: into if outermost[b] in kept else "" for b, into in self._into.items()}

    def merge(self, limits: Limits, *, fifths: int) -> None:
        """Joins boundaries, the deepest first, until their stacks take at most so many fifths of the room."""
        nothing: frozenset[str] = frozenset()
        while True:
            used = sorted({self._into[node.boundary] for node in self._from.nodes})
            few = len(set(self._groups(nothing).values())) <= limits.nodes * fifths // 5
            if (few and self.fits(nothing, limits)) or used == [""]:
                return
            last = max(
                used, key=lambda b: (len(chain(b, self._parents)) if b else 0, self._places.get(b, -1))
            )
            outer = self._parents.get(last) or ""
            self._into = {b: outer if into == last else into for b, into in self._into.items()}

    def fits(self, opened: frozenset[str], limits: Limits) -> bool:
        ends = self._ends(opened)
        pairs = {
            frozenset((ends[e.source], ends[e.target])) for e in self._from.edges if self._drawn(e, ends)
        }
        return len(set(ends.values())) <= limits.nodes and len(pairs) <= limits.edges

    def diagram(self, opened: frozenset[str]) -> Diagram:
        ends = self._ends(opened)
        nodes = tuple(node for node in self._from.nodes if ends[node.id] == node.id)
        stacks = self._stacks(opened)
        holds = {node.id: node.boundary for node in nodes} | {stack.id: stack.boundary for stack in stacks}
        around = {b for held in holds.values() if held is not None for b in chain(held, self._parents)}
        boxes: tuple[Box, ...] = tuple(box for box in self._from.boundaries if box.id in around)
        edges = self._edges(ends, holds)
        shown = {flow for edge in edges for flow in edge.flows}
        legend = tuple(row for row in self._from.legend if row.flow in shown)
        made = replace(self._from, nodes=nodes, stacks=stacks, boundaries=boxes, edges=edges, legend=legend)
        return replace(made, alt=alternative(made.title, nodes, boxes, legend, stacks))

    def _groups(self, opened: frozenset[str]) -> dict[str, _Group]:
        return {
            node.id: (self._into[node.boundary], node.context)
            for node in self._from.nodes
            if node.id not in opened
        }

    def _members(self, opened: frozenset[str]) -> dict[_Group, list[Node]]:
        found: dict[_Group, list[Node]] = {}
        for id_, group in self._groups(opened).items():
            found.setdefault(group, []).append(self._at[id_])
        return found

    def _ends(self, opened: frozenset[str]) -> dict[str, str]:
        """What stands for each element: itself, or the stack that holds it. One element makes no stack."""
        ends = {id_: id_ for id_ in self._at}
        for group, members in self._members(opened).items():
            if len(members) > 1:
                ends |= dict.fromkeys((node.id for node in members), _key(group))
        return ends

    def _drawn(self, edge: Edge, ends: Mapping[str, str]) -> bool:
        source, target = ends[edge.source], ends[edge.target]
        return source != target or source == edge.source

    def _stacks(self, opened: frozenset[str]) -> tuple[Stack, ...]:
        groups = {group: held for group, held in self._members(opened).items() if len(held) > 1}
        ends = self._ends(opened)
        order = sorted(groups, key=lambda group: (self._places.get(group[0], -1), group[1]))
        return tuple(self._stack(group, groups[group], ends) for group in order)

    def _stack(self, group: _Group, members: Sequence[Node], ends: Mapping[str, str]) -> Stack:
        boundary, context = group
        key = _key(group)
        below = {b for b, into in self._into.items() if into == boundary}
        total = sum(e.boundary in below for e in self._system.elements)
        others = [
            node
            for node in self._from.nodes
            if ends[node.id] != key and (not boundary or boundary in chain(node.boundary, self._parents))
        ]
        closed = not others
        here = [node for node in self._from.nodes if node.boundary in below]
        return Stack(
            id=key,
            name=self._name(boundary, members),
            boundary=None if not boundary else self._parents.get(boundary) if closed else boundary,
            members=tuple(node.id for node in members),
            names=tuple(node.name for node in members),
            foremost=tuple(node.name for node in sorted(members, key=self._rank)[:_FOREMOST]),
            total=total,
            boundaries=len({node.boundary for node in members}),
            closed=closed or not boundary,
            all_drawn=len(here) == total,
            inside=sum(len(e.flows) for e in self._from.edges if ends[e.source] == ends[e.target] == key),
            context=context,
        )

    def _rank(self, node: Node) -> int:
        return self._ranks[node.id]

    def _name(self, boundary: str, members: Sequence[Node]) -> str:
        """The boundary; several outermost ones by their names, where they are few."""
        outermost = {chain(node.boundary, self._parents)[-1] for node in members}
        if boundary or len(outermost) > _NAMED_BOUNDARIES:
            return self._names.get(boundary) or boundary
        return ", ".join(self._names.get(b, b) for b in sorted(outermost, key=self._places.__getitem__))

    def _edges(self, ends: Mapping[str, str], holds: Mapping[str, str | None]) -> tuple[Edge, ...]:
        """One edge for each pair of ends, in the direction of its first flow."""
        pairs: dict[frozenset[str], list[Edge]] = {}
        for edge in self._from.edges:
            if self._drawn(edge, ends):
                pairs.setdefault(frozenset((ends[edge.source], ends[edge.target])), []).append(edge)
        return tuple(
            self._bundle(sorted(group, key=lambda edge: edge.key), ends, holds) for group in pairs.values()
        )

    def _bundle(
        self, group: Sequence[Edge], ends: Mapping[str, str], holds: Mapping[str, str | None]
    ) -> Edge:
        source, target = ends[group[0].source], ends[group[0].target]
        along = [edge for edge in group if ends[edge.source] == source]
        against = [edge for edge in group if ends[edge.source] != source]
        flows = sorted(pair for edge in group for pair in zip(edge.numbers, edge.flows, strict=True))
        around = set(self._around(holds[source]))
        return Edge(
            source=source,
            target=target,
            numbers=tuple(number for number, _ in flows),
            flows=tuple(flow for _, flow in flows),
            forward=any(e.forward for e in along) or any(e.backward for e in against),
            backward=any(e.backward for e in along) or any(e.forward for e in against),
            crosses=any(edge.crosses for edge in group),
            boundary=next((b for b in self._around(holds[target]) if b in around), None),
        )

    def _around(self, boundary: str | None) -> tuple[str, ...]:
        return () if boundary is None else chain(boundary, self._parents)


def _key(group: _Group) -> str:
    """Ids have no two hyphens in a row, so a stack of neighbours has a name of its own."""
    boundary, context = group
    return f"{boundary or '--'}{'--near' if context else ''}"
