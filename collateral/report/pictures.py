"""Pictures laid out and turned into files and rows; a failed layout fails its picture only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from threatmodel.core.ids import file_name
from threatmodel.diagrams.dfd import Diagram
from threatmodel.diagrams.engine import LayoutFailed
from threatmodel.diagrams.layout import Rendered, render
from threatmodel.diagrams.legible import Problem, problems
from threatmodel.diagrams.plan import OVERVIEW, WHOLE, Planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One diagram and what came of its layout: `rendered`, or the reason why there is no picture."""

    id: str
    diagram: Diagram
    part_of: str
    printed: bool
    rendered: Rendered | None
    failed: str = ""

    @property
    def file_name(self) -> str:
        """The name of its files, without an ending."""
        return file_name(self.id, "picture")

    def problems(self) -> tuple[Problem, ...]:
        """What keeps the picture from being read; nothing where there is none."""
        return problems(self.rendered.svg, printed=self.printed) if self.rendered else ()


def draw(
    planned: Iterable[Planned],
    *,
    cache: Path | None,
    executor: Executor | None,
    dot: Path | None = None,
    standalone: bool = False,
    progress: Callable[[str], None] = lambda _id: None,
) -> tuple[Picture, ...]:
    """Lay out and render each diagram, in order."""
    pictures = []
    for item in planned:
        progress(item.id)
        made = Picture(
            id=item.id, diagram=item.diagram, part_of=item.part_of, printed=item.printed, rendered=None
        )
        try:
            rendered = render(item.diagram, cache=cache, dot=dot, executor=executor, standalone=standalone)
            pictures.append(replace(made, rendered=rendered))
        except LayoutFailed as error:
            pictures.append(replace(made, failed=str(error)))
    return tuple(pictures)


def picture_files(pictures: Iterable[Picture], folder: str = "diagrams/") -> dict[str, bytes]:
    """`<folder><name>.svg`, `.png` and `.dot` for each picture that could be drawn."""
    files: dict[str, bytes] = {}
    for picture in pictures:
        if picture.rendered is not None:
            base = f"{folder}{picture.file_name}"
            files[f"{base}.svg"] = picture.rendered.svg
            files[f"{base}.png"] = picture.rendered.png
            files[f"{base}.dot"] = picture.rendered.dot.encode()
    return files


def picture_rows(pictures: Iterable[Picture]) -> list[dict[str, Any]]:
    """The pictures as the view model lists them. The whole is left out where the overview shows all of it."""
    pictures = tuple(pictures)
    same = any(p.id == OVERVIEW and not p.diagram.stacks for p in pictures)
    return [
        {
            "id": picture.id,
            "part_of": picture.part_of,
            "printed": picture.printed,
            "title": picture.diagram.title,
            "alt": picture.diagram.alt,
            "path": f"diagrams/{picture.file_name}.svg",
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
        if not (same and picture.id == WHOLE)
    ]
