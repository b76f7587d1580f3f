"""The option `--overlay` of several commands: what may not be public yet, for a private edition."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.common import Opened, edition
from collateral.cli.surroundings import Surroundings
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError
from threatmodel.core.text import fold

if TYPE_CHECKING:
    from collateral.overlay import Overlay


def add_overlay(parser: argparse.ArgumentParser) -> None:
    """The folder of the overlay."""
    parser.add_argument(
        "--overlay",
        metavar="DIR",
        help="a folder with overlay.yaml: what may not be public yet; needs --edition private, and lies outside of the "
        "work trees of model and source",
    )


def overlay_folder(args: argparse.Namespace, around: Surroundings) -> Path | None:
    """The folder that was asked for. Nothing of it was read, and nothing else was done before.

    Raises:
        UsageError: U050 the edition is public, U013 there is no model, U051 it would be published with model or source.
    """
    if args.overlay is None:
        return None
    from collateral.overlay import NEEDS_PRIVATE, refuse_inside

    if edition(args, around) != "private":
        raise UsageError(NEEDS_PRIVATE)
    if not args.model:
        hint = "name the model that the overlay is about with --model"
        raise UsageError(Diagnostic(code="U013", message="--overlay without --model", hint=hint))
    folder: Path = around.cwd / args.overlay
    source = getattr(args, "source", None)
    refuse_inside(folder, around.cwd / args.model, [(source, around.cwd)] if source else [])
    return folder


def read_overlay_of(
    args: argparse.Namespace,
    opened: Opened,
    folder: Path | None,
    threats: Collection[str] | None = None,
) -> Overlay | None:
    """The overlay, held against the model. `threats` are the ids of the model's own, where they are known.

    Raises:
        UsageError: U051 it lies in the source that the model declares, U052 it cannot be read.
        InvalidInput: it is invalid, or does not fit the model.
    """
    if folder is None:
        return None
    from collateral.overlay import load_overlay, refuse_inside

    model = opened.path if opened.path.is_dir() else opened.path.parent
    declared = opened.loaded.manifest.project.get("source", "")
    refuse_inside(folder, opened.path, [(declared, model)] if declared else [])
    if threats is None:
        from threatmodel.analysis import analyse  # ids do not depend on a day

        threats = {threat.id for threat in analyse(opened.project, opened.rules, as_of=datetime.date.min)}
    return load_overlay(folder, opened.project, threats, args.overlay)


def tell_ended(overlay: Overlay | None, as_of: datetime.date, around: Surroundings) -> None:
    """A warning for each embargo that is over."""
    if overlay is None:
        return
    from collateral.overlay import ended_warnings

    for warning in ended_warnings(overlay, as_of):
        print(fold(warning.render()), file=around.stderr)
