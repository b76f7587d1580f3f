"""`threatmodel threats`: the threats of a model, by configuration."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_configuration,
    add_format,
    add_model,
    add_packs,
    add_set,
    as_of,
    write_json,
    write_text,
)
from collateral.cli.judged import add_judging, judged
from collateral.cli.overlays import add_overlay, overlay_folder, read_overlay_of, tell_ended
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit, worst_exit

if TYPE_CHECKING:
    from collateral.bundle.threats import ThreatsFile
    from collateral.overlay import Overlay
    from collateral.overlay.files import Kind
    from collateral.policy.priority import Prioritised
    from collateral.vectors import ThreatVector
    from threatmodel.analysis import Threat

_KINDS: tuple[Kind, ...] = ("threats", "dispositions")
HELP = "list the threats with status, risk and controls in each configuration"
EXAMPLES = (
    "threatmodel threats models/shop",
    "threatmodel threats models/shop --source . --all-configs",
    "threatmodel threats models/shop --source .@HEAD --format markdown",
)

_LATER = (
    "collateral.bundle.place",
    "collateral.bundle.threats",
    "collateral.policy",
    "collateral.report.markdown",
    "threatmodel.core.canonical",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    which = parser.add_mutually_exclusive_group()
    add_configuration(which, "to look at")
    add_set(parser)
    which.add_argument(
        "--all-configs", action="store_true", help="every configuration (the default for JSON)"
    )
    add_packs(parser)
    add_judging(parser)
    add_overlay(parser)
    add_format(parser, "text", "json", "markdown")
    parser.add_argument(
        "--json-file", metavar="FILE", help="write the JSON there too, of the same run and configurations"
    )


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. With a source tree, a claim that could not be checked gives exit 3."""
    folder = overlay_folder(args, around)
    opened = Opened(args, around, meanwhile=_prepare)
    overlay = read_overlay_of(args, opened, folder)
    names = None if args.config is None and not args.set else (opened.configuration(args.config),)
    vectors = opened.vectors()
    found = judged(args, opened, around, names)
    day = as_of(args.as_of, around)
    made = None
    if _wants_json(args):
        from collateral.bundle.threats import threats_file

        made = _json(threats_file(opened.project, found.threats, names, vectors), overlay, day)
    if args.json_file:
        _write(around.cwd / args.json_file, made)
    if args.format == "json":
        write_json(made, around)
    else:
        markdown = args.format == "markdown"
        shown = (found.threats, vectors, opened)
        text = _markdown(*shown) if markdown else _text(*shown, args)
        write_text(text + _held(overlay, args, around), around)
    tell_ended(overlay, day, around)
    around.stderr.write(found.withheld)
    return worst_exit([found.exit, opened.rules_exit])


def _wants_json(args: argparse.Namespace) -> bool:
    return args.format == "json" or args.json_file is not None


def _write(path: Path, value: object) -> None:
    """The file, whole or not at all.

    Raises:
        UsageError: U010, it cannot be written.
    """
    from collateral.bundle.place import write_pieces
    from threatmodel.core.canonical import dump_pieces

    write_pieces(path, dump_pieces(value))


def _prepare(_path: Path, _shown: str) -> None:
    """Import what makes the answer while the model's process runs."""
    for name in _LATER:
        import_module(name)


def _json(made: ThreatsFile, overlay: Overlay | None, day: datetime.date) -> ThreatsFile:
    if overlay is None:
        return made
    from collateral.overlay import held_file
    from collateral.overlay.printed import PrivateThreatsFile, beside

    return beside(PrivateThreatsFile, made, held_file(overlay, day, _KINDS))


def _held(overlay: Overlay | None, args: argparse.Namespace, around: Surroundings) -> str:
    """The threats and decisions that may not be public yet."""
    if overlay is None:
        return ""
    from collateral.overlay import text_lines

    lines = text_lines(overlay, as_of(args.as_of, around), _KINDS)
    if args.format == "markdown":
        lines = ["", *(f"- {_cell(line.strip())}" for line in lines)]
    return "".join(f"{line}\n" for line in lines)


def _sorted(threats: Iterable[Threat]) -> list[Threat]:
    from threatmodel.analysis import RISK_LEVELS, STATUSES

    places = {name: place for place, name in enumerate(STATUSES)}
    levels = {name: -place for place, name in enumerate(RISK_LEVELS)}
    return sorted(threats, key=lambda t: (places[t.status], levels[t.risk], t.id))


def _text(
    threats: tuple[Threat, ...], vectors: Sequence[ThreatVector], opened: Opened, args: argparse.Namespace
) -> str:
    from collateral.vectors import in_words

    name = opened.configuration(args.config)
    shown = [t for t in _sorted(threats) if args.all_configs or name in t.by_configuration]
    width = max((len(t.id) for t in shown), default=0)
    lines = []
    for threat in shown:
        here = threat if args.all_configs else threat.by_configuration[name]
        lines.append(
            f"{threat.id:{width}}  {here.status:13}  {here.risk:8}  {threat.stride:22}  {threat.title}"
        )
        lines += [f"{'':{width}}  CVSS {in_words(item)}" for item in _given(threat, vectors, args, name)]
    where = "all configurations, the worst" if args.all_configs else name
    return "\n".join([*lines, f"{len(shown)} threats ({where})"]) + "\n"


def _given(
    threat: Threat, vectors: Sequence[ThreatVector], args: argparse.Namespace, name: str
) -> list[ThreatVector]:
    from collateral.vectors import vectors_at

    found = vectors_at(vectors, threat.id, "" if args.all_configs else name)
    return sorted(found, key=lambda item: (-item.number, item.vector))


def _markdown(threats: tuple[Threat, ...], vectors: Sequence[ThreatVector], opened: Opened) -> str:
    from collateral.policy import Priorities, read_policy
    from collateral.vectors import best_vector, in_words

    priorities = Priorities(opened.project, read_policy(opened.loaded.manifest).criteria)
    given = {item.threat for item in vectors}
    lines = [
        "| Threat | Title | STRIDE | Status | Risk | Priority | CVSS 4.0 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    ends: dict[
        tuple[str, str, str, str, Prioritised, str], str
    ] = {}  # of the lines: many threats of a rule differ in their ids alone
    for t in _sorted(threats):
        scored = in_words(best_vector(vectors, t.id) if t.id in given else None)
        found = (t.title, t.stride, t.status, t.risk, priorities.of_threat(t), scored)
        end = ends.get(found)
        if end is None:
            end = ends[found] = _end(*found)
        lines.append(f"| `{t.id}`{end}")
    return "\n".join(lines) + "\n"


def _end(title: str, stride: str, status: str, risk: str, given: Prioritised, scored: str) -> str:
    why = f"{given.priority}: {_cell(given.because)}" if given.priority != "none" else "none"
    return f" | {_cell(title)} | {stride} | {status} | {risk} | {why} | {_cell(scored)} |"


def _cell(text: str) -> str:
    from collateral.report.markdown import inline

    return inline(text)
