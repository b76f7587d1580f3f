"""The package that an author of a scanner starts from."""

from __future__ import annotations

import re
from collections.abc import Mapping

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Of a scanner, and of its package."""

_PYPROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "threatmodel-scanner-{name}"
version = "0.1.0"
description = "{name} as a scanner of threatmodel"
requires-python = ">=3.11"
dependencies = ["threatmodel"]

[project.entry-points."threatmodel.scanners"]
{name} = "{module}:scanner"

[tool.hatch.build.targets.wheel]
only-include = ["{module}.py"]
"""
_MODULE = '''"""{name} over the files that it reads: a program that reports findings alone."""

from __future__ import annotations

from typing import Any

from scanners.adapters.file_tool import FILES, FileTool, Planted, Report, printed
from scanners.adapters.judge import Account, Claim, cwe_list, items, normal_path, text
from scanners.adapters.lint import complaints
from scanners.protocol import Example, SourceFiles


def wants(path: str, tree: SourceFiles) -> bool:
    """Which files the program reads: put those of your tool here."""
    return path.endswith(".txt")


def read(report: Report) -> Account:
    """What the program says, in terms of this toolkit. What it does not say was read counts as not read."""
    found = tuple(items(printed(report.raw), "the list"))
    problems, notes = complaints(report)  # standard error: what it says of a file makes the file not read
    return Account(
        scanned=frozenset((*report.files, *report.planted)),
        problems=problems,
        claims=tuple(_claim(item) for item in found),
        rules=(),
        notes=tuple(notes),
        degraded=bool(notes),
    )


def _claim(item: dict[str, Any]) -> Claim:
    """One finding, by the keys that your tool's report has."""
    return Claim(
        rule=text(item.get("rule"), 200) or "(no rule)",
        message=text(item.get("message")),
        severity="warning",
        confidence="medium",
        cwe=cwe_list([item.get("cwe")]),
        stride="",
        path=normal_path(item.get("file")),
        line=item.get("line"),
        column=None,
        end_line=None,
        end_column=None,
    )


SCANNER = FileTool(
    name="{name}",
    licence="NOASSERTION",  # that of the tool
    argv=("--json", FILES),  # no configuration, ignore file or comment of the tree may have an effect
    wants=wants,
    read=read,
    planted=Planted(ending=".txt", content=b"DANGER\\n", rule="danger"),  # what it must report
    example=Example(
        files={{"a.txt": b"DANGER\\n", "b/c.txt": b"x\\nDANGER\\n"}},
        other={{"d.md": b"DANGER\\n"}},
        never_broken="it reads text line by line",  # else `broken={{path: content}}`
    ),
)


def scanner() -> FileTool:
    """For the entry point."""
    return SCANNER
'''
_TEST = '''"""The adapter stands every fault that its tool may have."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from scanners.kit import check_scanner
from scanners.protocol import ToolEnv
from threatmodel.confine import run

from {module} import SCANNER


def test_conformance() -> None:
    assert SCANNER.example is not None
    with tempfile.TemporaryDirectory() as folder:
        env = ToolEnv(path=os.environ["PATH"])
        found = check_scanner(SCANNER, SCANNER.example, env, run, Path(folder))
    assert not [(cell.cell, cell.why) for cell in found.cells if cell.verdict == "wrong"]
    assert not found.untested, "{name} is not installed"
'''


def template(name: str) -> Mapping[str, bytes]:
    """The files of a package for the scanner of this name, by path. The name is one that `NAME` matches."""
    module = f"threatmodel_scanner_{name.replace('-', '_')}"
    texts = {"pyproject.toml": _PYPROJECT, f"{module}.py": _MODULE, f"test_{module}.py": _TEST}
    return {path: text.format(name=name, module=module).encode() for path, text in texts.items()}
