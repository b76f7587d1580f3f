"""`threatmodel backtest`: does the model name published advisories, and do its claims tell the fix from the flaw?"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_format,
    add_model,
    add_tools,
    as_of,
    cache_folder,
    write_json,
    write_text,
)
from collateral.cli.sources import needs_own, open_named
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, UsageError, worst_exit

if TYPE_CHECKING:
    from collateral.backtest import BacktestFile, Source, State
    from collateral.backtest.rules import Scan

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
    parser.add_argument(
        "--tag",
        metavar="TAG",
        action="append",
        default=[],
        help="look at the pinned versions of components at this tag too, beside the release that the model describes; "
        "repeatable",
    )
    parser.add_argument(
        "--at-fixes",
        action="store_true",
        help="check claims at the commits of the fixes too: a flip that does not come from the fix does not count",
    )
    parser.add_argument(
        "--with-rules",
        action="store_true",
        help="run the rules for published advisories on the releases around each fix (needs semgrep)",
    )
    parser.add_argument("--cache", metavar="DIR", help="folder for clones and scan results")
    parser.add_argument(
        "--require-threats", action="store_true", help="exit 10 where an advisory has no threat"
    )
    parser.add_argument(
        "--require-flips", action="store_true", help="exit 10 where no claim tells two recorded tags apart"
    )
    add_tools(parser)
    add_as_of(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A tag, commit, file or claim that could not be checked gives exit 3.

    Raises:
        UsageError: U013 an option that needs --source; U019 the model has no record of advisories.
    """
    from collateral.backtest import backtest_markdown, backtest_text

    file = _file(args, around)
    if args.format == "json":
        write_json(file, around)
    else:
        write_text((backtest_markdown if args.format == "markdown" else backtest_text)(file), around)
    return _exit(file, args)


def _file(args: argparse.Namespace, around: Surroundings) -> BacktestFile:
    from collateral.advisories import ADVISORIES
    from collateral.backtest import Source, read_backtest, run_backtest
    from threatmodel.analysis import analyse

    opened = Opened(args, around)
    _needs_source(args)
    needs_own(args)
    records = read_backtest(opened.at, opened.project)
    if records is None:
        raise opened.lacks(ADVISORIES, "advisories")
    day = as_of(args.as_of, around)
    threats = analyse(
        records.project,
        opened.rules,
        None,
        as_of=day,
        risk=opened.risk,
        configurations=records.configurations or None,
    )
    release = opened.loaded.manifest.project.get("release", "")
    tags = tuple(dict.fromkeys(filter(None, (*args.tag, release)))) if records.parts.advisories else ()
    source = _source(args, around, opened, tags) if args.source else Source(open=None)
    return run_backtest(records, threats, source, as_of=day)


def _needs_source(args: argparse.Namespace) -> None:
    for option in ("require_flips", "at_fixes", "with_rules", "tag"):
        if getattr(args, option) and not args.source:
            name = f"--{option.replace('_', '-')}"
            raise UsageError(
                Diagnostic(code="U013", message=f"{name} needs --source", hint="name the git repository")
            )


def _source(args: argparse.Namespace, around: Surroundings, opened: Opened, tags: tuple[str, ...]) -> Source:
    from collateral.backtest import Source, State
    from threatmodel.source import open_source

    cache = cache_folder(args, around) / "sources"

    @contextmanager
    def state(ref: str) -> Iterator[State]:
        spec = f"{args.source.rstrip('/')}@{ref}"
        with ExitStack() as stack:
            tree = stack.enter_context(
                open_source(spec, cache=cache, base=around.cwd, environ=around.environ, partial=True)
            )
            named = open_named(args, around, opened.loaded.manifest.sources, tree, stack)
            yield State(tree=tree, trees=named.beside(tree), missing=named.missing)

    scan = _scan(args, around) if args.with_rules else None
    return Source(open=state, tags=tags, fixes=args.at_fixes, scan=scan)


def _scan(args: argparse.Namespace, around: Surroundings) -> Scan:
    from collateral.bundle.scans import run_scanners, scan_cache

    return lambda tree, scanners: run_scanners(
        tree,
        tools=[around.cwd / folder for folder in args.tools],
        search_path=around.environ.get("PATH", ""),
        cache=scan_cache(cache_folder(args, around), around.environ),
        stderr=around.stderr,
        scanners=scanners,
    )


def _exit(file: BacktestFile, args: argparse.Namespace) -> Exit:
    codes = []
    if args.require_threats and file.totals.named < file.totals.advisories:
        codes.append(Exit.GATE_THREATS)
    if args.require_flips and file.totals.not_told_apart:
        codes.append(Exit.GATE_THREATS)
    if args.source and file.totals.not_checked:
        codes.append(Exit.INCOMPLETE)
    flips = [flip for row in file.advisories for flip in row.flips]
    if args.at_fixes and any(flip.from_fix == "not-checked" for flip in flips):
        codes.append(Exit.INCOMPLETE)
    if args.with_rules and file.totals.rules_not_checked:
        codes.append(Exit.INCOMPLETE)
    if any(pin.unread for row in file.third_party for pin in row.pins):
        codes.append(Exit.INCOMPLETE)
    return worst_exit(codes)
