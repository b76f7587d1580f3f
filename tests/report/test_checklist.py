"""The operator's checklist: what is open, what nobody has proven, and never a word that all is well."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pypdf
import pytest

from collateral.advisories import Advisory
from collateral.assessment import Assessment
from collateral.deployed.keys import DeployedKeys, KeyRule
from collateral.report.checklist import checklist_view
from collateral.report.pdf.checklist import render_checklist
from tests.collateral.support import COMMIT_TIME, assessment, load_tiny
from tests.report.pdf_view import HOSTILE, make_view
from threatmodel.analysis import Disposition
from threatmodel.core.diagnostics import Place

KEYS = DeployedKeys(
    hypervisors={"qemu": "qemu"},
    marks={},
    known={},
    rules=(KeyRule(option="auth", key="service.auth"), KeyRule(option="auth", key="service.other")),
)


class Said:
    """An advisory that says this of every release."""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.ids = (f"CVE-{answer}",)
        self.title = HOSTILE
        self.source = "https://example.org/a"
        self.fixed = ("2.0",)

    def affects(self, release: str) -> str:
        return self._answer


@pytest.fixture(scope="module")
def a(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    return assessment(load_tiny(tmp_path_factory.mktemp("tiny") / "model"))


def view(a: Assessment, *answers: str, keys: DeployedKeys | None = KEYS, **changes: Any) -> dict[str, Any]:
    given = cast("list[Advisory]", [Said(answer) for answer in answers])
    return checklist_view(make_view(**changes), a, given, None, keys)


def told(made: dict[str, Any]) -> str:
    pages = pypdf.PdfReader(io.BytesIO(render_checklist(made, timestamp=COMMIT_TIME))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def test_advisories_that_are_open_or_not_known_are_boxes_and_others_a_number(a: Assessment) -> None:
    made = view(a, "fixed", "unknown", "affected", "not-affected")
    assert [row["id"] for row in made["advisories"]] == ["CVE-affected", "CVE-unknown"]
    assert made["settled"] == 2
    words = told(made)
    assert "range unknown" in words
    assert "2 others say" in words
    assert "CVE-fixed" not in words


def test_an_option_stands_with_its_value_its_keys_and_what_needs_it(a: Assessment) -> None:
    checks = tuple(replace(check, when={"auth": ("token",)}) for check in a.ledger.checks)
    made = view(replace(a, ledger=replace(a.ledger, checks=checks)))
    (row,) = made["options"]
    assert row == {
        "name": "auth",
        "description": "",
        "value": "token",
        "others": ["none"],
        "keys": ["service.auth", "service.other"],
        "controls": ["caller-tokens"],
        "more_controls": 0,
    }


@pytest.mark.parametrize(
    ("keys", "said"), [(None, "not on record"), (replace(KEYS, rules=()), "no key of a configuration file")]
)
def test_without_a_key_the_list_says_so(keys: DeployedKeys | None, said: str, a: Assessment) -> None:
    assert said in told(view(a, keys=keys))


@pytest.mark.parametrize(
    ("state", "there"),
    [("verified", False), ("proposed", True), ("not-checked", True), ("contradicted", True)],
)
def test_what_no_program_has_proven_is_to_be_checked_by_hand(state: Any, there: bool, a: Assessment) -> None:
    records = tuple(replace(record, state=state) for record in a.ledger.records)
    made = view(replace(a, ledger=replace(a.ledger, records=records)))
    assert [row["id"] for row in made["controls"]] == (["caller-tokens"] if there else [])
    assert ("Every control of this configuration is verified" in told(made)) == (not there)


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({}, True),
        ({"decision": "accepted"}, False),
        ({"configurations": ("bare",)}, False),
        ({"threat": "CORE-999@nowhere"}, False),
    ],
)
def test_threats_that_are_given_to_others_are_named(
    changes: dict[str, Any], there: bool, a: Assessment
) -> None:
    threat = next(t.id for t in a.threats if "guarded" in t.by_configuration)
    values: dict[str, Any] = {
        "threat": threat,
        "decision": "transferred",
        "reason": "Theirs",
        "owner": "The operator",
        "expires": "2027-01-01",
        "source": "",
        "configurations": (),
        "place": Place("dispositions.yaml"),
    }
    made = view(replace(a, dispositions=(Disposition(**(values | changes)),)))
    assert bool(made["transferred"]) == there
    assert ("Theirs" in told(made)) == there


def test_same_view_same_bytes(a: Assessment, tmp_path: Path) -> None:
    made = view(a, "affected")
    first = render_checklist(made, timestamp=COMMIT_TIME, cache=tmp_path)
    assert render_checklist(made, timestamp=COMMIT_TIME) == first
