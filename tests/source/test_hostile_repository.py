"""What a repository may hold that makes git run programs or show another tree; each must stay without effect."""

from __future__ import annotations

from pathlib import Path

import pytest

from threatmodel.core.errors import SourceUnavailable
from threatmodel.source import DirectoryTree, GitRefTree

from .support import Repo, git, write


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "it-ran"


@pytest.fixture
def trap(tmp_path: Path, marker: Path) -> Path:
    """A program that leaves a marker and passes its input on."""
    program = tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch '{marker}'\nexec cat\n", encoding="utf-8")
    program.chmod(0o755)
    return program


def _open_both(root: Path) -> None:
    DirectoryTree(root).digest()
    with GitRefTree(root, "v1") as tree:
        for path in tree.paths():
            tree.read(path)


@pytest.mark.parametrize("key", ["core.fsmonitor", "filter.evil.clean"])
def test_the_trap_works(repo: Repo, trap: Path, marker: Path, key: str) -> None:
    write(repo.root, {".git/info/attributes": b"* filter=evil\n", "a.txt": b"ALPHA\n"})
    repo.git("config", key, str(trap))
    repo.git("status")
    assert marker.exists()


@pytest.mark.parametrize(
    "key",
    [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.alternateRefsCommand",
        "alias.ls-tree",
    ],
)
def test_programs_named_in_the_configuration_do_not_run(
    repo: Repo, trap: Path, marker: Path, key: str
) -> None:
    repo.git("config", key, str(trap))
    _open_both(repo.root)
    assert not marker.exists()


def test_hooks_do_not_run(repo: Repo, trap: Path, marker: Path) -> None:
    hooks = repo.root / ".git" / "own-hooks"
    for folder in (hooks, repo.root / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in ("post-index-change", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
            (folder / name).write_bytes(trap.read_bytes())
            (folder / name).chmod(0o755)
    repo.git("config", "core.hooksPath", str(hooks))
    _open_both(repo.root)
    assert not marker.exists()


@pytest.mark.parametrize("where", [".gitattributes", ".git/info/attributes"])
def test_filters_do_not_run(repo: Repo, trap: Path, marker: Path, where: str) -> None:
    write(repo.root, {where: b"* filter=evil diff=evil merge=evil\n"})
    for key in ("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.command"):
        repo.git("config", key, str(trap))
    (repo.root / "a.txt").write_bytes(b"ALPHA\n")
    _open_both(repo.root)
    assert not marker.exists()


def test_nothing_is_fetched_for_a_partial_clone(repo: Repo, tmp_path: Path, trap: Path, marker: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", f"file://{repo.root}", "partial.git")
    git(tmp_path / "partial.git", "config", "remote.origin.uploadpack", str(trap))
    with pytest.raises(SourceUnavailable, match="partial"):
        GitRefTree(tmp_path / "partial.git", "v1")
    assert not marker.exists()


def test_another_work_tree_in_the_configuration_is_ignored(repo: Repo, tmp_path: Path) -> None:
    write(tmp_path, {"outside/a.txt": b"secret", "outside/more.txt": b"secret"})
    repo.git("config", "core.worktree", str(tmp_path / "outside"))
    tree = DirectoryTree(repo.root)
    assert tree.paths() == ("a.txt", "dir/b.txt", "run.sh")
    assert tree.read("a.txt") == b"alpha\n"
    assert not tree.dirty


def test_excludes_named_in_the_configuration_hide_nothing(repo: Repo, tmp_path: Path) -> None:
    write(tmp_path, {"excludes": b"*\n"})
    repo.git("config", "core.excludesFile", str(tmp_path / "excludes"))
    write(repo.root, {"new.txt": b""})
    assert "new.txt" in DirectoryTree(repo.root).paths()


@pytest.mark.parametrize("config", [b"[core\n", b"[include]\n\tpath = /dev/full\n", b"\xff\0", b""])
def test_a_broken_configuration_does_not_matter(repo: Repo, config: bytes) -> None:
    (repo.root / ".git" / "config").write_bytes(config)
    _open_both(repo.root)


def test_replace_refs_and_grafts_are_ignored(repo: Repo) -> None:
    old = repo.git("rev-parse", "v1:a.txt")
    write(repo.root, {"a.txt": b"replaced\n"})
    second = repo.commit("v2")
    repo.git("replace", old, repo.git("rev-parse", "v2:a.txt"))
    repo.git("replace", repo.git("rev-parse", "v1"), second)
    assert repo.git("cat-file", "blob", "v1:a.txt") == "replaced"
    with GitRefTree(repo.root, "v1") as tree:
        assert tree.read("a.txt") == b"alpha\n"
        assert tree.commit == repo.git("--no-replace-objects", "rev-parse", "v1")


def test_end_of_line_settings_do_not_change_what_a_ref_holds(repo: Repo) -> None:
    write(
        repo.root, {".gitattributes": b"* text eol=crlf working-tree-encoding=UTF-16 ident export-ignore\n"}
    )
    with GitRefTree(repo.root, "v1") as tree:
        assert tree.read("a.txt") == b"alpha\n"
        assert tree.read("dir/b.txt") == b"beta\r\n"


def test_a_head_that_is_no_head_does_not_leak_into_messages(repo: Repo, tmp_path: Path) -> None:
    write(tmp_path, {"secret": b"do-not-show\n"})
    head = repo.root / ".git" / "HEAD"
    head.unlink()
    head.symlink_to(tmp_path / "secret")
    with pytest.raises(SourceUnavailable) as caught:
        GitRefTree(repo.root, "HEAD")
    assert "do-not-show" not in str(caught.value)


def test_the_repository_is_left_as_it_was(repo: Repo) -> None:
    def state() -> dict[str, tuple[int, int]]:
        files = (path for path in (repo.root / ".git").rglob("*") if path.is_file())
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    (repo.root / "a.txt").touch()
    before = state()
    _open_both(repo.root)
    assert state() == before
