"""`threatmodel storage`: what users need of storage, which way serves it, and what that way opens to attack."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from collateral.cli.common import (
    Opened,
    add_configuration,
    add_format,
    add_model,
    write_json,
    write_text,
)
from collateral.cli.judged import add_judging, judged, threats_of
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

if TYPE_CHECKING:
    from collateral.storage.files import StorageFile

HELP = "needs of users for storage, the ways that serve them, and the flows and threats that each way brings"
EXAMPLES = (
    "threatmodel storage models/shop",
    "threatmodel storage models/shop --source . --format markdown",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_model(parser)
    add_configuration(parser, "to show where it has the way")
    add_judging(parser)
    add_format(parser, "text", "json", "markdown")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. With a source tree, a claim that could not be checked gives exit 3.

    Raises:
        UsageError: U019, the model has no record of needs.
    """
    from collateral.storage import STORAGE, beyond, load_storage, widen
    from collateral.storage.files import storage_file

    opened = Opened(args, around)
    preferred = opened.configuration(args.config)
    needs = load_storage(opened.path, opened.project, opened.shown)
    if needs is None:
        raise opened.lacks(STORAGE, "storage")
    found = judged(args, opened, around)
    wider = widen(needs, opened.project, broken=opened.at.broken, load=opened.at.project)
    threats = threats_of(args, opened, around, wider.project, found.ledger)
    file = storage_file(needs, opened.project, found.threats, beyond(needs, wider, threats))
    _write(args.format, file, preferred, around)
    around.stderr.write(found.withheld)
    return found.exit


def _write(form: str, file: StorageFile, preferred: str, around: Surroundings) -> None:
    from collateral.storage.text import storage_markdown, storage_text

    if form == "json":
        write_json(file, around)
    else:
        write_text((storage_text if form == "text" else storage_markdown)(file, preferred), around)
