"""Threats as several commands show them: of all configurations, with claims checked where a source tree is named."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collateral.cli.claims import exit_of, public_edition, withheld_text
from collateral.cli.common import (
    Opened,
    add_as_of,
    add_edition,
    add_source,
    as_of,
    cache_folder,
    edition,
)
from collateral.cli.surroundings import Surroundings
from threatmodel.analysis import Threat, analyse
from threatmodel.claims import Ledger
from threatmodel.core.errors import Exit
from threatmodel.system import ControlStates

if TYPE_CHECKING:
    from collateral.report.compare import About


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The threats as the edition may show them. `withheld` is what standard error says of what it does not show, `hidden`
    how many claims that are. `states` are those of the controls, None where no source was named; `source` says which
    one it was."""

    threats: tuple[Threat, ...]
    exit: Exit
    withheld: str
    hidden: int
    states: ControlStates | None
    source: str


def add_judging(parser: argparse.ArgumentParser) -> None:
    """Options that the status of a threat depends on."""
    add_source(parser, otherwise="without it no claim is checked")
    add_as_of(parser)
    add_edition(parser)


def judged(
    args: argparse.Namespace,
    opened: Opened,
    around: Surroundings,
    configurations: Sequence[str] | None = None,
) -> Judged:
    """The threats of the configurations, of all of them without a word.

    With a source tree, a claim that could not be checked gives exit 3.
    """
    ledger, source = _ledger(args, opened, around) if args.source else (None, "")
    shown, withheld = ledger, 0
    if ledger and edition(args, around) == "public":
        shown, withheld = public_edition(opened, ledger, as_of(args.as_of, around))
    states = shown.states if shown else None
    threats = analyse(
        opened.project,
        opened.rules,
        states,
        dispositions=opened.dispositions(),
        as_of=as_of(args.as_of, around),
        matrix=opened.matrix,
        configurations=configurations,
    )
    return Judged(
        threats=threats,
        exit=exit_of(ledger) if ledger else Exit.CLEAN,
        withheld=withheld_text(withheld),
        hidden=withheld,
        states=states,
        source=source,
    )


def about(args: argparse.Namespace, around: Surroundings, opened: Opened, found: Judged) -> About:
    """What a comparison says of itself."""
    from collateral.report.compare import About

    return About(
        edition=edition(args, around),
        notice=opened.loaded.manifest.notice,
        source=found.source,
        withheld=found.hidden,
    )


def _ledger(args: argparse.Namespace, opened: Opened, around: Surroundings) -> tuple[Ledger, str]:
    """The checked claims, and what they were checked against."""
    from threatmodel.claims import check_claims
    from threatmodel.source import open_source

    with open_source(
        args.source, cache=cache_folder(args, around) / "sources", base=around.cwd, environ=around.environ
    ) as tree:
        ledger = check_claims(opened.project, {"": tree}, as_of=as_of(args.as_of, around))
        return ledger, f"commit {tree.commit[:12]}" if tree.commit else "a folder"
