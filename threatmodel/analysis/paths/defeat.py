"""What has to be defeated for a threat, and which controls fail together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product

import networkx as nx

from threatmodel.analysis.judgement import ABSENCE
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain
from threatmodel.system import Boundary, Configuration, Control, Element, Flow, Project, SystemModel

Sets = tuple[frozenset[str], ...]
"""Alternatives, none of which contains another, in a fixed order."""
MOST = 64
"""Alternatives that are kept of one threat; a threat of the shipped packs has a handful."""


def smallest(sets: Iterable[frozenset[str]]) -> Sets:
    """The sets that contain no other one."""
    kept: list[frozenset[str]] = []
    for found in sorted(set(sets), key=lambda item: (len(item), sorted(item))):
        if not any(other <= found for other in kept):
            kept.append(found)
    return tuple(kept)


def lists_at(mitigated_by: Sequence[Sequence[str]], own: Collection[str]) -> list[tuple[Sequence[str], bool]]:
    """The inner lists, and the one that every rule has: the thing itself is absent, by a control of its own."""
    return [*((classes, False) for classes in mitigated_by), *([((ABSENCE,), True)] if own else [])]


def to_defeat(
    mitigated_by: Sequence[Sequence[str]], own: Collection[str], provides: Mapping[str, Collection[str]]
) -> Sets:
    """The smallest sets of controls without which no inner list stands; the empty set alone where none stands.

    Of each list that `provides` makes whole one class must fall, with every control that gives it.
    """
    out: Sets = (frozenset(),)
    for classes, absent in lists_at(mitigated_by, own):
        givers = [_givers(word, provides, own if absent else provides) for word in classes]
        if all(givers):
            out = smallest(done | falls for done, falls in product(out, givers))[:MOST]
    return out


def to_hold(
    mitigated_by: Sequence[Sequence[str]], own: Collection[str], provides: Mapping[str, Collection[str]]
) -> Sets:
    """The smallest sets of controls that make an inner list stand if they hold; none where no list can stand."""
    found: list[frozenset[str]] = []
    for classes, absent in lists_at(mitigated_by, own):
        givers = [sorted(_givers(word, provides, own if absent else provides)) for word in classes]
        found += [frozenset(chosen) for chosen in product(*givers)]
    return smallest(found)[:MOST]


def _givers(
    word: str, provides: Mapping[str, Collection[str]], among: Collection[str] | Mapping[str, Collection[str]]
) -> frozenset[str]:
    return frozenset(id_ for id_ in among if word in provides.get(id_, ()))


def shared_fate(project: Project, system: SystemModel, among: Collection[str]) -> nx.Graph[str]:
    """The controls, with a line between two that are not independent.

    They are not where a claim of both is the same statement, so that one wrong place in the source takes both; or where
    they hang at the same place and give the same class there, so that one weakness of the place does.
    """
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(among))
    by_id = {control.id: control for control in project.controls if control.id in among}
    shared: dict[object, set[str]] = defaultdict(set)
    for id_, control in by_id.items():
        for said in _statements(control, system.configuration):
            shared[said].add(id_)
    places: tuple[Boundary | Element | Flow, ...] = (*system.boundaries, *system.elements, *system.flows)
    for item in places:
        for id_ in item.controls:
            if id_ in by_id:
                for word in by_id[id_].provides:
                    shared[item.id, word].add(id_)
    for together in shared.values():
        graph.add_edges_from(combinations(sorted(together), 2))
    return graph


def _statements(control: Control, configuration: Configuration) -> set[bytes]:
    """The claims of a control that count here, as texts: the same text is the same evidence, wherever it is written."""
    return {
        dump_bytes(to_plain(replace(claim, place=None, when={})))
        for claim in control.claims
        if configuration.matches(claim.when)
    }
