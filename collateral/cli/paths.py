"""`threatmodel paths`: how adversaries would get to assets, what stands in their way, and what if a control fails."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_configuration,
    add_format,
    add_model,
    add_packs,
    add_set,
    as_of,
    write_json,
    write_text,
)
from collateral.cli.judged import Checked, add_judging, checked
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import Exit, UsageError, worst_exit

if TYPE_CHECKING:
    from collateral.paths import ConfigurationPaths, Goals, PathsFile
    from threatmodel.analysis.paths import Limits
    from threatmodel.analysis.paths.find import Paths
    from threatmodel.diagrams.sketch import Sketch

HELP = (
    "attack paths from adversaries to assets: the weakest one, the controls to defeat, what separates the two"
)
EXAMPLES = (
    "threatmodel paths models/shop --source .",
    "threatmodel paths models/shop --asset notes --diagram build/paths.svg --tree build/tree.mmd",
    "threatmodel paths models/shop --without caller-tokens",
)
_ENDINGS = (".svg", ".png", ".dot", ".mmd")
_MOST_DRAWN = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    which = parser.add_mutually_exclusive_group()
    add_configuration(which, "to look at")
    which.add_argument("--all-configs", action="store_true", help="every configuration, one after the other")
    add_set(parser)
    add_packs(parser)
    parser.add_argument(
        "--adversary", metavar="ID", action="append", default=[], help="only this adversary; repeatable"
    )
    goals = parser.add_mutually_exclusive_group()
    goals.add_argument(
        "--asset", metavar="ID", action="append", default=[], help="only this asset; repeatable"
    )
    goals.add_argument(
        "--to",
        metavar="ELEMENT",
        action="append",
        default=[],
        help="ways to this element instead; repeatable",
    )
    parser.add_argument(
        "--without",
        metavar="CONTROL",
        action="append",
        default=[],
        help="what changes if this control fails, with those that fail together with it; repeatable",
    )
    parser.add_argument(
        "--paths", metavar="N", type=_number, default=5, help="list at most N paths of a pair (default 5)"
    )
    parser.add_argument(
        "--steps", metavar="N", type=_number, default=8, help="list paths of at most N steps (default 8)"
    )
    parser.add_argument(
        "--diagram", metavar="FILE", help="draw the paths of the pairs: .svg, .png, .dot or .mmd (Mermaid)"
    )
    parser.add_argument("--tree", metavar="FILE", help="draw the attack tree of one goal, in the same forms")
    add_judging(parser)
    add_format(parser, "text", "json", "markdown")


def _number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{number} is not between 1 and 100")
    return number


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. With a source tree, a claim that could not be checked gives exit 3.

    Raises:
        UsageError: U030, no such adversary, asset, element or control; U031, what was asked for cannot be drawn.
    """
    from collateral.paths import PathsFile, paths_of
    from threatmodel.analysis.paths import Limits

    _endings(args)
    opened = Opened(args, around)
    goals = _goals(args, opened)
    found = checked(args, opened, around)
    limits = Limits(paths=args.paths, steps=args.steps)
    made: list[tuple[Paths, ConfigurationPaths]] = []
    for name in _configurations(args, opened):
        paths = _paths(args, around, opened, found, name, limits, args.without)
        before = _paths(args, around, opened, found, name, limits, ()) if args.without else None
        made.append((paths, paths_of(paths, goals, before=before)))
    file = PathsFile(
        project=opened.project.id,
        source=found.source,
        goal_kind=goals.kind,
        without=tuple(args.without),
        failing=tuple(sorted(made[0][0].failing)) if made else (),
        limits=limits,
        configurations=tuple(item for _, item in made),
    )
    _write(args.format, file, opened, around)
    _draw(args, around, made[0])
    around.stderr.write(found.withheld)
    return worst_exit([found.exit, opened.rules_exit])


def _paths(
    args: argparse.Namespace,
    around: Surroundings,
    opened: Opened,
    found: Checked,
    name: str,
    limits: Limits,
    without: Sequence[str],
) -> Paths:
    from threatmodel.analysis.dispositions import not_applicable
    from threatmodel.analysis.paths.find import Paths

    return Paths(
        opened.project,
        opened.project.system(name),
        opened.rules,
        found.ledger.states if found.ledger else {},
        excluded=not_applicable(opened.dispositions(), name, as_of(args.as_of, around)),
        without=tuple(without),
        limits=limits,
    )


