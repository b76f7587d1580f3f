"""Section `[risk]` of `threatmodel.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.support import write
from threatmodel.core.errors import InvalidInput
from threatmodel.load import read_manifest
from threatmodel.system.risk import DEFAULT_MATRIX, DEFAULT_PRIVILEGE, Mitigation, RiskSettings

LOW = '["low", "low", "low", "low", "low"]'


def matrix(*rows: str) -> str:
    return f"[risk]\nmatrix = [{', '.join(rows)}]\n"


PROBLEMS = {
    "[risk]\nmatrx = []\n": [':2  M024  [risk]: unknown key "matrx"; did you mean "matrix"?'],
    "risk = 3\n": ["  M024  [risk] must be a table"],
    "[risk]\nmatrix = [[1]]\n": [
        ":2  M024  matrix must be 5 rows of 5 words out of low, medium, high, critical"
    ],
    matrix(*[LOW.replace('"low"', '"hgih"', 1)] * 5): [
        ':2  M024  matrix: a level cannot be "hgih"; did you mean "high"?'
    ],
    matrix(*[LOW.replace('"low"', "7", 1)] * 5): [
        ':2  M024  matrix: a level cannot be "7"; one of low, medium, high, critical'
    ],
    matrix('["low", "high", "medium", "high", "high"]', *['["high", "high", "high", "high", "high"]'] * 4): [
        ":2  M024  matrix: with likelihood 1, impact 2 is high and impact 3 is medium; "
        "a higher impact must not lower the level"
    ],
    matrix(*[LOW] * 3, '["low", "low", "low", "low", "high"]', LOW): [
        ":2  M024  matrix: with impact 5, likelihood 4 is high and likelihood 5 is low; "
        "a higher likelihood must not lower the level"
    ],
    "[risk]\nreach = [5, 4, 3, 2]\n": [":2  M024  reach must be 5 numbers from 1 to 5"],
    "[risk]\nreach = [5, 4, 3, 2, 0]\n": [":2  M024  reach must be 5 numbers from 1 to 5"],
    "[risk]\nreach = [5, 4, 3, 2, true]\n": [":2  M024  reach must be 5 numbers from 1 to 5"],
    "[risk]\nreach = [5, 3, 4, 2, 1]\n": [
        ":2  M024  reach: 3 with 1 to cross, 4 with 2; more boundaries must not raise the likelihood"
    ],
    "[risk]\nprivilege = 4\n": [
        ":2  M024  privilege must be a table of numbers; write privilege = { none = 1 }"
    ],
    "[risk]\nprivilege = { rot = 4 }\n": [
        ':2  M024  [risk.privilege]: unknown key "rot"; did you mean "root"?'
    ],
    "[risk.privilege]\nuser = 2\nroot = 6\n": [':3  M024  privilege: "root" must be a number from 0 to 5'],
    "[risk]\n\nprivilege = { kernel = 3 }\n": [
        ":3  M024  privilege: root is 4, kernel is 3; more privilege must not lower the impact"
    ],
    "[risk]\nmitigation = { verified = 5 }\n": [
        ':2  M024  mitigation: "verified" must be a number from 0 to 4'
    ],
    "[risk]\nmitigation = { atested = 1 }\n": [
        ':2  M024  [risk.mitigation]: unknown key "atested"; did you mean "attested"?'
    ],
    "[risk]\nmitigation = { verified = 1, attested = 2 }\n": [
        ":2  M024  mitigation: attested takes 2 steps away, verified 1; "
        "an attestation must not count for more than a check"
    ],
    '[risk]\nimpact = ["a", "b", "c", "d"]\n': [
        ":2  M024  impact must be 5 texts of at most 300 characters; say what impact 1, 2, 3, 4 and 5 mean"
    ],
    '[risk]\nlikelihood = ["a", "b", "c", "d", " "]\n': [
        ":2  M024  likelihood must be 5 texts of at most 300"
    ],
    "[risk]\nreach = 1\nprivilege = 1\n": [":2  M024  reach must be", ":3  M024  privilege must be"],
}


@pytest.mark.parametrize("text", PROBLEMS)
def test_problems(tmp_path: Path, text: str) -> None:
    root = write(tmp_path, {"threatmodel.toml": text})
    with pytest.raises(InvalidInput) as caught:
        read_manifest(root, "m")
    found = [item.render() for item in caught.value.diagnostics]
    assert len(found) == len(PROBLEMS[text]), found
    for said, wanted in zip(found, PROBLEMS[text], strict=True):
        assert said.startswith(f"m/threatmodel.toml{wanted}"), said


def risk(folder: Path, text: str) -> RiskSettings:
    return read_manifest(write(folder, {"threatmodel.toml": text}), "m").risk


SPELT = f"""
[risk]
matrix = {[list(row) for row in DEFAULT_MATRIX]}
reach = [5, 4, 3, 2, 1]
privilege = {{ none = 0, restricted = 1, user = 2, elevated = 3, root = 4, kernel = 5 }}
mitigation = {{ verified = 3, attested = 3 }}
likelihood = {list(RiskSettings().likelihood)}
impact = {list(RiskSettings().impact)}
"""


def test_the_defaults_spelt_out_are_the_defaults(tmp_path: Path) -> None:
    assert risk(tmp_path, SPELT) == risk(tmp_path, "[risk]\n") == risk(tmp_path, "") == RiskSettings()


def test_what_the_section_does_not_say_is_the_default(tmp_path: Path) -> None:
    found = risk(tmp_path, "[risk]\nprivilege = { none = 1, kernel = 5 }\nmitigation = { verified = 2 }\n")
    assert found.privilege == {**DEFAULT_PRIVILEGE, "none": 1}
    assert found.matrix == DEFAULT_MATRIX
    assert found.mitigation == Mitigation(verified=2, attested=2), "an attestation is never worth more"
    found = risk(tmp_path, "[risk.mitigation]\nattested = 1\n")
    assert found.mitigation == Mitigation(verified=3, attested=1)


def test_a_matrix_of_the_model(tmp_path: Path) -> None:
    found = risk(tmp_path, matrix(LOW, LOW, LOW, LOW, '["low", "medium", "high", "critical", "critical"]'))
    assert found.matrix[3] == ("low",) * 5
    assert found.matrix[4] == ("low", "medium", "high", "critical", "critical")
