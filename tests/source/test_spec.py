from __future__ import annotations

from pathlib import Path

import pytest

from threatmodel.core.errors import Exit, SourceUnavailable, UsageError
from threatmodel.source import DirectoryTree, GitRefTree, SourceTree, open_source
from threatmodel.source.spec import parse_url

from .support import Repo, git, write


def _open(spec: str, tmp_path: Path) -> SourceTree:
    return open_source(spec, cache=tmp_path / "cache", base=tmp_path, environ={})


def test_a_directory_relative_to_base_and_absolute(repo: Repo, tmp_path: Path) -> None:
    for spec in ("repo", "./repo/", str(repo.root)):
        tree = _open(spec, tmp_path)
        assert isinstance(tree, DirectoryTree)
        assert tree.name == spec
        assert "a.txt" in tree.paths()


def test_path_at_ref(repo: Repo, tmp_path: Path) -> None:
    with _open("repo@v1", tmp_path) as tree:
        assert isinstance(tree, GitRefTree)
        assert (tree.name, tree.ref) == ("repo@v1", "v1")


def test_an_existing_directory_with_an_at_sign_is_a_directory(repo: Repo, tmp_path: Path) -> None:
    write(tmp_path, {"repo@v1/x": b"1", "user@host:dir@v1/y": b"2"})
    assert _open("repo@v1", tmp_path).paths() == ("x",)
    assert _open("user@host:dir@v1", tmp_path).paths() == ("y",)


def test_refs_and_directories_with_at_signs(repo: Repo, tmp_path: Path) -> None:
    repo.git("tag", "pkg@1.0")
    repo.root.rename(tmp_path / "re@po")
    for spec, ref in (("re@po@v1", "v1"), ("re@po@pkg@1.0", "pkg@1.0")):
        with _open(spec, tmp_path) as tree:
            assert tree.ref == ref


@pytest.mark.parametrize(
    ("spec", "error", "code"),
    [
        ("", UsageError, "source-spec"),
        ("  ", UsageError, "source-spec"),
        ("a\0b", UsageError, "source-spec"),
        ("absent", SourceUnavailable, "source-missing"),
        ("absent@v1", SourceUnavailable, "source-missing"),
        ("@v1", SourceUnavailable, "source-missing"),
        ("repo@", UsageError, "source-ref"),
        ("repo@-x", UsageError, "source-ref"),
        ("repo@absent", SourceUnavailable, "source-ref-unknown"),
        ("bare.git", UsageError, "source-spec"),
        ("https://example.org/a/b", UsageError, "source-spec"),
        ("https://user@example.org/a/b", UsageError, "source-spec"),
        ("https://example.org/a/b@", UsageError, "source-spec"),
        ("https://example.org/@v1", UsageError, "source-spec"),
        ("https:///a@v1", UsageError, "source-spec"),
        ("https://-oProxy/a@v1", UsageError, "source-spec"),
        ("http://example.org/a@v1", UsageError, "source-spec"),
        ("git://example.org/a@v1", UsageError, "source-spec"),
        ("ext::sh -c id@v1", UsageError, "source-spec"),
        ("file://host/a@v1", UsageError, "source-spec"),
        ("https://example.org/a@-x", UsageError, "source-ref"),
        ("https://example.org/a@v1:x", UsageError, "source-ref"),
        ("https://example.org/a@*", UsageError, "source-ref"),
        ("https://example.org/a@a..b", UsageError, "source-ref"),
        ("https://example.org/a@v1\n", UsageError, "source-ref"),
        ("git@example.org:a/b", UsageError, "source-spec"),
    ],
)
def test_specs_that_name_nothing(
    repo: Repo, tmp_path: Path, spec: str, error: type[UsageError | SourceUnavailable], code: str
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repo.root), "bare.git")
    with pytest.raises(error) as caught:
        _open(spec, tmp_path)
    assert caught.value.diagnostics[0].code == code
    assert caught.value.diagnostics[0].hint


