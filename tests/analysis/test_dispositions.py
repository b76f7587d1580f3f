"""`dispositions.yaml`: each mistake has a code and a line."""

from __future__ import annotations

import datetime

import pytest

from threatmodel.analysis import overdue, read_dispositions
from threatmodel.core.errors import InvalidInput

GOOD = """\
dispositions:
  - threat: X@F1
    decision: accepted
    reason: R
    owner: O
    expires: 2027-06-30
    source: https://example.org/1
    configurations: [a]
"""


def problems(text: str) -> list[str]:
    try:
        read_dispositions(text.encode(), "d.yaml")
    except InvalidInput as error:
        return [found.render() for found in error.diagnostics]
    return []


def test_a_good_file() -> None:
    (found,) = read_dispositions(GOOD.encode(), "d.yaml")
    assert (found.threat, found.expires, found.configurations, found.proposed) == (
        "X@F1",
        "2027-06-30",
        ("a",),
        False,
    )
    assert str(found.place) == "d.yaml:2"


@pytest.mark.parametrize(
    "text", ["dispositions: []\n", GOOD.replace("    source: https://example.org/1\n", "")]
)
def test_what_is_left_out_is_fine(text: str) -> None:
    assert all(found.proposed for found in read_dispositions(text.encode(), "d.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "dispositions:",
            "disposition:",
            ['d.yaml:1  D002  unknown key "disposition"; did you mean "dispositions"?'],
        ),
        (GOOD, "[]", ['d.yaml:1  D001  the file holds "dispositions: […]"']),
        (GOOD, "dispositions: x", ['d.yaml:1  D001  the file holds "dispositions: […]"']),
        (GOOD, "dispositions: [x]", ["d.yaml:1  D001  a disposition is a mapping"]),
        (
            "reason:",
            "reasn:",
            [
                'd.yaml:4  D002  unknown key "reasn"; did you mean "reason"?',
                'd.yaml:2  D001  "reason" is missing',
            ],
        ),
        ("owner: O", "owner:", ['d.yaml:2  D001  "owner" is missing']),
        (
            "accepted",
            "acepted",
            ['d.yaml:3  D002  decision cannot be "acepted"; one of accepted, transferred, not-applicable'],
        ),
        ("accepted", "mitigated", ['d.yaml:3  D002  decision cannot be "mitigated"']),
        ("2027-06-30", "soon", ["d.yaml:6  D003  expires 'soon' is not an ISO 8601 date; write 2027-06-30"]),
        (
            "https://example.org/1",
            "asked around",
            ["d.yaml:7  D003  source is not public; write https://… or"],
        ),
        ("https://example.org/1", "commit abc", ["d.yaml:7  D003  source is not public"]),
        ("[a]", "a", ['d.yaml:8  D001  "configurations" is a list of names; write [name]']),
        (
            "    configurations",
            "    review: 2027-07-01\n    configurations",
            ["d.yaml:8  D003  review 2027-07-01 is after the day that the decision counts until"],
        ),
        (
            "    configurations",
            "    review: soon\n    configurations",
            ["d.yaml:8  D003  review 'soon' is not an ISO 8601 date; write 2027-06-30"],
        ),
        (
            "    configurations",
            "    evidence: https://example.org/2\n    configurations",
            ['d.yaml:8  D001  "evidence" is a list of addresses; write [https://…]'],
        ),
        (
            "    configurations",
            "    evidence: [a book]\n    configurations",
            ["d.yaml:8  D003  evidence is not public; write https://… or"],
        ),
        ("    reason", "    threat", ['d.yaml:4  Y001  key "threat" stands twice']),
    ],
)
def test_problems(old: str, new: str, expected: list[str]) -> None:
    found = problems(GOOD.replace(old, new))
    assert [line[: len(text)] for line, text in zip(found, expected, strict=True)] == expected


def test_a_threat_decided_twice() -> None:
    assert problems(GOOD + GOOD.split("\n", 1)[1]) == ['d.yaml:9  D004  "X@F1" is decided twice']


def test_evidence_is_no_decision() -> None:
    text = GOOD.replace("    source: https://example.org/1", "    evidence: [https://example.org/2]")
    (found,) = read_dispositions(text.encode(), "d.yaml")
    assert found.evidence == ("https://example.org/2",)
    assert found.proposed
    assert not found.in_force("a", datetime.date(2026, 1, 1))


@pytest.mark.parametrize(("day", "late"), [("2027-03-31", 0), ("2027-04-01", 1)])
def test_a_review_that_is_past_is_told(day: str, late: int) -> None:
    text = GOOD.replace("    source", "    review: 2027-03-31\n    source")
    found = overdue(read_dispositions(text.encode(), "d.yaml"), datetime.date.fromisoformat(day))
    assert len(found) == late
    assert [str(item.place) for item in found] == ["d.yaml:2"] * late
    assert overdue(read_dispositions(GOOD.encode(), "d.yaml"), datetime.date(2099, 1, 1)) == ()
