"""`threatmodel diff`: what differs between two states of a model, and what it makes of the threats."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from collateral.cli.common import (
    add_as_of,
    add_edition,
    add_format,
    add_set,
    as_of,
    cache_folder,
    edition,
    write_json,
    write_text,
)
from collateral.cli.sources import add_named_sources, open_for_sides
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import Exit, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from collateral.report.change import Rated
    from collateral.sides import Side
    from threatmodel.analysis.change import Difference
    from threatmodel.load import Manifest
    from threatmodel.source import SourceTree
    from threatmodel.system import Configuration

HELP = "show what differs between two states of a model, and which threats come, go or change"
EXAMPLES = (
    "threatmodel diff HEAD~1 HEAD models/shop",
    "threatmodel diff HEAD . models/shop --format markdown",
    "threatmodel diff HEAD~1 HEAD models/shop --config plain --pictures pictures",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    for side, what in (("base", "the older state"), ("head", "the newer state")):
        parser.add_argument(side, metavar=side.upper(), help=f"{what}: a revision of git or a folder")
    parser.add_argument("model", help="the model's folder, as it is called in both states")
    parser.add_argument(
        "--config",
        metavar="NAME",
        action="append",
        default=[],
        help="compare this configuration only; repeatable; all of them otherwise",
    )
    add_set(parser)
    for side in ("base", "head"):
        parser.add_argument(
            f"--source-{side}",
            metavar="TREE",
            help=f"check the claims of {side.upper()} against this source: a folder, folder@ref or a git URL with @tag",
        )
    add_named_sources(parser)
    parser.add_argument("--pictures", metavar="DIR", help="draw before and after into this folder")
    parser.add_argument("--cache", metavar="DIR", help="folder for clones and layouts")
    add_edition(parser, "public")
    add_as_of(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A difference is no failure; a picture that could not be drawn gives exit 3."""
    if bool(args.source_base) != bool(args.source_head):
        one, other = ("base", "head") if args.source_head else ("head", "base")
        hint = f"name the source of both states, or of none; --source-{other} is there"
        raise UsageError(Diagnostic(code="U013", message=f"--source-{one} is missing", hint=hint))
    from collateral.difference import difference
    from collateral.report import change
    from collateral.sides import Places, open_sides

    with ExitStack() as stack:
        opening = open_sides(
            args.base,
            args.head,
            args.model,
            around.cwd,
            extra=lambda manifest: _asked(args.config, args.set, manifest),
        )
        base, head = stack.enter_context(opening)
        _known(args.config, base, head)
        specs = (args.source_base, args.source_head)
        trees = (_tree(specs[0], args, around, stack), _tree(specs[1], args, around, stack))
        named = open_for_sides(args, around, (base, head), trees, stack)
        which = edition(args, around)
        found = difference(
            base,
            head,
            as_of=as_of(args.as_of, around),
            configurations=_made(base, head) if args.set else args.config or None,
            trees=trees,
            named=named,
            edition=which,
        )
    places = Places(args.model, (base, head))
    found = replace(
        found,
        model=tuple(places.moved(item) for item in found.model),
        threats=tuple(places.moved(item) for item in found.threats),
        records=tuple(item if item.kind == "claim" else places.moved(item) for item in found.records),
    )
    rated = _rated(base, head, found)
    name = head.loaded.project.id
    if args.format == "json":
        file = change.DiffFile(
            project=name,
            edition=which,
            changed=not found.empty,
            difference=found,
            priorities={r.change.id: r.priority for r in rated},
        )
        write_json(file, around)
    else:
        write = change.markdown if args.format == "markdown" else change.text
        write_text(write(name, found, rated, _crossing(base, head, found)), around)
    return _draw(base, head, found, args, around) if args.pictures else Exit.CLEAN


