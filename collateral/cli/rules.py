"""`threatmodel rules`: check, test and document rule packs; the schema of a rule file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.common import add_format, write_json, write_text
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, InvalidInput, UsageError
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from threatmodel.rules import Rule
    from threatmodel.system.vocabulary import Vocabulary

HELP = "check, test and document rule packs; print the schema of a rule file"
EXAMPLES = (
    "threatmodel rules lint --pack ipc",
    "threatmodel rules test",
    "threatmodel rules docs --pack ipc --format markdown",
)
_WHAT = {
    "lint": "every error of the rules, and what is doubtful about them",
    "test": "run the firing and quiet cases of the rules; exit code 4 where one fails",
    "docs": "the reference of the rules",
    "schema": "the JSON Schema of a rule file, for editors",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    kinds = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    for what, words in _WHAT.items():
        kind = kinds.add_parser(what, help=words, description=words)
        if what == "schema":
            continue
        kind.add_argument(
            "place",
            metavar="PLACE",
            nargs="?",
            help="a model, whose own packs are meant, or a folder with rule files; all shipped packs otherwise",
        )
        kind.add_argument(
            "--pack", metavar="NAME", action="append", default=[], help="a shipped pack; repeatable"
        )
        if what == "test":
            add_format(kind, "text", "json")
        if what == "docs":
            add_format(kind, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command.

    Raises:
        UsageError: U001, there is nothing at the place; R001, no pack has the name; U029, the model has no own packs.
        InvalidInput: a rule is not valid, or (R017) a case fails. Holds every problem.
    """
    from threatmodel.rules import load_vocabulary

    vocabulary = load_vocabulary()
    if args.what == "schema":
        from collateral.rules import rule_schema

        write_json(rule_schema(vocabulary), around)
        return Exit.CLEAN
    rules = _rules(args, around, vocabulary)
    if args.what == "docs":
        _docs(args, around, rules, vocabulary)
        return Exit.CLEAN
    from threatmodel.analysis.rulecheck import doubts, failures

    failed = failures(rules)
    if args.what == "test":
        _told(args, around, rules, failed)
    if failed:
        raise InvalidInput(*failed)
    if args.what == "lint":
        found = doubts(rules, vocabulary)
        for item in found:
            print(fold(item.render()), file=around.stderr)
        write_text(f"{len(rules)} rules, no error, {_count(len(found), 'warning')}\n", around)
    return Exit.CLEAN


def _rules(args: argparse.Namespace, around: Surroundings, vocabulary: Vocabulary) -> tuple[Rule, ...]:
    from collateral.own_packs import packs_of
    from threatmodel.load import read_manifest
    from threatmodel.rules import PACKS, load_packs, unknown_packs
    from threatmodel.rules.own import read_files

    if problems := unknown_packs(args.pack):
        raise UsageError(*problems)
    names: Sequence[str] = tuple(args.pack)
    if args.place is None:
        return load_packs(names or PACKS, vocabulary)
    shown = args.place.rstrip("/")
    folder: Path = around.cwd / args.place
    if not folder.is_dir():
        message, hint = f"no folder at {shown}", "name a model, or a folder with rule files"
        raise UsageError(Diagnostic(code="U001", message=message, hint=hint))
    if not (folder / "threatmodel.toml").is_file():
        own = {folder.name: read_files(folder.name, folder, shown)}
    else:
        manifest = read_manifest(folder, shown)
        own = packs_of(manifest, folder, shown, (*manifest.folders, *manifest.installed))
        if not own:
            message = f"{shown} has no rule packs of its own"
            hint = "name a folder below [packs.folders] of threatmodel.toml"
            raise UsageError(Diagnostic(code="U029", message=message, hint=hint))
    return load_packs((*names, *own), vocabulary, None, own)


def _docs(
    args: argparse.Namespace, around: Surroundings, rules: Sequence[Rule], vocabulary: Vocabulary
) -> None:
    from collateral.rules import rules_file
    from collateral.rules.text import list_text, reference_markdown

    file = rules_file(rules, vocabulary)
    if args.format == "json":
        write_json(file, around)
    else:
        write_text((list_text if args.format == "text" else reference_markdown)(file), around)


def _told(
    args: argparse.Namespace, around: Surroundings, rules: Sequence[Rule], failed: Sequence[Diagnostic]
) -> None:
    from collateral.rules.results import results_file
    from collateral.rules.text import tests_text

    file = results_file(rules, failed)
    if args.format == "json":
        write_json(file, around)
    else:
        write_text(tests_text(rules, {row.id: row.failed for row in file.rules}), around)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
