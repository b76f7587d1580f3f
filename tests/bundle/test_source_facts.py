"""A bundle names the source that was really used, and nothing of a login or of the machine."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from collateral.assessment import SourceFacts
from collateral.bundle.source import address_of, left_out, other_release, read_facts, unread_facts
from tests.bundle.support import Shop, files_of, runs, undone
from tests.collateral.support import COMMIT_TIME, TOML, git, make_repository, read_json, write_files
from threatmodel.core.errors import UsageError
from threatmodel.source import SourceTree, last_commit_time, public_address
from threatmodel.source.spec import parse_url

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("spec", "address"),
    [
        ("https://h.example/a/r@1.0", "https://h.example/a/r"),
        ("https://h.example/a/r.git", "https://h.example/a/r.git"),
        ("HTTPS://me:pw@h.example:8443/r@1", "https://h.example:8443/r"),
        ("https://h.example/r?private_token=SE@CRET@1.0", "https://h.example/r"),
        ("https://h.example/r#frag", "https://h.example/r"),
        ("ssh://git@h.example/a/r@1", "ssh://h.example/a/r"),
        ("git@h.example:a/r.git@v1", "ssh://h.example/a/r.git"),
        ("git@h.example:a/r.git", "ssh://h.example/a/r.git"),
        ("https://user:p/ss@h.example/r@1", ""),
        ("file:///srv/r@1", ""),
        ("https:///r@1", ""),
        ("https://h.example/?x=1", ""),
        ("../source@1.0", ""),
        ("/srv/r", ""),
    ],
)
def test_public_addresses(spec: str, address: str) -> None:
    assert public_address(spec) == address


def test_an_at_sign_in_a_query_does_not_reach_the_tag() -> None:
    link = parse_url("https://h.example/r?private_token=SE@CRET@1.0")
    assert link is not None
    assert link.tag == "1.0"


def test_a_login_with_a_slash_is_refused() -> None:
    with pytest.raises(UsageError):
        parse_url("https://user:p/ss@h.example/r@1")


def test_a_folder_with_the_name_of_an_address_has_no_address(tmp_path: Path) -> None:
    spec = "https://h.example/r@1"
    assert address_of(spec, tmp_path) == "https://h.example/r"
    (tmp_path / spec).mkdir(parents=True)
    assert address_of(spec, tmp_path) == ""


def tree(ref: str | None, commit: str | None) -> SourceTree:
    """A tree as far as its facts are concerned."""
    made: Any = SimpleNamespace(
        ref=ref,
        commit=commit,
        dirty=False,
        name="/home/me/secret",
        digest=lambda: "d",
        links=tuple,
        submodules=tuple,
    )
    return cast("SourceTree", made)


@pytest.mark.parametrize(
    ("ref", "commit", "address", "name", "named"),
    [
        ("4.1.0", COMMIT, "https://h/r", "https://h/r@4.1.0", "4.1.0"),
        (COMMIT, COMMIT, "https://h/r", f"https://h/r@{COMMIT}", ""),
        ("3.30.0", COMMIT, "", "a local source tree at 3.30.0", "3.30.0"),
        (COMMIT, COMMIT, "", "a local source tree", ""),
        (COMMIT[:9], COMMIT, "", "a local source tree", ""),
        ("HEAD", COMMIT, "", "a local source tree", ""),
        ("HEAD~3", COMMIT, "", "a local source tree", ""),
        (None, COMMIT, "", "a local source tree", ""),
        (None, None, "", "a local source tree without a commit", ""),
    ],
)
def test_the_name_says_what_was_read(
    ref: str | None, commit: str | None, address: str, name: str, named: str
) -> None:
    facts = read_facts(tree(ref, commit), address)
    assert (facts.name, facts.ref, facts.commit) == (name, named, commit or "")


@pytest.mark.parametrize(
    ("ref", "release", "same"),
    [
        ("1.0", "1.0", True),
        ("v1.0", "1.0", True),
        ("refs/tags/1.0", "v1.0", True),
        ("", "1.0", True),
        ("3.30.0", "4.1.0", False),
        ("1.0~1", "1.0", False),
        ("main", "1.0", False),
        ("vendor", "endor", False),
    ],
)
def test_a_tree_that_is_named_otherwise_is_not_the_release(ref: str, release: str, same: bool) -> None:
    found = other_release(SourceFacts(available=True, name="x", ref=ref), release)
    assert [(item.what, item.why) for item in found] == (
        [] if same else [("Release", f"the source tree is {ref}, not {release}")]
    )


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("https://me:pw@h.example/r?private_token=SECRET@v1", "https://h.example/r@v1"),
        ("git@h.example:a/r@v1", "ssh://h.example/a/r@v1"),
    ],
)
def test_an_address_that_cannot_be_fetched_is_told_without_its_secrets(spec: str, name: str) -> None:
    facts = unread_facts(spec, public_address(spec))
    assert (facts.name, facts.reason) == (name, f"{name} could not be fetched")


@pytest.mark.bundle
def test_what_the_tree_names_and_does_not_hold_is_not_checked(shop: Shop) -> None:
    work = shop.cli.cwd / "parts"
    make_repository(work)
    (work / "link").symlink_to("app")
    git(work, "add", "--all")
    git(work, "update-index", "--add", "--cacheinfo", f"160000,{COMMIT},vendor/lib")
    git(work, "commit", "--quiet", "--message", "parts")
    git(work, "tag", "parts")
    said = shop.build("out-parts", "--source", "parts@parts", "--release", "parts")
    bundle = shop.cli.cwd / "out-parts" / "tiny-parts"
    assert said.code == 3
    assert (
        undone(bundle)["Submodule vendor/lib"] == "its files are not in the tree, so nothing looked at them"
    )
    assert "1 symbolic link was not followed" in (bundle / "index.html").read_text("utf-8")


def test_a_tree_that_is_whole_leaves_nothing_out() -> None:
    assert left_out(read_facts(tree("1.0", COMMIT), "")) == []


@pytest.mark.bundle
def test_a_bundle_of_another_tag_says_so(shop: Shop) -> None:
    work = shop.cli.cwd / "fork"
    make_repository(work)
    write_files(work, {"NEW": "x"})
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "second")
    git(work, "tag", "2.0")
    model = shutil.copytree(shop.cli.cwd / "model", shop.cli.cwd / "elsewhere")
    declared = "https://user:s3cret-word@h.example/kata/r?token=s3cret-word@1.0"
    write_files(model, {"threatmodel.toml": TOML.replace("../source", declared)})
    said = shop.build("out-other-tag", "--source", "fork@2.0", model="elsewhere")
    bundle = shop.cli.cwd / "out-other-tag" / "tiny-1.0"
    assert said.code == 3
    assert "not done: Release: the source tree is 2.0, not 1.0" in said.err
    assert undone(bundle)["Release"] == "the source tree is 2.0, not 1.0"
    manifest = read_json(bundle / "manifest.json")
    assert manifest["source_name"] == "a local source tree at 2.0"
    page = (bundle / "index.html").read_text("utf-8")
    assert "This is not the release: the source tree is 2.0, not 1.0." in page
    assert {"tool_digest"} & {name for tool in manifest["tools"] for name in tool} == set()
    for run in runs(bundle).values():
        assert "versionControlProvenance" not in run
        assert run["properties"]["sourceCommit"] == manifest["source_commit"]
    for path, data in files_of(bundle).items():
        assert b"s3cret" not in data, path
        assert b"h.example" not in data, path
    assert read_json(bundle.parent / "tiny-1.0.environment.json")["tools"]["digests"].keys() == {
        "bandit",
        "semgrep",
    }


def cached(shop: Shop, repository: Path, spec: str) -> None:
    """A clone of that address in the program's cache, as if it had been fetched."""
    link = parse_url(spec)
    assert link is not None
    key = hashlib.sha256(f"{link.remote.shown}\0{link.tag}".encode()).hexdigest()[:24]
    place = shop.cli.cwd / f"cache/threatmodel/sources/r-{key}.git"
    place.parent.mkdir(parents=True, exist_ok=True)
    git(repository, "clone", "--quiet", "--bare", str(repository), str(place))


