from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.harness import Cli, Said
from tests.collateral.support import INIT, TOML, git, make_repository, write_files

Edit = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class History:
    """A repository with the tiny model in its first commit."""

    root: Path
    cli: Cli

    def change(self, *replaced: tuple[str, str], toml: str = TOML, **files: str) -> None:
        """A commit in which these texts of the model stand for others."""
        text = INIT
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        more = {name.replace("_", "."): content for name, content in files.items()}
        write_files(self.root / "model", {"__init__.py": text, "threatmodel.toml": toml, **more})
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "--allow-empty", "--message", "change")

    def diff(self, *options: str) -> Said:
        """The answer for the two last commits."""
        return self.cli("diff", "HEAD~1", "HEAD", "model", "--as-of", "2026-03-01", *options)


@pytest.fixture
def history(tmp_path: Path) -> History:
    root = make_repository(
        tmp_path / "work",
        {"model/__init__.py": INIT, "model/threatmodel.toml": TOML, "app/service.py": "x = 1\n"},
    )
    return History(root, Cli(cwd=root, path=os.environ["PATH"]))
