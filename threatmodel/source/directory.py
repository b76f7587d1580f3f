"""A source tree that is a directory on disk, with or without git."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from threatmodel.source.git import GitSession, Repository, commit_seconds, work_tree_repository
from threatmodel.source.tree import (
    EXECUTABLE,
    FILE,
    LINK,
    MAX_PATHS,
    SUBMODULE,
    BaseTree,
    Entry,
    decode_path,
    encode_path,
    show,
    unavailable,
)

_PIECE_BYTES = 1 << 18
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: a file that became a named pipe since the listing must not hold the reader up.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    entries: dict[str, Entry]
    commit: str | None = None
    commit_time: int | None = None
    dirty: bool = False


class DirectoryTree(BaseTree):
    """The files below a directory, as they are on disk.

    At the top of a git work tree these are the tracked and the untracked, not ignored files; elsewhere all
    files, without anything named `.git`. Repository configuration, hooks and filters are not looked at. Files
    are opened component by component without following links, so no path leaves the root even if the tree
    changes meanwhile. Files that a sparse checkout leaves out make the tree dirty.
    """

    def __init__(self, root: Path, *, name: str = "") -> None:
        """Raises: SourceUnavailable where the directory is absent, empty or unreadable."""
        self.name = show(name or str(root))
        self.ref = None
        if not root.is_dir():
            raise unavailable(
                "source-missing",
                f"{self.name}: there is no such directory",
                hint="name a directory, or path@ref",
            )
        self.root = root.resolve()
        repository = work_tree_repository(self.root)
        listing = _list_work_tree(self.root, repository) if repository else _Listing(entries=_walk(self.root))
        self.commit = listing.commit
        self.commit_time = listing.commit_time
        self.dirty = listing.dirty
        super().__init__(listing.entries)

    def copy(self, path: str, sink: Callable[[bytes], object]) -> None:
        self._file(path)
        try:
            with open(_open_beneath(self.root, encode_path(path), _FILE_FLAGS), "rb", buffering=0) as handle:
                if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                    raise unavailable("source-changed", "no longer a regular file", path=path)
                while piece := handle.read(_PIECE_BYTES):
                    sink(piece)
        except OSError as error:
            raise unavailable(
                "source-unreadable", f"cannot read the file: {error.strerror}", path=path
            ) from error

    def _content(self, path: str, entry: Entry) -> str:
        if entry.mode == SUBMODULE:
            return f"git:{entry.oid}"
        content = hashlib.sha256()
        if entry.mode == LINK:
            content.update(self._target(path))
        else:
            self.copy(path, content.update)
        return f"sha256:{content.hexdigest()}"

    def _target(self, path: str) -> bytes:
        folder, _, last = encode_path(path).rpartition(b"/")
        try:
            fd = _open_beneath(self.root, folder, _FOLDER_FLAGS)
            try:
                return os.readlink(last, dir_fd=fd)
            finally:
                os.close(fd)
        except OSError as error:
            raise unavailable(
                "source-unreadable", f"cannot read the link: {error.strerror}", path=path
            ) from error


def _open_beneath(root: Path, raw: bytes, flags: int) -> int:
    """A file descriptor for `raw` below `root` (`root` itself where empty); no component may be a link."""
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    parts = raw.split(b"/") if raw else []
    for index, part in enumerate(parts):
        try:
            deeper = os.open(part, flags if index == len(parts) - 1 else _FOLDER_FLAGS, dir_fd=fd)
        finally:
            os.close(fd)
        fd = deeper
    return fd


def _entry(status: os.stat_result) -> Entry | None:
    if stat.S_ISLNK(status.st_mode):
        return Entry(mode=LINK, size=status.st_size)
    if stat.S_ISREG(status.st_mode):
        return Entry(mode=EXECUTABLE if status.st_mode & stat.S_IXUSR else FILE, size=status.st_size)
    return None  # devices, sockets and pipes hold no source


def _walk(root: Path) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    folders = [b""]
    while folders:
        folder = folders.pop()
        try:
            fd = _open_beneath(root, folder, _FOLDER_FLAGS)
            try:
                for name in map(os.fsencode, os.listdir(fd)):  # noqa: PTH208 - by descriptor
                    if name.lower() == b".git":
                        continue
                    path = folder + b"/" + name if folder else name
                    status = os.stat(name, dir_fd=fd, follow_symlinks=False)
                    if stat.S_ISDIR(status.st_mode):
                        folders.append(path)
                    elif (entry := _entry(status)) is not None:
                        entries[decode_path(path)] = entry
            finally:
                os.close(fd)
        except OSError as error:
            shown = decode_path(folder) or "."
            raise unavailable(
                "source-unreadable", f"cannot list the directory: {error.strerror}", path=shown
            ) from error
        _check_count(len(entries))
    return entries


def _check_count(count: int) -> None:
    if count > MAX_PATHS:
        raise unavailable("source-too-large", f"the tree has more than {MAX_PATHS} entries")


def _list_work_tree(root: Path, repository: Repository) -> _Listing:
    session = GitSession(repository, work_tree=root)
    try:
        tracked = _tracked(session)
        untracked = _git(session, "ls-files", "-z", "--others", "--exclude-standard").split(b"\0")[:-1]
        changed = _git(session, "status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=all")
        head = session.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        commit = head.out.decode("ascii", "replace").strip() if head.status == 0 else ""
        raw = _git(session, "cat-file", "commit", commit) if commit else b""
    finally:
        session.close()
    _check_count(len(tracked) + len(untracked))
    entries: dict[str, Entry] = {}
    folders: dict[bytes, bool] = {b"": True}
    missing = False
    for path, oid in tracked.items():
        found = Entry(mode=SUBMODULE, oid=oid) if oid else _on_disk(root, path, folders)
        missing = missing or found is None
        if found is not None:
            entries[decode_path(path)] = found
    for path in untracked:
        # git shows a repository inside the work tree as a folder and does not look into it
        found = Entry(mode=SUBMODULE) if path.endswith(b"/") else _on_disk(root, path, folders)
        if found is not None:
            entries[decode_path(path.removesuffix(b"/"))] = found
    return _Listing(
        entries=entries,
        commit=commit or None,
        commit_time=commit_seconds(raw),
        dirty=bool(changed) or missing,
    )


def _tracked(session: GitSession) -> dict[bytes, str]:
    """The paths of the index; for a submodule its commit, else an empty string."""
    found: dict[bytes, str] = {}
    for record in _git(session, "ls-files", "-z", "--cached", "--stage").split(b"\0")[:-1]:
        meta, _, path = record.partition(b"\t")
        mode, oid, _ = meta.decode("ascii", "replace").split()
        found[path] = oid if mode == SUBMODULE else ""
    return found


def _git(session: GitSession, *arguments: str) -> bytes:
    done = session.run(*arguments)
    if done.status != 0:
        raise unavailable(
            "source-git",
            f"git {arguments[0]} failed: {done.reason()}",
            hint="run git fsck in the work tree, or name a commit with path@ref",
        )
    return done.out


def _on_disk(root: Path, raw: bytes, folders: dict[bytes, bool]) -> Entry | None:
    """The entry at a path, None where there is none or where a link stands in the way. Remembers folders."""
    base = os.fsencode(root) + b"/"
    folder = raw.rpartition(b"/")[0]
    if folder not in folders:
        parts = folder.split(b"/")
        for count in range(1, len(parts) + 1):
            prefix = b"/".join(parts[:count])
            if prefix not in folders:
                above = folders[prefix.rpartition(b"/")[0]]
                folders[prefix] = above and _is_folder(base + prefix)
    if not folders[folder]:
        return None
    try:
        return _entry(os.lstat(base + raw))
    except (FileNotFoundError, NotADirectoryError):
        return None  # deleted in the work tree; the tree is dirty then
    except OSError as error:
        path = decode_path(raw)
        raise unavailable(
            "source-unreadable", f"cannot look at the file: {error.strerror}", path=path
        ) from error


def _is_folder(path: bytes) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
