from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.collateral.support import make_tools, make_workspace


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny model, its source and fake scanners; tests only read it."""
    folder = make_workspace(tmp_path_factory.mktemp("cli"))
    make_tools(folder / "tools")
    return folder


@pytest.fixture(scope="session")
def cli(shared: Path) -> Cli:
    """The program in the shared folder, with git and nothing else of the machine's settings."""
    return Cli(cwd=shared, path=os.environ["PATH"], memory={})
