"""`threatmodel gate`: what a change may not bring in, judged by the policy that was there before it."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from typing import TYPE_CHECKING

from collateral.cli.common import (
    add_as_of,
    add_edition,
    add_format,
    as_of,
    cache_folder,
    edition,
    write_json,
    write_text,
)
from collateral.cli.sources import add_named_sources, open_for_sides
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, InvalidInput, UsageError

if TYPE_CHECKING:
    from collateral.gate.scanfile import ScanFile
    from collateral.gate.state import Sources
    from collateral.sides import Side
    from threatmodel.source import SourceTree

HELP = "judge a change by the policy of what it starts from"
EXAMPLES = (
    "threatmodel gate --self-test",
    "threatmodel gate models/shop --base HEAD --head .",
    "threatmodel gate models/shop --base HEAD --head . --source-base .@HEAD --source-head . --enforce",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", nargs="?", help="the model's folder, as it is called in both states")
    for side, what in (("base", "what the change starts from"), ("head", "what the change makes of it")):
        parser.add_argument(f"--{side}", metavar="REF|DIR", help=f"{what}: a revision of git or a folder")
    for side in ("base", "head"):
        parser.add_argument(
            f"--source-{side}",
            metavar="TREE",
            help=f"the source of {side.upper()}: a folder, folder@ref or a git URL with @tag",
        )
    add_named_sources(parser)
    for side in ("base", "head"):
        parser.add_argument(
            f"--findings-{side}", metavar="FILE", help=f"SARIF of `threatmodel scan` over {side.upper()}"
        )
    parser.add_argument(
        "--stage",
        choices=("pull-request", "release"),
        default="pull-request",
        help="what has expired blocks a release only; default pull-request",
    )
    parser.add_argument(
        "--enforce",
        action="store_true",
        help="end with 10, 11 or 12 where an event blocks; report only otherwise",
    )
    parser.add_argument(
        "--self-test",
        action="store_true",
        help="show that each rule blocks what it is there for, and no more",
    )
    parser.add_argument("--cache", metavar="DIR", help="folder for clones")
    add_edition(parser, "public")
    add_as_of(parser)
    add_format(parser, "text", "json", "markdown", "sarif")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. Without --enforce an event gives exit 0; what could not be checked gives 3."""
    if args.self_test:
        return _self_test(around)
    _complete(args)
    from collateral.gate import evaluate, published, render
    from collateral.gate.gather import gather
    from collateral.sides import NoModel, open_sides

    with ExitStack() as stack:
        try:
            base, head = stack.enter_context(open_sides(args.base, args.head, args.model, around.cwd))
        except NoModel as error:
            if error.head:
                raise _gone(args) from error
            raise
        given = gather(
            base,
            head,
            _sources(args, around, stack, (base, head)),
            model=args.model,
            as_of=as_of(args.as_of, around),
            stage=args.stage,
            enforced=args.enforce,
        )
        verdict = evaluate(given)
        project = base.loaded.project.id
        which = edition(args, around)
        shown = verdict if which == "private" else published(verdict, base.policy.publishing)
    if args.format == "json":
        write_json(render.GateFile(project=project, edition=which, verdict=shown), around)
    elif args.format == "sarif":
        write_json(render.sarif(shown, project, args.model), around)
    elif args.format == "markdown":
        write_text(render.markdown(shown, project), around)
    else:
        write_text(render.text(shown), around)
    return verdict.exit


def _self_test(around: Surroundings) -> Exit:
    from collateral.gate.selftest import self_test, table

    outcomes = self_test()
    write_text(table(outcomes), around)
    return Exit.CLEAN if all(outcome.passed for outcome in outcomes) else Exit.OUR_FAULT


def _complete(args: argparse.Namespace) -> None:
    """Refuse what is left out.

    Raises:
        UsageError: U013, an option that the others need is missing.
    """
    missing = [name for name in ("model", "base", "head") if not getattr(args, name)]
    pairs = [
        ("source_base", "source_head"),
        ("findings_base", "findings_head"),
        ("findings_head", "findings_base"),
    ]
    missing += [other for one, other in pairs if getattr(args, one) and not getattr(args, other)]
    if missing:
        words = ", ".join("MODEL" if name == "model" else f"--{name.replace('_', '-')}" for name in missing)
        hint = "threatmodel gate --help has examples"
        raise UsageError(Diagnostic(code="U013", message=f"{words} is missing", hint=hint))


def _gone(args: argparse.Namespace) -> InvalidInput:
    return InvalidInput(
        Diagnostic(
            code="G003",
            message=f"HEAD has no model at {args.model}, BASE has one",
            hint="a model that moved is named anew where the gate is called, in a change of its own",
        )
    )


def _sources(
    args: argparse.Namespace, around: Surroundings, stack: ExitStack, sides: tuple[Side, Side]
) -> Sources:
    from collateral.gate.state import Sources

    base, head = (_tree(spec, args, around, stack) for spec in (args.source_base, args.source_head))
    for text in args.source:
        _plain(text.partition("=")[2], around)
    named = open_for_sides(args, around, sides, (base, head), stack)
    scans = None
    if args.findings_base and args.findings_head:
        scans = (_scan(args.findings_base, around), _scan(args.findings_head, around))
    return Sources(trees=(base, head), named=named, scans=scans)


def _tree(
    spec: str | None, args: argparse.Namespace, around: Surroundings, stack: ExitStack
) -> SourceTree | None:
    from threatmodel.source import open_source

    if not spec:
        return None
    _plain(spec, around)
    cache = cache_folder(args, around) / "sources"
    return stack.enter_context(open_source(spec, cache=cache, base=around.cwd, environ=around.environ))


def _plain(spec: str, around: Surroundings) -> None:
    """Refuse a folder that stands in for a ref.

    Raises:
        UsageError: U012.
    """
    if "@" in spec and (around.cwd / spec).is_dir():
        hint = "a change could bring a folder of that name; rename the folder"
        message = f'"{spec}" is a folder and looks like folder@ref'
        raise UsageError(Diagnostic(code="U012", message=message, hint=hint))


def _scan(name: str, around: Surroundings) -> ScanFile:
    from collateral.gate.scanfile import MAX_BYTES, read_scan_file

    with (around.cwd / name).open("rb") as file:
        return read_scan_file(file.read(MAX_BYTES + 1), name)
