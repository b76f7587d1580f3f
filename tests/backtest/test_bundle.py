"""Published advisories in a bundle: data, page and chapter, with and without the repository of the tags."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.backtest.support import GOOD, PARTS, make_history
from tests.cli.harness import Cli, Said

pytestmark = [pytest.mark.slow, pytest.mark.bundle]


def built(folder: Path, *words: str, record: str = GOOD) -> tuple[Said, Path]:
    make_history(folder, record)
    (folder / "model/third-party-advisories.yaml").write_text(PARTS, "utf-8")
    cli = Cli(cwd=folder, path=os.environ["PATH"], memory={})
    said = cli("build", "model", "-o", "out", "--source", "source@1.0", "--no-scan", *words)
    return said, next(path for path in (folder / "out").iterdir() if path.is_dir())


def record_of(bundle: Path) -> Any:
    value = json.loads((bundle / "data/backtest.json").read_bytes())
    schema = json.loads((bundle / "schemas/backtest.schema.json").read_bytes())
    jsonschema.Draft202012Validator(schema).validate(value)
    return value


def test_with_the_repository(tmp_path: Path) -> None:
    said, bundle = built(tmp_path, "--backtest", "source")
    assert "Claims at the tags" not in said.err
    value = record_of(bundle)
    assert (value["checked"], value["totals"]["told_apart"]) == (True, 1)
    assert [pin["seen"] for pin in value["third_party"][0]["pins"]] == ["2.0"]
    text = (bundle / "index.html").read_text("utf-8")
    assert 'id="advisories"' in text
    assert "0.9 to 1.0: told apart" in text
    assert "no claim was checked there" not in text


def test_without_it_the_documents_say_so(tmp_path: Path) -> None:
    _, bundle = built(tmp_path)
    value = record_of(bundle)
    assert (value["checked"], value["totals"]["not_checked"]) == (False, 1)
    assert [pin["state"] for pin in value["third_party"][0]["pins"]] == ["fixed"]
    assert "no claim was checked there" in (bundle / "index.html").read_text("utf-8")


def test_a_tag_that_is_not_there_is_named_without_the_place_of_the_repository(tmp_path: Path) -> None:
    record = GOOD.replace('"0.9"', '"0.8"')
    said, bundle = built(tmp_path, "--backtest", str(tmp_path / "source"), record=record)
    assert said.code == 3
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    (found,) = [
        item for item in manifest["not_done"] if item["what"] == "Claims at the tags of CVE-2026-0001"
    ]
    assert found["why"] == "0.8: the repository could not be read at this ref"
    assert "{cwd}/source@0.8: the repository has no commit for this ref" in said.err
    for path in sorted(bundle.rglob("*.json")):
        assert str(tmp_path) not in path.read_text("utf-8")


def test_a_record_that_is_wrong_stops_the_build_before_anything_is_made(tmp_path: Path) -> None:
    make_history(tmp_path, GOOD.replace("CORE-001@T1", "CORE-099@T1"))
    cli = Cli(cwd=tmp_path, path=os.environ["PATH"], memory={})
    said = cli("build", "model", "-o", "out", "--source", "source@1.0", "--no-scan")
    assert said.code == 4
    assert "advisories.yaml:15  D056  threats: there is no CORE-099@T1" in said.err
    assert not (tmp_path / "out").exists()
