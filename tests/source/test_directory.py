from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from threatmodel.core.errors import Exit, SourceUnavailable
from threatmodel.source import MAX_FILE_BYTES, DirectoryTree, FileTooLarge

from .support import COMMIT_TIME, Repo, git, write


def test_plain_directory_lists_files_links_and_no_git_folder(tmp_path: Path) -> None:
    write(tmp_path, {"b/c.txt": b"c", "a.txt": b"aa", "b/.git/config": b"x", "b/.GIT": b"y", ".hidden": b"h"})
    (tmp_path / "link").symlink_to("a.txt")
    os.mkfifo(tmp_path / "pipe")
    tree = DirectoryTree(tmp_path, name="here")
    assert tree.paths() == (".hidden", "a.txt", "b/c.txt")
    assert tree.links() == ("link",)
    assert tree.submodules() == ()
    assert (tree.name, tree.commit, tree.ref, tree.commit_time, tree.dirty) == (
        "here",
        None,
        None,
        None,
        False,
    )
    assert tree.read("a.txt") == b"aa"
    assert tree.size("a.txt") == 2


@pytest.mark.parametrize("path", ["absent", "link", "b", "", "../x", "/etc/passwd", "b/../a.txt"])
def test_unknown_paths_are_key_errors(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"a.txt": b"", "b/c.txt": b""})
    (tmp_path / "link").symlink_to("a.txt")
    tree = DirectoryTree(tmp_path)
    with pytest.raises(KeyError):
        tree.read(path)
    with pytest.raises(KeyError):
        tree.size(path)


def test_links_out_of_the_tree_are_listed_and_never_followed(tmp_path: Path) -> None:
    write(tmp_path, {"outside/secret.txt": b"secret", "root/a.txt": b"a"})
    root = tmp_path / "root"
    (root / "file").symlink_to("../outside/secret.txt")
    (root / "folder").symlink_to("../outside")
    (root / "loop").symlink_to(".")
    tree = DirectoryTree(root)
    assert tree.paths() == ("a.txt",)
    assert tree.links() == ("file", "folder", "loop")


def test_a_folder_swapped_for_a_link_after_the_listing_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"outside/x.txt": b"secret", "root/sub/x.txt": b"mine", "root/sub/y.txt": b"mine"})
    root = tmp_path / "root"
    tree = DirectoryTree(root)
    shutil.rmtree(root / "sub")
    (root / "sub").symlink_to("../outside")
    with pytest.raises(SourceUnavailable, match=r"sub/x\.txt"):
        tree.read("sub/x.txt")
    with pytest.raises(SourceUnavailable):
        tree.digest()


def test_a_file_swapped_for_a_link_or_a_pipe_after_the_listing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1", "b": b"2", "c": b"3"})
    tree = DirectoryTree(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).unlink()
    (tmp_path / "a").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "b")
    for name in ("a", "b"):
        with pytest.raises(SourceUnavailable):
            tree.read(name)


def test_the_root_itself_may_be_named_through_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"root/a": b"1"})
    (tmp_path / "alias").symlink_to("root")
    assert DirectoryTree(tmp_path / "alias").read("a") == b"1"


def test_missing_empty_and_file_instead_of_directory_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path, {"file": b""})
    (tmp_path / "empty" / "deeper").mkdir(parents=True)
    for name, code in (("absent", "source-missing"), ("file", "source-missing"), ("empty", "source-empty")):
        with pytest.raises(SourceUnavailable) as caught:
            DirectoryTree(tmp_path / name, name=name)
        assert caught.value.diagnostics[0].code == code
        assert caught.value.diagnostics[0].hint
        assert caught.value.exit is Exit.INCOMPLETE


def test_a_huge_file_is_listed_and_not_read(tmp_path: Path) -> None:
    for name, size in (("at-limit", MAX_FILE_BYTES), ("over", MAX_FILE_BYTES + 1)):
        with (tmp_path / name).open("wb") as handle:
            handle.truncate(size)
    tree = DirectoryTree(tmp_path)
    assert len(tree.read("at-limit")) == MAX_FILE_BYTES
    with pytest.raises(FileTooLarge) as caught:
        tree.read("over")
    assert (caught.value.path, caught.value.size) == ("over", MAX_FILE_BYTES + 1)
    assert isinstance(caught.value, SourceUnavailable)


def test_a_file_that_grows_over_the_limit_after_the_listing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a": b"1"})
    tree = DirectoryTree(tmp_path)
    with (tmp_path / "a").open("wb") as handle:
        handle.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(FileTooLarge):
        tree.read("a")


def test_odd_names_round_trip_and_are_shown_folded(tmp_path: Path) -> None:
    raw = b"new\nline \xff\xe2\x80\xae.txt"
    (tmp_path / os.fsdecode(raw)).write_bytes(b"odd")
    tree = DirectoryTree(tmp_path, name="tree\u202e\x1b")
    (path,) = tree.paths()
    assert path.encode("utf-8", "surrogateescape") == raw
    assert tree.read(path) == b"odd"
    assert tree.name == "tree<U+202E><U+001B>"
    (tmp_path / os.fsdecode(raw)).unlink()
    with pytest.raises(SourceUnavailable) as caught:
        tree.read(path)
    assert "new<U+000A>line <U+DCFF><U+202E>.txt" in str(caught.value)


