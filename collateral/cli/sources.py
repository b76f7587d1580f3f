"""Options that name several source trees: the model's own, and those of other projects that its claims are about."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import UsageError
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from contextlib import ExitStack

    from collateral.named_sources import NamedSources
    from collateral.sides import Side
    from threatmodel.load import DeclaredSource, Manifest
    from threatmodel.source import SourceTree

_NAMED = re.compile(r"([A-Za-z][A-Za-z0-9._-]*)=(.*)", re.DOTALL)


def add_named_sources(parser: argparse.ArgumentParser) -> None:
    """Trees of other projects, for commands that name the model's own in another way."""
    parser.add_argument(
        "--source",
        metavar="NAME=TREE",
        action="append",
        default=[],
        help="the tree of a source of another project that threatmodel.toml declares: a folder, folder@ref or a git "
        "URL; a repository without a ref is read at the ref that the model's own source pins. Repeatable",
    )


def split_sources(
    texts: Sequence[str], declared: Iterable[str], own: str, cwd: Path
) -> tuple[str | None, dict[str, str]]:
    """What `--source` says: the tree of the model's own source, and trees by name. `own` is the project's id, which
    names its own source too. A folder that exists, alone or before an `@`, is a tree whatever it is called.

    Raises:
        UsageError: U023, no such name; U024, a source that is named twice.
    """
    names = tuple(declared)
    mine: str | None = None
    named: dict[str, str] = {}
    for text in texts:
        match = None if _is_tree(text, cwd) else _NAMED.fullmatch(text)
        name, tree = (match[1], match[2]) if match else (own, text)
        if name != own and name not in names:
            raise _unknown("--source", name, names, [own])
        if name in named or (name == own and mine is not None):
            what = f'"{name}"' if match else "the model's own source"
            raise UsageError(Diagnostic(code="U024", message=f"--source names {what} twice"))
        if name == own:
            mine = tree
        else:
            named[name] = tree
    return mine, named


def _is_tree(text: str, cwd: Path) -> bool:
    if "\0" in text:
        return False
    ends = [at for at, char in enumerate(text) if char == "@"]
    return any((cwd / text[:end]).is_dir() for end in (len(text), *ends) if text[:end])


def settle_sources(args: argparse.Namespace, manifests: Sequence[Manifest], around: Surroundings) -> None:
    """Put what `--source` says into `args.source` (the model's own, or None) and `args.named` (trees by name).

    Raises:
        UsageError: U023, no such name; U024, a source that is named twice.
    """
    declared = list(dict.fromkeys(source.name for manifest in manifests for source in manifest.sources))
    own = manifests[0].project.get("id", "")
    args.source, args.named = split_sources(args.source, declared, own, around.cwd)
    for name in getattr(args, "without_source", ()):
        if name not in declared:
            raise _unknown("--without-source", name, declared)


def needs_own(args: argparse.Namespace) -> None:
    """Refuse named sources without the model's own, which says which ref of them is wanted.

    Raises:
        UsageError: U013.
    """
    if args.named and not args.source:
        hint = "it says which version of the others a release wants"
        message = "--source NAME=TREE needs the model's own source too: --source TREE"
        raise UsageError(Diagnostic(code="U013", message=message, hint=hint))


def open_named(
    args: argparse.Namespace,
    around: Surroundings,
    declared: Iterable[DeclaredSource],
    own: SourceTree | None,
    stack: ExitStack,
) -> NamedSources:
    """The declared sources, as far as `args.named` gives them; warnings go to standard error. `stack` closes them."""
    from collateral.named_sources import Opening

    opening = Opening(
        specs=args.named,
        cache=(around.cwd / args.cache if args.cache else around.cache) / "sources",
        base=around.cwd,
        environ=around.environ,
        stack=stack,
    )
    found = opening(declared, own)
    for problem in opening.told:
        print(fold(problem.render()), file=around.stderr)
    return found


def open_for_sides(
    args: argparse.Namespace,
    around: Surroundings,
    sides: tuple[Side, Side],
    trees: tuple[SourceTree | None, SourceTree | None],
    stack: ExitStack,
) -> tuple[NamedSources, NamedSources]:
    """The named sources of both states of a model, each at the refs that its own source pins.

    Raises:
        UsageError: U013, U023 or U024; `--source` names no tree of the model's own here.
    """
    settle_sources(args, [side.loaded.manifest for side in sides], around)
    if args.source is not None:
        hint = "--source-base and --source-head name the model's own"
        message = f"--source {args.source}: write NAME=TREE"
        raise UsageError(Diagnostic(code="U013", message=message, hint=hint))
    base, head = (
        open_named(args, around, side.loaded.manifest.sources, tree, stack)
        for side, tree in zip(sides, trees, strict=True)
    )
    return base, head


def _unknown(option: str, name: str, declared: Sequence[str], own: Sequence[str] = ()) -> UsageError:
    words = f"the model declares {', '.join(declared)}" if declared else "the model declares none"
    hint = nearest(name, [*declared, *own]) or words
    return UsageError(Diagnostic(code="U023", message=f'{option}: no source "{name}"', hint=hint))
