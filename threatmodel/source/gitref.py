"""A source tree read straight from a git repository's objects, without a checkout."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from threatmodel.source.blobs import PARTIAL_HINT, ObjectReader
from threatmodel.source.git import GitSession, commit_seconds, find_repository
from threatmodel.source.tree import (
    EXECUTABLE,
    FILE,
    LINK,
    MAX_PATHS,
    SUBMODULE,
    BaseTree,
    Entry,
    decode_path,
    show,
    unavailable,
    usage,
)

_FULL_ID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-zA-Z])")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_MODES = {"100644": FILE, "100664": FILE, "100755": EXECUTABLE, "120000": LINK, "160000": SUBMODULE}


class GitRefTree(BaseTree):
    """The tree of one commit of a work tree, bare repository or shallow clone.

    `ref` is any revision that git understands. Repository configuration, hooks, attributes, replace refs and
    grafts are not looked at, nothing is fetched. Close it, or use it as a context manager.

    A commit of which a file's content is missing is refused. With `partial` it is opened all the same, and reading that
    file raises SourceUnavailable.
    """

    def __init__(self, repo: Path, ref: str, *, name: str = "", partial: bool = False) -> None:
        """Raises: UsageError for a malformed ref or one with two meanings, SourceUnavailable for all else."""
        check_ref(ref)
        self.name = show(name or f"{repo}@{ref}")
        self.ref = ref
        self.dirty = False
        repository = find_repository(repo)
        if repository is None:
            raise unavailable(
                "source-no-repository",
                f"{self.name}: not a git repository",
                hint="name the top of a work tree or a bare repository",
            )
        self.repository = repository
        self.session = GitSession(repository)
        self._reader = ObjectReader(self.session)
        try:
            self.commit = _resolve(self.session, ref, self.name)
            self.commit_time = self._commit_time(self.commit)
            super().__init__(_entries(self.session, self.commit, partial=partial))
        except BaseException:
            self.close()
            raise

    def _commit_time(self, commit: str) -> int | None:
        pieces: list[bytes] = []
        self._reader.copy(commit, "commit", pieces.append)
        return commit_seconds(b"".join(pieces))

    def copy(self, path: str, sink: Callable[[bytes], object]) -> None:
        self._reader.copy(self._file(path).oid, "blob", sink)

    def _content(self, path: str, entry: Entry) -> str:  # noqa: ARG002 - the same signature for every tree
        return f"git:{entry.oid}"

    def close(self) -> None:
        self._reader.close()
        self.session.close()


def check_ref(ref: str) -> None:
    """Raises: UsageError for a ref that is empty, overlong, unprintable or could pass for an option."""
    if not ref or ref.startswith("-") or len(ref) > 255 or not ref.isprintable():
        raise usage(
            "source-ref", f'"{ref[:255]}" cannot name a git ref', hint="name a tag, a branch or a commit id"
        )


def commit_of(session: GitSession, revision: str) -> str:
    """The id of the commit that the revision names, or an empty text."""
    found = session.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    commit = found.out.decode("ascii", "replace").strip()
    return commit if found.status == 0 and _COMMIT.fullmatch(commit) else ""


def _resolve(session: GitSession, ref: str, name: str) -> str:
    found = session.run("rev-parse", "--verify", f"{ref}^{{commit}}")
    if not _FULL_ID.match(ref) and any(b"refname" in w and b"ambiguous" in w for w in found.err.splitlines()):
        raise usage(
            "source-ref",
            f"{name}: the name stands for a tag and a branch, or for a commit and one of them",
            hint="write refs/tags/… or refs/heads/…, so that no second name decides",
        )
    commit = found.out.decode("ascii", "replace").strip()
    if found.status != 0 or not _COMMIT.fullmatch(commit):
        raise unavailable(
            "source-ref-unknown",
            f"{name}: the repository has no commit for this ref",
            hint="look at `git tag`; a shallow clone holds only what was fetched",
        )
    return commit


def _entries(session: GitSession, commit: str, *, partial: bool) -> dict[str, Entry]:
    listing = session.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    if listing.status != 0:
        raise unavailable(
            "source-git",
            f"cannot list the files of {commit}: {listing.reason()}",
            hint=PARTIAL_HINT,
        )
    records = listing.out.split(b"\0")[:-1]
    if len(records) > MAX_PATHS:
        raise unavailable(
            "source-too-large", f"the tree has {len(records)} entries, the limit is {MAX_PATHS}"
        )
    entries: dict[str, Entry] = {}
    for record in records:
        meta, _, raw = record.partition(b"\t")
        mode, _, oid, size = meta.decode("ascii", "replace").split()
        path = decode_path(raw)
        if mode not in _MODES or path in entries:
            raise unavailable(
                "source-malformed", "the git tree lists a path twice or with an odd mode", path=path
            )
        if not size.isdigit() and mode != SUBMODULE and not partial:
            raise unavailable(
                "source-object-missing", f"object {oid} is missing", path=path, hint=PARTIAL_HINT
            )
        entries[path] = Entry(mode=_MODES[mode], size=int(size) if size.isdigit() else 0, oid=oid)
    return entries
