"""What every source tree offers, and the parts that do not depend on where the bytes come from."""

from __future__ import annotations

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import SourceUnavailable, UsageError
from threatmodel.core.text import fold

MAX_FILE_BYTES = 16 * 1024 * 1024
"""Largest file that `read` returns, in bytes."""
MAX_TREE_BYTES = 8 * 1024 * 1024 * 1024
"""Largest sum of file sizes that `materialise` writes, in bytes."""
MAX_PATHS = 1_000_000
"""Most entries of a tree; a few small objects can describe billions of paths."""

FILE = "100644"
EXECUTABLE = "100755"
LINK = "120000"
SUBMODULE = "160000"


def unavailable(code: str, message: str, *, path: str = "", hint: str = "") -> SourceUnavailable:
    """A SourceUnavailable with one diagnostic; all texts are folded, because they quote the tree."""
    place = Place(show(path)) if path else None
    return SourceUnavailable(Diagnostic(code=code, message=show(message), place=place, hint=show(hint)))


def usage(code: str, message: str, *, hint: str = "") -> UsageError:
    """A UsageError with one diagnostic."""
    return UsageError(Diagnostic(code=code, message=show(message), hint=show(hint)))


def show(text: str) -> str:
    """A path or a tool's message as one line that is safe to show: newline and tab become visible too."""
    return fold(text).replace("\n", "<U+000A>").replace("\t", "<U+0009>")


def decode_path(raw: bytes) -> str:
    """A path's bytes as text; bytes that are not UTF-8 survive as lone surrogates, whatever the locale."""
    return raw.decode("utf-8", "surrogateescape")


def encode_path(path: str) -> bytes:
    """The inverse of `decode_path`."""
    return path.encode("utf-8", "surrogateescape")


