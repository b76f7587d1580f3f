"""The files of a materialised source tree: the very bytes that the scanners read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from threatmodel.core.canonical import digest
from threatmodel.source import SourceTree


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
        return _digest(paths, self.read)


@dataclass(slots=True)
class TreeFiles:
    """The files of a source tree that is not written to a disk; each is digested once. For one thread."""

    tree: SourceTree
    _digests: dict[str, str] = field(default_factory=dict)

    def paths(self) -> tuple[str, ...]:
        """All paths, sorted."""
        return self.tree.paths()

    def read(self, path: str) -> bytes:
        """The content of one file.

        Raises:
            ThreatModelError: it cannot be read, or is too large.
        """
        return self.tree.read(path)

    def digest(self, paths: Iterable[str]) -> str:
        """The same as `DiskFiles.digest` of these files."""
        return _digest(paths, self.read, self._digests)


def _digest(paths: Iterable[str], read: Callable[[str], bytes], known: dict[str, str] | None = None) -> str:
    known = {} if known is None else known
    rows = []
    for path in sorted(paths):
        if path not in known:
            known[path] = hashlib.sha256(read(path)).hexdigest()
        rows.append([path, known[path]])
    return digest(rows)


def portable(path: str) -> bool:
    """True for a path that is UTF-8, which every tool can report."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
