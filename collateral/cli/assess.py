"""`threatmodel assess`: the documents for a configuration as it is deployed."""

from __future__ import annotations

import argparse

from collateral.cli import build
from collateral.cli.common import Opened
from collateral.cli.deployed import add_deployment, find
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

HELP = "build the bundle for a configuration as it is deployed"
EXAMPLES = ("threatmodel assess models/shop --config-file configuration.toml -o build/mine",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command: those of build, and the files of the deployment."""
    build.add_arguments(parser)
    add_deployment(parser, required=True)


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command. The documents are about the configuration `deployed`, over `--config` or the nearest one."""
    opened = Opened(args, around)
    start = opened.configuration(args.config) if args.config or args.set else None
    args.made = find(args, around, opened, start).mine
    return build.run(args, around)
