from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from threatmodel.core.errors import SourceUnavailable, UsageError
from threatmodel.source import MAX_FILE_BYTES, DirectoryTree, FileTooLarge, GitRefTree, SourceTree

from .support import COMMIT_TIME, Repo, git, write


def _same(one: SourceTree, other: SourceTree) -> bool:
    return one.paths() == other.paths() and all(one.read(path) == other.read(path) for path in one.paths())


def test_a_ref_is_read_without_a_checkout(repo: Repo) -> None:
    commit = repo.git("rev-parse", "HEAD")
    write(repo.root, {"a.txt": b"edited", "untracked": b""})
    with GitRefTree(repo.root, "v1") as tree:
        assert tree.paths() == ("a.txt", "dir/b.txt", "run.sh")
        assert [tree.read(path) for path in tree.paths()] == [b"alpha\n", b"beta\r\n", b"#!/bin/sh\n"]
        assert (tree.commit, tree.ref, tree.commit_time, tree.dirty) == (commit, "v1", COMMIT_TIME, False)
        assert tree.size("dir/b.txt") == 6
        assert tree.name == f"{repo.root}@v1"


@pytest.mark.parametrize("ref", ["v1", "main", "HEAD", "refs/tags/v1", "annotated", "main~1"])
def test_what_can_name_a_commit(repo: Repo, ref: str) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.git("tag", "--annotate", "--message", "text", "annotated", "v1")
    second = repo.commit()
    with GitRefTree(repo.root, ref) as tree:
        assert tree.commit == (second if ref in {"main", "HEAD"} else first)


def test_full_and_short_commit_ids(repo: Repo) -> None:
    commit = repo.git("rev-parse", "HEAD")
    for ref in (commit, commit[:12]):
        with GitRefTree(repo.root, ref) as tree:
            assert tree.commit == commit


@pytest.mark.parametrize("ref", ["-v", "--output=x", "", "a\nb", "x" * 256, "v1\0"])
def test_malformed_refs_are_usage_errors(repo: Repo, ref: str) -> None:
    with pytest.raises(UsageError, match="cannot name a git ref"):
        GitRefTree(repo.root, ref)


@pytest.mark.parametrize(
    "ref", ["absent", "v1:a.txt", "v1^{tree}", "0" * 40, "HEAD..v1", "^v1", "a b", ":/nothing"]
)
def test_refs_without_a_commit_are_unavailable(repo: Repo, ref: str) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        GitRefTree(repo.root, ref)
    assert caught.value.diagnostics[0].code == "source-ref-unknown"


def test_not_a_repository(tmp_path: Path, repo: Repo) -> None:
    for path in (tmp_path / "absent", tmp_path, repo.root / "dir"):
        with pytest.raises(SourceUnavailable, match="not a git repository"):
            GitRefTree(path, "v1")


def test_bare_shallow_and_linked_repositories_show_the_same_tree(repo: Repo, tmp_path: Path) -> None:
    repo.commit("v2")
    git(tmp_path, "clone", "--quiet", "--bare", str(repo.root), "bare.git")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo.root}", "shallow")
    git(tmp_path, "clone", "--quiet", "--shared", str(repo.root), "shared")
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "v1")
    with GitRefTree(repo.root, "v2") as original:
        for name in ("bare.git", "shallow", "shared", "linked", "repo/.git"):
            with GitRefTree(tmp_path / name, "v2") as tree:
                assert _same(tree, original)
                assert (tree.commit, tree.digest()) == (original.commit, original.digest())


def test_what_a_shallow_clone_does_not_hold_is_unavailable(repo: Repo, tmp_path: Path) -> None:
    repo.commit("v2")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo.root}", "shallow")
    with pytest.raises(SourceUnavailable, match="shallow clone holds only what was fetched"):
        GitRefTree(tmp_path / "shallow", "v1")


