"""Before and after in one picture: what was added, removed and changed, with its neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from threatmodel.diagrams.dfd import Diagram, Mark, assemble
from threatmodel.system import Element, Flow, SystemModel

Marks = dict[str, Mark]
"""Id of an element, flow or boundary to what became of it."""


def before_after(base: SystemModel, head: SystemModel, marks: Marks) -> Diagram | None:
    """The picture of a difference in one configuration; None where nothing that is drawn differs.

    `marks` holds what differs; the rest is left out, but for the neighbours, which are grey. Parts that are gone are
    drawn at their former place, and a flow with other ends is drawn there too, as removed.
    """
    both, moved_marks = _union(base, head, marks)
    marks = {**marks, **moved_marks}
    changed = {e.id for e in both.elements if e.id in marks}
    boxes = {b.id for b in both.boundaries if b.id in marks}
    moved = {f.id for f in both.flows if f.id in marks}
    if not (changed or boxes or moved):
        return None
    parents: Mapping[str, str | None] = {b.id: b.parent for b in both.boundaries}
    focus = changed | {id_ for box in boxes for id_ in _inside(box, both.elements, parents)}
    ends = {end for f in both.flows if f.id in moved for end in (f.source, f.target)}
    if not focus | ends:
        return None
    name = head.configuration.name
    diagram = assemble(
        both,
        f"change-{name}",
        f"What changes in {name}",
        focus,
        frozenset(),
        [f for f in both.flows if f.id in moved or _near(f, both.flows, focus, ends)],
        marks,
    )
    quiet = replace(
        diagram,
        nodes=tuple(replace(node, context=not node.change) for node in diagram.nodes),
        boundaries=tuple(replace(box, context=not box.change) for box in diagram.boundaries),
        legend=tuple(sorted(diagram.legend, key=lambda row: (not row.change, row.number))),
    )
    return replace(quiet, alt=_words(quiet))


def _near(flow: Flow, flows: Iterable[Flow], focus: set[str], ends: set[str]) -> bool:
    """True for a flow that shows where something stands: between what changed and another part of the picture, or
    any flow of what would stand alone otherwise."""
    here = {flow.source, flow.target}
    if not here & focus:
        return False
    if here <= focus | ends:
        return True
    return any(end in focus - ends and _alone(end, flows, focus | ends) for end in here)


def _alone(element: str, flows: Iterable[Flow], shown: set[str]) -> bool:
    return not any(
        element in (f.source, f.target) and {f.source, f.target} <= shown and f.source != f.target
        for f in flows
    )


def _inside(boundary: str, elements: Iterable[Element], parents: Mapping[str, str | None]) -> set[str]:
    """The elements of a boundary; where it has none of its own, those of the boundaries in it."""
    elements = tuple(elements)
    own = {e.id for e in elements if e.boundary == boundary}
    return own or {e.id for e in elements if boundary in _around(e.boundary, parents)}


def _around(boundary: str, parents: Mapping[str, str | None]) -> set[str]:
    found: set[str] = set()
    at: str | None = boundary
    while at is not None and at not in found:
        found.add(at)
        at = parents.get(at)
    return found


def _union(base: SystemModel, head: SystemModel, marks: Marks) -> tuple[SystemModel, Marks]:
    """Everything that one of the two has, and the marks of flows that stand twice because their ends are others."""
    boundaries = {b.id for b in head.boundaries}
    elements = {e.id for e in head.elements}
    flows = {f.id: f for f in head.flows}
    gone = [f for f in base.flows if f.id not in flows]
    before = [
        replace(f, id=f"{f.id} before")
        for f in base.flows
        if f.id in flows
        and (f.source, f.target) != (flows[f.id].source, flows[f.id].target)
        and f.id in marks
    ]
    union = replace(
        head,
        boundaries=(*head.boundaries, *(b for b in base.boundaries if b.id not in boundaries)),
        elements=(*head.elements, *(e for e in base.elements if e.id not in elements)),
        flows=(*head.flows, *gone, *before),
    )
    return union, {f.id: "removed" for f in before}


def _words(diagram: Diagram) -> str:
    """The picture in words: what became of what."""
    marks: tuple[Mark, ...] = ("added", "removed", "changed")
    rest = sum(not node.change for node in diagram.nodes)
    context = f"{rest} unchanged {'element is' if rest == 1 else 'elements are'} shown as context."
    said = marked_words(diagram, [(mark, mark.capitalize()) for mark in marks])
    return " ".join([f"{diagram.title}.", *said, context])


def marked_words(diagram: Diagram, marks: Iterable[tuple[Mark, str]]) -> list[str]:
    """A sentence for each mark that something in the picture has: the word for it, and what has it."""
    out = []
    for mark, word in marks:
        named = [f"boundary {box.name}" for box in diagram.boundaries if box.change == mark]
        named += [node.name for node in diagram.nodes if node.change == mark]
        named += [
            f"flow {row.number} {row.source} to {row.target}: {row.name}"
            for row in diagram.legend
            if row.change == mark
        ]
        if named:
            out.append(f"{word}: {'; '.join(named)}.")
    return out
