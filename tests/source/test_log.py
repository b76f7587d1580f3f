"""The history behind a tree: bounded, without the repository's configuration, honest where it is not whole."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from threatmodel.source import DirectoryTree, GitRefTree, Log, read_log

from .support import COMMIT_TIME, Repo, git, write

YEAR = 365 * 86_400
ALL = (0, COMMIT_TIME + 10 * YEAR)


def commit(repo: Repo, author: str, files: dict[str, bytes], *, at: int, email: str = "e@example.org") -> str:
    """A commit of another person at another time."""
    write(repo.root, files)
    repo.git("add", "--all")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(repo.root),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": author,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": "C",
        "GIT_COMMITTER_EMAIL": "c@example.org",
        "GIT_AUTHOR_DATE": f"{at} +0000",
        "GIT_COMMITTER_DATE": f"{at} +0000",
    }
    command = ["git", "commit", "--quiet", "--allow-empty", "--message", "more"]
    subprocess.run(command, cwd=repo.root, env=environment, check=True, capture_output=True)
    return repo.git("rev-parse", "HEAD")


def log_of(repo: Path, ref: str = "HEAD", since: int = ALL[0], until: int = ALL[1]) -> Log:
    with GitRefTree(repo, ref) as tree:
        return read_log(tree, since=since, until=until)


def test_authors_times_and_paths_newest_first(repo: Repo) -> None:
    newest = commit(repo, "Ada", {"a.txt": b"2", "new/é\n.txt": b""}, at=COMMIT_TIME + 60)
    log = log_of(repo.root)
    assert log.unknown == ""
    assert [(item.id == newest, item.author, item.time) for item in log.commits] == [
        (True, "Ada", COMMIT_TIME + 60),
        (False, "A", COMMIT_TIME),
    ]
    assert set(log.commits[0].paths) == {"a.txt", "new/é\n.txt"}
    assert set(log.commits[1].paths) == {"a.txt", "dir/b.txt", "run.sh"}


@pytest.mark.parametrize(
    ("since", "until", "count"),
    [
        (COMMIT_TIME, COMMIT_TIME + 60, 2),
        (COMMIT_TIME + 1, COMMIT_TIME + 60, 1),
        (COMMIT_TIME, COMMIT_TIME, 1),
    ],
)
def test_both_ends_of_the_period_belong_to_it(repo: Repo, since: int, until: int, count: int) -> None:
    commit(repo, "Ada", {"a.txt": b"2"}, at=COMMIT_TIME + 60)
    assert len(log_of(repo.root, since=since, until=until).commits) == count


def test_only_what_is_behind_the_ref(repo: Repo) -> None:
    commit(repo, "Ada", {"a.txt": b"2"}, at=COMMIT_TIME + 60)
    assert [item.author for item in log_of(repo.root, "v1").commits] == ["A"]


def test_merges_are_left_out(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, "Ada", {"side.txt": b""}, at=COMMIT_TIME + 60)
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--message", "merge", "side")
    assert sorted(item.author for item in log_of(repo.root).commits) == ["A", "Ada"]


def test_work_tree_bare_and_linked_repositories_say_the_same(repo: Repo, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", f"file://{repo.root}", "bare.git")
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "v1")
    expected = log_of(repo.root).commits
    assert log_of(tmp_path / "bare.git").commits == expected
    assert read_log(DirectoryTree(repo.root), since=ALL[0], until=ALL[1]).commits == expected
    assert read_log(DirectoryTree(tmp_path / "linked"), since=ALL[0], until=ALL[1]).commits == expected


def test_a_shallow_history_is_not_known(repo: Repo, tmp_path: Path) -> None:
    commit(repo, "Ada", {"a.txt": b"2"}, at=COMMIT_TIME + 60)
    commit(repo, "Bob", {"a.txt": b"3"}, at=COMMIT_TIME + 120)
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{repo.root}", "shallow")
    log = log_of(tmp_path / "shallow")
    assert "shallow" in log.unknown
    assert [item.author for item in log.commits] == ["Bob"]


def test_a_shallow_history_that_reaches_beyond_the_period_is_known(repo: Repo, tmp_path: Path) -> None:
    commit(repo, "Ada", {"a.txt": b"2"}, at=COMMIT_TIME + YEAR)
    commit(repo, "Bob", {"a.txt": b"3"}, at=COMMIT_TIME + 3 * YEAR)
    git(tmp_path, "clone", "--quiet", "--depth=2", f"file://{repo.root}", "shallow")
    log = log_of(tmp_path / "shallow", since=COMMIT_TIME + 2 * YEAR)
    assert (log.unknown, [item.author for item in log.commits]) == ("", ["Bob"])


def test_a_folder_without_git_has_no_history(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": b""})
    assert "not under git" in read_log(DirectoryTree(tmp_path), since=0, until=1).unknown


def test_a_clone_without_trees_is_not_known(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    commit(repo, "Ada", {"dir/b.txt": b"2"}, at=COMMIT_TIME + 60)
    git(tmp_path, "clone", "--quiet", "--bare", f"file://{repo.root}", "whole.git")
    tree = git(tmp_path / "whole.git", "rev-parse", "v1:dir")
    git(tmp_path / "whole.git", "unpack-objects", stdin=_packs(tmp_path / "whole.git"))
    (tmp_path / "whole.git" / "objects" / tree[:2] / tree[2:]).unlink()
    assert "git log failed" in log_of(tmp_path / "whole.git").unknown


def _packs(repository: Path) -> bytes:
    """The content of the only pack, taken away so that its objects can lie alone."""
    (pack,) = (repository / "objects" / "pack").glob("*.pack")
    data = pack.read_bytes()
    for item in (repository / "objects" / "pack").iterdir():
        item.unlink()
    return data


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ada@example.org", "(an address, 1)"),
        ("Ada ada@example.org", "(an address, 1)"),
        ("A\u202eda", "A<U+202E>da"),
        ("x" * 300, "x" * 120),
        ("Ada  Love\tlace", "Ada Love lace"),
        (":100644 100644 a b M", "100644 100644 a b M"),
    ],
)
def test_names_are_made_fit_to_be_shown(repo: Repo, name: str, shown: str) -> None:
    commit(repo, name, {"a.txt": b"2"}, at=COMMIT_TIME + 60, email="secret@example.org")
    log = log_of(repo.root)
    assert log.commits[0].author == shown
    assert log.commits[0].paths == ("a.txt",)
    assert "secret" not in repr(log)


def test_two_addresses_stay_two_people(repo: Repo) -> None:
    commit(repo, "ada@example.org", {"a.txt": b"2"}, at=COMMIT_TIME + 60)
    commit(repo, "bob@example.org", {"a.txt": b"3"}, at=COMMIT_TIME + 120)
    assert len({item.author for item in log_of(repo.root).commits}) == 3


def test_mailmap_and_configuration_are_not_read(repo: Repo, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{marker}'\n")
    trap.chmod(0o755)
    write(
        repo.root,
        {".mailmap": b"Mallory <m@example.org> A <a@example.org>\n", ".gitattributes": b"* diff=e\n"},
    )
    repo.commit()
    for key, value in (
        ("diff.e.textconv", str(trap)),
        ("diff.e.command", str(trap)),
        ("diff.external", str(trap)),
        ("core.pager", str(trap)),
        ("gpg.program", str(trap)),
        ("log.showSignature", "true"),
        ("log.mailmap", "true"),
        ("log.follow", "true"),
        ("format.pretty", "oneline"),
        ("diff.orderFile", "/dev/full"),
        ("diff.renames", "copies"),
    ):
        repo.git("config", key, value)
    log = log_of(repo.root)
    assert {item.author for item in log.commits} == {"A"}
    assert not marker.exists()


def test_a_path_that_looks_like_a_header_stays_a_path(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    odd = f"{first} {COMMIT_TIME} Mallory"
    commit(repo, "Ada", {odd: b"", ":100644 x": b""}, at=COMMIT_TIME + 60)
    log = log_of(repo.root)
    assert [item.author for item in log.commits] == ["Ada", "A"]
    assert set(log.commits[0].paths) == {odd, ":100644 x"}
