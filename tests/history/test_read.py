"""A previous bundle is input that anybody may have written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collateral.assessment import Assessment
from collateral.bundle.exports import data_files
from collateral.bundle.read import read_bundle
from collateral.history_compare import compare
from scanners.sarif import to_sarif
from tests.collateral.support import load_tiny
from tests.history.support import Side, write_bundle, write_raw
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.errors import InvalidInput, NotVerified, UsageError
from threatmodel.load import Loaded


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load_tiny(tmp_path_factory.mktemp("model"))


@pytest.fixture
def made(tiny: Loaded, tmp_path: Path) -> Assessment:
    return Side().assess(tiny, tmp_path / "source")


def files_of(a: Assessment) -> dict[str, Any]:
    sarif = to_sarif(a.scans, tool_version="0", project="tiny", release="1")
    files = {path: json.loads(data) for path, data in data_files(a).items()}
    return {**files, "data/findings.sarif": sarif}


def _set(path: str, *keys: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(files: dict[str, Any]) -> None:
        here = files[path]
        for key in keys[:-1]:
            here = here[key]
        here[keys[-1]] = value

    return change


RESULT = ("data/findings.sarif", "runs", 0, "results", 0)
CHANGES = {
    "no results": _set("data/findings.sarif", "runs", 0, "results", value=7),
    "no place": _set(*RESULT, "locations", value=[]),
    "line is a text": _set(*RESULT, "locations", 0, "physicalLocation", "region", value={"startLine": "1"}),
    "another format": _set("data/threats.json", "format", value="threatmodel/claims"),
    "a later version": _set("data/threats.json", "version", value=2),
    "threats are no list": _set("data/threats.json", "threats", value={}),
    "state is a number": _set("data/claims.json", "checks", 0, "state", value=1),
    "no project": _set("data/model.json", "project", value=[]),
    "digest of a rule": _set("data/rules.json", "rules", 0, "digest", value=None),
    "digest of a file": _set("data/source.json", "files", 0, "sha256", value="../../etc"),
    "a date that is none": _set("data/history.json", "entries", 0, "first_seen", value="yesterday"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_data_of_another_shape_is_refused(
    made: Assessment, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    files = files_of(made)
    change(files)
    folder = write_raw(tmp_path / "b", made, {path: dump_bytes(value) for path, value in files.items()})
    with pytest.raises((InvalidInput, NotVerified)) as caught:
        read_bundle(folder)
    assert {d.code for d in caught.value.diagnostics} <= {"V030", "V012"}


@pytest.mark.parametrize("data", [b"", b"\xff", b"[" * 100_000, b"null", b"{}"])
@pytest.mark.parametrize("path", ["data/threats.json", "data/findings.sarif", "data/history.json"])
def test_bytes_that_are_no_data_are_refused(made: Assessment, tmp_path: Path, path: str, data: bytes) -> None:
    files = {name: dump_bytes(value) for name, value in files_of(made).items()} | {path: data}
    with pytest.raises((InvalidInput, NotVerified)):
        read_bundle(write_raw(tmp_path / "b", made, files))


def test_bundle_that_was_changed_is_not_read(made: Assessment, tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", made)
    (folder / "data/threats.json").write_bytes(b"{}")
    with pytest.raises(NotVerified):
        read_bundle(folder)


def test_folder_that_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_bundle(tmp_path)
    assert caught.value.diagnostics[0].code == "U006"


def test_bundle_of_another_project(made: Assessment, tmp_path: Path) -> None:
    previous = read_bundle(write_bundle(tmp_path / "b", made))
    with pytest.raises(UsageError) as caught:
        compare(replace(previous, project="other"), made)
    assert caught.value.diagnostics[0].code == "U040"


def test_bundle_of_an_older_version_works_and_says_what_is_missing(made: Assessment, tmp_path: Path) -> None:
    files = files_of(made)
    for path in ("data/rules.json", "data/source.json", "data/history.json"):
        del files[path]
    for result in files["data/findings.sarif"]["runs"][0]["results"]:
        result["partialFingerprints"] = {"threatmodel/v1": result["partialFingerprints"]["threatmodel/v1"]}
    folder = write_raw(tmp_path / "b", made, {path: dump_bytes(value) for path, value in files.items()})
    history = compare(read_bundle(folder), made)
    assert {(c.state, c.cause) for c in history.changes} == {("unchanged", "none")}
    assert [note.partition(",")[0] for note in history.notes[:3]] == [
        "the previous bundle has no data/rules.json",
        "the previous bundle has no data/source.json",
        "the previous bundle has no data/history.json",
    ]
    assert "keeps no marks of 1 finding" in history.notes[3]


def test_texts_of_a_bundle_are_folded(made: Assessment, tmp_path: Path) -> None:
    files = files_of(made)
    _set("data/threats.json", "threats", 0, "title", value="a\x1b[31m\u202eb")(files)
    folder = write_raw(tmp_path / "b", made, {path: dump_bytes(value) for path, value in files.items()})
    titles = [threat.title for threat in read_bundle(folder).threats.values()]
    assert any("<U+001B>" in title for title in titles)
    assert not any("\x1b" in title or "\u202e" in title for title in titles)