@pytest.mark.bundle
def test_provenance_names_the_declared_repository_only_where_it_was_read(shop: Shop) -> None:
    declared = "https://user:s3cret-word@127.0.0.1:9/kata/r@1.0"
    cached(shop, shop.cli.cwd / "source", declared)
    model = shutil.copytree(shop.cli.cwd / "model", shop.cli.cwd / "declares")
    write_files(model, {"threatmodel.toml": TOML.replace("../source", declared)})
    assert shop.build("out-declared", model="declares").code == 0
    bundle = shop.cli.cwd / "out-declared" / "tiny-1.0"
    manifest = read_json(bundle / "manifest.json")
    assert manifest["source_name"] == "https://127.0.0.1:9/kata/r@1.0"
    for run in runs(bundle).values():
        (place,) = run["versionControlProvenance"]
        assert place["repositoryUri"] == "https://127.0.0.1:9/kata/r"
        assert place["revisionId"] == manifest["source_commit"]
    assert [path for path, data in files_of(bundle).items() if b"s3cret" in data] == []


def commit(folder: Path, name: str, seconds: int) -> None:
    """One more commit, made at that time."""
    write_files(folder, {name: str(seconds)})
    git(folder, "add", "--", name)
    made = git(folder, "commit-tree", "-p", "HEAD", "-m", name, git(folder, "write-tree"))
    raw = git(folder, "cat-file", "commit", made).replace(f"{COMMIT_TIME} +0000", f"{seconds} +0200")
    (folder.parent / "raw").write_text(raw + "\n")
    git(
        folder,
        "reset",
        "--quiet",
        git(folder, "hash-object", "-t", "commit", "-w", str(folder.parent / "raw")),
    )


