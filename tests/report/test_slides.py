"""Slides for a talk: figures and one example, all from the model."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest

from collateral.report.glance import glance_view
from collateral.report.pdf import render_slides
from collateral.report.slides import slides_view
from tests.collateral.support import COMMIT_TIME, assessment, load_tiny
from tests.report.pdf_view import HOSTILE, make_svgs, make_view, threat

CLAIM = {"state": "verified", "path": "src/a.rs", "line": 7, "seen": f"check() {HOSTILE}"}


@pytest.fixture(scope="module")
def glance(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    a = assessment(load_tiny(tmp_path_factory.mktemp("tiny") / "model"))
    return glance_view(a, (), (), None)


def view(
    glance: dict[str, Any], *, status: str = "mitigated", doubts: bool = False, **claim: Any
) -> dict[str, Any]:
    made = make_view(glance=glance, threats=[threat("CORE-001@F01", status=status)])
    made["ledger"]["claims"] = [{**made["ledger"]["claims"][0], **CLAIM, **claim}]
    if not doubts:
        made["controls"][0]["doubts"] = []
    return made


def told(made: dict[str, Any], svgs: dict[str, bytes] | None = None) -> list[str]:
    pdf = render_slides(slides_view(made), make_svgs() if svgs is None else svgs, timestamp=COMMIT_TIME)
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in pages} == {(842, 474)}
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in pages]


def test_the_example_goes_from_a_threat_to_the_line_that_was_seen(glance: dict[str, Any]) -> None:
    slide = next(page for page in told(view(glance)) if page.startswith("From a threat"))
    for words in (
        "CORE-001@F01",
        "peer-check",
        "src/a.rs:7",
        "check()",
        "mitigated",
        "does not show that the defence",
    ):
        assert words in slide


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "open"},
        {"doubts": True},
        {"state": "proposed"},
        {"line": 0},
        {"seen": ""},
        {"here": False},
        {"control": "nobody"},
    ],
)
def test_without_a_proven_threat_there_is_no_example(changes: dict[str, Any], glance: dict[str, Any]) -> None:
    assert slides_view(view(glance, **changes))["example"] is None


def test_every_slide_says_what_it_is_of_and_that_it_is_a_draft(glance: dict[str, Any]) -> None:
    pages = told(view(glance))
    assert len(pages) >= 10
    assert all("draft, not reviewed" in page and "default" in page for page in pages)


def test_a_picture_that_is_missing_is_said(glance: dict[str, Any]) -> None:
    assert any("there is no picture of it" in page for page in told(view(glance), {}))


def test_same_view_same_bytes(glance: dict[str, Any]) -> None:
    made = slides_view(view(glance))
    first = render_slides(made, make_svgs(), timestamp=COMMIT_TIME)
    assert render_slides(made, make_svgs(), timestamp=COMMIT_TIME) == first
