"""`threatmodel backtest`: does the model name published advisories, and do its claims tell the fix from the flaw?"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_format,
    add_model,
    as_of,
    cache_folder,
    write_json,
    write_text,
)
from collateral.cli.sources import needs_own, open_named
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, ThreatModelError, UsageError, worst_exit

if TYPE_CHECKING:
    from collateral.backtest import BacktestFile, Unread
    from threatmodel.claims import Ledger
    from threatmodel.system import Project

HELP = "published advisories: does a threat name each, and does a claim tell the release with the flaw from the fixed one"
EXAMPLES = (
    "threatmodel backtest models/shop",
    "threatmodel backtest models/shop --source . --require-threats --format markdown",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    parser.add_argument(
        "--source",
        metavar="[NAME=]REPO",
        action="append",
        default=[],
        help="the git repository with the tags that the records name: a folder or a URL; without it no claim is checked. "
        "With NAME=, that of a source of another project, which is read at the ref that each tag pins. Repeatable",
    )
    parser.add_argument("--cache", metavar="DIR", help="folder for clones")
    parser.add_argument(
        "--require-threats", action="store_true", help="exit 10 where an advisory has no threat"
    )
    parser.add_argument(
        "--require-flips", action="store_true", help="exit 10 where no claim tells two recorded tags apart"
    )
    add_as_of(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A tag or claim that could not be checked gives exit 3.

    Raises:
        UsageError: U013 --require-flips without --source; U019 the model has no record of advisories.
    """
    from collateral.backtest import backtest_markdown, backtest_text

    file = _file(args, around)
    if args.format == "json":
        write_json(file, around)
    else:
        write_text((backtest_markdown if args.format == "markdown" else backtest_text)(file), around)
    return _exit(file, args)


def _file(args: argparse.Namespace, around: Surroundings) -> BacktestFile:
    from collateral.advisories import ADVISORIES, load_advisories
    from collateral.backtest import BacktestFile, backtest, tags, widened
    from collateral.backtest.model import totals
    from threatmodel.analysis import analyse
    from threatmodel.core.yamlpos import load

    opened = Opened(args, around)
    if args.require_flips and not args.source:
        raise UsageError(
            Diagnostic(code="U013", message="--require-flips needs --source", hint="name the git repository")
        )
    needs_own(args)
    path = opened.path / ADVISORIES
    if not path.is_file():
        raise opened.lacks(ADVISORIES, "advisories")
    advisories = load_advisories(opened.path, opened.project, opened.shown)
    document = load(path.read_bytes(), f"{opened.shown}/{ADVISORIES}")
    project = widened(
        advisories,
        opened.project,
        document,
        broken=opened.at.broken,
        load=opened.at.project,
    )
    names = tuple(sorted({a.where for a in advisories if a.where}))
    day = as_of(args.as_of, around)
    threats = analyse(
        project, opened.rules, None, as_of=day, matrix=opened.matrix, configurations=names or None
    )
    ledgers = _ledgers(args, around, opened, tags(advisories, project)) if args.source else {}
    rows = backtest(advisories, project, document, threats, ledgers)
    return BacktestFile(project=project.id, checked=bool(args.source), advisories=rows, totals=totals(rows))


def _ledgers(
    args: argparse.Namespace, around: Surroundings, opened: Opened, tags: Mapping[str, Project]
) -> Mapping[str, Ledger | Unread]:
    """What the claims are worth at each tag; why, where its tree cannot be read."""
    from collateral.backtest import Unread
    from threatmodel.claims import check_claims
    from threatmodel.source import open_source

    cache = cache_folder(args, around) / "sources"
    found: dict[str, Ledger | Unread] = {}
    for tag, project in tags.items():
        try:
            spec = f"{args.source.rstrip('/')}@{tag}"
            with ExitStack() as stack:
                tree = stack.enter_context(
                    open_source(spec, cache=cache, base=around.cwd, environ=around.environ, partial=True)
                )
                named = open_named(args, around, opened.loaded.manifest.sources, tree, stack)
                found[tag] = check_claims(
                    project, named.beside(tree), as_of=as_of(args.as_of, around), missing=named.missing
                )
        except ThreatModelError as error:
            found[tag] = Unread(reason=f"{tag}: {error.diagnostics[0].message}")
    return found


def _exit(file: BacktestFile, args: argparse.Namespace) -> Exit:
    codes = []
    if args.require_threats and file.totals.named < file.totals.advisories:
        codes.append(Exit.GATE_THREATS)
    if args.require_flips and file.totals.not_told_apart:
        codes.append(Exit.GATE_THREATS)
    if args.source and file.totals.not_checked:
        codes.append(Exit.INCOMPLETE)
    return worst_exit(codes)
