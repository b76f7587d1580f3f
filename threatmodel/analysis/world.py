"""One system seen by one adversary: what conditions ask about, worked out once."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from threatmodel.rules.language import LEVELS
from threatmodel.system import Adversary, DataAsset, Element, Flow, Project, SystemModel
from threatmodel.system.risk import PRIVILEGES

_PRIVILEGES = {word: number for number, word in enumerate(PRIVILEGES)}
_MEMORY_SAFE = frozenset({"go", "rust", "python", "java", "rego", "javascript", "typescript", "shell"})
_FAR = 99


class SystemIndex:
    """What does not depend on the adversary. Built once per configuration."""

    def __init__(self, project: Project, system: SystemModel) -> None:
        self.system = system
        self.elements = {element.id: element for element in system.elements}
        self.boundaries = {boundary.id: boundary for boundary in system.boundaries}
        self.assets = {asset.id: asset for asset in project.data}
        inbound: dict[str, list[Flow]] = defaultdict(list)
        outbound: dict[str, list[Flow]] = defaultdict(list)
        for flow in system.flows:
            inbound[flow.target].append(flow)
            outbound[flow.source].append(flow)
        self.inbound = {id_: tuple(flows) for id_, flows in inbound.items()}
        self.outbound = {id_: tuple(flows) for id_, flows in outbound.items()}
        self.chains = {element.id: self._chain(element.boundary) for element in system.elements}

    def _chain(self, boundary: str) -> tuple[str, ...]:
        chain: list[str] = []
        at: str | None = boundary
        while at is not None:
            chain.append(at)
            at = self.boundaries[at].parent
        return tuple(chain)


class AdversaryWorld:
    """Implements `threatmodel.rules.language.World`. `also`: elements that the adversary has taken since."""

    def __init__(self, index: SystemIndex, adversary: Adversary | None, also: Iterable[str] = ()) -> None:
        self._index = index
        given = frozenset(adversary.controls if adversary else ()).union(also)
        self._controlled = frozenset(
            id_ for id_, chain in index.chains.items() if id_ in given or not given.isdisjoint(chain)
        )
        self._given = given

    @cached_property
    def _occupied(self) -> frozenset[str]:
        """The boundaries with an element of the adversary in them."""
        return frozenset(boundary for id_ in self._controlled for boundary in self._index.chains[id_])

    @cached_property
    def authored(self) -> frozenset[str]:
        """The data of which the adversary is an author."""
        return frozenset(
            asset.id
            for asset in self._index.assets.values()
            if any(origin in self._controlled or origin in self._given for origin in asset.origin)
        )

    @cached_property
    def _influenced(self) -> frozenset[str]:
        """The flows that the adversary sends, or that carry data of which it is an author."""
        return frozenset(
            flow.id
            for flow in self._index.system.flows
            if flow.source in self._controlled or not self.authored.isdisjoint(flow.data)
        )

    @property
    def present(self) -> bool:
        """True where the adversary has any foothold in this configuration."""
        return bool(self._controlled)

    @cached_property
    def _distance(self) -> dict[str, int]:
        """Boundaries to cross from the adversary's elements, or from data that it authored, to each element."""
        distance = dict.fromkeys(self._controlled, 0)
        for flow in self._index.system.flows:
            if flow.id in self._influenced and flow.target not in distance:
                distance[flow.target] = 1
        queue = sorted((steps, id_) for id_, steps in distance.items())
        heapq.heapify(queue)
        while queue:
            steps, id_ = heapq.heappop(queue)
            if steps > distance[id_]:
                continue
            for flow in self._index.outbound.get(id_, ()):
                further = steps + int(self.crosses(flow))
                if further < distance.get(flow.target, _FAR):
                    distance[flow.target] = further
                    heapq.heappush(queue, (further, flow.target))
        return distance

    def inside(self, boundary: str) -> bool:
        """True where the adversary controls an element inside the boundary from the start."""
        return boundary in self._occupied

    def controls(self, element: Element) -> bool:
        return element.id in self._controlled

    def influences(self, flow: Flow) -> bool:
        return flow.id in self._influenced

    def crosses(self, flow: Flow) -> bool:
        return self._index.elements[flow.source].boundary != self._index.elements[flow.target].boundary

    def privilege(self, element: Element) -> int:
        return _PRIVILEGES[self._index.boundaries[element.boundary].privilege]

    def reach(self, element: Element) -> int:
        return max(1, 5 - self._distance.get(element.id, _FAR))

    def reached(self, element: Element) -> bool:
        return element.id in self._distance

    def inbound(self, element: Element) -> tuple[Flow, ...]:
        return self._index.inbound.get(element.id, ())

    def outbound(self, element: Element) -> tuple[Flow, ...]:
        return self._index.outbound.get(element.id, ())

    def memory_safe(self, element: Element) -> bool:
        return element.language in _MEMORY_SAFE

    def source(self, flow: Flow) -> Element:
        return self._index.elements[flow.source]

    def target(self, flow: Flow) -> Element:
        return self._index.elements[flow.target]

    def data(self, subject: Element | Flow) -> tuple[DataAsset, ...]:
        return tuple(self._index.assets[id_] for id_ in subject.data)

    def confidentiality(self, subject: Element | Flow) -> int:
        return max((LEVELS[asset.confidentiality] for asset in self.data(subject)), default=0)

    def integrity(self, subject: Element | Flow) -> int:
        return max((LEVELS[asset.integrity] for asset in self.data(subject)), default=0)

    def availability(self, subject: Element | Flow) -> int:
        return max((LEVELS[asset.availability] for asset in self.data(subject)), default=0)

    def sensitivity(self, subject: Element | Flow) -> int:
        return max(self.confidentiality(subject), self.integrity(subject), self.availability(subject))
