"""`threatmodel coverage --predecessor`, and the earlier model in check and bundle."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.predecessor.files import PredecessorFile
from tests.cli.harness import Cli
from tests.collateral.support import make_tools, make_workspace
from tests.predecessor.test_reader import GOOD

pytestmark = pytest.mark.slow

NAMED = GOOD.replace(", CORE-001@T1", "")


@pytest.fixture(name="shop", scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    folder = make_workspace(tmp_path_factory.mktemp("predecessor"))
    make_tools(folder / "tools")
    (folder / "model/predecessor.yaml").write_text(NAMED, "utf-8")
    return Cli(cwd=folder, path=os.environ["PATH"])


def test_without_a_word_it_is_the_matrix(shop: Cli) -> None:
    said = shop("coverage", "model")
    assert (said.code, said.err) == (0, "")
    assert "STRIDE" not in said.out.splitlines()[0]
    assert shop("coverage", "model", "--format", "json").json["format"] == "threatmodel/coverage"


def test_a_model_without_the_record(shop: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    said = shop.at(tmp_path)("coverage", "model", "--predecessor")
    assert said.code == 2
    assert said.err.startswith("U019  model has no predecessor.yaml")


def test_text_and_markdown(shop: Cli) -> None:
    said = shop("coverage", "model", "--predecessor")
    assert said.code == 0
    assert said.out.startswith("docs/threats.md as of 1.0: 1 of 2 answered\n")
    assert "T-1  line 3  stale  Callers are known.\n    service  element  Service\n" in said.out
    assert "    not answered: The model is about software.\n" in said.out
    marked = shop("coverage", "model", "--predecessor", "--format", "markdown").out
    assert "| T\\-1 | 3 | Callers are known\\. | stale | `service`" in marked


def test_incomplete_is_exit_3_where_it_was_asked(shop: Cli) -> None:
    assert shop("coverage", "model", "--predecessor", "--require-complete").code == 3


def test_json_is_in_its_format(shop: Cli) -> None:
    value = shop("coverage", "model", "--predecessor", "--format", "json").json
    jsonschema.Draft202012Validator(schema("predecessor", PredecessorFile)).validate(value)
    assert value["unanswered"] == ["T-2"]


def test_check_reads_it_and_knows_threats_of_every_configuration(shop: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    cli = shop.at(tmp_path)
    threats = cli("threats", "model", "--config", "bare", "--format", "json").json["threats"]
    file = tmp_path / "model/predecessor.yaml"
    for threat in threats:
        file.write_text(GOOD.replace("CORE-001@T1", threat["id"]), "utf-8")
        assert cli("check", "model").code == 0, threat["id"]
    file.write_text(GOOD.replace("CORE-001@T1", "CORE-001@T2"), "utf-8")
    said = cli("check", "model")
    assert said.code == 4
    assert said.err.startswith('model/predecessor.yaml:13  D043  answered_by: the model has no "CORE-001@T2"')


def test_a_bundle_has_it_where_the_model_does(shop: Cli) -> None:
    assert shop("build", "model", "-o", "out", "--tools", "tools").code in (0, 3)
    bundle = shop.cwd / "out/tiny-1.0"
    data = json.loads((bundle / "data/predecessor.json").read_bytes())
    jsonschema.Draft202012Validator(schema("predecessor", PredecessorFile)).validate(data)
    page = (bundle / "index.html").read_text("utf-8")
    assert "What became of the earlier threat model" in page
    assert "data/predecessor.json" in page
    assert shop("verify", "out/tiny-1.0").code == 0
