"""`threatmodel storage`, and needs for storage in check and bundle."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.storage.files import StorageFile
from tests.cli.harness import Cli
from tests.collateral.support import make_tools, make_workspace
from tests.storage.test_reader import GOOD

pytestmark = pytest.mark.slow


@pytest.fixture(name="shop", scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    folder = make_workspace(tmp_path_factory.mktemp("storage"))
    make_tools(folder / "tools")
    (folder / "model/storage-needs.yaml").write_text(GOOD, "utf-8")
    return Cli(cwd=folder, path=os.environ["PATH"])


def test_a_model_without_the_record(shop: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    said = shop.at(tmp_path)("storage", "model")
    assert (said.code, said.err[:35]) == (2, "U019  model has no storage-needs.ya")


def test_text(shop: Cli) -> None:
    said = shop("storage", "model")
    lines = said.out.splitlines()
    assert said.code == 0
    assert lines[0] == "tiny: 1 needs, 3 ways, as of 1.0"
    assert lines[2:4] == ["kept      disk    cloud", "survives  serves  partly"]
    assert lines[5] == "lost  memory"
    rows = {line.split("  ")[0]: line for line in lines[7:12]}
    assert rows["disk"].split()[:4] == ["disk", "guarded", "2", "1"]
    assert "the model does not have it" in rows["cloud"]
    assert rows["memory"].split()[1] == "bare"
    assert "    stated by an issue: https://example.org/1" in lines


def test_markdown(shop: Cli) -> None:
    out = shop("storage", "model", "--format", "markdown").out
    assert "| survives | serves | partly |" in out
    assert "| cloud | the model does not have it | – | – | – | – | – |" in out


def test_another_configuration_changes_what_is_shown(shop: Cli) -> None:
    assert shop("storage", "model", "--config", "bare").out.count("bare") == 1
    assert shop("storage", "model", "--config", "bear").code == 2


def test_json_is_in_its_format(shop: Cli) -> None:
    value = shop("storage", "model", "--format", "json").json
    jsonschema.Draft202012Validator(schema("storage-needs", StorageFile)).validate(value)
    assert [way["way"]["id"] for way in value["ways"]] == ["disk", "cloud", "memory"]


def test_check_reads_it(shop: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    (tmp_path / "model/storage-needs.yaml").write_text(GOOD.replace("T3", "T9"), "utf-8")
    said = shop.at(tmp_path)("check", "model")
    assert said.code == 4
    assert said.err.startswith('model/storage-needs.yaml:21  D043  exposure: the model has no "T9"')


def test_a_bundle_has_it_where_the_model_does(shop: Cli) -> None:
    assert shop("build", "model", "-o", "out", "--tools", "tools").code in (0, 3)
    data = json.loads((shop.cwd / "out/tiny-1.0/data/storage-needs.json").read_bytes())
    jsonschema.Draft202012Validator(schema("storage-needs", StorageFile)).validate(data)
    assert not (shop.cwd / "out/tiny-1.0/data/predecessor.json").exists()
