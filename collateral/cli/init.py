"""`threatmodel init`: a first model for a repository, which runs at once."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, SourceUnavailable, UsageError
from threatmodel.core.ids import ID_RULE, valid_id
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from collateral.starter import Survey

HELP = "make a first model for a repository, which runs at once"
EXAMPLES = ("threatmodel init", "threatmodel init new-service --name shop")
_SHOWN = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("folder", nargs="?", default=".", metavar="DIR", help="the repository; default here")
    parser.add_argument("--name", metavar="ID", help="the project's id; the folder's name otherwise")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. Nothing that is there is written over.

    Raises:
        UsageError: U014, the name is no id, or something is in the way; U006, the folder is a file.
    """
    from collateral.bundle.place import create
    from collateral.policy import read_policy
    from collateral.starter import starter_files
    from collateral.starter.survey import slug
    from threatmodel.load import Manifest

    top: Path = around.cwd / args.folder
    if top.exists() and not top.is_dir():
        message = f"{fold(args.folder)} is no folder"
        raise UsageError(Diagnostic(code="U006", message=message, hint="name the repository's folder"))
    name = slug(top.resolve().name, "project") if args.name is None else args.name
    if not valid_id(name):
        message = f"{name!r} is no id of a project"
        raise UsageError(Diagnostic(code="U014", message=message, hint=f"an id is {ID_RULE}"))
    folder = top / "models" / name
    shown = folder.relative_to(around.cwd).as_posix() if folder.is_relative_to(around.cwd) else str(folder)
    _refuse_what_is_there(top, folder, shown)
    seen, unread, dated = _look(top, around, f"models/{name}")
    files = starter_files(name, seen, read_policy(Manifest()))
    create(folder, files)
    print(f"{fold(shown)}: {', '.join(sorted(files))}", file=around.stdout)
    _tell(seen, unread, around)
    word = shlex.quote(fold(shown))
    date = "" if dated else "SOURCE_DATE_EPOCH=$(date +%s) "
    print("next:", file=around.stdout)
    for command in (f"check {word}", f"threats {word} --source {shlex.quote(fold(args.folder))}"):
        print(f"  threatmodel {command}", file=around.stdout)
    print(f"  {date}threatmodel build {word} -o ../collateral", file=around.stdout)
    return Exit.CLEAN


def _refuse_what_is_there(top: Path, folder: Path, shown: str) -> None:
    models = top / "models"
    if models.is_symlink() or (models.exists() and not models.is_dir()):
        message = f"models in {fold(top.name) or 'the folder'} is a link or a file"
        hint = "move it away: a model lies in a folder of its repository; nothing was written"
        raise UsageError(Diagnostic(code="U014", message=message, hint=hint))
    if folder.exists() or folder.is_symlink():
        there = sorted(fold(item.name) for item in folder.iterdir()) if folder.is_dir() else []
        more = " …" if len(there) > _SHOWN else ""
        what = f", which holds {', '.join(there[:_SHOWN])}{more}" if there else ""
        hint = "choose another name with --name; nothing was written"
        message = f"{fold(shown)} is in the way{what}"
        raise UsageError(Diagnostic(code="U014", message=message, hint=hint))


def _look(top: Path, around: Surroundings, own: str) -> tuple[Survey, tuple[str, ...], bool]:
    """What is seen, which manifests could not be read, and whether a commit gives the date of a bundle."""
    from collateral.starter import RESERVED, find_programs, survey
    from collateral.starter.survey import slug
    from threatmodel.source import open_source

    try:
        if not top.is_dir():
            return survey((), own=own), (), False
        with open_source(".", cache=around.cache, base=top, environ=around.environ) as tree:
            paths = tree.paths()
            programs, unread = find_programs(
                paths, tree.read, lambda name: slug(name, "program"), reserved=RESERVED
            )
            return survey(paths, programs, own=own), unread, tree.commit_time is not None
    except SourceUnavailable as error:
        if error.diagnostics[0].code != "source-empty":
            raise
        return survey((), own=own), (), False


def _tell(seen: Survey, unread: tuple[str, ...], around: Surroundings) -> None:
    parts = len(seen.parts) - 1  # one is the model itself
    languages = f" ({', '.join(seen.languages)})" if seen.languages else ""
    count = f"{parts} part{'' if parts == 1 else 's'} of the source{languages}"
    print(f"seen: {count}" if parts else "seen: no source yet", file=around.stdout)
    for program in seen.programs:
        print(f"seen: program {program.name} in {fold(program.seen_in)}", file=around.stdout)
    if not seen.programs:
        print("seen: no program; one stands in the model as an example", file=around.stdout)
    if seen.left_out:
        print(f"left out: {seen.left_out} more folders", file=around.stdout)
    for path in unread:
        print(f"not read: {fold(path)}", file=around.stdout)
    print("replace everything that is marked (example)", file=around.stdout)
