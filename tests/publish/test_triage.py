"""Decisions on findings: read with positions, without effect where nobody stands behind them, never dropped."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from collateral.report.view import build_view
from collateral.triage import orphan_warnings, read_triage, suppressions
from scanners.sarif import to_sarif
from tests.collateral.support import assessment, finding, scan_result
from threatmodel.analysis import read_dispositions
from threatmodel.core.errors import InvalidInput
from threatmodel.load import Loaded

PRINT = "ab" * 32
DAY = datetime.date(2023, 11, 14)
FIELDS = {
    "finding": PRINT,
    "decision": "false-positive",
    "reason": "The value is a constant",
    "owner": "A Person",
    "expires": "2026-01-01",
    "source": "https://example.org/decision",
    "note": "B900 app/service.py",
}


def text(**changes: str | None) -> bytes:
    fields = {**FIELDS, **changes}
    lines = [f'    {key}: "{value}"' for key, value in fields.items() if value is not None]
    return ("dispositions: []\nfindings:\n  -" + "\n".join(lines)[3:] + "\n").encode()


def problems(data: bytes) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read_triage(data, "m/dispositions.yaml")
    return [found.render() for found in caught.value.diagnostics]


def test_an_entry_is_read_and_counts_while_it_is_in_force() -> None:
    (entry,) = read_triage(text(), "d.yaml").values()
    assert (entry.finding, entry.decision, entry.note) == (PRINT, "false-positive", "B900 app/service.py")
    assert str(entry.place) == "d.yaml:3"
    assert [entry.state(datetime.date(2026, 1, day)) for day in (1, 2)] == ["false-positive", "expired"]
    assert replace(entry, source="").state(DAY) == "proposed"


@pytest.mark.parametrize("data", [b"", b"dispositions: []\n", b"findings: []\n", b"- 1\n"])
def test_no_list_is_no_decision(data: bytes) -> None:
    assert read_triage(data, "d.yaml") == {}


def test_dispositions_and_findings_stand_in_one_file() -> None:
    assert read_dispositions(text(), "d.yaml") == ()
    with pytest.raises(InvalidInput, match='unknown key "finding"; did you mean "findings"'):
        read_dispositions(b"finding: []\n", "d.yaml")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"owner": None}, 'm/dispositions.yaml:3  D011  "owner" is missing'),
        ({"reason": ""}, 'm/dispositions.yaml:3  D011  "reason" is missing'),
        (
            {"finding": "abc"},
            "m/dispositions.yaml:3  D011  finding is not a fingerprint; the 64 hex digits of "
            "partialFingerprints in data/findings.sarif",
        ),
        (
            {"decision": "false-positiv"},
            'm/dispositions.yaml:4  D012  decision cannot be "false-positiv"; did you mean "false-positive"?',
        ),
        (
            {"justification": "component_not_presnt"},
            'm/dispositions.yaml:10  D012  justification cannot be "component_not_presnt"; '
            'did you mean "component_not_present"?',
        ),
        (
            {"expires": "2026-13-01"},
            "m/dispositions.yaml:7  D013  expires '2026-13-01' is not an ISO 8601 date; write 2027-06-30",
        ),
        (
            {"expires": "20260101"},
            "m/dispositions.yaml:7  D013  expires '20260101' is not an ISO 8601 date; write 2027-06-30",
        ),
        (
            {"source": "http://x"},
            "m/dispositions.yaml:8  D013  source is not public; write https://… or "
            '"commit <40 hex digits>", or leave it out',
        ),
        (
            {"ownr": "x"},
            'm/dispositions.yaml:10  D012  unknown key "ownr"; did you mean "owner"?',
        ),
        (
            {"reason": "x" * 2001},
            'm/dispositions.yaml:5  D011  "reason" is a text of at most 2000 characters',
        ),
    ],
)
def test_every_problem_has_a_place_and_the_nearest_word(changes: dict[str, str], expected: str) -> None:
    assert expected in problems(text(**changes))


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(text(owner=None, decision="x", expires="y", source="z"))) == 4


def test_a_finding_is_decided_once() -> None:
    item = text().split(b"findings:\n")[1]
    assert problems(b"findings:\n" + item + item) == [
        f"m/dispositions.yaml:9  D014  finding {PRINT[:12]} is decided twice"
    ]


@pytest.mark.parametrize(
    "data", [b"findings: 3\n", b"findings: [3]\n", b"findings: [[]]\n", b"findings: [{finding: {a: 1}}]\n"]
)
def test_a_wrong_shape_is_told(data: bytes) -> None:
    assert all("D011" in line for line in problems(data))


def test_texts_cannot_steer_a_terminal() -> None:
    (entry,) = read_triage(text(reason="a\u202eb"), "d.yaml").values()
    assert entry.reason == "a<U+202E>b"


@pytest.mark.parametrize(
    ("changes", "suppressed"),
    [
        ({}, True),
        ({"decision": "accepted"}, True),
        ({"decision": "not-affected", "justification": "component_not_present"}, True),
        ({"decision": "confirmed"}, False),
        ({"source": None}, False),
        ({"expires": "2023-11-13"}, False),
    ],
)
def test_sarif_suppresses_what_a_decision_in_force_set_aside(
    changes: dict[str, str | None], suppressed: bool
) -> None:
    found = finding()
    triage = read_triage(text(**{**changes, "finding": found.fingerprint}), "d.yaml")
    log = to_sarif(
        [scan_result(findings=(found,))],
        tool_version="1",
        project="p",
        release="1",
        suppressions=suppressions(triage, DAY),
    )
    (result,) = log["runs"][0]["results"]
    assert ("suppressions" in result) == suppressed
    if suppressed:
        (entry,) = result["suppressions"]
        assert "A Person" in entry["justification"]
        assert "https://example.org/decision" in entry["justification"]


def test_a_decision_without_a_finding_is_named_and_no_error(tiny: Loaded) -> None:
    triage = read_triage(text(), "d.yaml")
    (warning,) = orphan_warnings(triage, [])
    assert (warning.code, str(warning.severity)) == ("D015", "warning")
    assert orphan_warnings(triage, [PRINT]) == ()
    view = build_view(replace(assessment(tiny), triage=triage), [])
    assert f"Decision on finding {PRINT[:12]} (B900 app/service.py)" in [
        row["what"] for row in view["not_checked"]
    ]


def test_documents_count_the_decisions(tiny: Loaded) -> None:
    first, second = finding(snippet="a"), finding(snippet="b")
    triage = read_triage(text(finding=first.fingerprint), "d.yaml")
    a = assessment(tiny, scans=(scan_result(findings=(first, second)),), triage=triage)
    view = build_view(a, [])
    assert view["triage"] == [{"decision": "false-positive", "count": 1}, {"decision": "none", "count": 1}]
    decisions = {row["id"]: row["decision"] for row in view["findings"]}
    assert decisions[first.fingerprint[:12]].startswith("false-positive by A Person until 2026-01-01: ")
    assert decisions[second.fingerprint[:12]] == ""
