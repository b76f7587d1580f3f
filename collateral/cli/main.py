"""The program `threatmodel`: parses the command line, runs one command, turns every error into an exit code."""

from __future__ import annotations

import argparse
import datetime
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collateral.cli.surroundings import Surroundings
from threatmodel import __version__
from threatmodel.core.errors import Exit, ThreatModelError

COMMANDS = ("check", "threats", "claims", "diagram", "scan", "build", "verify", "doctor")
_EPILOG = """exit codes:
  0   everything that was asked for was done
  1   a fault of this program
  2   the command line, an environment variable or a named path is wrong
  3   incomplete: something that was asked for could not be checked
  4   a model, rule or data file is invalid
  13  the bundle does not verify
"""


def make_parser(only: str = "") -> argparse.ArgumentParser:
    """The parser. With `only`, the options of the other commands are not read in, which saves their imports."""
    parser = argparse.ArgumentParser(
        prog="threatmodel",
        description="Threat models as Python code, checked against the source that they describe.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"threatmodel {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        if only in COMMANDS and name != only:
            commands.add_parser(name)
            continue
        module: Any = importlib.import_module(f"collateral.cli.{name}")
        module.add_arguments(commands.add_parser(name, help=module.HELP, description=module.HELP))
    return parser


def main(argv: Sequence[str], around: Surroundings) -> int:
    """Run one command and return its exit code. Messages go to standard error."""
    try:
        args = make_parser(argv[0] if argv else "").parse_args(argv)
    except SystemExit as stop:
        return int(stop.code or 0)
    try:
        module: Any = importlib.import_module(f"collateral.cli.{args.command}")
        code: Exit = module.run(args, around)
    except ThreatModelError as error:
        for found in error.diagnostics:
            print(found.render(), file=around.stderr)
        return int(error.exit)
    except BrokenPipeError:
        return int(Exit.OUR_FAULT)
    except KeyboardInterrupt:
        print("stopped", file=around.stderr)
        return 130
    except OSError as error:
        print(f"U010  {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=around.stderr)
        return int(Exit.USAGE)
    return int(code)


def entry() -> None:
    """The console script."""
    code = main(
        sys.argv[1:],
        Surroundings(
            environ=dict(os.environ),
            cwd=Path.cwd(),
            now=datetime.datetime.now(datetime.UTC),
            stdout=sys.stdout,
            stderr=sys.stderr,
        ),
    )
    sys.stdout.flush()
    raise SystemExit(code)
