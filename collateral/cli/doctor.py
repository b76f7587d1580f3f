"""`threatmodel doctor`: what is installed, what is optional, and what its absence means."""

from __future__ import annotations

import argparse
import shutil

from collateral.cli.common import add_format, add_tools, write_json, write_text
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

HELP = "say what is installed, what is optional, and how strongly code is confined here"
EXAMPLES = (
    "threatmodel doctor",
    "threatmodel doctor --tools .venv-scanners/bin --format json",
)
_OPTIONAL = {
    "bwrap": "bubblewrap: the strongest confinement of models and scanners",
    "git": "git: source trees from git refs and URLs",
    "dot": "Graphviz: only used with --dot; the embedded engine draws otherwise",
    "chromium": "Chromium: only for the browser tests of the site",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_tools(parser)
    add_format(parser, "text", "json")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command."""
    from scanners.protocol import ToolEnv
    from scanners.registry import BUILT_IN
    from threatmodel.confine import detect
    from threatmodel.confine import run as run_confined

    search = around.environ.get("PATH", "")
    env = ToolEnv(tools=tuple(around.cwd / folder for folder in args.tools), path=search)
    scanners = {scanner.name: scanner.describe(env, run_confined) for scanner in BUILT_IN}
    programs = {name: shutil.which(name, path=search) is not None for name in _OPTIONAL}
    found = detect()
    if args.format == "json":
        write_json({"confinement": found, "scanners": scanners, "programs": programs}, around)
        return Exit.CLEAN
    lines = [f"confinement  {found.level}: {found.reason}"]
    lines += [f"  holds          {text}" for text in found.holds]
    lines += [f"  does not hold  {text}" for text in found.does_not_hold]
    for name, description in scanners.items():
        state = description.version if description.available else f"not installed ({description.reason})"
        lines.append(f"scanner      {name}: {state}")
    for name, present in programs.items():
        lines.append(f"optional     {_OPTIONAL[name]}: {'found' if present else 'not found'}")
    write_text("\n".join(lines) + "\n", around)
    return Exit.CLEAN
