"""`threatmodel build`: one bundle for one release."""

from __future__ import annotations

import argparse

from collateral.cli.common import (
    Opened,
    add_configuration,
    add_edition,
    add_junit,
    add_model,
    add_packs,
    add_sarif,
    add_set,
    add_sources,
    add_tool_data,
    add_tools,
    add_vex,
    cache_folder,
    edition,
    read_results,
    read_sarif_files,
    read_vex_files,
    tool_data,
)
from collateral.cli.overlays import add_overlay, overlay_folder, read_overlay_of
from collateral.cli.signing import add_signing, wanted
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, InvalidInput, UsageError
from threatmodel.core.text import fold

HELP = "build the security collateral bundle of a release"
EXAMPLES = (
    "threatmodel build models/shop -o build/collateral",
    "threatmodel build models/shop -o build/collateral --source .@HEAD --release 1.1 --edition private --archive",
)
_SHOWN = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_configuration(parser, "that the documents are about")
    add_set(parser)
    add_packs(parser)
    add_sources(parser)
    add_junit(parser, "for claims on tests; failed ones are findings too")
    add_sarif(parser)
    add_vex(parser)
    add_tools(parser)
    add_tool_data(parser)
    parser.add_argument(
        "--release", metavar="NAME", help="the release; the one in threatmodel.toml otherwise"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="DIR", help="the folder that gets the bundle's folder"
    )
    parser.add_argument(
        "--previous",
        metavar="BUNDLE",
        help="the folder of the bundle of the release before: tells what is new, changed, fixed or back",
    )
    parser.add_argument(
        "--backtest",
        metavar="REPO",
        default="",
        help="the git repository with the tags that the records of published advisories name: a folder or a URL; without "
        "it the documents say that no claim was checked there",
    )
    add_edition(parser, "public")
    add_overlay(parser)
    parser.add_argument("--no-scan", action="store_true", help="run no scanner; the documents say so")
    parser.add_argument(
        "--archive", action="store_true", help="write the bundle as one .tar.gz beside it, too"
    )
    add_signing(parser)


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. Something that was asked for and not done is named and gives exit 3."""
    from collateral.bundle.build import Request, build
    from collateral.drift.todo import unfinished

    folder = overlay_folder(args, around)
    beside = wanted(args, around)
    opened = Opened(args, around)
    if stubs := list(unfinished(opened.path, opened.shown)):
        raise InvalidInput(*stubs)
    release = args.release or opened.loaded.manifest.project.get("release")
    if not release:
        raise UsageError(Diagnostic(code="U009", message="no release", hint="name one with --release"))
    report = build(
        Request(
            model=opened.path if opened.path.is_dir() else opened.path.parent,
            loaded=opened.loaded,
            rules=opened.rules,
            dispositions=opened.dispositions(),
            vectors=opened.vectors(),
            triage=opened.triage(),
            edition=edition(args, around),
            overlay=read_overlay_of(args, opened, folder),
            configuration=opened.configuration(args.config),
            source=args.source or None,
            base=around.cwd,
            release=release,
            output=around.cwd / args.output,
            cache=cache_folder(args, around),
            tools=tuple(around.cwd / folder for folder in args.tools),
            data=tool_data(args, around),
            environ=around.environ,
            epoch=around.epoch,
            stderr=around.stderr,
            scan=not args.no_scan,
            previous=around.cwd / args.previous if args.previous else None,
            beside=beside,
            named=args.named,
            results=read_results(args, around),
            sarif=read_sarif_files(args, around),
            vex=read_vex_files(args, around),
            backtest=args.backtest,
        )
    )
    print(f"{args.output}/{report.folder.name}", file=around.stdout)
    for item in report.not_done[:_SHOWN]:
        print(f"not done: {fold(item.what)}: {fold(item.why)}", file=around.stderr)
    if (more := len(report.not_done) - _SHOWN) > 0:
        print(f"not done: {more} more, all named in the bundle", file=around.stderr)
    return Exit.INCOMPLETE if report.not_done else Exit.CLEAN
