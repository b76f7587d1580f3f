"""`threatmodel coverage`: matrices of a configuration, their exit code, and answers of the authors."""

from __future__ import annotations

import os
from pathlib import Path

import jsonschema
import pytest

from collateral.outputs import all_schemas
from tests.cli.harness import Cli
from tests.collateral.support import make_workspace
from threatmodel.system import STRIDE

pytestmark = pytest.mark.slow


def test_the_blanks_come_first(cli: Cli) -> None:
    said = cli("coverage", "model")
    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert lines[0].startswith("tiny · guarded: no answer to ")
    assert lines.index("No answer") < next(n for n, line in enumerate(lines) if line.startswith("element"))
    required = cli("coverage", "model", "--require-complete")
    assert (required.code, required.out) == (3, said.out)


def test_json_has_the_published_form(cli: Cli) -> None:
    value = cli("coverage", "model", "--format", "json", "--config", "bare").json
    schema = all_schemas()["urn:threatmodel:schema:coverage:1"]
    jsonschema.Draft202012Validator(schema).validate(value)
    assert value["configuration"] == "bare"
    subjects = [*value["elements"], *value["flows"]]
    assert all([cell["category"] for cell in subject["cells"]] == list(STRIDE) for subject in subjects)
    states = [cell["state"] for subject in subjects for cell in subject["cells"]]
    assert value["unanswered"] == states.count("unanswered")
    assert sum(row["elements"] + row["flows"] for row in value["states"]) == len(states)
    threats = {
        threat["id"]
        for threat in cli("threats", "model", "--format", "json", "--config", "bare").json["threats"]
    }
    assert {id_ for subject in subjects for cell in subject["cells"] for id_ in cell["threats"]} == threats


def test_markdown_says_the_same(cli: Cli) -> None:
    text = cli("coverage", "model", "--format", "markdown").out
    assert text.startswith("## STRIDE coverage of tiny, guarded\n")
    assert "### No answer" in text


def _model(tmp_path: Path, text: str) -> Cli:
    make_workspace(tmp_path, source=False)
    path = tmp_path / "model/__init__.py"
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    return Cli(cwd=tmp_path, path=os.environ["PATH"])


ANSWER = (
    'from threatmodel.dsl import NotApplicable\nNotApplicable("n", "tampering", at=["*"], reason="Said.")\n'
)


def test_an_answer_of_the_authors_is_told_as_proposed(tmp_path: Path) -> None:
    cli = _model(tmp_path, ANSWER)
    said = cli("coverage", "model", "--format", "markdown")
    assert said.code == 0, said.err
    text = said.out
    assert "Said\\. (proposed)" in text
    assert cli("check", "model").code == 0


@pytest.mark.parametrize("command", [("coverage",), ("check",), ("build", "-o", "out")])
def test_an_answer_that_lies_is_an_error(tmp_path: Path, command: tuple[str, ...]) -> None:
    cli = _model(tmp_path, ANSWER.replace("tampering", "spoofing"))
    said = cli(*command, "model", environ={"SOURCE_DATE_EPOCH": "0"})
    assert said.code == 4
    assert "__init__.py:" in said.err
    assert 'M038  answer "n": spoofing applies at T1: CORE-001@T1' in said.err


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('at=["*"]', "at=[]"), "M036"),
        (("Said.", ""), "M036"),
        (("reason=", "source='my notes', reason="), "M036"),
        (('at=["*"]', "at=['nowhere']"), "M016"),
        (("tampering", "denial"), "M011"),
        (("reason=", "when={'auth': 'none-such'}, reason="), "M014"),
    ],
)
def test_a_bad_answer_has_a_place(tmp_path: Path, change: tuple[str, str], code: str) -> None:
    said = _model(tmp_path, ANSWER.replace(*change))("check", "model")
    assert said.code == 4
    assert f"  {code}  " in said.err
    assert "__init__.py:" in said.err
