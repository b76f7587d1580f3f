"""`threatmodel init`: a first model for a repository, which runs at once."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, SourceUnavailable, UsageError
from threatmodel.core.ids import valid_id
from threatmodel.core.text import fold

HELP = "make a first model for a repository, which runs at once"
EXAMPLES = ("threatmodel init new", "threatmodel init new --name other")


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
    from collateral.starter import starter_files, survey
    from collateral.starter.survey import slug

    top: Path = around.cwd / args.folder
    if top.exists() and not top.is_dir():
        raise UsageError(
            Diagnostic(
                code="U006", message=f"{args.folder} is no folder", hint="name the repository's folder"
            )
        )
    name = args.name or slug(top.resolve().name, "project")
    if not valid_id(name):
        hint = "letters, digits and hyphens, a letter first"
        raise UsageError(Diagnostic(code="U014", message=f"{name!r} is no id of a project", hint=hint))
    folder = top / "models" / name
    shown = folder.relative_to(around.cwd).as_posix() if folder.is_relative_to(around.cwd) else str(folder)
    if folder.exists() or folder.is_symlink():
        there = sorted(item.name for item in folder.iterdir()) if folder.is_dir() else []
        what = f", which holds {', '.join(there[:5])}{' …' if len(there) > 5 else ''}" if there else ""
        hint = "choose another name with --name; nothing was written"
        raise UsageError(Diagnostic(code="U014", message=f"{shown} is in the way{what}", hint=hint))
    seen = survey(_paths(top, around), without="models")
    files = starter_files(name, seen, "../..")
    create(folder, files)
    print(f"{fold(shown)}: {', '.join(sorted(files))}", file=around.stdout)
    parts = f"{len(seen.parts)} parts of the source" if seen.parts else "no source yet"
    more = f", {seen.left_out} more folders left out" if seen.left_out else ""
    print(f"seen: {parts}{more}{f', mostly {seen.language}' if seen.language else ''}", file=around.stdout)
    print("everything marked (example) stands for something of your system; next:", file=around.stdout)
    word = shlex.quote(fold(shown))
    for command in (
        f"check {word}",
        f"diagram {word} -o ../pictures",
        f"build {word} -o ../collateral",
    ):
        print(f"  threatmodel {command}", file=around.stdout)
    return Exit.CLEAN


def _paths(top: Path, around: Surroundings) -> tuple[str, ...]:
    """The files of the tree; none where there is no folder yet, or nothing in it."""
    from threatmodel.source import open_source

    if not top.is_dir():
        return ()
    try:
        with open_source(".", cache=around.cache, base=top, environ=around.environ) as tree:
            return tree.paths()
    except SourceUnavailable as error:
        if error.diagnostics[0].code == "source-empty":
            return ()
        raise
