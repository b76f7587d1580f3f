"""The JSON that commands print is what its schema describes."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from collateral.bundle.exports import schema
from collateral.outputs import all_schemas, output_kinds
from tests.cli.harness import Cli

pytestmark = pytest.mark.slow

COMMANDS = {
    "check": ("check", "model"),
    "scans": ("scan", "source", "--tools", "tools"),
    "doctor": ("doctor", "--tools", "tools"),
}


@pytest.mark.parametrize("identity", sorted(all_schemas()))
def test_every_schema_is_one(identity: str) -> None:
    found = all_schemas()[identity]
    jsonschema.Draft202012Validator.check_schema(found)
    version = found.get("properties", {}).get("version", {}).get("const")
    assert version is None or identity.endswith(f":{version}")


@pytest.mark.parametrize("name", COMMANDS)
def test_output_is_in_its_format(cli: Cli, name: str) -> None:
    said = cli(*COMMANDS[name], "--format", "json")
    found = schema(name, output_kinds()[name])
    assert said.json["format"] == f"threatmodel/{name}"
    jsonschema.Draft202012Validator(found).validate(said.json)


def test_doctor_says_where_programs_and_fonts_are(cli: Cli, tmp_path: Path) -> None:
    value = cli("doctor", "--format", "json").json
    paths = {row["name"]: row["path"] for row in value["programs"]}
    assert paths["git"].endswith("/git")
    assert len(value["fonts"]) == 2
    assert {"git", "openssl"} <= set(paths)
    nothing = cli.at(tmp_path, path="")("doctor", "--format", "json").json
    assert {row["path"] for row in nothing["programs"]} == {""}


def test_doctor_writes_every_schema(cli: Cli, tmp_path: Path) -> None:
    assert cli.at(tmp_path)("doctor", "--schemas", "schemas").code == 0
    written = {path.name for path in (tmp_path / "schemas").iterdir()}
    assert written == {"{}.{}.schema.json".format(*name.split(":")[-2:]) for name in all_schemas()}
