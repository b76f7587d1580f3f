from __future__ import annotations

from pathlib import Path

import pytest

from .support import Repo, git, write


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A repository with tag v1 and the files a.txt, dir/b.txt and the executable run.sh."""
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=main")
    write(root, {"a.txt": b"alpha\n", "dir/b.txt": b"beta\r\n", "run.sh": b"#!/bin/sh\n"})
    (root / "run.sh").chmod(0o755)
    made = Repo(root)
    made.commit("v1")
    return made
