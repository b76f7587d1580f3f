"""`threatmodel rules`: lint, test, docs and the schema of a rule file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from collateral.outputs import all_schemas
from collateral.rules import rule_schema
from tests.cli.harness import Cli
from threatmodel.rules import PACKS, load_vocabulary

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[2] / "threatmodel/rules/packs"
SHIPPED = FOLDER / "ipc/IPC-001.yaml"
SCHEMA = jsonschema.Draft202012Validator(rule_schema(load_vocabulary()))


@pytest.fixture(name="own")
def _own(tmp_path: Path) -> Cli:
    """A model with a pack of one rule, which says the same as a shipped one."""
    (tmp_path / "model/rules").mkdir(parents=True)
    (tmp_path / "model/threatmodel.toml").write_text(
        '[project]\nid = "m"\n[packs]\nenabled = ["core", "mine"]\n[packs.folders]\nmine = "rules"\n'
    )
    (tmp_path / "model/rules/MINE-1.yaml").write_text(SHIPPED.read_text("utf-8").replace("IPC-001", "MINE-1"))
    return Cli(cwd=tmp_path, path=os.environ["PATH"])


def test_shipped_packs_are_linted(own: Cli) -> None:
    said = own("rules", "lint")
    assert said.code == 0
    assert said.err.splitlines() == [
        "packs/core/CORE-004.yaml:1  R018  CORE-004: no case needs reach(flow.source) >= 4; add a case that differs in "
        "this alone"
    ]


@pytest.mark.parametrize("place", ["model", "model/rules"])
def test_own_rules_are_linted_and_tested(own: Cli, place: str) -> None:
    assert own("rules", "lint", place).out == "1 rules, no error, 0 warnings\n"
    assert own("rules", "test", place).out.splitlines()[0] == "MINE-1    6 cases  ok"
    value = own("rules", "test", place, "--format", "json").json
    jsonschema.Draft202012Validator(all_schemas()["urn:threatmodel:schema:rule-tests:1"]).validate(value)
    assert [(row["id"], row["failed"]) for row in value["rules"]] == [("MINE-1", 0)]


def test_a_case_that_fails(own: Cli) -> None:
    path = own.cwd / "model/rules/MINE-1.yaml"
    path.write_text(
        path.read_text().replace(
            "  quiet:\n", "  quiet:\n    - {source: {controlled: true}, flow: {over: uds}}\n"
        )
    )
    for what in ("lint", "test"):
        said = own("rules", what, "model")
        assert said.code == 4
        assert "  R017  MINE-1 fires on a case where it must not; mend the condition or the case" in said.err
        assert said.err.startswith("model/rules/MINE-1.yaml:")
    assert own("rules", "test", "model").out.splitlines()[0] == "MINE-1    7 cases  1 FAILED"


def test_a_rule_that_is_not_valid(own: Cli) -> None:
    path = own.cwd / "model/rules/MINE-1.yaml"
    path.write_text(path.read_text().replace("flow.over in", "flow.ovr in"))
    said = own("rules", "lint", "model")
    assert said.code == 4
    assert "R007" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("lint", "nowhere"), 2, "U001  no folder at nowhere"),
        (("docs", "--pack", "icp"), 2, 'R001  no rule pack "icp"; did you mean "ipc"?'),
        (("test", "empty"), 4, "R015"),
        (("test", "plain"), 2, "U029  plain has no rule packs of its own"),
    ],
)
def test_bad_places(own: Cli, arguments: tuple[str, ...], code: int, expected: str) -> None:
    (own.cwd / "empty").mkdir()
    (own.cwd / "plain").mkdir()
    (own.cwd / "plain/threatmodel.toml").write_text('[project]\nid = "m"\n')
    said = own("rules", *arguments)
    assert said.code == code
    assert expected in said.err


def test_the_reference_has_every_rule_in_full(own: Cli) -> None:
    value = own("rules", "docs", "--format", "json").json
    jsonschema.Draft202012Validator(all_schemas()["urn:threatmodel:schema:rule-reference:1"]).validate(value)
    assert {pack["name"] for pack in value["packs"]} == set(PACKS)
    rules = [rule for pack in value["packs"] for rule in pack["rules"]]
    assert len(rules) == len(list(FOLDER.glob("*/*.yaml")))
    named = {word for rule in rules for words in rule["mitigated_by"] for word in words}
    assert set(value["classes"]) == named
    assert all(value["classes"].values())
    text = own("rules", "docs", "--format", "markdown").out
    assert all(f"### {rule['id'].replace('-', chr(92) + '-')}" in text for rule in rules)
    table = own("rules", "docs", "--pack", "ipc").out
    assert table.splitlines()[1].split()[0] == "ipc"
    assert len(own("rules", "docs", "model/rules", "--format", "json").json["packs"]) == 1


def rules_of_the_project() -> list[Path]:
    return sorted(FOLDER.glob("*/*.yaml"))


@pytest.mark.parametrize("path", rules_of_the_project(), ids=lambda path: path.stem)
def test_rule_files_are_valid_by_the_schema(path: Path) -> None:
    SCHEMA.validate(yaml.safe_load(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "changes",
    [
        {"stride": "spoof"},
        {"applies_to": "boundary"},
        {"mitigated_by": []},
        {"mitigated_by": [["no-such-class"]]},
        {"cwe": []},
        {"cwe": ["22"]},
        {"references": ["http://x"]},
        {"title": " "},
        {"made_up": 1},
        {"cases": {"firing": [{}]}},
        {"cases": {"firing": [{"source": {"traits": ["no-such"]}}], "quiet": [{}]}},
        {"cases": {"firing": [{"sauce": {}}], "quiet": [{}]}},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(changes: dict[str, Any]) -> None:
    value = {**yaml.safe_load(SHIPPED.read_text("utf-8")), **changes}
    assert not SCHEMA.is_valid(value)
    assert not SCHEMA.is_valid({key: held for key, held in value.items() if key != "when"})


def test_the_schema_is_printed(own: Cli) -> None:
    assert json.loads(own("rules", "schema").out) == all_schemas()["urn:threatmodel:schema:rule-input:1"]
