from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COMMIT_TIME = 1_700_000_000
_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "LANG": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_AUTHOR_DATE": f"{COMMIT_TIME - 5} +0000",
    "GIT_COMMITTER_NAME": "C",
    "GIT_COMMITTER_EMAIL": "c@example.org",
    "GIT_COMMITTER_DATE": f"{COMMIT_TIME} +0200",
}


def git(folder: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run git in `folder` with a fixed author and time; its output, stripped."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**_ENVIRONMENT, "HOME": str(folder)},
        input=stdin,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


@dataclass(frozen=True, slots=True)
class Repo:
    """A small work tree under test."""

    root: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        return git(self.root, *arguments, stdin=stdin)

    def commit(self, tag: str = "", paths: Sequence[str] = (".",)) -> str:
        self.git("add", "--all", "--", *paths)
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")
        if tag:
            self.git("tag", tag)
        return self.git("rev-parse", "HEAD")

    def raw_commit(self, entries: bytes, tag: str) -> None:
        """A commit whose tree object has these bytes, however odd."""
        tree = self.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", stdin=entries)
        self.git("tag", tag, self.git("commit-tree", "-m", "odd", tree))

    def blob(self, content: bytes) -> bytes:
        return bytes.fromhex(self.git("hash-object", "-w", "--stdin", stdin=content))


def write(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
