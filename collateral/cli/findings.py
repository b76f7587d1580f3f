"""`threatmodel findings`: the findings of a scan joined to a model."""

from __future__ import annotations

import argparse
from dataclasses import replace

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_format,
    add_model,
    add_packs,
    as_of,
    write_json,
    write_text,
)
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, UsageError, worst_exit

HELP = "findings of a scan joined to the model: list them, show one, explain what it bears on and why"
EXAMPLES = (
    "threatmodel findings list models/shop findings.sarif --severity warning",
    "threatmodel findings explain models/shop findings.sarif 3f2a9c",
)
_WHAT = {
    "list": "the findings that fit, the most urgent first",
    "show": "the facts of one",
    "explain": "its facts, and why it belongs to its component and bears on its threats",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    told = "; ".join(f"{word}: {about}" for word, about in _WHAT.items())
    parser.add_argument("what", choices=sorted(_WHAT), help=told)
    add_model(parser)
    parser.add_argument(
        "scan",
        metavar="SARIF",
        help="what `threatmodel scan --format sarif` wrote, or data/findings.sarif of a bundle",
    )
    parser.add_argument(
        "finding",
        metavar="FINGERPRINT",
        nargs="?",
        help="for show and explain: six digits of a fingerprint, or more",
    )
    parser.add_argument("--element", default="", metavar="ID", help="of code that runs in this element")
    parser.add_argument("--component", default="", metavar="ID", help="of this component")
    parser.add_argument("--threat", default="", metavar="ID", help="that bear on this threat")
    parser.add_argument(
        "--part", default="", metavar="PART", help="of code that is this: runs, test, example, build …"
    )
    parser.add_argument("--rule", default="", help="of this rule")
    parser.add_argument("--scanner", default="", help="of this scanner")
    parser.add_argument(
        "--severity", default="", choices=["error", "warning", "note"], help="this severe or worse"
    )
    parser.add_argument("--undecided", action="store_true", help="without a decision in force")
    add_packs(parser)
    add_as_of(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A scanner of the scan that did not do all it was asked for gives exit 3.

    Raises:
        UsageError: U032, U033, what was asked for is not there.
        InvalidInput: G002, the file is no SARIF of this program.
    """
    from collateral.cli.judged import threats_of
    from collateral.findings import Asked, Joined, find, findings_file
    from collateral.findings.text import explain_text, list_markdown, list_text, show_markdown, show_text
    from collateral.gate.scanfile import MAX_BYTES, read_scan_file
    from collateral.policy import Priorities, read_policy

    if (args.what == "list") == bool(args.finding):
        message = "list takes no fingerprint" if args.finding else f"{args.what} needs a fingerprint"
        raise UsageError(
            Diagnostic(code="U033", message=message, hint="`threatmodel findings list` shows them")
        )
    with (around.cwd / args.scan).open("rb") as handle:
        scan = read_scan_file(handle.read(MAX_BYTES + 1), args.scan, changed=True)
    opened = Opened(args, around)
    criteria = read_policy(opened.loaded.manifest).criteria
    joined = Joined(
        project=opened.project,
        threats=threats_of(args, opened, around, opened.project, None),
        triage=opened.triage(),
        priorities=Priorities(opened.project, criteria),
        day=as_of(args.as_of, around),
    )
    names = ("element", "component", "threat", "part", "rule", "scanner", "severity", "undecided")
    file = findings_file(scan, args.scan, joined, Asked(**{name: getattr(args, name) for name in names}))
    if args.what != "list":
        row = find(file, args.finding)
        file = replace(file, findings=(row,))
    if args.format == "json":
        write_json(file, around)
    elif args.what == "list":
        write_text((list_text if args.format == "text" else list_markdown)(file), around)
    elif args.format == "markdown":
        write_text(show_markdown(row, file, explained=args.what == "explain"), around)
    else:
        write_text((show_text if args.what == "show" else explain_text)(row, file), around)
    done = all(scanner.status == "complete" for scanner in file.scanners) and bool(file.scanners)
    return worst_exit((opened.rules_exit, Exit.CLEAN if done else Exit.INCOMPLETE))
