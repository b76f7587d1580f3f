"""The pictures of a system: the whole, one per boundary, one per view; a failed layout fails its picture only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from threatmodel.diagrams.dfd import Diagram, view, whole, zoom
from threatmodel.diagrams.engine import LayoutFailed
from threatmodel.diagrams.layout import Rendered, render
from threatmodel.system import SystemModel, View

WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One diagram and what came of its layout: `rendered`, or the reason why there is no picture."""

    id: str
    diagram: Diagram
    rendered: Rendered | None
    failed: str = ""


def plan(system: SystemModel, views: Iterable[View], title: str) -> list[tuple[str, Diagram]]:
    """The diagrams of a system by id: `whole`, `boundary-<id>`, `view-<id>`. Empty ones are left out."""
    here = {element.id for element in system.elements}
    diagrams = [(WHOLE, whole(system))]
    diagrams += [(f"boundary-{boundary.id}", zoom(system, boundary.id)) for boundary in system.boundaries]
    for item in views:
        members = tuple(id_ for id_ in item.elements if id_ in here)
        if members:
            diagrams.append((f"view-{item.id}", view(system, item.id, members, f"{title}: {item.name}")))
    return [(id_, diagram) for id_, diagram in diagrams if diagram.nodes]


def draw(
    diagrams: Iterable[tuple[str, Diagram]],
    *,
    cache: Path | None,
    executor: Executor | None,
    dot: Path | None = None,
    standalone: bool = False,
    progress: Callable[[str], None] = lambda _id: None,
) -> tuple[Picture, ...]:
    """Lay out and render each diagram, in order."""
    pictures = []
    for id_, diagram in diagrams:
        progress(id_)
        try:
            rendered = render(diagram, cache=cache, dot=dot, executor=executor, standalone=standalone)
            pictures.append(Picture(id=id_, diagram=diagram, rendered=rendered))
        except LayoutFailed as error:
            pictures.append(Picture(id=id_, diagram=diagram, rendered=None, failed=str(error)))
    return tuple(pictures)


def picture_files(pictures: Iterable[Picture], folder: str = "diagrams/") -> dict[str, bytes]:
    """`<folder><id>.svg`, `.png` and `.dot` for each picture that could be drawn."""
    files: dict[str, bytes] = {}
    for picture in pictures:
        if picture.rendered is not None:
            base = f"{folder}{picture.id}"
            files[f"{base}.svg"] = picture.rendered.svg
            files[f"{base}.png"] = picture.rendered.png
            files[f"{base}.dot"] = picture.rendered.dot.encode()
    return files


def picture_rows(pictures: Iterable[Picture]) -> list[dict[str, Any]]:
    """The pictures as the view model lists them."""
    return [
        {
            "id": picture.id,
            "title": picture.diagram.title,
            "alt": picture.diagram.alt,
            "path": f"diagrams/{picture.id}.svg",
            "width": picture.rendered.width_pt if picture.rendered else 0,
            "height": picture.rendered.height_pt if picture.rendered else 0,
            "failed": picture.failed,
            "legend": [
                {
                    "number": row.number,
                    "id": row.flow,
                    "source": row.source,
                    "target": row.target,
                    "name": row.name,
                    "protocol": row.protocol,
                    "crosses": row.crosses,
                }
                for row in picture.diagram.legend
            ],
        }
        for picture in pictures
    ]
