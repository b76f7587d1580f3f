"""The first page and the short chapters: every threat named once, nothing that nobody put on record."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pypdf
import pytest

from collateral.advisories import Advisory
from collateral.assessment import Assessment
from collateral.pentest import Engagement
from collateral.pentest.engagement import Provider
from collateral.report.glance import glance_view
from collateral.report.pdf import render_threat_model
from collateral.report.pdf.compact import compact
from collateral.report.pdf.fonts import glyphs
from collateral.report.pdf.prepare import prepare
from collateral.response import Response, Statement
from collateral.response.model import Supported, SupportedRelease
from tests.collateral.support import COMMIT_TIME, assessment, finding, load_tiny, scan_result
from tests.report.pdf_view import make_svgs, make_view, threat
from threatmodel.load import Loaded


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load_tiny(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="module")
def a(tiny: Loaded) -> Assessment:
    """Without a source tree."""
    return assessment(tiny)


class Said:
    """An advisory that says this of every release."""

    def __init__(self, answer: str, id_: str) -> None:
        self._answer = answer
        self.ids = (id_,)

    def affects(self, release: str) -> str:
        assert release == "1.0"
        return self._answer


def rows(a: Assessment, *advisories: Said, **more: Any) -> dict[str, dict[str, Any]]:
    given: list[Advisory] = list(advisories)  # type: ignore[arg-type]  # what is asked of them is there
    view = glance_view(a, given, more.get("engagements", ()), more.get("response"))
    return {row["name"].partition(" (")[0].partition(" on ")[0]: row for row in view["rows"]}


def response(*releases: SupportedRelease) -> Response:
    made = object.__new__(Response)
    object.__setattr__(
        made, "supported", Supported(policy=Statement(text="The newest one."), releases=releases)
    )
    return made


@pytest.mark.parametrize(
    ("releases", "value", "alarm"),
    [
        (None, "not on record", True),
        ((), "not known to this build", True),
        ((SupportedRelease(release="Latest", supported=True),), "not known to this build", True),
        ((SupportedRelease(release="1.0", supported=True),), "supported", False),
        (
            (SupportedRelease(release="1.0", supported=True, until="2024-01-01"),),
            "supported until 2024-01-01",
            False,
        ),
        (
            (SupportedRelease(release="1.0", supported=True, until="2023-01-01"),),
            "not supported until 2023-01-01",
            True,
        ),
        ((SupportedRelease(release="1.0", supported=False),), "not supported", True),
    ],
)
def test_support_is_what_the_record_says_of_this_release_on_that_day(
    releases: tuple[SupportedRelease, ...] | None, value: str, alarm: bool, a: Assessment
) -> None:
    row = rows(a, response=None if releases is None else response(*releases))["Support"]
    assert (row["value"], row["alarm"]) == (value, alarm)


@pytest.mark.parametrize(
    ("answers", "value", "alarm"),
    [
        ((), "none on record", True),
        (("affected", "unknown", "fixed"), "1 affect 1.0, 1 range unknown", True),
        (("unknown",), "0 affect 1.0, 1 range unknown", True),
        (("fixed", "not-affected"), "0 affect 1.0", False),
    ],
)
def test_advisories_whose_range_is_not_known_are_said(
    answers: tuple[str, ...], value: str, alarm: bool, a: Assessment
) -> None:
    row = rows(a, *(Said(answer, f"CVE-{n}") for n, answer in enumerate(answers)))["Published advisories"]
    assert (row["value"], row["alarm"]) == (value, alarm)
    for number, answer in enumerate(answers):
        named = any(f"CVE-{number}" in note for note in row["notes"])
        assert named == (answer in ("affected", "unknown"))


@pytest.mark.parametrize(
    ("kinds", "value"),
    [
        ((), "none on record"),
        (("external-report", "design-review"), "none on record"),
        (("pentest", "self-test"), "2023-02-01: Number 0"),
        (("pentest", "code-audit"), "2023-02-02: Number 1"),
    ],
)
def test_the_last_test_is_one_of_somebody_who_looked_for_flaws(
    kinds: tuple[Any, ...], value: str, a: Assessment
) -> None:
    given = [
        Engagement(
            id=f"e{n}",
            kind=kind,
            title=f"Number {n}",
            provider=Provider(organisation="Somebody"),
            source="https://example.org/e",
            published=f"2023-02-0{n + 1}",
        )
        for n, kind in enumerate(kinds)
    ]
    row = rows(a, engagements=given)["Last penetration test"]
    assert row["value"] == value
    assert row["alarm"] == (value == "none on record")
    assert bool(row["notes"]) == bool(kinds)


def test_nothing_that_was_not_looked_at_is_said_to_be_in_order(a: Assessment) -> None:
    told = rows(a)
    assert told["Controls"]["alarm"]
    assert "No source tree was read" in told["Controls"]["notes"][0]
    assert told["Controls in doubt"]["value"] == "not checked: no scanner finished"
    assert told["Reviewed"]["value"] == "by nobody of the project: proposed"
    scanned = replace(a, scans=(scan_result(),))
    assert rows(scanned)["Controls in doubt"]["value"] == "0"


def prepared(**changes: Any) -> dict[str, Any]:
    page = prepare(make_view(**changes), glyphs(), make_svgs())
    return {**page, **compact(page)}


def test_every_threat_is_named_once_below_its_rule() -> None:
    threats = [
        threat("CORE-001@F01"),
        threat("CORE-001@F02", target_id="F02", status="open", risk="critical"),
        threat("CORE-002@F01", rule="CORE-002", stride="tampering", status="mitigated", risk="low"),
    ]
    page = prepared(threats=threats)
    listed = [
        t["id"]
        for part in page["rules_by_stride"]
        for entry in part["rules"]
        for group in entry["groups"]
        for t in group["threats"]
    ]
    assert sorted(listed) == sorted(t["id"] for t in threats)
    assert sum(part["count"] for part in page["rules_by_stride"]) == len(threats)
    first = next(part for part in page["rules_by_stride"] if part["stride"] == "spoofing")["rules"][0]
    assert [group["risk"] for group in first["groups"]] == ["critical", "high"]


@pytest.mark.parametrize(
    ("names", "chapters"),
    [
        (("a", "b", "c", "d", "e"), ["a", "b", "c", "d"]),
        (("agent", "x", "runtime"), ["runtime", "agent"]),
        ((), []),
    ],
)
def test_the_named_views_are_chapters_else_the_first_ones(
    names: tuple[str, ...], chapters: list[str]
) -> None:
    view = make_view()["views"][0]
    page = prepared(views=[{**view, "id": name} for name in names])
    assert [v["id"] for v in page["view_chapters"]] == chapters
    assert {v["id"] for v in page["other_views"]} == set(names) - set(chapters)


def test_findings_in_tests_are_counted_apart() -> None:
    one = make_view()["findings"][0]
    found = [
        {**one, "code": code, "role": "", "severity": level}
        for code, level in (("", "error"), ("test", "error"))
    ]
    page = prepared(findings=found)
    assert page["found_in"] == [{"component": "agent", "cells": [1, 0, 0, 1], "total": 2}]
    assert [row["count"] for row in page["found_rules"]] == [1]


def test_the_page_at_a_glance_follows_the_cover(a: Assessment) -> None:
    pdf = render_threat_model(
        make_view(glance=glance_view(a, (), (), None)), make_svgs(), timestamp=COMMIT_TIME
    )
    second = " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[1].extract_text().split())
    for said in (
        "At a glance",
        "Last penetration test",
        "none on record",
        "by nobody of the project",
        "Support",
    ):
        assert said in second


def test_findings_are_no_part_of_a_glance_that_has_none(a: Assessment) -> None:
    found = replace(a, scans=(scan_result(findings=(finding(),)),))
    assert rows(found)["Controls in doubt"]["notes"] == []
