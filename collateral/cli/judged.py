"""Threats as several commands show them: of all configurations, with claims checked where a source tree is named."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_as_of,
    add_edition,
    add_sources,
    add_without_source,
    as_of,
    cache_folder,
    edition,
)
from collateral.cli.sources import needs_own, open_named
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit
from threatmodel.system import ControlStates, Project

if TYPE_CHECKING:
    from collateral.report.compare import About
    from threatmodel.analysis import Threat
    from threatmodel.claims import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The threats as the edition may show them. `withheld` is what standard error says of what it does not show, `hidden`
    how many claims that are. `ledger` holds the claims that were checked, None where no source was named; `source` says
    which one it was."""

    threats: tuple[Threat, ...]
    exit: Exit
    withheld: str
    hidden: int
    ledger: Ledger | None
    source: str

    @property
    def states(self) -> ControlStates | None:
        """Those of the controls; None where no source was named."""
        return self.ledger.states if self.ledger else None


def add_judging(parser: argparse.ArgumentParser) -> None:
    """Options that the status of a threat depends on."""
    add_sources(parser, otherwise="without it no claim is checked")
    add_without_source(parser)
    add_as_of(parser)
    add_edition(parser)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The claims as the edition may show them, None where no source was named; the rest as in `Judged`."""

    ledger: Ledger | None
    exit: Exit
    withheld: str
    hidden: int
    source: str


def checked(args: argparse.Namespace, opened: Opened, around: Surroundings) -> Checked:
    """The claims against the source tree that was named. One that could not be checked gives exit 3."""
    needs_own(args)
    if not args.source:
        return Checked(ledger=None, exit=Exit.CLEAN, withheld="", hidden=0, source="")
    from collateral.cli.claims import exit_of, public_edition, withheld_text

    ledger, source = _ledger(args, opened, around)
    shown, withheld = ledger, 0
    if edition(args, around) == "public":
        shown, withheld = public_edition(opened, ledger, as_of(args.as_of, around))
    return Checked(
        ledger=shown,
        exit=exit_of(ledger, args.without_source),
        withheld=withheld_text(withheld),
        hidden=withheld,
        source=source,
    )


def judged(
    args: argparse.Namespace,
    opened: Opened,
    around: Surroundings,
    configurations: Sequence[str] | None = None,
) -> Judged:
    """The threats of the configurations, of all of them without a word.

    With a source tree, a claim that could not be checked gives exit 3.
    """
    found = checked(args, opened, around)
    return Judged(
        threats=threats_of(args, opened, around, opened.project, found.ledger, configurations),
        exit=found.exit,
        withheld=found.withheld,
        hidden=found.hidden,
        ledger=found.ledger,
        source=found.source,
    )


def threats_of(
    args: argparse.Namespace,
    opened: Opened,
    around: Surroundings,
    project: Project,
    ledger: Ledger | None,
    configurations: Sequence[str] | None = None,
) -> tuple[Threat, ...]:
    """The threats of a project that may have more configurations than the one that was opened."""
    from threatmodel.analysis import analyse

    states = None
    if ledger:
        from threatmodel.claims import ledger_of

        states = ledger_of(project, ledger.checks).states
    return analyse(
        project,
        opened.rules,
        states,
        dispositions=opened.dispositions() if project is opened.project else (),
        as_of=as_of(args.as_of, around),
        risk=opened.risk,
        configurations=configurations,
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

    with ExitStack() as stack:
        cache = cache_folder(args, around) / "sources"
        tree = stack.enter_context(
            open_source(args.source, cache=cache, base=around.cwd, environ=around.environ)
        )
        named = open_named(args, around, opened.loaded.manifest.sources, tree, stack)
        ledger = check_claims(
            opened.project, named.beside(tree), as_of=as_of(args.as_of, around), missing=named.missing
        )
        return ledger, f"commit {tree.commit[:12]}" if tree.commit else "a folder"
