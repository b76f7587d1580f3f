"""The files of a materialised source tree: the very bytes that the scanners read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from threatmodel.core.canonical import digest


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFiles:
    """Regular files below a private folder. `names` are their relative paths, sorted."""

    root: Path
    names: tuple[str, ...]

    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        return self.names

    def read(self, path: str) -> bytes:
        """The content of one file.

        Raises:
            OSError: it is not there or not a regular file.
        """
        raw = os.fsencode(self.root) + b"/" + path.encode("utf-8", "surrogateescape")
        descriptor = os.open(raw, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as handle:
            return handle.read()

    def digest(self, paths: Iterable[str]) -> str:
        """SHA-256 over the names and contents of some of the files."""
        return digest([[path, hashlib.sha256(self.read(path)).hexdigest()] for path in sorted(paths)])


def portable(path: str) -> bool:
    """True for a path that is UTF-8, which every tool can report."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