def _asked(names: list[str], changes: list[str], manifest: Manifest) -> tuple[Configuration, ...]:
    """The configurations that the command line asks for and the manifest of this side does not name: none for a name
    that it does not know, since the other side may."""
    known, default = manifest.known, manifest.project.get("default-configuration", "")
    chosen: list[str | None] = [name for name in names if known.knows(name)]
    if changes and not names:
        chosen = [None]
    found = [known.select(name, changes, default) for name in chosen]
    return tuple(configuration for configuration in found if configuration)


def _made(*sides: Side) -> list[str]:
    """The configurations of these sides that their manifests do not name."""
    named = {c.name for side in sides for c in side.loaded.manifest.configurations}
    systems = [system for side in sides for system in side.loaded.project.systems]
    return list(dict.fromkeys(s.configuration.name for s in systems if s.configuration.name not in named))


def _known(wanted: list[str], base: Side, head: Side) -> None:
    known = {s.configuration.name for side in (base, head) for s in side.loaded.project.systems}
    for name in wanted:
        if name not in known:
            hint = nearest(name, known) or f"configurations are {', '.join(sorted(known))}"
            raise UsageError(Diagnostic(code="U003", message=f'no configuration "{name}"', hint=hint))


def _tree(
    spec: str | None, args: argparse.Namespace, around: Surroundings, stack: ExitStack
) -> SourceTree | None:
    if not spec:
        return None
    from threatmodel.source import open_source

    cache = cache_folder(args, around) / "sources"
    return stack.enter_context(open_source(spec, cache=cache, base=around.cwd, environ=around.environ))


def _rated(base: Side, head: Side, found: Difference) -> list[Rated]:
    """Each changed threat with its priority by the criteria of its own side."""
    from collateral.policy import Priorities
    from collateral.report.change import Rated

    sides = [Priorities(side.loaded.project, side.policy.criteria) for side in (base, head)]
    return [
        Rated(change=change, priority=sides[change.after is not None].of_change(change).priority)
        for change in found.threats
    ]


def _crossing(base: Side, head: Side, found: Difference) -> tuple[str, ...]:
    """The flows among the changes that cross a boundary in one of the two states."""
    crossing = set()
    for side in (base, head):
        for system in side.loaded.project.systems:
            home = {element.id: element.boundary for element in system.elements}
            crossing |= {flow.id for flow in system.flows if home[flow.source] != home[flow.target]}
    return tuple(c.id for c in found.model if c.kind == "flow" and c.id in crossing)


def _draw(base: Side, head: Side, found: Difference, args: argparse.Namespace, around: Surroundings) -> Exit:
    """`change-<configuration>` as SVG, PNG and DOT, for each configuration in which something that is drawn differs."""
    from concurrent.futures import ThreadPoolExecutor

    from collateral.bundle.place import write_file
    from collateral.report.pictures import draw, picture_files
    from threatmodel.diagrams.changes import before_after
    from threatmodel.diagrams.plan import Planned

    diagrams = []
    for name in found.configurations:
        if all(name in {s.configuration.name for s in side.loaded.project.systems} for side in (base, head)):
            marks = {
                c.id: c.state
                for c in found.model
                if c.kind in {"element", "flow", "boundary"} and name in c.configurations
            }
            diagram = before_after(
                base.loaded.project.system(name), head.loaded.project.system(name), dict(marks)
            )
            if diagram is not None:
                diagrams.append(Planned(id=diagram.id, diagram=diagram, part_of=diagram.id))
    folder: Path = around.cwd / args.pictures
    with ThreadPoolExecutor(max_workers=2) as executor:
        cache = cache_folder(args, around) / "layouts"
        pictures = draw(diagrams, cache=cache, executor=executor, standalone=True)
    for path, data in picture_files(pictures, "").items():
        write_file(folder / path, data)
    failed = [picture for picture in pictures if picture.rendered is None]
    for picture in failed:
        print(f"{picture.id}: {picture.failed}", file=around.stderr)
    print(f"{len(pictures) - len(failed)} of {len(pictures)} pictures in {args.pictures}", file=around.stderr)
    return Exit.INCOMPLETE if failed else Exit.CLEAN
