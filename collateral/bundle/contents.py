"""What a bundle holds, as a folder or as an archive: names, digests and the bytes of single files, all bounded."""

from __future__ import annotations

import hashlib
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.text import fold

MAX_FILES = 20_000
MAX_TEXT = 64 * 1024 * 1024
"""Bytes of a file that is read whole: sums, manifest, data with a schema."""


class Unreadable(Exception):
    """A file cannot be read; the text says why, without the place on this machine."""


class Contents(Protocol):
    """The files of a bundle."""

    @property
    def files(self) -> frozenset[str]:
        """Paths of all plain files."""

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """What is there and is neither a file nor a folder with files in it."""

    def digest(self, path: str) -> str:
        """SHA-256 (hex) of a file. Raises: Unreadable."""

    def read(self, path: str) -> bytes:
        """The bytes of a file of at most MAX_TEXT bytes. Raises: Unreadable."""


def problem(code: str, path: str, message: str, hint: str = "") -> Diagnostic:
    """A diagnostic at a path of the bundle, which may be hostile."""
    return Diagnostic(
        code=code, message=message, place=Place(fold(path).replace("\n", "<U+000A>")), hint=hint
    )


def twins(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths that are one with another on a file system that ignores case or the form of accents, sorted."""
    seen: dict[str, str] = {}
    found: set[str] = set()
    for path in sorted(paths):
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            name = "/".join(parts[:depth])
            key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
            if seen.setdefault(key, name) != name:
                found.add(path)
    return tuple(sorted(found))


class Folder:
    """A bundle as a folder. Links are not followed; nothing outside of it is read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found: list[str] = []
        problems: list[Diagnostic] = []
        todo = [folder]
        while todo:
            here = todo.pop()
            try:
                items = [(item, item.lstat().st_mode) for item in sorted(here.iterdir())]
            except OSError as error:
                path = here.relative_to(folder).as_posix()
                problems.append(problem("V005", path, f"cannot be read: {type(error).__name__}"))
                continue
            if not items and here != folder:
                path = here.relative_to(folder).as_posix()
                problems.append(problem("V004", path, "an empty folder, which no bundle has"))
            for item, mode in items:
                path = item.relative_to(folder).as_posix()
                if stat.S_ISDIR(mode):
                    todo.append(item)
                elif stat.S_ISREG(mode):
                    found.append(path)
                else:
                    problems.append(problem("V005", path, "neither a file nor a folder"))
            if len(found) + len(todo) + len(problems) > MAX_FILES:
                problems = [problem("V004", ".", f"more than {MAX_FILES} files and folders")]
                break
        self.files = frozenset(found)
        self.problems = tuple(problems)

    def digest(self, path: str) -> str:
        try:
            with (self._folder / path).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise Unreadable(f"cannot be read: {type(error).__name__}") from error

    def read(self, path: str) -> bytes:
        return read_plain(self._folder / path, MAX_TEXT)


class Held:
    """A bundle whose bytes are in memory: one that was read from an archive."""

    def __init__(self, data: Mapping[str, bytes]) -> None:
        self._data = data
        self.files = frozenset(data)
        self.problems: tuple[Diagnostic, ...] = ()

    def digest(self, path: str) -> str:
        return sha256(self._data[path])

    def read(self, path: str) -> bytes:
        if path not in self._data:
            raise Unreadable("missing")
        if len(self._data[path]) > MAX_TEXT:
            raise Unreadable("too large")
        return self._data[path]


def read_plain(path: Path, limit: int) -> bytes:
    """The bytes of a plain file: no link, pipe or device, and at most `limit` bytes.

    Raises:
        Unreadable: it is none, or cannot be read.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise Unreadable("not a plain file")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except FileNotFoundError as error:
        raise Unreadable("missing") from error
    except OSError as error:
        raise Unreadable(f"cannot be read: {type(error).__name__}") from error
    if len(data) > limit:
        raise Unreadable(f"larger than {limit} bytes")
    return data