def test_digest_is_what_its_documentation_says(tmp_path: Path) -> None:
    write(tmp_path, {"b": b"two", "a/x": b"one"})
    (tmp_path / "b").chmod(0o755)
    (tmp_path / "l").symlink_to("b")
    one, two, link = (hashlib.sha256(content).hexdigest() for content in (b"one", b"two", b"b"))
    listed = f"source-tree-1|100644 sha256:{one}|a/x|100755 sha256:{two}|b|120000 sha256:{link}|l|"
    text = listed.replace("|", "\0")
    assert DirectoryTree(tmp_path).digest() == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("change", ["content", "mode", "name", "link"])
def test_digest_sees_every_kind_of_change(tmp_path: Path, change: str) -> None:
    write(tmp_path, {"a": b"1", "b": b"2"})
    (tmp_path / "l").symlink_to("a")
    before = DirectoryTree(tmp_path).digest()
    if change == "content":
        (tmp_path / "a").write_bytes(b"x")
    elif change == "mode":
        (tmp_path / "a").chmod(0o755)
    elif change == "name":
        (tmp_path / "a").rename(tmp_path / "c")
    else:
        (tmp_path / "l").unlink()
        (tmp_path / "l").symlink_to("b")
    assert DirectoryTree(tmp_path).digest() != before


def test_work_tree_has_tracked_and_untracked_files_without_ignored_ones(repo: Repo) -> None:
    write(repo.root, {".gitignore": b"*.o\n", "x.o": b"", "build/y.o": b"", "kept.o": b"", "new.txt": b""})
    repo.git("add", "--force", "kept.o", ".gitignore")
    tree = DirectoryTree(repo.root)
    assert tree.paths() == (".gitignore", "a.txt", "dir/b.txt", "kept.o", "new.txt", "run.sh")
    assert tree.commit == repo.git("rev-parse", "HEAD")
    assert tree.commit_time == COMMIT_TIME
    assert tree.dirty


def test_clean_work_tree(repo: Repo) -> None:
    assert not DirectoryTree(repo.root).dirty


@pytest.mark.parametrize("change", ["edit", "delete", "untracked", "staged", "skip-worktree"])
def test_dirty_work_trees(repo: Repo, change: str) -> None:
    if change == "edit":
        (repo.root / "a.txt").write_bytes(b"changed")
    elif change == "delete":
        (repo.root / "a.txt").unlink()
    elif change == "untracked":
        write(repo.root, {"new": b""})
    elif change == "staged":
        repo.git("rm", "--quiet", "--cached", "a.txt")
    else:
        repo.git("update-index", "--skip-worktree", "a.txt")
        (repo.root / "a.txt").unlink()
    assert DirectoryTree(repo.root).dirty


def test_work_tree_before_the_first_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {"a": b"1"})
    tree = DirectoryTree(tmp_path)
    assert (tree.paths(), tree.commit, tree.commit_time, tree.dirty) == (("a",), None, None, True)


def test_tracked_file_behind_a_linked_folder_is_not_part_of_the_tree(repo: Repo, tmp_path: Path) -> None:
    write(tmp_path, {"outside/b.txt": b"secret"})
    shutil.rmtree(repo.root / "dir")
    (repo.root / "dir").symlink_to("../outside")
    tree = DirectoryTree(repo.root)
    assert tree.paths() == ("a.txt", "run.sh")
    assert tree.links() == ("dir",)
    assert tree.dirty


def test_submodules_and_nested_repositories_are_named_and_not_entered(repo: Repo) -> None:
    commit = repo.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/sub")
    write(repo.root, {"nested/c.txt": b"c"})
    git(repo.root / "nested", "init", "--quiet")
    Repo(repo.root / "nested").commit()
    tree = DirectoryTree(repo.root)
    assert tree.submodules() == ("nested", "vendor/sub")
    assert tree.paths() == ("a.txt", "dir/b.txt", "run.sh")


def test_linked_work_tree_has_its_own_head_and_index(repo: Repo, tmp_path: Path) -> None:
    write(repo.root, {"later.txt": b""})
    later = repo.commit()
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "v1")
    tree = DirectoryTree(tmp_path / "linked")
    assert tree.paths() == ("a.txt", "dir/b.txt", "run.sh")
    assert tree.commit == repo.git("rev-parse", "v1") != later
    assert not tree.dirty


def test_folder_inside_a_work_tree_is_a_plain_directory(repo: Repo) -> None:
    tree = DirectoryTree(repo.root / "dir")
    assert (tree.paths(), tree.commit) == (("b.txt",), None)


@pytest.mark.parametrize("index", [b"broken", b"DIRC\0\0\0\x02\xff\xff\xff\xff"])
def test_a_broken_index_is_an_error_with_gits_reason(repo: Repo, index: bytes) -> None:
    (repo.root / ".git" / "index").write_bytes(index)
    with pytest.raises(SourceUnavailable, match="git ls-files failed"):
        DirectoryTree(repo.root)


def test_split_index_is_understood(repo: Repo) -> None:
    repo.git("update-index", "--split-index")
    tree = DirectoryTree(repo.root)
    assert tree.paths() == ("a.txt", "dir/b.txt", "run.sh")
    assert not tree.dirty


@pytest.mark.parametrize("dot_git", [b"", b"nonsense", b"gitdir: /absent", b"gitdir: \xff\n"])
def test_a_git_file_that_leads_nowhere_makes_a_plain_directory(tmp_path: Path, dot_git: bytes) -> None:
    write(tmp_path, {".git": dot_git, "a": b"1"})
    tree = DirectoryTree(tmp_path)
    assert (tree.paths(), tree.commit) == (("a",), None)
