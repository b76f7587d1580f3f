"""The shortest way of an adversary to an element: the flows on it, and the boundaries that it crosses.

Distances are those of `AdversaryWorld.reach`: a boundary counts one, and so does data of the adversary's own that
somebody else delivers. Of equally short ways the one with the fewest flows counts, then the first in the order of ids.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.system import Element, Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A flow on the way. `boundary` is the one that it enters, empty where it stays inside one.

    `authored` are data on it that the adversary wrote, where somebody else sends it.
    """

    flow: str
    name: str
    source: str
    target: str
    boundary: str = ""
    authored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to an element. `starts` is the element that the adversary has from the start; where the way begins with data
    that it wrote, the sender of the first flow. `distance` is what `reach` takes from 5."""

    to: str
    starts: str
    distance: int
    steps: tuple[Step, ...]


def ways(world: AdversaryWorld, index: SystemIndex) -> dict[str, Way]:
    """The shortest way to each element that the adversary reaches."""
    best: dict[str, tuple[int, tuple[str, ...]]] = {}
    queue: list[tuple[int, int, tuple[str, ...], str]] = []
    for element in index.system.elements:
        if world.controls(element):
            heapq.heappush(queue, (0, 0, (), element.id))
    for flow in index.system.flows:
        if world.influences(flow) and not world.controls(index.elements[flow.source]):
            heapq.heappush(queue, (1, 1, (flow.id,), flow.target))
    while queue:
        distance, hops, flows, at = heapq.heappop(queue)
        if at in best:
            continue
        best[at] = (distance, flows)
        for flow in index.outbound.get(at, ()):
            if flow.target not in best:
                further = distance + int(world.crosses(flow))
                heapq.heappush(queue, (further, hops + 1, (*flows, flow.id), flow.target))
    by_id = {flow.id: flow for flow in index.system.flows}
    return {
        id_: Way(
            to=id_,
            starts=by_id[flows[0]].source if flows else id_,
            distance=distance,
            steps=tuple(_steps([by_id[flow] for flow in flows], world, index)),
        )
        for id_, (distance, flows) in best.items()
    }


def _steps(flows: list[Flow], world: AdversaryWorld, index: SystemIndex) -> Iterator[Step]:
    for place, flow in enumerate(flows):
        target = index.elements[flow.target]
        sent = place > 0 or world.controls(index.elements[flow.source])
        yield Step(
            flow=flow.id,
            name=flow.name,
            source=flow.source,
            target=flow.target,
            boundary=target.boundary if world.crosses(flow) else "",
            authored=() if sent else tuple(id_ for id_ in flow.data if id_ in world.authored),
        )


def place_of(subject: Flow | Element, world: AdversaryWorld, index: SystemIndex) -> str:
    """The element to look for: itself; of a flow, the end that the adversary reaches more easily, the sender of two."""
    if isinstance(subject, Element):
        return subject.id
    source, target = index.elements[subject.source], index.elements[subject.target]
    if not world.reached(source):
        return target.id
    return target.id if world.reached(target) and world.reach(target) > world.reach(source) else source.id
