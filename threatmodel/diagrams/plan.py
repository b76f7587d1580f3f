"""The pictures of a system: an overview, each boundary, each view, the whole; and what they show together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from threatmodel.diagrams.dfd import Diagram, Numbers, Table, chain, view, whole, zoom
from threatmodel.diagrams.fold import LIMITS, Limits, fold, ranked
from threatmodel.diagrams.labels import one_line
from threatmodel.system import SystemModel, View

OVERVIEW = "overview"
WHOLE = "whole"
_FEW_BOUNDARIES = 8
_HANDFUL = 5
_WORDED_EDGES = 28
_TABLES: tuple[Table, ...] = ("flows", "lines", "none", "bare")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A picture to draw. `part_of` is the id of the picture that it continues, else its own.

    `printed` pictures can be read on A3; the whole one is for zooming on a screen.
    """

    id: str
    diagram: Diagram
    part_of: str
    printed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the printed pictures of a system leave out, by id in the order of the model.

    An element is shown where it stands alone, as subject of the picture. A flow is shown where it is on a line of
    which one end at least is its own, but for an overview in words, which names one flow of a line; it is `stacked`
    where that is so of one end only in all pictures.
    """

    elements: tuple[str, ...]
    flows: tuple[str, ...]
    stacked: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """True where every element and every flow is in a picture."""
        return not (self.elements or self.flows)


def plan(
    system: SystemModel,
    views: Iterable[View],
    title: str,
    *,
    limits: Limits = LIMITS,
    numbers: Numbers | None = None,
) -> tuple[Planned, ...]:
    """The pictures of a system: `overview`, `boundary-<id>`, `view-<id>`, `whole`. Empty ones are left out.

    A boundary or view that is too large for one picture goes on in `<picture>--2` and further ones. The view of the
    id `overview` is no picture of its own: it names what stands alone in the overview. `numbers` are those of the
    flows, where they are not those of the system alone.
    """
    views = tuple(views)
    first = [id_ for item in views if item.id == OVERVIEW for id_ in item.elements]
    made = [Planned(id=OVERVIEW, diagram=overview(system, limits, first, numbers=numbers), part_of=OVERVIEW)]
    pictures: dict[str, list[str]] = {}
    for boundary, picture in zooms(system).items():
        pictures.setdefault(picture, []).append(boundary)
    for picture, held in pictures.items():
        own = [e.id for e in system.elements if e.boundary in held]
        found = zoom(system, *_outermost(system, held), numbers=numbers)
        made += _parts(system, picture, found, own, limits, numbers)
    here = {element.id for element in system.elements}
    for item in views:
        if item.id != OVERVIEW:
            members = [id_ for id_ in item.elements if id_ in here]
            found = view(system, item.id, members, f"{title}: {item.name}", numbers)
            made += _parts(system, f"view-{item.id}", found, members, limits, numbers)
    made.append(Planned(id=WHOLE, diagram=whole(system, numbers), part_of=WHOLE, printed=False))
    return tuple(planned for planned in made if planned.diagram.nodes or planned.diagram.stacks)


def zooms(system: SystemModel) -> Mapping[str, str]:
    """The id of the picture that zooms into each boundary.

    A boundary has one of its own. Where a system has many, one whose picture would hold a handful of nodes is in that
    of the boundary around it; the outermost ones of this kind share one.
    """
    own = {b.id: f"boundary-{b.id}" for b in system.boundaries}
    if len(own) <= _FEW_BOUNDARIES:
        return own
    parents = {b.id: b.parent for b in system.boundaries}
    small = {b for b in own if _neighbourhood(system, b, parents) <= _HANDFUL}
    outermost = [b for b in own if b in small and parents[b] is None]

    def shown(boundary: str) -> str:
        parent = parents[boundary]
        if boundary not in small:
            return own[boundary]
        return own[outermost[0]] if parent is None else shown(parent)

    return {boundary: shown(boundary) for boundary in own}


def _neighbourhood(system: SystemModel, boundary: str, parents: Mapping[str, str | None]) -> int:
    """The nodes of a picture of this boundary: the elements in it and their neighbours."""
    inside = {e.id for e in system.elements if boundary in chain(e.boundary, parents)}
    ends = [{f.source, f.target} for f in system.flows]
    return len(inside.union(*(pair for pair in ends if not inside.isdisjoint(pair))))


def _outermost(system: SystemModel, boundaries: Sequence[str]) -> list[str]:
    """Those that are in none of the others."""
    parents = {b.id: b.parent for b in system.boundaries}
    return [b for b in boundaries if set(boundaries).isdisjoint(chain(b, parents)[1:])]


def overview(
    system: SystemModel,
    limits: Limits = LIMITS,
    first: Iterable[str] = (),
    *,
    numbers: Numbers | None = None,
) -> Diagram:
    """The level-0 picture: `first` stand alone, without any what matters most; the rest of each boundary is one stack.

    A folded one says in words what crosses: of the flows of a line, the name of the one that carries the most data.
    Words need room, so it has fewer lines than other pictures may have.
    """
    name = system.configuration.name
    title, everything = f"Overview of the data flows ({name})", whole(system, numbers)
    everything = replace(everything, title=title, alt=title + everything.alt.removeprefix(everything.title))
    first = tuple(first)
    if limits.hold(everything):
        return replace(everything, id=OVERVIEW, tables=_TABLES)
    fewer = replace(limits, edges=min(limits.edges, _WORDED_EDGES))
    found = fold(everything, system, first, fewer, only=bool(first))
    told = {row.flow: (row.number, row.name) for row in found.legend}
    places = {id_: at for at, id_ in enumerate(dict.fromkeys((*first, *ranked(system))))}
    weights = {
        flow.id: (len(flow.data), -places.get(flow.source, 0) - places.get(flow.target, 0), -told[flow.id][0])
        for flow in system.flows
        if flow.id in told
    }
    edges = (replace(edge, says=told[max(edge.flows, key=weights.__getitem__)]) for edge in found.edges)
    return replace(found, id=OVERVIEW, edges=tuple(edges), tables=("none",), brief=True)


def coverage(system: SystemModel, planned: Iterable[Planned]) -> Coverage:
    """What is in no printed picture."""
    alone: set[str] = set()
    one: set[str] = set()
    both: set[str] = set()
    for picture in planned:
        if not picture.printed:
            continue
        nodes = {node.id for node in picture.diagram.nodes}
        alone |= {node.id for node in picture.diagram.nodes if not node.context}
        listed = {row.flow for row in picture.diagram.legend}
        for edge in () if picture.diagram.brief else picture.diagram.edges:
            ends = {edge.source in nodes, edge.target in nodes}
            one |= listed & set(edge.flows) if True in ends else set()
            both |= listed & set(edge.flows) if False not in ends else set()
    flows = [flow.id for flow in system.flows]
    return Coverage(
        elements=tuple(e.id for e in system.elements if e.id not in alone),
        flows=tuple(id_ for id_ in flows if id_ not in one),
        stacked=tuple(id_ for id_ in flows if id_ in one - both),
    )


def _parts(
    system: SystemModel,
    id_: str,
    diagram: Diagram,
    own: Sequence[str],
    limits: Limits,
    numbers: Numbers | None,
) -> list[Planned]:
    """The picture, and one more after the other until each of its own elements stood alone in one."""
    if not diagram.nodes:
        return []
    order = [e for e in ranked(system) if e in own]
    subject = [n.id for n in diagram.nodes if not n.context]
    made = replace(fold(diagram, system, (*order, *subject), limits), tables=_TABLES)
    pictures = [Planned(id=id_, diagram=made, part_of=id_)]
    rest = _undrawn(order, made)
    while rest:
        number = len(pictures) + 1
        title = f"{diagram.title}, part {number}"
        part = _part(system, title, rest, rest, limits, numbers)
        drawn = [e for e in rest if e not in _undrawn(rest, part)]
        part = _part(system, title, drawn, rest, limits, numbers)
        pictures.append(Planned(id=f"{id_}--{number}", diagram=part, part_of=id_))
        rest = [e for e in rest if e not in drawn]
    return pictures


def _part(
    system: SystemModel,
    title: str,
    members: Sequence[str],
    order: Sequence[str],
    limits: Limits,
    numbers: Numbers | None,
) -> Diagram:
    found = fold(view(system, "part", members, one_line(title), numbers), system, order, limits)
    return replace(found, tables=_TABLES)


def _undrawn(elements: Iterable[str], diagram: Diagram) -> list[str]:
    drawn = {node.id for node in diagram.nodes if not node.context}
    return [element for element in elements if element not in drawn]
