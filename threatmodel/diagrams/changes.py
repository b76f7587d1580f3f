"""Before and after in one picture: what was added, removed and changed, with its neighbours."""

from __future__ import annotations

from dataclasses import replace

from threatmodel.diagrams.dfd import Diagram, Mark, assemble
from threatmodel.system import SystemModel

Marks = dict[str, Mark]
"""Id of an element, flow or boundary to what became of it."""


def before_after(base: SystemModel, head: SystemModel, marks: Marks) -> Diagram | None:
    """The picture of a difference in one configuration; None where nothing that is drawn differs.

    `marks` holds what differs; the rest is left out, but for the neighbours, which are grey. Parts that are gone are
    drawn at their former place.
    """
    both = _union(base, head)
    changed = {e.id for e in both.elements if e.id in marks}
    boxes = {b.id for b in both.boundaries if b.id in marks}
    moved = {f.id for f in both.flows if f.id in marks}
    if not (changed or boxes or moved):
        return None
    inside = {e.id for e in both.elements if e.boundary in boxes}
    ends = {end for f in both.flows if f.id in moved for end in (f.source, f.target)}
    whole = {e for e in changed if marks[e] != "changed"}
    middle = changed | ends | inside
    flows = [
        f
        for f in both.flows
        if f.id in moved or {f.source, f.target} & whole or {f.source, f.target} <= middle
    ]
    name = head.configuration.name
    diagram = assemble(
        both, f"change-{name}", f"What changes in {name}", changed | inside, frozenset(), flows, marks
    )
    return replace(diagram, alt=_words(diagram))


def _union(base: SystemModel, head: SystemModel) -> SystemModel:
    boundaries = {b.id for b in head.boundaries}
    elements = {e.id for e in head.elements}
    flows = {f.id for f in head.flows}
    return replace(
        head,
        boundaries=(*head.boundaries, *(b for b in base.boundaries if b.id not in boundaries)),
        elements=(*head.elements, *(e for e in base.elements if e.id not in elements)),
        flows=(*head.flows, *(f for f in base.flows if f.id not in flows)),
    )


def _words(diagram: Diagram) -> str:
    """The picture in words: what became of what."""
    parts = [f"{diagram.title}."]
    marks: tuple[Mark, ...] = ("added", "removed", "changed")
    for mark in marks:
        named = [f"boundary {box.name}" for box in diagram.boundaries if box.change == mark]
        named += [node.name for node in diagram.nodes if node.change == mark]
        named += [
            f"flow {row.number} {row.source} to {row.target}: {row.name}"
            for row in diagram.legend
            if row.change == mark
        ]
        if named:
            parts.append(f"{mark.capitalize()}: {'; '.join(named)}.")
    rest = sum(not node.change for node in diagram.nodes)
    parts.append(f"{rest} unchanged {'element is' if rest == 1 else 'elements are'} shown as context.")
    return " ".join(parts)
