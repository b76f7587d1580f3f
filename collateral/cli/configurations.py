"""`threatmodel configurations`: which configurations a model has, and combinations that stand for all."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_format,
    add_model,
    add_source,
    as_of,
    cache_folder,
    write_json,
    write_text,
)
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import Exit, UsageError
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from collateral.deployed.shipped import ShippedConfiguration, ShippedOption
    from threatmodel.system.cover import Cover

HELP = (
    "list the configurations of a model, hold them against the templates of a source tree; make combinations of its "
    "options that stand for all"
)
EXAMPLES = (
    "threatmodel configurations models/shop",
    "threatmodel configurations models/shop --cover --analyse",
)
_AT_ONCE = 100
"""Combinations that one child process builds: its answer and memory are limited."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_source(
        parser,
        "with it, each option that a key of a configuration's template stands for is compared with the template",
    )
    parser.add_argument(
        "--cover",
        action="store_true",
        help="every valid combination of the structural options, and a pairwise cover of the others",
    )
    parser.add_argument(
        "--structural",
        metavar="OPTION,…",
        help="the structural options; those of [cover] in the model's files otherwise",
    )
    parser.add_argument(
        "--analyse", action="store_true", help="with --cover: build and analyse each combination"
    )
    add_as_of(parser)
    add_format(parser, "text", "json")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command."""
    if not args.cover and (args.structural or args.analyse):
        message = "--structural and --analyse say nothing without --cover"
        raise UsageError(Diagnostic(code="U016", message=message, hint="add --cover"))
    if args.cover and args.source:
        message = "--cover makes combinations that no template ships"
        raise UsageError(Diagnostic(code="U016", message=message, hint="leave out --source"))
    opened = Opened(args, around)
    if args.cover:
        return _cover(args, opened, around)
    if args.source:
        return _shipped(args, opened, around)
    if args.format == "json":
        from collateral.outputs import configurations_file

        write_json(configurations_file(opened.loaded), around)
    else:
        write_text(_text(opened), around)
    return Exit.CLEAN


def _shipped(args: argparse.Namespace, opened: Opened, around: Surroundings) -> Exit:
    """The options beside the templates. What could not be checked gives exit 3, what differs does not."""
    from collateral.deployed import KEYS, load_keys
    from collateral.deployed.shipped import check_shipped
    from threatmodel.source import open_source

    keys = load_keys(opened.path, opened.project, opened.shown)
    if keys is None:
        message = f"{opened.shown} has no {KEYS}"
        hint = "it says which keys of a configuration file stand for which options"
        raise UsageError(Diagnostic(code="U019", message=message, hint=hint))
    spec, base = opened.place_of_source(args, around)
    cache = cache_folder(args, around) / "sources"
    with open_source(spec, cache=cache, base=base, environ=around.environ) as tree:
        found = check_shipped(opened.project, keys, tree)
        commit = tree.commit or ""
        against = tree.ref or commit[:12] or "a folder"
    if args.format == "json":
        from collateral.outputs import ShippedFile

        write_json(ShippedFile(project=opened.project.id, commit=commit, configurations=found), around)
    else:
        write_text(_shipped_text(found, against), around)
    undone = any(item.unread or any(o.state == "not-checked" for o in item.options) for item in found)
    return Exit.INCOMPLETE if undone else Exit.CLEAN


def _shipped_text(found: tuple[ShippedConfiguration, ...], against: str) -> str:
    lines: list[str] = []
    totals: Counter[str] = Counter()
    for item in found:
        if item.unread:
            lines.append(f"{item.name}: not checked, {item.template}: {item.unread}")
            totals["configurations not checked"] += 1
            continue
        counts = Counter(option.state for option in item.options)
        totals.update(counts)
        lines.append(
            f"{item.name}: {counts['same']} options as {item.template} has them, {counts['differs']} differ, "
            f"{counts['not-checked']} not checked; {len(item.without_key)} with no key in it"
        )
        lines += [f"    {_shipped_row(option)}" for option in item.options if option.state != "same"]
    lines.append(
        f"{len(found)} configurations against {against}: {totals['same']} options the same, {totals['differs']} differ, "
        f"{totals['not-checked']} not checked"
        + (
            f"; {totals['configurations not checked']} configurations not checked"
            if any(i.unread for i in found)
            else ""
        )
    )
    return fold("\n".join(lines)) + "\n"


def _shipped_row(option: ShippedOption) -> str:
    at = f"{option.path}:{option.line}" if option.line else option.path
    said = (
        f"the template says {option.shipped}"
        if option.state == "differs"
        else f"not checked: {option.detail}"
    )
    return "  ".join(part for part in (f"{option.option}={option.value}", said, at, option.seen) if part)


def _text(opened: Opened) -> str:
    project = opened.project
    width = max(len(system.configuration.name) for system in project.systems)
    lines = []
    for system in project.systems:
        found = system.configuration
        mark = "*" if found.name == project.default_configuration else " "
        lines.append(
            f"{mark} {found.name:{width}}  {len(system.elements):>3} elements  {len(system.flows):>3} flows  "
            f"{found.description}"
        )
        lines.append(f"  {'':{width}}  {project.summary(found)}")
    known = opened.loaded.manifest.known
    lines += [
        f"  NAME-{derived.suffix}: {derived.description or derived.suffix}" for derived in known.derived
    ]
    return fold("\n".join([*lines, f"{len(project.systems)} configurations, * is the default"])) + "\n"


def _cover(args: argparse.Namespace, opened: Opened, around: Surroundings) -> Exit:
    from threatmodel.load import cover_of

    manifest = opened.loaded.manifest
    known = [option.name for option in opened.project.options]
    structural = args.structural.split(",") if args.structural else list(manifest.known.structural)
    for name in structural:
        if name not in known:
            hint = nearest(name, known) or f"options are {', '.join(known)}"
            raise UsageError(Diagnostic(code="U015", message=f'no option "{name}"', hint=hint))
    cover = cover_of(opened.path, opened.shown, structural)
    counts = _analyse(cover, args, opened, around) if args.analyse else None
    if args.format == "json":
        from collateral.outputs import CoverFile

        write_json(
            CoverFile(
                project=opened.project.id,
                structural_options=tuple(structural),
                cover=cover,
                threats=None if counts is None else counts[0],
            ),
            around,
        )
        return Exit.CLEAN
    lines = [
        f"structural options: {', '.join(structural) or 'none'}: {len(cover.structural)} valid of {cover.asked}",
        f"pairwise cover of all options: {len(cover.pairwise)} combinations more; "
        f"{cover.pairs - len(cover.impossible)} of {cover.pairs} pairs of values held, "
        f"no valid combination found for {len(cover.impossible)}",
        f"{len(cover.combinations)} combinations",
    ]
    if counts is not None:
        lines.append(f"analysed: {counts[1]} without an error, {counts[0]} threats in at least one of them")
    write_text("\n".join(lines) + "\n", around)
    return Exit.CLEAN


def _analyse(cover: Cover, args: argparse.Namespace, opened: Opened, around: Surroundings) -> tuple[int, int]:
    """How many threats there are, and in how many combinations; an invalid model is an error."""
    from threatmodel.analysis import analyse
    from threatmodel.system import Configuration

    rows = [
        Configuration(name=f"cover-{number}", options=dict(options))
        for number, options in enumerate(cover.combinations)
    ]
    ids: set[str] = set()
    for at in range(0, len(rows), _AT_ONCE):
        batch = rows[at : at + _AT_ONCE]
        project = opened.at.project(batch)
        day, names = as_of(args.as_of, around), [found.name for found in batch]
        found = analyse(project, opened.rules, as_of=day, risk=opened.risk, configurations=names)
        ids.update(threat.id for threat in found)
    return len(ids), len(rows)