def _configurations(args: argparse.Namespace, opened: Opened) -> list[str]:
    if args.all_configs:
        return [system.configuration.name for system in opened.project.systems]
    return [opened.configuration(args.config)]


def _goals(args: argparse.Namespace, opened: Opened) -> Goals:
    """What is asked for, every name checked; those of a configuration that was not asked for are unknown too."""
    from collateral.paths import Goals

    project = opened.project
    names = _configurations(args, opened)
    systems = [project.system(name) for name in names]
    here = sorted(
        {
            adversary.id
            for adversary in project.adversaries
            for system in systems
            if system.configuration.matches(adversary.when)
        }
    )
    _known("adversary", args.adversary, here)
    _known("asset", args.asset, [asset.id for asset in project.data])
    _known("element", args.to, sorted({element.id for system in systems for element in system.elements}))
    _known("control", args.without, [control.id for control in project.controls])
    return Goals(
        kind="element" if args.to else "asset",
        adversaries=tuple(args.adversary),
        goals=tuple(dict.fromkeys(args.to or args.asset)),
    )


def _known(kind: str, asked: Iterable[str], known: Sequence[str]) -> None:
    for name in asked:
        if name not in known:
            hint = nearest(name, known) or (f"one of {', '.join(known)}" if len(known) < 20 else "")
            raise UsageError(Diagnostic(code="U030", message=f'no {kind} "{name}" here', hint=hint))


def _write(form: str, file: PathsFile, opened: Opened, around: Surroundings) -> None:
    from collateral.paths.text import paths_markdown, paths_text

    if form == "json":
        write_json(file, around)
    else:
        told = paths_text if form == "text" else paths_markdown
        write_text(told(file, opened.project), around)


def _endings(args: argparse.Namespace) -> None:
    for option in ("diagram", "tree"):
        name = getattr(args, option)
        if name and PurePath(name).suffix not in _ENDINGS:
            raise _not_drawn(f"--{option} {name}: the ending says no form", f"one of {', '.join(_ENDINGS)}")
    if (args.diagram or args.tree) and args.all_configs:
        raise _not_drawn("a picture is of one configuration", "name it with --config")
    if args.tree and len(set(args.asset or args.to)) != 1:
        raise _not_drawn("an attack tree has one goal", "name it with --asset or --to")


def _not_drawn(message: str, hint: str) -> UsageError:
    return UsageError(Diagnostic(code="U031", message=message, hint=hint))


def _draw(args: argparse.Namespace, around: Surroundings, made: tuple[Paths, ConfigurationPaths]) -> None:
    """The pictures that were asked for."""
    if not (args.diagram or args.tree):
        return
    from threatmodel.diagrams.attack import path_sketch, tree_sketch

    paths, found = made
    pairs = [pair for pair in found.pairs if pair.weakest]
    if not pairs:
        raise _not_drawn("there is no path to draw", "the table says why; leave out --diagram and --tree")
    if len(pairs) > _MOST_DRAWN:
        message = f"{len(pairs)} pairs are too many for a picture"
        raise _not_drawn(message, "narrow them with --adversary, --asset or --to")
    if args.diagram:
        _save(around, args.diagram, path_sketch(pairs, paths.project, paths.system))
    if args.tree:
        _save(around, args.tree, tree_sketch(pairs, paths.project, paths.system))


def _save(around: Surroundings, name: str, sketch: Sketch) -> None:
    from collateral.bundle.place import write_file
    from threatmodel.diagrams.engine import find_engine
    from threatmodel.diagrams.sketch import dot_text, draw, mermaid_text

    match PurePath(name).suffix:
        case ".dot":
            data = dot_text(sketch).encode()
        case ".mmd":
            data = mermaid_text(sketch).encode()
        case ending:
            drawn = draw(sketch, find_engine())
            data = drawn.svg if ending == ".svg" else drawn.png
    write_file(around.cwd / name, data)
