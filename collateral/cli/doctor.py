"""`threatmodel doctor`: what is installed, what is optional, and what its absence means."""

from __future__ import annotations

import argparse
import platform
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from collateral.cli.common import (
    add_format,
    add_tool_data,
    add_tools,
    tool_data,
    write_json,
    write_text,
)
from collateral.cli.surroundings import Surroundings
from threatmodel.core.errors import Exit

if TYPE_CHECKING:
    from collateral.outputs import DoctorFile

HELP = "say what is installed, what is optional, and how strongly code is confined here"
EXAMPLES = (
    "threatmodel doctor",
    "threatmodel doctor --tools .venv-scanners/bin --format json",
)
_OPTIONAL = {
    "bwrap": "bubblewrap: the strongest confinement of models and scanners",
    "git": "git: source trees from git refs and URLs",
    "openssl": "OpenSSL: only for whoever checks a signature without this program",
    "dot": "Graphviz: only used with --dot; the embedded engine draws otherwise",
    "chromium": "Chromium: only for the browser tests of the site",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    add_tools(parser)
    add_tool_data(parser)
    parser.add_argument(
        "--schemas",
        metavar="DIR",
        help="write the JSON Schema of every format of this version into this folder",
    )
    add_format(parser, "text", "json")


def run(args: argparse.Namespace, around: Surroundings) -> Exit:
    """The command."""
    from collateral.outputs import DoctorFile, ProgramRow
    from scanners.protocol import ToolEnv
    from scanners.registry import BUILT_IN
    from threatmodel import DSL_VERSION, __version__
    from threatmodel.confine import detect
    from threatmodel.confine import run as run_confined

    search = around.environ.get("PATH", "")
    folders = tuple(around.cwd / folder for folder in args.tools)
    env = ToolEnv(tools=folders, path=search, data=tool_data(args, around))
    found = DoctorFile(
        threatmodel=__version__,
        dsl=DSL_VERSION,
        python=platform.python_version(),
        confinement=detect(),
        scanners={scanner.name: scanner.describe(env, run_confined) for scanner in BUILT_IN},
        programs=tuple(
            ProgramRow(name=name, use=use, path=shutil.which(name, path=search) or "")
            for name, use in _OPTIONAL.items()
        ),
        fonts=_fonts(),
    )
    if args.schemas:
        _write_schemas(around.cwd / args.schemas)
    if args.format == "json":
        write_json(found, around)
    else:
        write_text(_text(found), around)
    return Exit.CLEAN


def _fonts() -> tuple[str, ...]:
    """The folders of the fonts of documents; none where their packages are not installed."""
    from collateral.report.pdf.fonts import font_folders

    try:
        return tuple(sorted(font_folders()))
    except ModuleNotFoundError:
        return ()


def _text(found: DoctorFile) -> str:
    lines = [
        f"version      threatmodel {found.threatmodel}, authoring language {found.dsl}, Python {found.python}",
        f"confinement  {found.confinement.level}: {found.confinement.reason}",
    ]
    lines += [f"  holds          {text}" for text in found.confinement.holds]
    lines += [f"  does not hold  {text}" for text in found.confinement.does_not_hold]
    for name, description in found.scanners.items():
        state = description.version if description.available else description.reason or "not available"
        lines.append(f"scanner      {name}: {state}")
    lines += [f"optional     {row.use}: {row.path or 'not found'}" for row in found.programs]
    lines += [f"fonts        {path}" for path in found.fonts or ("not installed: no PDF can be made",)]
    return "\n".join(lines) + "\n"


def _write_schemas(folder: Path) -> None:
    from collateral.bundle.place import write_file
    from collateral.outputs import all_schemas
    from threatmodel.core.canonical import dump_bytes

    for identity, schema in sorted(all_schemas().items()):
        name, version = identity.split(":")[-2:]
        write_file(folder / f"{name}.{version}.schema.json", dump_bytes(schema))