def check_path(path: str) -> None:
    """Refuse a path that could leave the tree or reach git's own files.

    Raises: SourceUnavailable for absolute paths, empty components, `.`, `..`, `.git` in any case, and NUL.
    """
    parts = path.split("/")
    if "\0" in path or any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts):
        raise unavailable(
            "source-unsafe-path",
            "the source tree holds a path that could leave it or reach git's own files",
            path=path or "(empty)",
            hint="the tree is not trustworthy; nothing of it was read",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a tree. `mode` and `oid` are git's, `size` is in bytes."""

    mode: str
    size: int = 0
    oid: str = ""


class FileTooLarge(SourceUnavailable):
    """A file is larger than `read` returns. `path`, `size` and `limit` (bytes) say which and by how much."""

    def __init__(self, path: str, size: int, limit: int) -> None:
        super().__init__(
            Diagnostic(
                code="source-file-too-large",
                message=f"the file has {size} bytes, more than the limit of {limit}",
                place=Place(show(path)),
                hint="it was not read, so nothing in it was checked",
            )
        )
        self.path = path
        self.size = size
        self.limit = limit


class SourceTree(Protocol):
    """One read-only view of a source tree. Paths are relative, POSIX, sorted."""

    @property
    def name(self) -> str:
        """The tree as the user named it, safe to show (folded, without credentials)."""

    @property
    def commit(self) -> str | None:
        """The full commit id, or None outside git and before the first commit."""

    @property
    def ref(self) -> str | None:
        """The ref that was asked for, or None for a directory."""

    @property
    def commit_time(self) -> int | None:
        """The committer's time of the commit, in Unix seconds."""

    @property
    def dirty(self) -> bool:
        """Whether the files differ from the commit (changed, missing or untracked)."""

    def paths(self) -> tuple[str, ...]:
        """Regular files."""

    def links(self) -> tuple[str, ...]:
        """Symbolic links. They are never followed."""

    def submodules(self) -> tuple[str, ...]:
        """Gitlinks and nested repositories. Their files are not part of the tree."""

    def read(self, path: str) -> bytes:
        """The bytes of a regular file.

        Raises: KeyError where `paths` does not hold it, FileTooLarge, SourceUnavailable where it cannot be
        read.
        """

    def size(self, path: str) -> int:
        """The size of a regular file in bytes, as it was when the tree was opened. Raises: KeyError."""

    def digest(self) -> str:
        """SHA-256 in hex over header, then mode, content hash and path of every entry; see `tree_digest`."""

    def materialise(self, dest: Path, under: str = "") -> None:
        """Write all regular files (those below the folder `under`) to `dest`, which is absent or empty.

        No links, no submodules.

        Modes are 0644 or 0755, times are the commit's (0 without one), whatever the umask.
        Raises: UsageError for a `dest` in use, SourceUnavailable.
        """

    def close(self) -> None:
        """Give processes and temporary files back. Closing twice is fine."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def tree_digest(entries: Mapping[str, Entry], content: Callable[[str, Entry], str]) -> str:
    """SHA-256 in hex of `source-tree-1 NUL`, then `mode SP content NUL path NUL` for each entry by path.

    `content` names its hash: `git:<object id>` for an entry read from git or a gitlink, `sha256:<hex>` of the
    bytes (of the target for a link) for one read from a directory. So two refs with equal trees have the same
    digest, a directory and a ref never do.
    """
    total = hashlib.sha256(b"source-tree-1\0")
    for path in sorted(entries):
        entry = entries[path]
        total.update(f"{entry.mode} {content(path, entry)}\0".encode() + encode_path(path) + b"\0")
    return total.hexdigest()


class BaseTree(ABC):
    """A tree whose entries are known when it is opened; subclasses say how bytes are fetched."""

    name: str
    commit: str | None
    ref: str | None
    commit_time: int | None
    dirty: bool

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        """Raises: SourceUnavailable for unsafe paths and for a tree without any file."""
        for path in entries:
            check_path(path)
        self._entries = dict(entries)
        self._paths = self._of_mode(FILE, EXECUTABLE)
        self._links = self._of_mode(LINK)
        self._submodules = self._of_mode(SUBMODULE)
        self._digest = ""
        if not self._paths:
            raise unavailable(
                "source-empty", f"{self.name} holds no files", hint="name a tree with source files"
            )

    def _of_mode(self, *modes: str) -> tuple[str, ...]:
        return tuple(sorted(path for path, entry in self._entries.items() if entry.mode in modes))

    @abstractmethod
    def copy(self, path: str, sink: Callable[[bytes], object]) -> None:
        """Send the bytes of a regular file to `sink` in pieces, without the limit of `read`."""

    @abstractmethod
    def _content(self, path: str, entry: Entry) -> str: ...

    def _file(self, path: str) -> Entry:
        entry = self._entries.get(path)
        if entry is None or entry.mode not in {FILE, EXECUTABLE}:
            raise KeyError(path)
        return entry

    def paths(self) -> tuple[str, ...]:
        return self._paths

    def links(self) -> tuple[str, ...]:
        return self._links

    def submodules(self) -> tuple[str, ...]:
        return self._submodules

    def size(self, path: str) -> int:
        return self._file(path).size

    def read(self, path: str) -> bytes:
        entry = self._file(path)
        if entry.size > MAX_FILE_BYTES:
            raise FileTooLarge(path, entry.size, MAX_FILE_BYTES)
        got = bytearray()

        def keep(piece: bytes) -> None:
            got.extend(piece)
            if len(got) > MAX_FILE_BYTES:  # the file has grown since the tree was opened
                raise FileTooLarge(path, len(got), MAX_FILE_BYTES)

        self.copy(path, keep)
        return bytes(got)

    def digest(self) -> str:
        self._digest = self._digest or tree_digest(self._entries, self._content)
        return self._digest

    def materialise(self, dest: Path, under: str = "") -> None:
        paths = [path for path in self._paths if not under or path.startswith(f"{under}/")]
        total = sum(self._entries[path].size for path in paths)
        if total > MAX_TREE_BYTES:
            raise unavailable(
                "source-too-large", f"{self.name} has {total} bytes, more than the limit of {MAX_TREE_BYTES}"
            )
        _write_tree(self, [(path, self._entries[path].mode) for path in paths], dest)

    def close(self) -> None:  # noqa: B027 - most trees hold nothing open
        """Nothing to give back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _write_tree(tree: BaseTree, files: Iterable[tuple[str, str]], dest: Path) -> None:
    """Write files below `dest`. Nothing escapes: paths were checked, `dest` starts without any link."""
    try:
        dest.mkdir(mode=0o755, parents=True, exist_ok=True)
        if any(dest.iterdir()):
            raise usage("source-dest-not-empty", "the directory to write the source tree to is not empty")
    except OSError as error:
        raise usage("source-dest", f"cannot write the source tree: {error.strerror}") from error
    when = tree.commit_time or 0
    root = os.fsencode(dest)
    made: dict[bytes, None] = {}
    for path, mode in files:
        raw = encode_path(path)
        try:
            _make_parents(root, raw, made)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(root + b"/" + raw, flags, 0o600), "wb") as handle:
                tree.copy(path, handle.write)
                handle.flush()
                os.fchmod(handle.fileno(), 0o755 if mode == EXECUTABLE else 0o644)
                os.utime(handle.fileno(), (when, when))
        except OSError as error:
            raise unavailable(
                "source-write", f"cannot write the file: {error.strerror}", path=path
            ) from error
    for folder in reversed(made):
        os.utime(root + b"/" + folder, (when, when))


def _make_parents(root: bytes, raw: bytes, made: dict[bytes, None]) -> None:
    start = raw.find(b"/")
    while start != -1:
        folder = raw[:start]
        if folder not in made:
            # bytes, which pathlib does not take; readable, because scanners may run as another user
            os.mkdir(root + b"/" + folder)  # noqa: PTH102
            os.chmod(root + b"/" + folder, 0o755)  # noqa: PTH101, S103
            made[folder] = None
        start = raw.find(b"/", start + 1)
