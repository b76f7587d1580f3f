"""`diagram --all-configs`: every configuration is in the index, equal pictures are drawn once; `--check` judges."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.report.gallery import PicturesFile, gallery
from collateral.report.pictures import draw, picture_rows
from tests.cli.harness import Cli
from tests.diagrams.systems import small
from threatmodel.diagrams.plan import plan
from threatmodel.system import Project
from threatmodel.system.model import Configuration


@pytest.mark.slow
def test_all_configurations_are_in_the_index_and_each_file_is_there(cli: Cli, tmp_path: Path) -> None:
    said = cli("diagram", "model", "--all-configs", "--check", "-o", str(tmp_path / "out"))
    assert (said.code, said.out) == (0, ""), said.err
    index = json.loads((tmp_path / "out" / "index.json").read_bytes())
    jsonschema.Draft202012Validator(schema("pictures", PicturesFile)).validate(index)
    rows = index["pictures"]
    assert rows == sorted(rows, key=lambda row: (row["configuration"], row["picture"]))
    assert {row["configuration"] for row in rows} == set(index["configurations"]) == {"guarded", "bare"}
    assert "overview" in {row["picture"] for row in rows if row["configuration"] == "bare"}
    named = {row["file"] for row in rows}
    assert named == {
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.svg")
    }
    different = len({(row["digest"], row["title"]) for row in rows})
    assert len(named) == different
    assert f"{len(rows)} pictures of 2 configurations, {different} of them different" in said.err


def _project(**names: str) -> Project:
    """Two configurations; in the second one, these names are others."""
    twin = replace(small(**names), configuration=Configuration(name="twin", options={}))
    return Project(id="p", name="P", default_configuration="default", systems=(small(), twin))


@pytest.mark.slow
@pytest.mark.parametrize(("names", "again"), [({}, 5), ({"user": "Somebody"}, 1)])
def test_equal_pictures_are_drawn_once(names: dict[str, str], again: int, tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    index, drawn = gallery(_project(**names), cache=tmp_path, executor=None, dot=None, put=files.__setitem__)
    assert len(index.pictures) - len(drawn) == again
    shared = [
        row for row in index.pictures if row.configuration == "twin" and row.file.startswith("default/")
    ]
    assert len(shared) == again
    assert {row.file for row in index.pictures} == {path for path in files if path.endswith(".svg")}
    assert all(b"default" not in files[row.file] and b"twin" not in files[row.file] for row in index.pictures)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["../../out", "a/b", "..", "", "x" * 300, "a\\b", ".hidden", "CON\n"])
def test_a_configuration_cannot_choose_another_folder(name: str, tmp_path: Path) -> None:
    system = replace(small(), configuration=Configuration(name=name, options={}))
    project = Project(id="p", name="P", default_configuration=name, systems=(system,))
    paths: dict[str, bytes] = {}
    index, _ = gallery(project, cache=tmp_path, executor=None, dot=None, put=paths.__setitem__)
    assert {re.sub("[0-9a-f]{16}", "X", path.partition("/")[0]) for path in paths} == {"configuration-X"}
    assert {row.configuration for row in index.pictures} == {name}


@pytest.mark.slow
def test_a_picture_that_cannot_be_read_is_named(cli: Cli, tmp_path: Path) -> None:
    """The check is the one of `threatmodel.diagrams.legible`; here it reaches the exit code."""
    model = tmp_path / "wide.py"
    model.write_text(WIDE, encoding="utf-8")
    said = cli("diagram", str(model), "--check", "-o", str(tmp_path / "out"))
    assert said.code == 3
    assert "small-type" in said.out
    assert "overview" in said.out
    assert cli("diagram", str(model), "-o", str(tmp_path / "out")).code == 0


WIDE = """
from threatmodel.dsl import Boundary, Model, Options, Process


def build(o):
    Boundary("zone", name="Zone " + 50 * "very-", privilege="none")
    Process("one", name="One", inside="zone")


MODEL = Model("wide", name="Wide", options=Options, build=build)
"""


@pytest.mark.slow
def test_the_whole_is_no_row_where_the_overview_shows_all(tmp_path: Path) -> None:
    pictures = draw(plan(small(), [], "S"), cache=tmp_path, executor=None)
    assert next(row["id"] for row in picture_rows(pictures)) == "overview"
    assert "whole" not in {row["id"] for row in picture_rows(pictures)}
    alone = [picture for picture in pictures if picture.id != "overview"]
    assert "whole" in {row["id"] for row in picture_rows(alone)}
