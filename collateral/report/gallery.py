"""The pictures of all configurations, equal ones drawn once, with an index of which is where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from collateral.report.pictures import Picture, draw, picture_files
from threatmodel.core.canonical import sha256
from threatmodel.core.ids import file_name
from threatmodel.diagrams.dot import write
from threatmodel.diagrams.plan import Planned, plan
from threatmodel.system import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """A picture of a configuration. `file` is its SVG below the folder; PNG and DOT stand beside it.

    `digest` is the SHA-256 of the DOT text before the layout was chosen: pictures of one title and digest are drawn
    once. `part_of` names the picture that it continues, else itself. `failed` says why there is no file.
    """

    configuration: str
    picture: str
    title: str
    file: str
    digest: str
    part_of: str
    printed: bool
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesFile:
    """`index.json` of `threatmodel diagram --all-configs`: sorted by configuration and picture."""

    format: Literal["threatmodel/pictures"] = "threatmodel/pictures"
    version: Literal[1] = 1
    project: str
    configurations: tuple[str, ...]
    pictures: tuple[PictureRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A picture that was drawn, for the first configuration that has it."""

    configuration: str
    picture: Picture


def gallery(
    project: Project,
    *,
    cache: Path,
    executor: Executor | None,
    dot: Path | None,
    put: Callable[[str, bytes], None],
) -> tuple[PicturesFile, tuple[Drawn, ...]]:
    """Draw every configuration; `put` gets each file by its path as soon as it is there.

    A picture of several configurations names none of them in its title.
    """
    rows: list[PictureRow] = []
    drawn: dict[tuple[str, str], Drawn] = {}
    for name, item in _planned(project):
        digest = sha256(write(item.diagram, legend_columns=1).encode())
        key = (digest, item.diagram.title)
        if key not in drawn:
            [picture] = draw([item], cache=cache, executor=executor, dot=dot, standalone=True)
            for path, data in picture_files([picture], f"{_folder(name)}/").items():
                put(path, data)
            drawn[key] = Drawn(configuration=name, picture=_without_pixels(picture))
        found = drawn[key]
        failed = found.picture.failed
        rows.append(
            PictureRow(
                configuration=name,
                picture=item.id,
                title=item.diagram.title,
                file="" if failed else f"{_folder(found.configuration)}/{found.picture.file_name}.svg",
                digest=digest,
                part_of=item.part_of,
                printed=item.printed,
                failed=failed,
            )
        )
    index = PicturesFile(
        project=project.id,
        configurations=tuple(sorted(system.configuration.name for system in project.systems)),
        pictures=tuple(sorted(rows, key=lambda row: (row.configuration, row.picture))),
    )
    return index, tuple(drawn.values())


def _folder(configuration: str) -> str:
    """The folder of a configuration's pictures: its name where that is a plain one, which a model need not choose."""
    return file_name(configuration, "configuration")


def _without_pixels(picture: Picture) -> Picture:
    """What a check needs; the pixels of many configurations would fill the memory."""
    rendered = picture.rendered
    return replace(picture, rendered=replace(rendered, png=b"")) if rendered else picture


def _planned(project: Project) -> Iterator[tuple[str, Planned]]:
    numbers = project.flow_numbers()
    for system in project.systems:
        name = system.configuration.name
        for item in plan(system, project.views, project.name, numbers=numbers):
            yield name, replace(item, diagram=item.diagram.unnamed(name))
