"""Data flow diagrams as values: what is drawn, and the numbers and words that go with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from threatmodel.diagrams.labels import one_line
from threatmodel.system.model import Boundary, Element, ElementKind, Flow, SystemModel

_KINDS: Mapping[ElementKind, tuple[str, str]] = {
    "process": ("process", "processes"),
    "datastore": ("data store", "data stores"),
    "external": ("external entity", "external entities"),
    "actor": ("actor", "actors"),
}
_NAMED_IN_ALT = 12

Mark = Literal["", "added", "removed", "changed"]
"""What a picture of a difference says about a part; empty in every other picture."""
Table = Literal["flows", "lines", "none", "bare"]
"""A table of flows with a row for each flow, with one for each line of the picture, none, or not even a key."""
SIGNS: Mapping[Mark, str] = {"": "", "added": "+", "removed": "\N{MINUS SIGN}", "changed": "~"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An element in a picture. A `context` node is a neighbour of what the picture is about, drawn grey."""

    id: str
    name: str
    kind: ElementKind
    boundary: str
    multiple: bool = False
    context: bool = False
    change: Mark = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Several elements of a boundary drawn as one node. `boundary` holds the node, None stands for no boundary.

    `closed`: the node stands for the whole boundary, whose box is not drawn; else for the rest of what is in its box.
    `total`: elements that the configuration has in it. `foremost`: names of those that matter most. `inside`: flows of
    the picture's subject between members.
    """

    id: str
    name: str
    boundary: str | None
    members: tuple[str, ...]
    names: tuple[str, ...]
    foremost: tuple[str, ...]
    total: int
    boundaries: int
    closed: bool
    all_drawn: bool
    inside: int
    context: bool = False

    @property
    def title(self) -> str:
        """The boundary, or the rest of it."""
        return self.name if self.closed else f"others in {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """All flows between two elements, drawn as one line. `boundary` is the innermost one that holds both ends.

    An end is the id of an element or of a stack. `says` is the flow that speaks for all of them, by number and name,
    where the line has words.
    """

    source: str
    target: str
    numbers: tuple[int, ...]
    flows: tuple[str, ...]
    forward: bool
    backward: bool
    crosses: bool
    boundary: str | None
    change: Mark = ""
    says: tuple[int, str] | None = None

    @property
    def key(self) -> int:
        """The lowest flow number: names the line within its system."""
        return self.numbers[0]

    @property
    def brief(self) -> str:
        """The number of the flow that speaks for all, and how many others there are."""
        number, more = self.says[0] if self.says else self.key, len(self.numbers) - 1
        return f"{number} +{more}" if more else str(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A trust boundary in a picture; `depth` 0 is outermost."""

    id: str
    name: str
    parent: str | None
    depth: int
    context: bool = False
    change: Mark = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendRow:
    """What a flow number stands for. `source` and `target` are names."""

    number: int
    flow: str
    source: str
    target: str
    name: str
    protocol: str
    crosses: bool
    change: Mark = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """One picture. Tuples keep the order of the model; flow numbers are those of the whole system. `key` explains its
    signs, where it has others than most. `brief`: a line of several flows names one and says how many more."""

    id: str
    title: str
    alt: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    boundaries: tuple[Box, ...]
    legend: tuple[LegendRow, ...]
    key: tuple[str, ...] = ()
    stacks: tuple[Stack, ...] = ()
    brief: bool = False
    tables: tuple[Table, ...] = ("flows",)
    """What a row of the table below the picture may stand for: the first that can be printed, else the last."""

    def unnamed(self, configuration: str) -> Diagram:
        """The diagram without the name of the configuration in its words."""
        title = self.title.replace(f" ({configuration})", "", 1)
        return replace(self, title=title, alt=title + self.alt.removeprefix(self.title))

    @property
    def marked(self) -> bool:
        """True where the picture shows a difference."""
        parts: tuple[Node | Edge | Box, ...] = (*self.nodes, *self.edges, *self.boundaries)
        return any(part.change for part in parts)


