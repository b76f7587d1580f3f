"""`threatmodel diagram`: data-flow diagrams as SVG, PNG and DOT."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from collateral.cli.common import Opened, add_configuration, add_model, add_set
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

if TYPE_CHECKING:
    from collateral.report.pictures import Picture

HELP = "draw an overview, one picture per trust boundary and one per view, as SVG, PNG and DOT"
EXAMPLES = (
    "threatmodel diagram models/shop -o pictures",
    "threatmodel diagram models/shop -o pictures --all-configs --check",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    which = parser.add_mutually_exclusive_group()
    add_configuration(which, "to draw")
    which.add_argument(
        "--all-configs",
        action="store_true",
        help="draw every configuration into a folder of its own, equal pictures once; index.json says which is where",
    )
    add_set(parser)
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for the pictures")
    parser.add_argument(
        "--check",
        action="store_true",
        help="say what cannot be read: labels that overlap or lie on nodes, type below 6.5 points on A3, over 20 nodes",
    )
    parser.add_argument("--cache", metavar="DIR", help="folder for layouts that are kept")
    parser.add_argument(
        "--dot", metavar="FILE", help="an installed dot to use instead of the embedded engine"
    )


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A picture that could not be drawn, or with --check not be read, is named and gives exit 3."""
    with ThreadPoolExecutor(max_workers=2) as executor:
        made = (_all if args.all_configs else _one)(args, around, executor)
    failed = [(name, picture) for name, picture in made if picture.rendered is None]
    for name, picture in failed:
        print(f"{name}: {picture.failed}", file=around.stderr)
    print(f"{len(made) - len(failed)} of {len(made)} pictures in {args.output}", file=around.stderr)
    unread = _report(made, around) if args.check else 0
    return Exit.INCOMPLETE if failed or unread else Exit.CLEAN


def _one(
    args: argparse.Namespace, around: Surroundings, executor: ThreadPoolExecutor
) -> list[tuple[str, Picture]]:
    from collateral.bundle.place import write_file
    from collateral.cli.common import cache_folder
    from collateral.report.pictures import draw, picture_files
    from threatmodel.diagrams.plan import plan

    opened = Opened(args, around)
    system = opened.project.system(opened.configuration(args.config))
    pictures = draw(
        plan(system, opened.project.views, opened.project.name, numbers=opened.project.flow_numbers()),
        cache=cache_folder(args, around) / "layouts",
        executor=executor,
        dot=around.cwd / args.dot if args.dot else None,
        standalone=True,
    )
    for name, data in picture_files(pictures, "").items():
        write_file(around.cwd / args.output / name, data)
    return [(picture.id, picture) for picture in pictures]


def _all(
    args: argparse.Namespace, around: Surroundings, executor: ThreadPoolExecutor
) -> list[tuple[str, Picture]]:
    from collateral.bundle.place import write_file
    from collateral.cli.common import cache_folder
    from collateral.report.gallery import gallery
    from threatmodel.core.canonical import dump_bytes
    from threatmodel.core.plain import to_plain

    opened = Opened(args, around)
    folder = around.cwd / args.output
    index, drawn = gallery(
        opened.project,
        cache=cache_folder(args, around) / "layouts",
        executor=executor,
        dot=around.cwd / args.dot if args.dot else None,
        put=lambda path, data: write_file(folder / path, data),
    )
    write_file(folder / "index.json", dump_bytes(to_plain(index)))
    shown, kinds = len(index.pictures), len(index.configurations)
    print(f"{shown} pictures of {kinds} configurations, {len(drawn)} of them different", file=around.stderr)
    return [(f"{found.configuration}/{found.picture.id}", found.picture) for found in drawn]


def _report(made: Sequence[tuple[str, Picture]], around: Surroundings) -> int:
    """Prints what cannot be read; how many pictures that is."""
    unread = 0
    for name, picture in made:
        found = picture.problems()
        unread += bool(found)
        for problem in found:
            print(f"{name}: {problem.kind}: {problem.text}", file=around.stdout)
    print(f"{unread} of {len(made)} pictures cannot be read", file=around.stderr)
    return unread
