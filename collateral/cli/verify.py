"""`threatmodel verify`: a bundle against its own sums and manifest."""

from __future__ import annotations

import argparse

from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import Exit, NotVerified, UsageError

HELP = "find every changed, missing or extra file of a bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("bundle", help="the folder of the bundle")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command.

    Raises:
        UsageError: there is no such folder.
        NotVerified: holds every difference.
    """
    from collateral.bundle.manifest import SUMS, verify

    bundle = around.cwd / args.bundle
    if not bundle.is_dir():
        raise UsageError(
            Diagnostic(code="U006", message=f"no folder {args.bundle}", hint="name the bundle's folder")
        )
    if problems := verify(bundle):
        raise NotVerified(*problems)
    count = len((bundle / SUMS).read_text("utf-8").splitlines())
    print(f"{args.bundle}: {count} files, all as listed in {SUMS}", file=around.stdout)
    print("no signature was checked: this says that the bundle is whole, not who made it", file=around.stderr)
    return Exit.CLEAN
