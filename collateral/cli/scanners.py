"""`threatmodel scanners`: those that there are, a test of one, and the start of a new one."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.common import add_format, add_tool_data, add_tools, tool_data, write_json, write_text
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, UsageError
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from scanners.kit import Conformance
    from scanners.protocol import Scanner, ToolEnv

HELP = "scanners: list them, test that one tells the truth whatever its tool does, or start a new one"
EXAMPLES = (
    "threatmodel scanners list",
    "threatmodel scanners new acme -o acme-scanner",
)
_WHAT = {
    "list": "those that are built in, and those that installed packages offer",
    "test": "run the tool of one for real, damage what it left behind, and look what the adapter makes of it",
    "new": "write a package for a new one",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    told = "; ".join(f"{word}: {about}" for word, about in _WHAT.items())
    parser.add_argument("what", choices=sorted(_WHAT), help=told)
    parser.add_argument("name", nargs="?", metavar="SCANNER", help="for test and new: its name")
    parser.add_argument("--version", default="", help="for test: the version of the package that offers it")
    parser.add_argument(
        "--example", metavar="DIR", help="for test: a folder of files that it reports on, each and every one"
    )
    parser.add_argument("-o", "--output", metavar="DIR", help="for new: a folder that is not there yet")
    add_tools(parser)
    add_tool_data(parser)
    add_format(parser, "text", "json")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. A fault that an adapter does not stand gives exit 4, one that could not be tried exit 3.

    Raises:
        UsageError: S010 to S014, there is no such scanner; S016, a name or an example is missing.
    """
    from scanners.protocol import ToolEnv

    if (args.what == "list") == bool(args.name):
        message = "list takes no name" if args.name else f"{args.what} needs the name of a scanner"
        raise UsageError(
            Diagnostic(code="S016", message=message, hint="`threatmodel scanners list` shows them")
        )
    if args.what == "new":
        return _new(args, around)
    folders = tuple(around.cwd / folder for folder in args.tools)
    env = ToolEnv(tools=folders, path=around.environ.get("PATH", ""), data=tool_data(args, around))
    if args.what == "list":
        return _list(args, around, env)
    return _test(args, around, env)


def _list(args: argparse.Namespace, around: Surroundings, env: ToolEnv) -> Exit:
    from collateral.outputs import OfferedScanner, ScannerEntry, ScannersFile
    from scanners.registry import BUILT_IN, DEFAULT, offered
    from threatmodel.confine import run as launch

    usual = {scanner.name for scanner in DEFAULT}
    rows = tuple(
        ScannerEntry(
            name=scanner.name, usual=scanner.name in usual, description=scanner.describe(env, launch)
        )
        for scanner in sorted(BUILT_IN, key=lambda scanner: scanner.name)
    )
    others = tuple(
        OfferedScanner(name=point.name, version=point.dist.version if point.dist else "unknown")
        for point in offered()
    )
    found = ScannersFile(built_in=rows, offered=others)
    if args.format == "json":
        write_json(found, around)
        return Exit.CLEAN
    lines = []
    for row in rows:
        told = row.description
        state = told.version if told.available else told.reason or "not available"
        lines.append(f"{row.name:<14}{'runs by default  ' if row.usual else ''}{state}  ({told.licence})")
    lines += [f"{item.name:<14}{item.version}, offered by a package; a model enables it" for item in others]
    write_text("".join(f"{fold(line)}\n" for line in lines), around)
    return Exit.CLEAN


def _test(args: argparse.Namespace, around: Surroundings, env: ToolEnv) -> Exit:
    from collateral.outputs import ConformanceFile
    from scanners.kit import check_scanner, example_of
    from scanners.protocol import Example
    from scanners.registry import select
    from threatmodel.confine import run as launch

    (scanner,) = select([args.name], versions={args.name: args.version})
    example = _folder(around.cwd / args.example, scanner) if args.example else example_of(scanner)
    if not isinstance(example, Example):
        message = f"the scanner {scanner.name} has no example"
        hint = "name a folder of files that it reports on: --example DIR"
        raise UsageError(Diagnostic(code="S016", message=message, hint=hint))
    with tempfile.TemporaryDirectory(prefix="threatmodel-kit-") as folder:
        found = check_scanner(scanner, example, env, launch, Path(folder))
    if args.format == "json":
        write_json(ConformanceFile(conformance=found), around)
    else:
        write_text(_text(found), around)
    if found.wrong:
        return Exit.INVALID
    return Exit.INCOMPLETE if found.untested else Exit.CLEAN


def _folder(folder: Path, scanner: Scanner) -> object:
    """An example of the files of a folder: those that the scanner plans to read, and the others.

    Raises:
        UsageError: S016, it plans to read fewer than two.
    """
    from scanners.protocol import Example
    from scanners.run.files import DiskFiles

    names = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    files = DiskFiles(root=folder, names=names)
    planned = scanner.plan(files)
    if len(planned) < 2:
        message = f"{scanner.name} plans to read {len(planned)} files of the example"
        raise UsageError(Diagnostic(code="S016", message=message, hint="give it two or more"))
    return Example(
        files={path: files.read(path) for path in planned},
        other={path: files.read(path) for path in names if path not in planned},
    )


def _text(found: Conformance) -> str:
    lines = [f"{found.scanner} {found.version or '(not installed)'}"]
    for cell in found.cells:
        status = f", {cell.status}" if cell.status else ""
        why = f": {cell.why}" if cell.why else ""
        lines.append(f"  {cell.verdict:<15}{cell.cell:<17}{cell.about}{status}{why}")
    counts = {verdict: sum(c.verdict == verdict for c in found.cells) for verdict in ("right", "wrong")}
    other = len(found.cells) - sum(counts.values())
    lines.append(f"{counts['right']} right, {counts['wrong']} wrong, {other} not applicable or not tested")
    return "".join(f"{fold(line)}\n" for line in lines)


def _new(args: argparse.Namespace, around: Surroundings) -> Exit:
    from collateral.bundle.place import create
    from scanners.kit.template import NAME, template

    if not NAME.fullmatch(args.name):
        message = f"{args.name!r} is no name of a scanner"
        hint = "lower-case letters, digits and hyphens, a letter first"
        raise UsageError(Diagnostic(code="S016", message=message, hint=hint))
    folder = around.cwd / (args.output or f"threatmodel-scanner-{args.name}")
    if folder.exists():
        message = f"{fold(str(args.output or folder.name))} is there already"
        raise UsageError(Diagnostic(code="S016", message=message, hint="name a folder that is not: -o DIR"))
    files = template(args.name)
    create(folder, files)
    write_text("".join(f"{path}\n" for path in sorted(files)), around)
    return Exit.CLEAN
