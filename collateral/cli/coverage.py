"""`threatmodel coverage`: what the model covers. `--predecessor`: the statements of an earlier threat model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from collateral.cli.common import Opened, add_format, add_model, write_json, write_text
from collateral.cli.judged import add_judging, judged
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, UsageError

if TYPE_CHECKING:
    from collateral.predecessor.files import PredecessorFile

HELP = "what the model covers: the statements of an earlier threat model, and what answers each of them now"
EXAMPLES = (
    "threatmodel coverage models/shop --predecessor",
    "threatmodel coverage models/shop --predecessor --require-complete --format markdown",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    parser.add_argument(
        "--predecessor",
        action="store_true",
        help="what became of each statement of the threat model that predecessor.yaml names",
    )
    parser.add_argument(
        "--require-complete", action="store_true", help="exit code 3 where a statement is not answered"
    )
    add_judging(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. With a source tree, a claim that could not be checked gives exit 3.

    Raises:
        UsageError: U018, nothing to show was named; U019, the model has no record of a predecessor.
    """
    if not args.predecessor:
        raise UsageError(Diagnostic(code="U018", message="coverage of what?", hint="add --predecessor"))
    from collateral.predecessor import PREDECESSOR, load_predecessor
    from collateral.predecessor.files import predecessor_file

    opened = Opened(args, around)
    found = judged(args, opened, around)
    record = load_predecessor(
        opened.path, opened.project, opened.shown, {threat.id for threat in found.threats}
    )
    if record is None:
        raise opened.lacks(PREDECESSOR, "predecessor")
    file = predecessor_file(record, opened.project, found.threats)
    _write(args.format, file, around)
    around.stderr.write(found.withheld)
    return Exit.INCOMPLETE if args.require_complete and file.unanswered else found.exit


def _write(form: str, file: PredecessorFile, around: Surroundings) -> None:
    from collateral.predecessor.text import coverage_markdown, coverage_text

    if form == "json":
        write_json(file, around)
    else:
        write_text((coverage_text if form == "text" else coverage_markdown)(file), around)
