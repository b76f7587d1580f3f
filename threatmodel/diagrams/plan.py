"""The pictures of a system: an overview, each boundary, each view, the whole; and what they show together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from threatmodel.diagrams.dfd import Diagram, Table, view, whole, zoom
from threatmodel.diagrams.fold import LIMITS, Limits, fold, ranked
from threatmodel.diagrams.labels import one_line
from threatmodel.system import SystemModel, View

OVERVIEW = "overview"
WHOLE = "whole"
_TABLES: tuple[Table, ...] = ("flows", "lines", "none")


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
    which one end at least is its own; it is `stacked` where that is so of one end only in all pictures.
    """

    elements: tuple[str, ...]
    flows: tuple[str, ...]
    stacked: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """True where every element and every flow is in a picture."""
        return not (self.elements or self.flows)


def plan(
    system: SystemModel, views: Iterable[View], title: str, *, limits: Limits = LIMITS
) -> tuple[Planned, ...]:
    """The pictures of a system: `overview`, `boundary-<id>`, `view-<id>`, `whole`. Empty ones are left out.

    A boundary or view that is too large for one picture goes on in `<picture>--2` and further ones.
    """
    made = [Planned(id=OVERVIEW, diagram=overview(system, limits), part_of=OVERVIEW)]
    for boundary in system.boundaries:
        own = [e.id for e in system.elements if e.boundary == boundary.id]
        found = zoom(system, boundary.id)
        made += _parts(system, f"boundary-{boundary.id}", found, own, limits)
    here = {element.id for element in system.elements}
    for item in views:
        members = [id_ for id_ in item.elements if id_ in here]
        found = view(system, item.id, members, f"{title}: {item.name}")
        made += _parts(system, f"view-{item.id}", found, members, limits)
    made.append(Planned(id=WHOLE, diagram=whole(system), part_of=WHOLE, printed=False))
    return tuple(planned for planned in made if planned.diagram.nodes or planned.diagram.stacks)


def overview(system: SystemModel, limits: Limits = LIMITS) -> Diagram:
    """The level-0 picture: what matters most by itself, the rest of each boundary as one stack."""
    name = system.configuration.name
    title, everything = f"Overview of the data flows ({name})", whole(system)
    everything = replace(everything, title=title, alt=title + everything.alt.removeprefix(everything.title))
    found = fold(everything, system, limits=limits)
    if found is everything:
        return replace(found, id=OVERVIEW, tables=_TABLES)
    return replace(found, id=OVERVIEW, tables=_TABLES[1:])


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
        for edge in picture.diagram.edges:
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
    system: SystemModel, id_: str, diagram: Diagram, own: Sequence[str], limits: Limits
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
        part = _part(system, title, rest, rest, limits)
        drawn = [e for e in rest if e not in _undrawn(rest, part)]
        part = _part(system, title, drawn, rest, limits)
        pictures.append(Planned(id=f"{id_}--{number}", diagram=part, part_of=id_))
        rest = [e for e in rest if e not in drawn]
    return pictures


def _part(
    system: SystemModel, title: str, members: Sequence[str], order: Sequence[str], limits: Limits
) -> Diagram:
    found = fold(view(system, "part", members, one_line(title)), system, order, limits)
    return replace(found, tables=_TABLES)


def _undrawn(elements: Iterable[str], diagram: Diagram) -> list[str]:
    drawn = {node.id for node in diagram.nodes if not node.context}
    return [element for element in elements if element not in drawn]
