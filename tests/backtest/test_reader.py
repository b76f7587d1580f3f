"""The keys of `advisories.yaml` that a backtest goes by: what is refused, with file and line."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.advisories import advisories_schema, read_advisories
from tests.backtest.support import GOOD
from tests.collateral.support import load_tiny
from threatmodel.core.errors import InvalidInput
from threatmodel.system import Project


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return load_tiny(tmp_path_factory.mktemp("reader") / "model").project


def problems(text: str, project: Project) -> list[str]:
    try:
        read_advisories(text.encode(), "a.yaml", project)
    except InvalidInput as error:
        return [found.render() for found in error.diagnostics]
    return []


def test_a_good_file(project: Project) -> None:
    jsonschema.Draft202012Validator(advisories_schema()).validate(yaml.safe_load(GOOD))
    first, second = read_advisories(GOOD.encode(), "a.yaml", project)
    assert (first.where, first.threats, first.claims) == ("guarded", ("CORE-001@T1",), ("caller-tokens",))
    assert (first.last_affected, first.first_fixed) == ("0.9", "1.0")
    assert (second.where, second.options, second.threats, second.last_affected) == ("", {}, (), "")


def test_options_are_part_of_the_name(project: Project) -> None:
    text = GOOD.replace("configuration: guarded", "configuration: guarded\n    options: { auth: none }")
    (first, _) = read_advisories(text.encode(), "a.yaml", project)
    assert first.where == "guarded+auth=none"


OPTIONS = "configuration: guarded\n    options:"
MISTAKES = [
    ('"0.9"', '"0..9"', "a.yaml:16  D042  last_affected '0..9' is not a tag"),
    ('"0.9"', '"-x"', "a.yaml:16  D042  last_affected '-x' is not a tag"),
    ('"1.0"', '"1.0 "', ""),
    ('"1.0"', '"a:b"', "a.yaml:17  D042  first_fixed 'a:b' is not a tag"),
    ("CORE-001@T1", "CORE-001", "a.yaml:15  D042  threats 'CORE-001' is not the id of a threat"),
    ("configuration: guarded", "configuration: guard", 'a.yaml:14  D043  configuration: the model has no "guard"'),
    ("[caller-tokens]", "[caller-token]", 'a.yaml:18  D043  claims: the model has no "caller-token"; did you'),
    ("configuration: guarded", f"{OPTIONS} {{ aut: x }}", 'a.yaml:15  D043  options: the model has no "aut"; did'),
    ("configuration: guarded", f"{OPTIONS} {{ auth: x }}", 'a.yaml:15  D043  auth: the model has no value "x"; one of'),
    ("configuration: guarded", "options: { auth: none }", 'a.yaml:14  D048  "options" needs "configuration"'),
    ("    configuration: guarded\n", "", 'a.yaml:14  D048  "threats" needs "configuration"'),
    ('    first_fixed: "1.0"\n', "", 'a.yaml:16  D048  "last_affected" needs "first_fixed"'),
    ('    last_affected: "0.9"\n', "", 'a.yaml:16  D048  "first_fixed" needs "last_affected"'),
    ('    last_affected: "0.9"\n', "", 'a.yaml:17  D048  "claims" needs "last_affected"'),
    ("CORE-001@T1", "CORE-001@T2", "a.yaml:15  D049  threats: CORE-001@T2 is at no element or flow of the advisory"),
    ("    claims:", "    claim:", 'a.yaml:18  D041  unknown key "claim"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES, ids=[f"{m[2][7:30]}-{m[1]}" for m in MISTAKES])
def test_each_mistake_has_a_code_and_a_line(project: Project, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1), project)
    assert any(text.startswith(expected) for text in found) if expected else found == [], found


def test_all_problems_are_told(project: Project, tmp_path: Path) -> None:
    text = GOOD.replace("configuration: guarded", "configuration: guard").replace("[caller-tokens]", "[x]")
    assert [found.split("  ")[:2] for found in problems(text, project)] == [
        ["a.yaml:14", "D043"],
        ["a.yaml:18", "D043"],
    ]
