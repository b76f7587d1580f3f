"""The risk settings of a model are read in one place, and every command that judges threats goes by them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import collateral
from collateral.bundle.exports import schema
from collateral.bundle.threats import ThreatsFile
from tests.cli.harness import Cli
from tests.collateral.support import (
    COMMIT_TIME,
    INIT,
    TOML,
    git,
    make_repository,
    make_workspace,
    write_files,
)
from tests.load.test_risk import SPELT

LOW = f"\n[risk]\nmatrix = {[['low'] * 5] * 5}\n"
COMMANDS: dict[str, tuple[str, ...]] = {
    "check": ("check", "model"),
    "threats": ("threats", "model"),
    "threats of another choice": ("threats", "model", "--set", "auth=none"),
    "compare": ("compare", "model"),
    "diff": ("diff", "HEAD~1", "HEAD", "model"),
    "pentest plan": ("pentest", "plan", "model"),
}
_NO_LEVELS = {
    "collateral/cli/overlays.py": "asks for the ids alone",
    "collateral/gate/gather.py": "asks no rule",
}
"""Calls of `analyse` whose answer has no risk."""


def levels(value: Any) -> Iterator[str]:
    """Every level of risk in an answer; a priority that no criterion gives is that of a low one."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"risk", "inherent", "worst_risk"} and isinstance(item, str):
                yield from {item} - {"-"}
            elif key == "unsettled":
                yield from (level for level, count in item.items() if count)
            elif key == "priority":
                yield "low" if item == "p3" else str(item)
            else:
                yield from levels(item)
    elif isinstance(value, list):
        for item in value:
            yield from levels(item)


def workspace(folder: Path, risk: str) -> Path:
    """A repository whose second commit takes the control away."""
    toml = TOML.replace('"../source"', '".."') + risk
    root = make_repository(
        folder, {"model/__init__.py": INIT, "model/threatmodel.toml": toml, "app/service.py": "x = 1\n"}
    )
    bare = INIT.replace('controls=[TOKENS] if o.auth == "token" else []', "controls=[]")
    bare = bare.replace("TOKENS = Control(", "UNUSED = Control(")
    write_files(root / "model", {"__init__.py": bare})
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "change")
    return root


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_changed_matrix_changes_every_command(cli: Cli, tmp_path: Path, name: str) -> None:
    said = cli.at(workspace(tmp_path / "plain", ""))(*COMMANDS[name], "--format", "json")
    assert set(levels(said.json)) - {"low"}, said
    said = cli.at(workspace(tmp_path / "low", LOW))(*COMMANDS[name], "--format", "json")
    assert set(levels(said.json)) == {"low"}, said


@pytest.mark.slow
def test_a_changed_matrix_changes_priorities_of_the_gate(cli: Cli, tmp_path: Path) -> None:
    command = ("gate", "model", "--base", "HEAD~1", "--head", "HEAD", "--enforce")
    assert cli.at(workspace(tmp_path / "plain", ""))(*command).code == 10
    assert cli.at(workspace(tmp_path / "low", LOW))(*command).code == 0


@pytest.mark.slow
def test_a_bundle_goes_by_the_settings(cli: Cli, tmp_path: Path) -> None:
    here = cli.at(workspace(tmp_path, LOW), environ={"SOURCE_DATE_EPOCH": str(COMMIT_TIME)})
    said = here("build", "model", "--no-scan", "-o", "out")
    assert said.code in {0, 3}, said
    (found,) = (tmp_path / "out").glob("*/data/threats.json")
    assert set(levels(json.loads(found.read_text()))) == {"low"}


@pytest.mark.slow
def test_the_defaults_spelt_out_give_the_same_bytes(cli: Cli, tmp_path: Path) -> None:
    for command in (("check",), ("threats", "--format", "json")):
        said = [
            cli.at(workspace(tmp_path / f"{command[0]}-{n}", text))(command[0], "model", *command[1:])
            for n, text in enumerate(("", SPELT))
        ]
        assert said[0] == said[1]
        assert said[0].code == 0


def test_every_analysis_is_given_the_settings() -> None:
    root = Path(collateral.__file__).parents[1]
    without = {
        str(path.relative_to(root))
        for path in sorted((root / "collateral").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "analyse"
        and not any(keyword.arg == "risk" for keyword in node.keywords)
    }
    assert without == set(_NO_LEVELS)


@pytest.mark.slow
def test_check_tells_of_criteria_that_never_decide_or_name_nothing(cli: Cli, tmp_path: Path) -> None:
    criterion = '[[priority.criteria]]\nabout = "threat"\nbecause = "so"\npriority = '
    risk = 'risk = ["critical"]\n'
    twice = f'\n{criterion}"p1"\n{risk}{criterion}"p2"\n{risk}'
    make_workspace(tmp_path, source=False)
    toml = tmp_path / "model/threatmodel.toml"
    plain = toml.read_text()
    here = cli.at(tmp_path)
    assert "M037" not in here("check", "model").err
    toml.write_text(plain + twice)
    said = here("check", "model")
    assert said.code == 0
    assert "model/threatmodel.toml:21  M037  this criterion never decides" in said.err
    assert "that of p1 in line 16" in said.err
    toml.write_text(f'{plain}\n{criterion}"p1"\nadversary = ["strangr"]\nprivilege = ["rot"]\n')
    said = here("check", "model")
    assert said.code == 4
    assert 'privilege cannot be "rot"; did you mean "root"?' in said.err
    toml.write_text(f'{plain}\n{criterion}"p1"\nadversary = ["strangr"]\n')
    said = here("check", "model")
    assert said.code == 4
    assert 'adversary "strangr" is not in the model; did you mean "stranger"?' in said.err


VECTOR = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"
METRICS = "".join(f"      {part.split(':')[0]}: so\n" for part in VECTOR.split("/")[1:])
CVSS = f"vectors:\n  - threat: CORE-001@T1\n    vector: {VECTOR}\n    metrics:\n{METRICS}"


@pytest.mark.slow
def test_vectors_are_shown_with_their_scores_and_absence_is_said(cli: Cli, tmp_path: Path) -> None:
    make_workspace(tmp_path, source=False)
    write_files(tmp_path / "model", {"cvss.yaml": CVSS})
    here = cli.at(tmp_path)
    value = here("threats", "model", "--format", "json").json
    jsonschema.Draft202012Validator(schema("threats", ThreatsFile)).validate(value)
    (record,) = value["vectors"]
    assert (record["threat"], record["score"], record["severity"]) == ("CORE-001@T1", 6.9, "Medium")
    assert record["proposed"] is True
    words = f"6.9 Medium ({VECTOR}; derived metric by metric; proposed)"
    assert f"CVSS {words}" in here("threats", "model").out
    table = here("threats", "model", "--format", "markdown").out.splitlines()[2:]
    assert ["no CVSS vector is given" in row for row in table] == [False, True, True, True]
    assert here("check", "model").code == 0
    write_files(tmp_path / "model", {"cvss.yaml": CVSS.replace("@T1", "@T7")})
    said = here("check", "model")
    assert said.code == 4
    assert 'model/cvss.yaml:2  D043  no threat "CORE-001@T7" in any configuration' in said.err
