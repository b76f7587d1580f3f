"""`threatmodel drift`: what changed on the surface of the source between two releases, and whether the model names it."""

from __future__ import annotations

import argparse

from collateral.cli.common import (
    Opened,
    add_format,
    add_model,
    add_source,
    cache_folder,
    write_json,
    write_text,
)
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

HELP = "show what changed on the surface of the source between two releases, and whether the model names it"
EXAMPLES = (
    "threatmodel drift models/shop --source . --baseline .@HEAD~1",
    "threatmodel drift models/shop --source .@HEAD --baseline .@HEAD~1 --format markdown",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_source(parser)
    parser.add_argument(
        "--baseline", metavar="TREE", required=True, help="the older source tree, in one of the same forms"
    )
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A change is no failure; what could not be read or found gives exit 3.

    Raises:
        UsageError: U005, no source tree; U019, the model has no `extracts.yaml`.
    """
    from collateral.deployed import load_keys
    from collateral.drift import EXTRACTS, load_extracts, mentions
    from collateral.drift.files import drift_file
    from threatmodel.source import open_source

    opened = Opened(args, around)
    extracts = load_extracts(opened.path, opened.project, opened.shown)
    if extracts is None:
        raise opened.lacks(EXTRACTS, "drift")
    named = mentions(opened.project, load_keys(opened.path, opened.project, opened.shown))
    spec, base = opened.place_of_source(args, around)
    cache = cache_folder(args, around) / "sources"
    with (
        open_source(args.baseline, cache=cache, base=around.cwd, environ=around.environ) as baseline,
        open_source(spec, cache=cache, base=base, environ=around.environ) as source,
    ):
        file = drift_file(opened.project, extracts, named, baseline, source)
    if args.format == "json":
        write_json(file, around)
    else:
        from collateral.drift.text import drift_markdown, drift_text

        write_text((drift_text if args.format == "text" else drift_markdown)(file), around)
    return Exit.INCOMPLETE if file.not_checked else Exit.CLEAN
