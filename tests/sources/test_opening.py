"""Named sources are opened at the ref that the model's own source pins, or are not used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from collateral.named_sources import NamedSources, Opening, wanted_ref
from tests.collateral.support import git, write_files
from tests.sources.support import make, pins
from threatmodel.load import DeclaredSource
from threatmodel.source import DirectoryTree, SourceTree

LIB = DeclaredSource(name="lib", about="A library", ref_file="versions.yaml", ref_key="externals.lib.version")


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("sources"))


@pytest.fixture(name="stack")
def _stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def own(tmp_path: Path, version: str) -> SourceTree:
    return DirectoryTree(write_files(tmp_path / "own", {"versions.yaml": pins(version)}), name="own")


def opened(folder: Path, stack: ExitStack, tree: SourceTree, **specs: str) -> tuple[NamedSources, list[str]]:
    opening = Opening(specs=specs, cache=folder / "cache", base=folder, environ={}, stack=stack)
    found = opening([LIB], tree)
    return found, [problem.code for problem in opening.told]


@pytest.mark.parametrize(
    ("pin", "spec", "content"),
    [
        ("v2.0", "lib", b"LIMIT = 10\n"),
        ("2.0", "lib", b"LIMIT = 10\n"),
        ("v1.0", "lib", b"LIMIT = 99\n"),  # the tag is 1.0
        ("v1.9", "lib", b"LIMIT = 99\n"),
        ("v2.0", "lib@v2.0", b"LIMIT = 10\n"),
        ("v2.0", "lib@main", b"LIMIT = 10\n"),  # the same commit
        ("v2.0", "lib/.git", b"LIMIT = 10\n"),
    ],
)
def test_at_the_pin(
    folder: Path, stack: ExitStack, tmp_path: Path, pin: str, spec: str, content: bytes
) -> None:
    found, told = opened(folder, stack, own(tmp_path, pin), lib=spec)
    (record,) = found.records
    assert (record.wanted, record.reason, told) == (pin, "", [])
    assert found.trees["lib"].read("src/lib.py") == content
    assert record.commit == found.trees["lib"].commit
    assert found.missing == {}


def test_a_commit_is_a_pin(folder: Path, stack: ExitStack, tmp_path: Path) -> None:
    commit = git(folder / "lib", "rev-parse", "v1.9")
    found, _ = opened(folder, stack, own(tmp_path, commit), lib="lib")
    assert found.trees["lib"].read("src/lib.py") == b"LIMIT = 99\n"
    assert (found.records[0].commit, found.records[0].reason) == (commit, "")


@pytest.mark.parametrize(
    ("pin", "spec", "reason", "codes"),
    [
        ("v2.0", "lib@v1.9", "lib was given at v1.9, the release wants v2.0", ["U025"]),
        ("v1.9", "lib@main", "lib was given at main, the release wants v1.9", ["U025"]),
        (
            "v2.0",
            "lib/src",
            "lib was given as a folder, which does not show that it is v2.0",
            ["U025"],
        ),
        ("v3.0", "lib", "lib v3.0 could not be read", ["source-ref-unknown"]),
        ("main", "lib", "lib main could not be read", ["source-ref-unknown"]),  # a branch is no pin
        ("v2.0", "absent", "lib v2.0 could not be read", ["source-missing"]),
    ],
)
def test_anything_else_is_not_used(
    folder: Path, stack: ExitStack, tmp_path: Path, pin: str, spec: str, reason: str, codes: list[str]
) -> None:
    found, told = opened(folder, stack, own(tmp_path, pin), lib=spec)
    assert (found.missing, told) == ({"lib": reason}, codes)
    assert found.trees == {}
    assert found.records[0].wanted == pin


def test_a_source_that_was_not_given(folder: Path, stack: ExitStack, tmp_path: Path) -> None:
    found, told = opened(folder, stack, own(tmp_path, "v2.0"))
    assert (found.missing, told) == ({"lib": "lib v2.0 was not given"}, [])


def test_a_url_without_a_tag_gets_the_pinned_one(folder: Path, stack: ExitStack, tmp_path: Path) -> None:
    address = f"file://{folder / 'lib' / '.git'}"
    for pin, content in (("2.0", b"LIMIT = 10\n"), ("v1.9", b"LIMIT = 99\n")):
        found, told = opened(folder, stack, own(tmp_path / pin, pin), lib=address)
        assert (told, found.missing) == ([], {})
        assert found.trees["lib"].read("src/lib.py") == content


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a": ""}, "the source has no versions.yaml, which says which ref of lib the release wants"),
        (
            {"versions.yaml": "externals: {}"},
            "the source has no externals.lib.version in versions.yaml, which says which ref of lib the release wants",
        ),
        (
            {"versions.yaml": "externals: {lib: {version: 1.10}}"},
            "externals.lib.version in versions.yaml names no ref of lib: '1.1'",
        ),
        (
            {"versions.yaml": pins("HEAD~3")},
            "externals.lib.version in versions.yaml names no ref of lib: 'HEAD~3'",
        ),
        ({"versions.yaml": pins("-x")}, "externals.lib.version in versions.yaml names no ref of lib: '-x'"),
        ({"versions.yaml": pins("")}, "externals.lib.version in versions.yaml names no ref of lib: ''"),
    ],
)
def test_without_a_pin(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    tree = DirectoryTree(write_files(tmp_path, files), name="own")
    assert wanted_ref(LIB, tree) == ("", reason)


def test_a_pin_that_cannot_be_parsed(tmp_path: Path) -> None:
    tree = DirectoryTree(write_files(tmp_path, {"versions.yaml": "a: ["}), name="own")
    wanted, reason = wanted_ref(LIB, tree)
    assert wanted == ""
    assert reason.startswith("externals.lib.version in versions.yaml cannot be read: ")


def test_without_the_own_source_nothing_is_wanted() -> None:
    assert wanted_ref(LIB, None) == (
        "",
        "without the model's own source nothing says which ref of lib the release wants",
    )
