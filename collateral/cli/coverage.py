"""`threatmodel coverage`: which questions of STRIDE have answers; `--predecessor`: the statements of an earlier model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_configuration,
    add_format,
    add_model,
    add_packs,
    add_set,
    write_json,
    write_text,
)
from collateral.cli.judged import add_judging, judged
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit, InvalidInput

if TYPE_CHECKING:
    from collateral.predecessor.files import PredecessorFile

HELP = "which questions of STRIDE have an answer at each element, flow and boundary; what answers an earlier model"
EXAMPLES = (
    "threatmodel coverage models/shop",
    "threatmodel coverage models/shop --config plain --format markdown",
    "threatmodel coverage models/shop --predecessor",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_configuration(parser, "to look at")
    add_set(parser)
    add_packs(parser)
    parser.add_argument(
        "--predecessor",
        action="store_true",
        help="instead: what became of each statement of the threat model that predecessor.yaml names",
    )
    parser.add_argument(
        "--require-complete",
        action="store_true",
        help="exit code 3 where a question, or with --predecessor a statement, has no answer",
    )
    add_judging(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. With a source tree, a claim that could not be checked gives exit 3.

    Raises:
        UsageError: U019, the model has no record of a predecessor.
        InvalidInput: M038, an answer of the authors stands where there is a threat.
    """
    return _predecessor(args, around) if args.predecessor else _matrix(args, around)


def _matrix(args: argparse.Namespace, around: Surroundings) -> Exit:
    from collateral.coverage import coverage_of
    from collateral.coverage.text import coverage_markdown, coverage_text
    from threatmodel.analysis.coverage import wrong_answers

    opened = Opened(args, around)
    project = opened.project
    system = project.system(opened.configuration(args.config))
    found = judged(args, opened, around, (system.configuration.name,))
    if wrong := wrong_answers(project, found.threats):
        raise InvalidInput(*opened.below(wrong))
    file = coverage_of(project, system, opened.rules, found.threats)
    if args.format == "json":
        write_json(file, around)
    else:
        write_text((coverage_text if args.format == "text" else coverage_markdown)(file), around)
    around.stderr.write(found.withheld)
    return Exit.INCOMPLETE if args.require_complete and file.unanswered else found.exit


def _predecessor(args: argparse.Namespace, around: Surroundings) -> Exit:
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
