"""`threatmodel check`: load a model, say what is wrong with it, summarise its threats per boundary."""

from __future__ import annotations

import argparse
import datetime
import re
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_configuration,
    add_edition,
    add_format,
    add_model,
    add_packs,
    add_set,
    as_of,
    write_json,
    write_text,
)
from collateral.cli.overlays import add_overlay, overlay_folder, read_overlay_of, tell_ended
from collateral.cli.surroundings import Surroundings
from threatmodel.confine import Level, detect
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, InvalidInput
from threatmodel.core.text import fold
from threatmodel.system import SystemModel

if TYPE_CHECKING:
    from collateral.overlay import Overlay
    from collateral.summary import BoundaryRow
    from threatmodel.analysis import Threat

_THREAT = re.compile(r"[A-Z]{2,8}-[A-Z]{0,5}\d{2,3}@[A-Za-z0-9._-]+")
_LATER = (
    "collateral.advisories",
    "collateral.deployed",
    "collateral.drift.todo",
    "collateral.pentest",
    "collateral.policy",
    "collateral.predecessor",
    "collateral.response",
    "collateral.storage",
    "collateral.triage",
    "collateral.vectors.reader",
    "collateral.why",
    "threatmodel.analysis",
    "threatmodel.load.validate",
)
"""What is imported while the model's process runs."""
HELP = "load a model and its records, report errors with file, line and hint, summarise threats per boundary"
EXAMPLES = (
    "threatmodel check models/shop",
    "threatmodel check models/shop --config plain --format json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_configuration(parser, "to summarise")
    add_set(parser)
    add_packs(parser)
    add_format(parser, "text", "json")
    add_as_of(parser)
    add_edition(parser)
    add_overlay(parser)


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command."""
    folder = overlay_folder(args, around)
    opened = Opened(args, around, meanwhile=_prepare)
    from collateral.summary import CheckFile
    from threatmodel.analysis import (
        analyse,
        overdue,
    )  # imported while the model's process runs or later, not before

    name = opened.configuration(args.config)
    system = opened.project.system(name)
    dispositions = opened.dispositions()
    everything = analyse(
        opened.project,
        opened.rules,
        dispositions=dispositions,
        as_of=as_of(args.as_of, around),
        risk=opened.risk,
        # Only an overlay needs all threats of the other configurations: its ids must be free.
        configurations=None if folder else (name,),
        orphans_everywhere=True,
    )
    threats = [threat for threat in everything if name in threat.by_configuration]
    if opened.project.answers:
        from threatmodel.analysis.coverage import wrong_answers

        if wrong := wrong_answers(opened.project, threats):
            raise InvalidInput(*opened.below(wrong))
    for warning in overdue(dispositions, as_of(args.as_of, around)):
        print(fold(warning.render()), file=around.stderr)
    overlay: list[Overlay | None] = []
    _read_the_rest(
        opened,
        lambda opened: overlay.append(read_overlay_of(args, opened, folder, {t.id for t in everything})),
        around,
    )
    _tell_overlay(overlay[0], as_of(args.as_of, around), around)
    if opened.loaded.level != Level.BUBBLEWRAP:
        lacking = "; ".join(detect().does_not_hold)
        print(f"the model ran at confinement level {opened.loaded.level}: {lacking}", file=around.stderr)
    rows = _rows(system, threats)
    if args.format == "json":
        write_json(CheckFile(project=opened.project.id, configuration=name, boundaries=rows), around)
    else:
        write_text(_text(opened, system, threats, rows), around)
    return opened.rules_exit


def _prepare(path: Path, shown: str) -> None:
    """Read code and records that are needed once the model is there."""
    for module in _LATER:
        import_module(module)
    from threatmodel.core.yamlpos import load

    for file in sorted(path.glob("*.yaml")) if path.is_dir() else ():
        with suppress(InvalidInput, OSError):  # its own reader says what is wrong
            load(file.read_bytes(), f"{shown}/{file.name}")


def _read_the_rest(opened: Opened, overlay: Callable[[Opened], None], around: Surroundings) -> None:
    """Policy and records, which the summary does not need, so that a mistake in them is found here too.

    Raises:
        InvalidInput: holds the problems of all of them.
    """
    from collateral.cli.policies import check_policy
    from collateral.storage import load_storage

    problems: list[Diagnostic] = []
    reads: tuple[Callable[[Opened], object], ...] = (
        lambda opened: check_policy(opened, around),
        _response,
        _records,
        Opened.triage,
        Opened.vectors,
        _predecessor,
        _keys,
        lambda opened: load_storage(opened.path, opened.project, opened.shown),
        _drift,
        overlay,
    )
    for read in reads:
        try:
            read(opened)
        except InvalidInput as error:
            problems += error.diagnostics
    if problems:
        raise InvalidInput(*problems)


def _tell_overlay(overlay: Overlay | None, day: datetime.date, around: Surroundings) -> None:
    if overlay is None:
        return
    counts = (
        f"{len(overlay.threats)} threats, {len(overlay.findings)} findings, {len(overlay.dispositions)} decisions, "
        f"{len(overlay.test_cases)} test cases"
    )
    print(f"overlay: {counts}", file=around.stderr)
    tell_ended(overlay, day, around)


def _response(opened: Opened) -> None:
    from collateral.response import load_response

    load_response(opened.path, opened.shown)


def _records(opened: Opened) -> None:
    from collateral.advisories import ThirdPartyFile, load_entries
    from collateral.pentest import read_records
    from collateral.why import load_why, other_ids

    problems: list[Diagnostic] = []
    others = other_ids(opened.project, opened.rules, ())
    try:
        load_entries(ThirdPartyFile, opened.path, opened.project, opened.shown)
    except InvalidInput as error:
        problems += error.diagnostics
    try:
        advisories, _ = read_records(opened.path, opened.project, opened.shown)
        others = other_ids(opened.project, opened.rules, advisories)
    except InvalidInput as error:
        problems += error.diagnostics
        # Where the advisories cannot be read, it is not known which of them a table may name.
        del others["advisory"]
    try:
        load_why(opened.path, opened.project, opened.shown, others)
    except InvalidInput as error:
        problems += error.diagnostics
    if problems:
        raise InvalidInput(*problems)


def _predecessor(opened: Opened) -> None:
    from collateral.predecessor import PREDECESSOR, load_predecessor
    from threatmodel.analysis import present_threats

    path = opened.path / PREDECESSOR
    if path.is_file():
        named = set(_THREAT.findall(path.read_text("utf-8", "replace")))
        there = present_threats(opened.project, opened.rules, named)
        load_predecessor(opened.path, opened.project, opened.shown, there)


def _drift(opened: Opened) -> None:
    from collateral.drift import load_extracts, load_waivers
    from collateral.drift.todo import unfinished

    problems = list(unfinished(opened.path, opened.shown))
    try:
        load_waivers(opened.path, load_extracts(opened.path, opened.project, opened.shown), opened.shown)
    except InvalidInput as error:
        problems += error.diagnostics
    if problems:
        raise InvalidInput(*problems)


def _keys(opened: Opened) -> None:
    from collateral.deployed import load_keys

    load_keys(opened.path, opened.project, opened.shown)


def _rows(system: SystemModel, threats: Sequence[Threat]) -> tuple[BoundaryRow, ...]:
    from collateral.summary import BoundaryRow
    from threatmodel.analysis import RISK_LEVELS, STATUSES

    name = system.configuration.name
    home = {element.id: element.boundary for element in system.elements}
    home |= {flow.id: home[flow.target] for flow in system.flows}
    rows = []
    for boundary in system.boundaries:
        here = [t.by_configuration[name] for t in threats if home[t.target.id] == boundary.id]
        counts = Counter(result.status for result in here)
        rows.append(
            BoundaryRow(
                boundary=boundary.id,
                name=boundary.name,
                elements=sum(e.boundary == boundary.id for e in system.elements),
                threats=len(here),
                worst_risk=max((result.risk for result in here), key=RISK_LEVELS.index, default="-"),
                statuses={status: counts[status] for status in STATUSES},
            )
        )
    return tuple(rows)


def _text(
    opened: Opened, system: SystemModel, threats: Sequence[Threat], rows: tuple[BoundaryRow, ...]
) -> str:
    from threatmodel.analysis import STATUSES

    name = system.configuration.name
    home = {element.id: element.boundary for element in system.elements}
    crossing = sum(home[flow.source] != home[flow.target] for flow in system.flows)
    counts = Counter(t.by_configuration[name].status for t in threats)
    parts = "   ".join(f"{status} {counts[status]}" for status in STATUSES if counts[status])
    lines = [
        f"{opened.project.id} · {name} ({opened.project.summary(system.configuration)})",
        f"{len(system.elements)} elements  {len(system.flows)} flows, {crossing} across boundaries  "
        f"{len(system.boundaries)} boundaries  {len(opened.project.adversaries)} adversaries  "
        f"{len(opened.project.systems)} configurations",
        f"threats  {len(threats)}   {parts}",
        f"controls  {len(opened.project.controls)}, none checked: `threatmodel claims` reads a source tree",
        "",
    ]
    width = max(len(row.name) for row in rows)
    lines.append(f"{'boundary':{width}}  elements  threats  worst risk  open  unverified  contradicted")
    lines += [
        f"{fold(row.name):{width}}  {row.elements:>8}  {row.threats:>7}  {row.worst_risk:>10}  "
        f"{row.statuses['open']:>4}  {row.statuses['unverified']:>10}  {row.statuses['contradicted']:>12}"
        for row in rows
    ]
    return "\n".join(lines) + "\n"
