from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.core.errors import SourceUnavailable, UsageError
from threatmodel.source import DirectoryTree, GitRefTree, SourceTree
from threatmodel.source.tree import BaseTree, Entry, check_path, decode_path, encode_path

from .support import COMMIT_TIME, Repo, write


def _state(root: Path) -> Iterator[tuple[str, int, int, bytes]]:
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        yield str(path.relative_to(root)), status.st_mode, int(status.st_mtime), content


@pytest.mark.parametrize("opener", [DirectoryTree, lambda root: GitRefTree(root, "v1")])
def test_files_only_with_fixed_modes_and_times(
    repo: Repo, tmp_path: Path, opener: Callable[[Path], SourceTree]
) -> None:
    (repo.root / "link").symlink_to("a.txt")
    repo.commit()
    repo.git("tag", "--force", "v1")
    (repo.root / "a.txt").chmod(0o600)
    with opener(repo.root) as tree:
        old = os.umask(0o077)
        try:
            tree.materialise(tmp_path / "one" / "deep")
        finally:
            os.umask(old)
        tree.materialise(tmp_path / "two")
    file, program, folder = stat.S_IFREG | 0o644, stat.S_IFREG | 0o755, stat.S_IFDIR | 0o755
    assert list(_state(tmp_path / "two")) == [
        ("a.txt", file, COMMIT_TIME, b"alpha\n"),
        ("dir", folder, COMMIT_TIME, b""),
        ("dir/b.txt", file, COMMIT_TIME, b"beta\r\n"),
        ("run.sh", program, COMMIT_TIME, b"#!/bin/sh\n"),
    ]
    assert list(_state(tmp_path / "one" / "deep")) == list(_state(tmp_path / "two"))


def test_a_destination_in_use_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"src/a": b"1", "used/b": b"2", "file": b""})
    tree = DirectoryTree(tmp_path / "src")
    for name in ("used", "file"):
        with pytest.raises(UsageError):
            tree.materialise(tmp_path / name)
    assert (tmp_path / "used" / "b").read_bytes() == b"2"
    (tmp_path / "empty").mkdir()
    tree.materialise(tmp_path / "empty")
    assert (tmp_path / "empty" / "a").read_bytes() == b"1"


def test_names_that_the_file_system_cannot_hold_are_told(repo: Repo, tmp_path: Path) -> None:
    repo.raw_commit(b"100644 " + b"n" * 300 + b"\0" + repo.blob(b"x"), "long")
    with (
        GitRefTree(repo.root, "long") as tree,
        pytest.raises(SourceUnavailable, match="cannot write the file"),
    ):
        tree.materialise(tmp_path / "out")


class _Fake(BaseTree):
    def __init__(self, paths: list[str], size: int = 1) -> None:
        self.name = "fake"
        self.commit = self.ref = self.commit_time = None
        self.dirty = False
        super().__init__({path: Entry(mode="100644", size=size) for path in paths})

    def copy(self, path: str, sink: Callable[[bytes], object]) -> None:
        sink(path.encode("utf-8", "surrogateescape"))

    def _content(self, path: str, entry: Entry) -> str:
        return f"sha256:{path}:{entry.size}"


@pytest.mark.parametrize(
    "path", ["..", "../x", "a/../b", "/x", "a//b", "a/", "./a", ".git/config", "a/.GIT", "a\0b", ""]
)
def test_unsafe_paths_are_refused(path: str) -> None:
    with pytest.raises(SourceUnavailable, match="source-unsafe-path"):
        _Fake(["ok", path])


@pytest.mark.parametrize("path", ["...", "..a", "a..", ".gitignore", ".github/x", "a\\b", " ", "-rf", "a\nb"])
def test_odd_but_safe_paths_are_kept(path: str, tmp_path: Path) -> None:
    tree = _Fake([path])
    tree.materialise(tmp_path / "out")
    assert DirectoryTree(tmp_path / "out").paths() == (path,)


def test_a_file_that_is_also_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="cannot write"):
        _Fake(["a", "a/b"]).materialise(tmp_path / "out")


def test_a_tree_that_would_fill_the_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="more than the limit"):
        _Fake(["a", "b"], size=5 * 1024**3).materialise(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@given(st.binary())
def test_path_bytes_round_trip(raw: bytes) -> None:
    assert encode_path(decode_path(raw)) == raw


@given(st.text(alphabet="/.ag\\", max_size=12))
def test_a_checked_path_stays_below_its_root(path: str) -> None:
    try:
        check_path(path)
    except SourceUnavailable:
        return
    assert os.path.normpath(f"/root/{path}") == f"/root/{path}"


@given(st.sets(st.text(alphabet="ab", min_size=1, max_size=3), min_size=1), st.randoms())
def test_listing_and_digest_do_not_depend_on_order(paths: set[str], random: object) -> None:
    ordered = sorted(paths)
    one, other = _Fake(ordered), _Fake(ordered[::-1])
    assert one.paths() == other.paths() == tuple(ordered)
    assert one.digest() == other.digest()
