"""A scan of what changed reads nothing else, and says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanners.changed import Changed, OnlyChanged, changed_since, limited
from scanners.finding import Finding, Location, ScanResult
from tests.scanners.support import Plugin, make_tree, run_scan
from threatmodel.source import DirectoryTree, at_ref


def test_only_files_that_are_new_or_other_are_changed(tmp_path: Path) -> None:
    make_tree(tmp_path / "a", {"same": "x", "other": "x", "gone": "x"})
    make_tree(tmp_path / "b", {"same": "x", "other": "y", "new": "x"})
    with DirectoryTree(tmp_path / "b") as tree, DirectoryTree(tmp_path / "a") as before:
        assert changed_since(tree, before, "v1") == Changed(since="v1", paths=frozenset({"other", "new"}))


def test_a_scanner_gets_the_changed_files_of_its_plan(tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", {"a": "x", "b": "x"})
    changed = Changed(since="v1", paths=frozenset({"b", "c"}))
    (result,) = run_scan(tmp_path, (OnlyChanged(scanner=Plugin(), changed=changed),))
    assert (result.scanner, result.status, result.files_planned) == ("plugin", "complete", ("b",))


def test_what_is_told_of_other_files_is_left_out_and_the_result_says_so() -> None:
    found = Finding(
        scanner="x", rule="r", message="m", severity="note", confidence="low", cwe=(), stride="",
        location=Location(path="a"), snippet="",
    )  # fmt: skip
    result = ScanResult(
        scanner="x",
        version="1",
        status="complete",
        findings=(found, replace(found, location=Location(path="b"))),
    )
    shown = limited(result, Changed(since="v1", paths=frozenset({"b"})))
    assert [f.location.path for f in shown.findings] == ["b"]
    assert shown.notifications == ("only files that changed since v1 were looked at",)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (".", ".@v1"),
        ("folder", "folder@v1"),
        ("folder@main", "folder@v1"),
        ("folder@a@b", "folder@v1"),
        ("https://host/project@v2", "https://host/project@v1"),
        ("git@host:project@v2", "git@host:project@v1"),
        ("missing", "missing@v1"),
    ],
)
def test_the_same_source_at_another_ref(spec: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert at_ref(spec, "v1", tmp_path) == said
