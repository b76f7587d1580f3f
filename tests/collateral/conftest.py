from __future__ import annotations

from pathlib import Path

import pytest

from tests.collateral.support import SOURCE, load_tiny, write_files
from threatmodel.load import Loaded


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The tiny model."""
    return load_tiny(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its source tree."""
    return write_files(tmp_path_factory.mktemp("tree"), SOURCE)
