"""The program `threatmodel`: parses the command line, runs one command, turns every error into an exit code."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import gc
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from collateral.cli.surroundings import Surroundings
from threatmodel import __version__
from threatmodel.core.errors import Exit, ThreatModelError
from threatmodel.core.text import fold

COMMANDS = (
    "init",
    "check",
    "configurations",
    "threats",
    "explain",
    "coverage",
    "paths",
    "storage",
    "rules",
    "claims",
    "backtest",
    "drift",
    "diagram",
    "compare",
    "diff",
    "gate",
    "scan",
    "findings",
    "scanners",
    "build",
    "assess",
    "sign",
    "verify",
    "keygen",
    "response",
    "pentest",
    "doctor",
)
_EPILOG = """exit codes:
  0   everything that was asked for was done
  1   a fault of this program
  2   the command line, an environment variable or a named path is wrong
  3   incomplete: something that was asked for could not be checked
  4   a model, rule or data file is invalid
  10  gate --enforce: threats, decisions, boundaries, policy; backtest --require-threats, --require-flips; drift --enforce
  11  gate --enforce: findings
  12  gate --enforce: claims
  13  the bundle does not verify
  130 stopped from the keyboard
  141 whoever read the output has gone
"""
_RUNS_NOTHING = frozenset({"init", "sign", "verify", "keygen", "response", "rules"})
"""Commands that start no confined process, or not always."""
_INTERRUPTED = 130
_NO_READER = 141
DEBUG = "THREATMODEL_DEBUG"


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
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=_examples(module),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
    return parser


def _examples(module: Any) -> str | None:
    """The examples of a command, each of which runs where the model lies in `models/shop` of a git repository."""
    shown = "".join(f"  {example}\n" for example in getattr(module, "EXAMPLES", ()))
    return f"examples:\n{shown}" if shown else None


def main(argv: Sequence[str], around: Surroundings) -> int:
    """Run one command and return its exit code. Messages go to standard error, one problem a line."""
    try:
        with contextlib.redirect_stdout(around.stdout), contextlib.redirect_stderr(around.stderr):
            args = make_parser(argv[0] if argv else "").parse_args(argv)
        module: Any = importlib.import_module(f"collateral.cli.{args.command}")
        code: Exit = module.run(args, around)
        around.stdout.flush()
    except SystemExit as stop:  # argparse has shown help, version or what is wrong
        return int(stop.code or 0)
    except ThreatModelError as error:
        for found in error.diagnostics:
            _tell(found.render(), around)
        return int(error.exit)
    except BrokenPipeError:
        return _NO_READER
    except KeyboardInterrupt:
        _tell("stopped", around)
        return _INTERRUPTED
    except OSError as error:
        _tell(f"U010  {error.strerror or error}: {error.filename or ''}".rstrip(": "), around)
        return int(Exit.USAGE)
    except Exception as error:
        if around.environ.get(DEBUG) == "1":
            traceback.print_exception(error, file=around.stderr)
        _tell(f"a fault of this program: {type(error).__name__}: {error}; {DEBUG}=1 shows where", around)
        return int(Exit.OUR_FAULT)
    return int(code)


def _tell(text: str, around: Surroundings) -> None:
    """One line on standard error; what comes from files or from other programs cannot steer a terminal."""
    print(fold(" ".join(text.splitlines())), file=around.stderr)


def entry() -> None:
    """The console script."""
    gc.set_threshold(
        400_000, 20, 20
    )  # values of a model live as long as the program: looking at them again is waste
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # JSON is UTF-8 in every locale
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if sys.argv[1:] and sys.argv[1] in COMMANDS and sys.argv[1] not in _RUNS_NOTHING:
        from threatmodel.confine import look_ahead

        look_ahead()
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
    try:
        sys.stdout.flush()
    except OSError:  # told already; what is left in the buffer has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.freeze()  # what is left is not looked at once more at the end
    raise SystemExit(code)
