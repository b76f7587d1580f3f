"""`threatmodel diagram`: data-flow diagrams as SVG, PNG and DOT."""

from __future__ import annotations

import argparse

from collateral.cli.common import Opened, add_configuration, add_model, add_set
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

HELP = "draw the whole system, one picture per trust boundary and one per view, as SVG, PNG and DOT"
EXAMPLES = ("threatmodel diagram models/shop -o pictures",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_configuration(parser, "to draw")
    add_set(parser)
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for the pictures")
    parser.add_argument("--cache", metavar="DIR", help="folder for layouts that are kept")
    parser.add_argument(
        "--dot", metavar="FILE", help="an installed dot to use instead of the embedded engine"
    )


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A picture that could not be drawn is named and gives exit 3."""
    from concurrent.futures import ThreadPoolExecutor

    from collateral.bundle.place import write_file
    from collateral.cli.common import cache_folder
    from collateral.report.pictures import draw, picture_files, plan

    opened = Opened(args, around)
    system = opened.project.system(opened.configuration(args.config))
    with ThreadPoolExecutor(max_workers=2) as executor:
        pictures = draw(
            plan(system, opened.project.views, opened.project.name),
            cache=cache_folder(args, around) / "layouts",
            executor=executor,
            dot=around.cwd / args.dot if args.dot else None,
            standalone=True,
        )
    folder = around.cwd / args.output
    for name, data in picture_files(pictures, "").items():
        write_file(folder / name, data)
    failed = [picture for picture in pictures if picture.rendered is None]
    for picture in failed:
        print(f"{picture.id}: {picture.failed}", file=around.stderr)
    print(f"{len(pictures) - len(failed)} of {len(pictures)} pictures in {args.output}", file=around.stderr)
    return Exit.INCOMPLETE if failed else Exit.CLEAN
