"""Bundles built in tests, and how they are looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.harness import Cli, Said
from tests.collateral.support import read_json


@dataclass(frozen=True, slots=True)
class Shop:
    """A folder with `model`, `source` and `tools`."""

    cli: Cli

    def build(
        self,
        output: str,
        *more: str,
        model: str = "model",
        tools: str = "tools",
        environ: Mapping[str, str] | None = None,
    ) -> Said:
        """Build a bundle below `output`."""
        return self.cli("build", model, "-o", output, "--tools", tools, *more, environ=environ)


def files_of(bundle: Path) -> dict[str, bytes]:
    """Every file of a bundle."""
    return {
        path.relative_to(bundle).as_posix(): path.read_bytes()
        for path in sorted(bundle.rglob("*"))
        if path.is_file()
    }


def undone(bundle: Path) -> dict[str, str]:
    """What the manifest says was not done, and why."""
    return {item["what"]: item["why"] for item in read_json(bundle / "manifest.json")["not_done"]}


def runs(bundle: Path) -> dict[str, Any]:
    """The runs of `findings.sarif` by the name of their tool."""
    log = read_json(bundle / "data/findings.sarif")
    return {run["tool"]["driver"]["name"]: run for run in log["runs"]}