@pytest.mark.parametrize(
    ("spec", "url", "shown", "protocol", "tag"),
    [
        ("https://h.org/a/b.git@v1", "https://h.org/a/b.git", "https://h.org/a/b.git", "https", "v1"),
        ("https://h.org/a/b@pkg@1.0", "https://h.org/a/b", "https://h.org/a/b", "https", "pkg@1.0"),
        ("https://h.org/a/b@rel/1.0", "https://h.org/a/b", "https://h.org/a/b", "https", "rel/1.0"),
        ("HTTPS://h.org/a@v1", "https://h.org/a", "https://h.org/a", "https", "v1"),
        ("https://u:pw@h.org/a@v1", "https://u:pw@h.org/a", "https://***@h.org/a", "https", "v1"),
        ("https://token@h.org/a@v1", "https://token@h.org/a", "https://***@h.org/a", "https", "v1"),
        ("ssh://git@h.org:22/a@v1", "ssh://git@h.org:22/a", "ssh://git@h.org:22/a", "ssh", "v1"),
        ("ssh://git:pw@h.org/a@v1", "ssh://git:pw@h.org/a", "ssh://git:***@h.org/a", "ssh", "v1"),
        ("git@h.org:a/b.git@v1", "git@h.org:a/b.git", "git@h.org:a/b.git", "ssh", "v1"),
        ("file:///srv/a@v1", "file:///srv/a", "file:///srv/a", "file", "v1"),
    ],
)
def test_urls(spec: str, url: str, shown: str, protocol: str, tag: str) -> None:
    link = parse_url(spec)
    assert link is not None
    assert (link.remote.url, link.remote.shown, link.remote.protocol, link.tag) == (url, shown, protocol, tag)


@pytest.mark.parametrize("spec", ["repo", "repo@v1", "/a/b@v1", "../a@v1", "a:b", "-x@h:p@v1"])
def test_paths_are_no_urls(spec: str) -> None:
    assert parse_url(spec) is None


@pytest.mark.parametrize("tail", ["", "/", "/a/b", "/a/b@-x", "@v1", ":x/a@v1\n"])
@pytest.mark.parametrize("scheme", ["https", "http", "ssh"])
def test_secrets_are_not_shown_in_messages(tmp_path: Path, scheme: str, tail: str) -> None:
    with pytest.raises(UsageError) as caught:
        _open(f"{scheme}://user:secret@example.org{tail}", tmp_path)
    assert "secret" not in str(caught.value)


def test_a_file_url_is_cloned_once_and_shallowly(repo: Repo, tmp_path: Path) -> None:
    first = repo.git("rev-parse", "v1")
    repo.commit("v2")
    repo.commit()
    spec = f"file://{repo.root}@v2"
    with _open(spec, tmp_path) as tree:
        assert (tree.name, tree.ref, tree.commit) == (spec, "v2", repo.git("rev-parse", "v2"))
        assert tree.read("a.txt") == b"alpha\n"
        digest = tree.digest()
    (clone,) = (tmp_path / "cache").iterdir()
    assert git(clone, "for-each-ref", "--format=%(refname)") == "refs/tags/v2"
    assert git(clone, "rev-list", "--all", "--count") == "1"
    with pytest.raises(SourceUnavailable):
        GitRefTree(clone, first)
    repo.root.rename(tmp_path / "elsewhere")
    with _open(spec, tmp_path) as tree:
        assert tree.digest() == digest


def test_a_commit_id_can_be_cloned(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit()
    with _open(f"file://{repo.root}@{commit}", tmp_path) as tree:
        assert (tree.commit, tree.ref) == (commit, commit)


def test_an_annotated_tag_can_be_cloned(repo: Repo, tmp_path: Path) -> None:
    repo.git("tag", "--annotate", "--message", "text", "rel/1.0")
    with _open(f"file://{repo.root}@rel/1.0", tmp_path) as tree:
        assert tree.commit == repo.git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("tail", "told"), [("@absent", "branches move"), ("@main", "branches move"), ("x@v1", "network")]
)
def test_what_cannot_be_cloned_says_why_and_leaves_nothing(
    repo: Repo, tmp_path: Path, tail: str, told: str
) -> None:
    with pytest.raises(SourceUnavailable, match="cannot be fetched") as caught:
        _open(f"file://{repo.root}{tail}", tmp_path)
    assert caught.value.exit is Exit.INCOMPLETE
    assert told in caught.value.diagnostics[0].hint
    assert list((tmp_path / "cache").iterdir()) == []


def test_an_unreachable_host_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        SourceUnavailable, match=r"https://\*\*\*@127\.0\.0\.1:1/a@v1 cannot be fetched"
    ) as caught:
        _open("https://user:secret@127.0.0.1:1/a@v1", tmp_path)
    assert "secret" not in str(caught.value)


def test_a_cache_that_cannot_be_written_is_told(repo: Repo, tmp_path: Path) -> None:
    write(tmp_path, {"cache": b"a file"})
    with pytest.raises(SourceUnavailable, match="cache"):
        _open(f"file://{repo.root}@v1", tmp_path)