def flow_numbers(system: SystemModel) -> Mapping[str, int]:
    """The number of each flow of a system, by flow id: 1 to n in the order of the model."""
    return {flow.id: number for number, flow in enumerate(system.flows, 1)}


def spans(numbers: Iterable[int]) -> str:
    """Numbers as people write them: `1, 2, 7-9`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))  # two in a row stay a pair
        for run in runs
    )


Numbers = Mapping[str, int]
"""The number of each flow by its id, where others than `flow_numbers` are wanted."""


def whole(system: SystemModel, numbers: Numbers | None = None) -> Diagram:
    """Every element, flow and boundary of a system."""
    title = f"Data flow diagram of the whole system ({system.configuration.name})"
    return _diagram(system, "whole", title, {e.id for e in system.elements}, frozenset(), numbers)


def zoom(system: SystemModel, *boundary_ids: str, numbers: Numbers | None = None) -> Diagram:
    """The elements of a boundary, or of some, and those nested in it, with their direct neighbours as context.

    Raises:
        KeyError: the system has no such boundary.
    """
    parents = {b.id: b.parent for b in system.boundaries}
    names = {b.id: one_line(b.name) for b in system.boundaries}
    inside = {b for b in parents if not set(boundary_ids).isdisjoint(chain(b, parents))}
    named = ", ".join(names[boundary_id] for boundary_id in boundary_ids)
    focus = {e.id for e in system.elements if e.boundary in inside}
    title = f"{named}: data flow diagram ({system.configuration.name})"
    return _diagram(system, f"zoom-{boundary_ids[0]}", title, focus, inside, numbers)


def view(
    system: SystemModel,
    name: str,
    element_ids: Iterable[str],
    title: str,
    numbers: Numbers | None = None,
) -> Diagram:
    """A named selection of elements, with their direct neighbours as context.

    Ids that this configuration does not have are left out: a view is shared by all configurations.
    """
    focus = frozenset(element_ids) & {e.id for e in system.elements}
    return _diagram(system, f"view-{name}", one_line(title), focus, frozenset(), numbers)


def chain(boundary: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """A boundary and those around it, innermost first."""
    found: list[str] = []
    at: str | None = boundary
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return tuple(found)


def _diagram(
    system: SystemModel,
    diagram_id: str,
    title: str,
    focus: Collection[str],
    inside: Collection[str],
    numbers: Numbers | None,
) -> Diagram:
    flows = tuple(f for f in system.flows if f.source in focus or f.target in focus)
    return assemble(system, diagram_id, title, focus, inside, flows, numbers=numbers)


def assemble(
    system: SystemModel,
    diagram_id: str,
    title: str,
    focus: Collection[str],
    inside: Collection[str],
    flows: Collection[Flow],
    marks: Mapping[str, Mark] | None = None,
    numbers: Numbers | None = None,
) -> Diagram:
    """A diagram of these elements and flows of a system; other ends of the flows are context.

    `inside` names the boundaries that the picture is about, where it is about some. `marks` are by id.
    """
    marks = marks or {}
    numbers = numbers or flow_numbers(system)
    shown = set(focus) | {end for f in flows for end in (f.source, f.target)}
    elements = tuple(e for e in system.elements if e.id in shown)
    parents = {b.id: b.parent for b in system.boundaries}
    home = {e.id: e.boundary for e in elements}
    own = set(inside) or {b for e in elements if e.id in focus for b in chain(e.boundary, parents)}
    around = {b for held in {*inside, *(e.boundary for e in elements)} for b in chain(held, parents)}
    nodes = tuple(_node(e, context=e.id not in focus, mark=marks.get(e.id, "")) for e in elements)
    boxes = tuple(
        _box(b, parents, context=b.id not in own, mark=marks.get(b.id, ""))
        for b in system.boundaries
        if b.id in around
    )
    flows = sorted(flows, key=lambda flow: numbers[flow.id])
    edges = _edges(flows, numbers, home, parents, marks)
    names = {e.id: one_line(e.name) or e.id for e in elements}
    legend = tuple(_row(f, numbers[f.id], names, home, marks.get(f.id, "")) for f in flows)
    return Diagram(
        id=diagram_id,
        title=title,
        alt=alternative(title, nodes, boxes, legend),
        nodes=nodes,
        edges=edges,
        boundaries=boxes,
        legend=legend,
    )


def _node(element: Element, *, context: bool, mark: Mark) -> Node:
    return Node(
        id=element.id,
        name=one_line(element.name) or element.id,
        kind=element.kind,
        boundary=element.boundary,
        multiple=element.multiple,
        context=context,
        change=mark,
    )


def _box(boundary: Boundary, parents: Mapping[str, str | None], *, context: bool, mark: Mark) -> Box:
    return Box(
        id=boundary.id,
        name=one_line(boundary.name) or boundary.id,
        parent=boundary.parent,
        depth=len(chain(boundary.id, parents)) - 1,
        context=context,
        change=mark,
    )


def _row(flow: Flow, number: int, names: Mapping[str, str], home: Mapping[str, str], mark: Mark) -> LegendRow:
    protocol = " over ".join(part for part in (flow.protocol, flow.over) if part)
    return LegendRow(
        number=number,
        flow=flow.id,
        source=names[flow.source],
        target=names[flow.target],
        name=one_line(flow.name),
        protocol=one_line(protocol),
        crosses=home[flow.source] != home[flow.target],
        change=mark,
    )


def _edges(
    flows: Iterable[Flow],
    numbers: Mapping[str, int],
    home: Mapping[str, str],
    parents: Mapping[str, str | None],
    marks: Mapping[str, Mark],
) -> tuple[Edge, ...]:
    """One edge for each pair of elements, and for each mark among its flows, in the direction of its first flow."""
    pairs: dict[tuple[frozenset[str], Mark], list[Flow]] = {}
    for flow in flows:
        pairs.setdefault((frozenset((flow.source, flow.target)), marks.get(flow.id, "")), []).append(flow)
    edges = []
    for (_, mark), group in pairs.items():
        source, target = group[0].source, group[0].target
        around = set(chain(home[source], parents))
        common = next((b for b in chain(home[target], parents) if b in around), None)
        edges.append(
            Edge(
                source=source,
                target=target,
                numbers=tuple(numbers[f.id] for f in group),
                flows=tuple(f.id for f in group),
                forward=True,
                backward=source != target and any(f.source == target for f in group),
                crosses=home[source] != home[target],
                boundary=common,
                change=mark,
            )
        )
    return tuple(edges)


def counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def alternative(
    title: str,
    nodes: tuple[Node, ...],
    boxes: tuple[Box, ...],
    legend: tuple[LegendRow, ...],
    stacks: tuple[Stack, ...] = (),
) -> str:
    """The picture in words, for readers who cannot see it."""
    own = [n for n in nodes if not n.context]
    kinds = [(sum(n.kind == kind for n in own), *words) for kind, words in _KINDS.items()]
    counts = ", ".join(counted(*entry) for entry in kinds if entry[0])
    text = [f"{title}.", f"{counted(len(own), 'element', 'elements')}{f' ({counts})' if counts else ''}."]
    if len(own) < len(nodes):
        text.append(f"{counted(len(nodes) - len(own), 'neighbour is', 'neighbours are')} drawn grey.")
    for stack in stacks:
        held = counted(len(stack.members), "element is", "elements are")
        text.append(f"{held} drawn as one in {stack.name}: {', '.join(stack.names)}.")
    if boxes:
        text.append(f"Trust boundaries: {'; '.join(box.name for box in boxes)}.")
    crossing = [row for row in legend if row.crosses]
    text.append(f"{counted(len(legend), 'flow', 'flows')}, {len(crossing)} across a trust boundary.")
    if crossing:
        named = [f"{r.number} {r.source} to {r.target}: {r.name}" for r in crossing[:_NAMED_IN_ALT]]
        rest = len(crossing) - len(named)
        more = f"; and {rest} more in the table of flows" if rest else ""
        text.append(f"Crossing: {'; '.join(named)}{more}.")
    return " ".join(text)