def test_sha256_repositories(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256")
    write(tmp_path, {"a": b"1"})
    commit = Repo(tmp_path).commit("v1")
    assert len(commit) == 64
    with GitRefTree(tmp_path, "v1") as tree:
        assert (tree.commit, tree.read("a")) == (commit, b"1")


def test_links_and_gitlinks_are_listed_and_not_read(repo: Repo) -> None:
    (repo.root / "out").symlink_to("/etc/passwd")
    (repo.root / "folder").symlink_to("dir")
    repo.git("add", "--all")
    commit = repo.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/sub")
    repo.git("commit", "--quiet", "--message", "links")
    with GitRefTree(repo.root, "HEAD") as tree:
        assert tree.paths() == ("a.txt", "dir/b.txt", "run.sh")
        assert tree.links() == ("folder", "out")
        assert tree.submodules() == ("vendor/sub",)
        for path in (*tree.links(), *tree.submodules(), "folder/b.txt", "dir", "absent"):
            with pytest.raises(KeyError):
                tree.read(path)


def test_odd_names_round_trip(repo: Repo) -> None:
    raw = b"new\nline\t\xff\"'.txt"
    write(repo.root, {raw.decode("utf-8", "surrogateescape"): b"odd\n\n"})
    repo.commit("odd")
    for tree in (GitRefTree(repo.root, "odd"), DirectoryTree(repo.root)):
        with tree:
            (path,) = set(tree.paths()) - {"a.txt", "dir/b.txt", "run.sh"}
            assert path.encode("utf-8", "surrogateescape") == raw
            assert tree.read(path) == b"odd\n\n"


def test_huge_file(repo: Repo, tmp_path: Path) -> None:
    with (repo.root / "huge").open("wb") as handle:
        handle.truncate(MAX_FILE_BYTES + 1)
    repo.commit("huge")
    with GitRefTree(repo.root, "huge") as tree:
        with pytest.raises(FileTooLarge, match="nothing in it was checked"):
            tree.read("huge")
        assert tree.size("huge") == MAX_FILE_BYTES + 1
        tree.materialise(tmp_path / "out")
    assert (tmp_path / "out" / "huge").stat().st_size == MAX_FILE_BYTES + 1


def test_digest_is_what_its_documentation_says(repo: Repo) -> None:
    (repo.root / "l").symlink_to("a.txt")
    repo.commit("v2")
    listed = [line.split() for line in repo.git("ls-tree", "-r", "v2").splitlines()]
    text = "source-tree-1\0" + "".join(f"{mode} git:{oid}\0{path}\0" for mode, _, oid, path in listed)
    with GitRefTree(repo.root, "v2") as tree:
        assert tree.digest() == hashlib.sha256(text.encode()).hexdigest()


def test_commits_with_equal_trees_have_equal_digests(repo: Repo) -> None:
    repo.commit("same")
    write(repo.root, {"a.txt": b"other"})
    repo.commit("other")
    digests = []
    for ref in ("v1", "same", "other"):
        with GitRefTree(repo.root, ref) as tree:
            digests.append(tree.digest())
    assert digests[0] == digests[1] != digests[2]


def test_many_threads_may_read_at_once(repo: Repo) -> None:
    files = {f"many/{number}": f"{number}\n".encode() * (number + 1) for number in range(200)}
    write(repo.root, files)
    repo.commit("many")
    with GitRefTree(repo.root, "many") as tree, ThreadPoolExecutor(8) as pool:
        got = dict(zip(files, pool.map(tree.read, files), strict=True))
    assert got == files


def test_a_sink_that_fails_half_way_does_not_spoil_later_reads(repo: Repo) -> None:
    write(repo.root, {"big": bytes(1_000_000)})
    repo.commit("big")

    def fail(piece: bytes) -> None:
        raise OSError(f"full after {len(piece)}")

    with GitRefTree(repo.root, "big") as tree:
        with pytest.raises(OSError, match="full after"):
            tree.copy("big", fail)
        assert tree.read("a.txt") == b"alpha\n"


def test_a_missing_object_is_told_with_a_hint(repo: Repo) -> None:
    with GitRefTree(repo.root, "v1") as tree:
        oid = repo.git("rev-parse", "v1:a.txt")
        (repo.root / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
        with pytest.raises(SourceUnavailable, match="fetch all objects"):
            tree.read("a.txt")
        assert tree.read("dir/b.txt") == b"beta\r\n"
    with pytest.raises(SourceUnavailable, match=r"a\.txt .*is missing"):
        GitRefTree(repo.root, "v1")
    with GitRefTree(repo.root, "v1", partial=True) as tree:
        assert tree.paths() == ("a.txt", "dir/b.txt", "run.sh")
        assert tree.read("dir/b.txt") == b"beta\r\n"
        with pytest.raises(SourceUnavailable, match="fetch all objects"):
            tree.read("a.txt")
        with pytest.raises(SourceUnavailable, match="fetch all objects"):
            tree.materialise(repo.root.parent / "copy")


def test_an_empty_tree_is_an_error(repo: Repo) -> None:
    repo.raw_commit(b"", "empty")
    with pytest.raises(SourceUnavailable, match="holds no files"):
        GitRefTree(repo.root, "empty")


@pytest.mark.parametrize("name", [b"..", b".", b".git", b".GiT"])
def test_trees_with_unsafe_names_are_refused(repo: Repo, name: bytes) -> None:
    blob = repo.blob(b"x")
    repo.raw_commit(b"100644 " + name + b"\0" + blob, "odd")
    with pytest.raises(SourceUnavailable) as caught:
        GitRefTree(repo.root, "odd")
    assert caught.value.diagnostics[0].code == "source-unsafe-path"


@pytest.mark.parametrize("names", [(b"a", b"a"), (b"/etc/x",), (b"a//b",), (b"../x",)])
def test_trees_that_no_git_would_write_are_refused(repo: Repo, names: tuple[bytes, ...]) -> None:
    blob = repo.blob(b"x")
    repo.raw_commit(b"".join(b"100644 " + name + b"\0" + blob for name in names), "odd")
    with pytest.raises(SourceUnavailable):
        GitRefTree(repo.root, "odd")


def test_a_commit_with_a_malformed_time_has_none(repo: Repo) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    raw = (
        f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter C <c@d> soon\n\ncommitter X <x@y> 5 +0000\n".encode()
    )
    commit = repo.git("hash-object", "-t", "commit", "--literally", "-w", "--stdin", stdin=raw)
    with GitRefTree(repo.root, commit) as opened:
        assert opened.commit_time is None


def test_closing_twice_is_fine_and_leaves_nothing_behind(repo: Repo) -> None:
    tree = GitRefTree(repo.root, "v1")
    tree.close()
    tree.close()
    with pytest.raises(SourceUnavailable, match="was closed"):
        tree.read("a.txt")


def test_a_name_with_two_meanings_is_refused(repo: Repo) -> None:
    commit = repo.git("rev-parse", "v1")
    for name in ("v1", commit[:12], commit):
        repo.git("update-ref", f"refs/heads/{name}", "HEAD")
    for name in ("v1", commit[:12], "v1~0"):
        with pytest.raises(UsageError, match="tag and a branch"):
            GitRefTree(repo.root, name)
    for name in ("refs/tags/v1", commit):
        with GitRefTree(repo.root, name) as opened:
            assert opened.commit == commit