def test_the_time_of_a_model_is_that_of_its_own_last_commit(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "top")
    commit(top, "models/a/x.py", COMMIT_TIME + 10)
    commit(top, "other.txt", COMMIT_TIME + 20)
    write_files(top, {"models/new/x.py": ""})
    assert last_commit_time(top / "models/a") == COMMIT_TIME + 10
    assert last_commit_time(top) == COMMIT_TIME + 20
    assert last_commit_time(top / "models/new") is None
    (tmp_path / "link").symlink_to(top / "models/a")
    assert last_commit_time(tmp_path / "link") == COMMIT_TIME + 10
    git(top, "worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
    assert last_commit_time(tmp_path / "tree/models/a") == COMMIT_TIME + 10


def test_the_end_of_a_shallow_clone_dates_nothing(tmp_path: Path) -> None:
    top = make_repository(tmp_path / "top")
    commit(top, "models/a/x.py", COMMIT_TIME + 10)
    commit(top, "other.txt", COMMIT_TIME + 20)
    git(tmp_path, "clone", "--quiet", "--depth=1", top.as_uri(), "shallow")
    assert last_commit_time(tmp_path / "shallow/models/a") is None
    git(tmp_path, "clone", "--quiet", "--depth=2", top.as_uri(), "deeper")
    assert last_commit_time(tmp_path / "deeper/models/a") is None
    git(tmp_path, "clone", "--quiet", "--depth=3", top.as_uri(), "whole")
    assert last_commit_time(tmp_path / "whole/models/a") == COMMIT_TIME + 10


def test_outside_of_git_and_before_the_first_commit_there_is_no_time(tmp_path: Path) -> None:
    assert last_commit_time(tmp_path) is None
    git(tmp_path, "init", "--quiet")
    assert last_commit_time(tmp_path) is None


def test_scan_tells_the_same_facts_as_a_build(shop: Shop) -> None:
    found = shop.cli("scan", "source@1.0", "--tools", "tools", "--format", "json").json["source"]
    assert (found["name"], found["ref"], found["dirty"]) == ("a local source tree at 1.0", "1.0", False)
    copy = shutil.copytree(shop.cli.cwd / "source", shop.cli.cwd / "changed")
    write_files(copy, {"app/service.py": "x = 1\n"})
    log = shop.cli("scan", "changed", "--tools", "tools", "--format", "sarif").json
    for run in log["runs"]:
        assert run["automationDetails"]["id"].startswith("scan/")
        assert run["properties"]["sourceCommit"] == found["commit"]
        assert run["properties"]["sourceDirty"] is True
