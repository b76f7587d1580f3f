"""`threatmodel drift`: what changed on the surface of the source between two releases, and whether the model names it."""

from __future__ import annotations

import argparse
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_format,
    add_model,
    add_source,
    as_of,
    cache_folder,
    write_json,
    write_text,
)
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, UsageError
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from collateral.deployed import DeployedKeys
    from collateral.drift import Extracts
    from collateral.drift.files import DriftFile
    from threatmodel.source import SourceTree

HELP = "show what changed on the surface of the source between two releases, and whether the model names it"
EXAMPLES = (
    "threatmodel drift models/shop --source . --baseline .@HEAD~1",
    "threatmodel drift models/shop --source .@HEAD --baseline .@HEAD~1 --enforce",
    "threatmodel drift models/shop --source . --self-test",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_source(parser)
    parser.add_argument("--baseline", metavar="TREE", help="the older source tree, in one of the same forms")
    parser.add_argument(
        "--enforce",
        action="store_true",
        help="end with 10 where the model does not follow the source, or where that is not known, without a waiver",
    )
    parser.add_argument(
        "--propose",
        metavar="FILE",
        nargs="?",
        const="-",
        help="write the patch of the model that follows the source, with stubs to fill in; without FILE to standard "
        "output, instead of the list",
    )
    parser.add_argument(
        "--self-test",
        action="store_true",
        help="change the source of each extract in memory, and show that --enforce stops each change",
    )
    add_as_of(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. Without --enforce a change gives exit 0; what could not be read or found gives 3.

    Raises:
        UsageError: U005, no source tree; U013, no baseline; U019, the model has no `extracts.yaml`.
    """
    from collateral.deployed import load_keys
    from collateral.drift import EXTRACTS, load_extracts, load_waivers
    from collateral.drift.files import drift_file
    from collateral.drift.mentions import mentions
    from collateral.drift.verdict import judged
    from collateral.drift.waiving import waived, waiver_warnings
    from threatmodel.source import open_source

    opened = Opened(args, around)
    extracts = load_extracts(opened.path, opened.project, opened.shown)
    if extracts is None:
        raise opened.lacks(EXTRACTS, "drift")
    waivers, day = load_waivers(opened.path, extracts, opened.shown), as_of(args.as_of, around)
    keys = load_keys(opened.path, opened.project, opened.shown)
    named = mentions(opened.project, keys)
    spec, base = opened.place_of_source(args, around)
    cache = cache_folder(args, around) / "sources"

    def tree(wanted: str, base: Path) -> AbstractContextManager[SourceTree]:
        return open_source(wanted, cache=cache, base=base, environ=around.environ)

    if args.self_test:
        from collateral.drift.selftest import self_test, table

        with tree(spec, base) as source:
            tried = self_test(opened.project, extracts, named, source)
        write_text(table(tried), around)
        return tried.exit
    if not args.baseline:
        raise UsageError(
            Diagnostic(code="U013", message="--baseline is missing", hint=f"for example {EXAMPLES[0]}")
        )
    with tree(args.baseline, around.cwd) as baseline, tree(spec, base) as source:
        file = waived(drift_file(opened.project, extracts, named, baseline, source), waivers, day)
        patch = _patch(opened, file, extracts, keys, source) if args.propose else ""
    for warning in waiver_warnings(file, waivers, day):
        print(fold(warning.render()), file=around.stderr)
    if args.propose == "-":
        around.stdout.write(patch)
        return judged(file, enforce=args.enforce)
    if args.propose:
        from collateral.bundle.place import write_file

        write_file(around.cwd / args.propose, patch.encode())
    if args.format == "json":
        write_json(file, around)
    else:
        from collateral.drift.text import drift_markdown, drift_text

        write_text((drift_text if args.format == "text" else drift_markdown)(file), around)
    return judged(file, enforce=args.enforce)


def _patch(
    opened: Opened, file: DriftFile, extracts: Extracts, keys: DeployedKeys | None, source: SourceTree
) -> str:
    from collateral.drift.propose import patch_text, propose
    from collateral.drift.propose.files import ModelFiles
    from collateral.drift.propose.patch import model_root

    shown = "" if opened.path.is_file() else opened.shown
    made = propose(file, opened.project, extracts, keys, ModelFiles.of(opened.path), source, shown)
    return patch_text(made, model_root(opened.path))
