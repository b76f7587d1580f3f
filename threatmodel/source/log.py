"""Who changed which paths when: a bounded walk over the history behind a source tree.

Names are those in the commits. Addresses are never asked for; a name that is one is replaced. Configuration, hooks
and `.mailmap` of the repository are not read, so a person with two spellings stays two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from threatmodel.core.errors import SourceUnavailable
from threatmodel.core.text import fold
from threatmodel.source.directory import DirectoryTree
from threatmodel.source.git import GitSession, Repository, shallow_ends, work_tree_repository
from threatmodel.source.gitref import GitRefTree
from threatmodel.source.tree import SourceTree, decode_path, show

MAX_COMMITS = 100_000
_LONGEST_NAME = 120
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_HEADER = re.compile(rb"\n?([0-9a-f]{40}|[0-9a-f]{64}) (\d{1,12}) (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit that is no merge: its author's name, committer's time in Unix seconds, and the paths it changed."""

    id: str
    author: str
    time: int
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The commits of a period, newest first. `unknown` says why they are not all of them; empty where they are."""

    commits: tuple[Commit, ...] = ()
    unknown: str = ""


def read_log(tree: SourceTree, *, since: int, until: int) -> Log:
    """The commits behind a tree whose committer's time (Unix seconds) lies in the period, both ends included.

    Never raises: what cannot be read, or takes too long, makes the history unknown.
    """
    if tree.commit is None:
        return Log(unknown="the source is not under git, so there is no history")
    try:
        return _log(tree, tree.commit, since, until)
    except SourceUnavailable as error:
        return Log(unknown="; ".join(found.message for found in error.diagnostics))


def _log(tree: SourceTree, commit: str, since: int, until: int) -> Log:
    if isinstance(tree, GitRefTree):
        return _read(tree.session, tree.repository, commit, since, until)
    if isinstance(tree, DirectoryTree) and (repository := work_tree_repository(tree.root)) is not None:
        session = GitSession(repository)
        try:
            return _read(session, repository, commit, since, until)
        finally:
            session.close()
    return Log(unknown="the source has no history")


def _read(session: GitSession, repository: Repository, commit: str, since: int, until: int) -> Log:
    done = session.run(
        "log",
        *("-z", "--raw", "--no-abbrev", "--no-renames", "--no-merges", "--no-show-signature"),
        *("--no-mailmap", "--no-notes", "--no-decorate", "--no-color", "--encoding=UTF-8"),
        *("--no-ext-diff", "--no-textconv", "--ignore-submodules=none"),
        f"--max-count={MAX_COMMITS + 1}",
        f"--since=@{max(since, 0)} +0000",  # a bare small number would not be read as seconds
        f"--until=@{max(until, 0)} +0000",
        "--format=%H %ct %an",
        commit,
        "--",
    )
    if done.status != 0:
        return Log(unknown=f"git log failed, the clone may be partial: {show(done.reason())}")
    commits = _parse(done.out)
    ends = shallow_ends(repository)
    known = tuple(item for item in commits if item.id not in ends)
    # A shallow clone ends at a commit that seems to add every file. Ends older than the period are never reached.
    if len(known) < len(commits) or commit in ends:
        return Log(
            commits=known, unknown="the history is shallow, so not all commits of the period are known"
        )
    if len(commits) > MAX_COMMITS:
        return Log(commits=known[:MAX_COMMITS], unknown=f"more than {MAX_COMMITS} commits in the period")
    return Log(commits=known)


def _parse(out: bytes) -> tuple[Commit, ...]:
    """Records of `git log -z --raw`: an entry starts with a colon and its path follows; a header never does so."""
    headers: list[tuple[str, int, str]] = []
    paths: list[list[str]] = []
    tokens = iter(out.split(b"\0"))
    for token in tokens:
        if token.lstrip(b"\n").startswith(b":"):
            path = next(tokens, b"")
            if paths:
                paths[-1].append(decode_path(path))
        elif found := _HEADER.fullmatch(token):
            headers.append((found[1].decode(), int(found[2]), found[3].decode("utf-8", "replace")))
            paths.append([])
    names = _public({name for _, _, name in headers})
    return tuple(
        Commit(id=id_, author=names[name], time=time, paths=tuple(changed))
        for (id_, time, name), changed in zip(headers, paths, strict=True)
    )


def _public(names: set[str]) -> dict[str, str]:
    """Names as they may be shown; a name that holds an address becomes a number, so that it stays one person."""
    out = {}
    hidden = 0
    for name in sorted(names):
        shown = fold(" ".join(name.split()))[:_LONGEST_NAME] or "(no name)"
        if _ADDRESS.search(shown):
            hidden += 1
            shown = f"(an address, {hidden})"
        out[name] = shown
    return out
