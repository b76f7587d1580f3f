"""The executive brief and the comparison of choices as PDF."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
import pytest

from collateral.report.brief import brief_view
from collateral.report.glance import glance_view
from collateral.report.pdf.brief import render_brief
from collateral.report.pdf.why import render_why
from collateral.report.why import why_view
from collateral.why.files import CellRecord, EvidenceRecord, RowRecord, WhyFile
from collateral.why.model import Column
from tests.collateral.support import COMMIT_TIME, assessment, load_tiny
from tests.report.pdf_view import HOSTILE, make_view


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    a = assessment(load_tiny(tmp_path_factory.mktemp("tiny") / "model"))
    return make_view(glance=glance_view(a, (), (), None))


def pages(pdf: bytes) -> list[str]:
    read = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return [" ".join(page.extract_text().replace("\u200b", "").split()) for page in read]


def many(row: dict[str, Any], count: int) -> list[dict[str, Any]]:
    return [{**row, "name": f"{row['name']} {n}"} for n in range(count)]


@pytest.mark.parametrize("count", [0, 1, 40])
def test_the_brief_has_two_pages_however_much_there_is(count: int, view: dict[str, Any]) -> None:
    changed = {
        **view,
        "assets": many(view["assets"][0], count),
        "adversaries": many({**view["adversaries"][0], "active": True}, count),
        "not_checked": [{"what": f"Claim {n}", "why": "w" * 60} for n in range(count)],
    }
    told = pages(render_brief(brief_view(changed), timestamp=COMMIT_TIME))
    assert len(told) == 2
    whole = " ".join(told)
    for head in ("What is protected", "From whom", "How it stands", "How sure are we", "What is open"):
        assert head in whole
    assert ("and 33 more" in whole) == (count == 40)
    assert ("The model names no asset" in whole) == (count == 0)
    assert ("Everything that was asked for was checked" in whole) == (count == 0)


def test_an_adversary_of_other_configurations_is_not_in_the_brief(view: dict[str, Any]) -> None:
    one = view["adversaries"][0]
    changed = brief_view({**view, "adversaries": [{**one, "active": False}]})
    assert changed["adversaries"] == []


def test_secrets_and_what_needs_most_come_first(view: dict[str, Any]) -> None:
    base = {**view["assets"][0], "secret": False}
    levels = {"confidentiality": "low", "integrity": "low", "availability": "low"}
    rows = [
        {**base, **levels, "name": "low"},
        {**base, **levels, "name": "high", "integrity": "high"},
        {**base, **levels, "name": "secret", "secret": True},
    ]
    assert brief_view({**view, "assets": rows})["assets"] == ["secret", "high", "low"]


def file(*cells: CellRecord) -> WhyFile:
    columns = tuple(Column(id=id_, name=id_.title(), about="A choice") for id_ in ("one", "two"))
    return WhyFile(
        project="p",
        release="1.0",
        configuration="default",
        title="Why this",
        notice="Draft.",
        columns=columns,
        rows=(RowRecord(id="r", question=f"Which kernel? {HOSTILE}", cells=cells),),
    )


def cell(*evidence: EvidenceRecord, against: tuple[EvidenceRecord, ...] = (), why: str = "") -> CellRecord:
    return CellRecord(
        column="one",
        claim="Its own.",
        scope="Here",
        as_of="P 1.0",
        evidence=evidence,
        counter_evidence=against,
        no_evidence=why,
    )


THREAT = EvidenceRecord(
    ref="threat:T@F",
    says="It may break",
    kind="threat",
    name="A break",
    states={"default": "open", "small": "mitigated", "other": "open"},
)
ADDRESS = EvidenceRecord(ref="https://example.org/a", says="Stated there", kind="address")
ADVISORY = EvidenceRecord(
    ref="advisory:A-1", says="It broke", kind="advisory", name="Broke", this_release="not-affected"
)


def test_a_cell_stands_with_what_speaks_for_and_against_it(view: dict[str, Any]) -> None:
    made = why_view(view, file(cell(ADDRESS, ADVISORY, against=(THREAT,))))
    told = " ".join(pages(render_why(made, timestamp=COMMIT_TIME)))
    for words in (
        "Stated there",
        "1.0: not affected",
        "threat:T@F A break. open in default; configurations: mitigated in 1, open in 2",
        "The table says nothing of it.",
        "As of P 1.0",
    ):
        assert words in told


def test_a_cell_without_evidence_says_why(view: dict[str, Any]) -> None:
    told = " ".join(
        pages(render_why(why_view(view, file(cell(why="Nobody wrote it down"))), timestamp=COMMIT_TIME))
    )
    assert "Nobody wrote it down" in told
    assert "none is recorded" in told


def test_a_threat_of_other_configurations_says_so(view: dict[str, Any]) -> None:
    other = EvidenceRecord(ref="threat:T@F", says="x", kind="threat", states={"small": "open"})
    made = why_view(view, file(cell(other)))
    assert made["rows"][0]["cells"][0]["evidence"][0]["state"] == "not in default"


def test_same_view_same_bytes(view: dict[str, Any], tmp_path: Path) -> None:
    made = why_view(view, file(cell(THREAT)))
    first = render_why(made, timestamp=COMMIT_TIME, cache=tmp_path)
    assert render_why(made, timestamp=COMMIT_TIME) == first
    assert render_brief(brief_view(view), timestamp=1) != render_brief(brief_view(view), timestamp=2)
