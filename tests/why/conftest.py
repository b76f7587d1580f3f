from __future__ import annotations

import os

import pytest

from tests.cli.harness import Cli


@pytest.fixture(scope="session")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The program in an empty folder, with git and nothing else of the machine's settings."""
    return Cli(cwd=tmp_path_factory.mktemp("cli"), path=os.environ["PATH"])
