from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.models import outside
from threatmodel.source.tree import SourceTree

RELEASE = "4.1.0"
"""The release of Kata Containers that the model describes."""


@pytest.fixture(name="source", scope="session")
def _source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceTree]:
    """Kata Containers at that release; the test is skipped where KATA_SOURCE names no tree of it."""
    with outside.source("KATA_SOURCE", RELEASE, tmp_path_factory.mktemp("sources")) as tree:
        found = tree.read("VERSION").decode().strip()
        if found != RELEASE:
            pytest.skip(f"KATA_SOURCE is {found}; the model describes {RELEASE}")
        yield tree
