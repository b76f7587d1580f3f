"""The documents state the method with the matrix, the weights and the criteria of their own model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from collateral.policy import Criterion, Policy
from collateral.report.site.render import render_site
from collateral.report.tables import csv_files
from collateral.report.view import build_view
from collateral.vectors import ThreatVector
from tests.collateral.support import assessment, load_tiny
from tests.report.pdf_view import make_view
from tests.report.site_view import small_svgs, small_view
from tests.report.test_pdf import register, rendered, words
from threatmodel.system.risk import Mitigation, RiskSettings

CRITERIA = (
    Criterion(
        priority="p1", about="threat", facts={"risk": ("high", "low"), "status": ("open",)}, because="open"
    ),
    Criterion(priority="p2", about="finding", facts={}, because="all"),
)
RISK = RiskSettings(
    matrix=(("low",) * 5,) * 5,
    reach=(5, 2, 2, 2, 1),
    mitigation=Mitigation(verified=2, attested=1),
    impact=("none", "little", "some", "much", "all"),
)


def test_the_view_has_what_the_model_settles(tmp_path: Path) -> None:
    made = assessment(load_tiny(tmp_path))
    own = replace(made, manifest=replace(made.manifest, risk=RISK), policy=Policy(criteria=CRITERIA))
    view = build_view(own, [])
    method = view["method"]
    assert method["matrix"] == [["low"] * 5] * 5
    assert method["impact"][3] == "4: much"
    weights = [{v["of"]: v["number"] for v in row["values"]} for row in method["weights"]]
    assert weights[0] == {"0": 5, "1": 2, "2": 2, "3": 2, "4 or more": 1}
    assert weights[1]["kernel"] == 5
    assert weights[2] == {"verified": 2, "attested": 1}
    assert [tuple(row.values()) for row in method["criteria"]] == [
        ("p1", "threat", "risk high or low; status open", "open"),
        ("p2", "finding", "any", "all"),
        ("p3", "the rest", "any", "no criterion matches"),
    ]
    given = {t["priority"]: t["because"] for t in view["threats"]}
    assert given == {"p1": "open", "p3": "no criterion matches"}
    assert {t["priority"] for t in build_view(made, [])["threats"]} >= {"p2"}


SHOWN = ["Impact by privilege", "root: 4", "the rest"]


def test_the_pdf_states_it_and_gives_each_threat_its_sentence() -> None:
    said = words(rendered())
    assert [text for text in (*SHOWN, "no criterion fits") if text not in said] == []
    listed = words(register())
    assert [text for text in ("p2: medium risk", "8.7 High") if text not in listed] == []


def test_the_site_states_it_and_gives_each_threat_its_sentence() -> None:
    said = render_site(small_view(), small_svgs()).decode()
    assert [
        text
        for text in (*SHOWN, "none fits", "p2: medium risk", "no CVSS vector is given")
        if text not in said
    ] == []


def test_a_threat_without_a_vector_is_counted_and_not_scored() -> None:
    said = words(register(threats=[{**threat, "scored": False} for threat in make_view()["threats"]]))
    assert "0 threats have a CVSS 4.0 vector; for the others none is given" in said
    assert "8.7 High" not in said


def test_the_view_has_the_vector_of_its_configuration(tmp_path: Path) -> None:
    made = assessment(load_tiny(tmp_path))
    vector = ThreatVector(
        threat="CORE-001@T1",
        vector="CVSS:4.0/AV:N",
        score=6.9,
        severity="Medium",
        configurations=("guarded",),
    )
    rows = {t["id"]: t for t in build_view(replace(made, vectors=(vector,)), [])["threats"]}
    assert (rows["CORE-001@T1"]["scored"], rows["CORE-003@T1"]["scored"]) == (True, False)
    assert rows["CORE-001@T1"]["cvss"].startswith("6.9 Medium")
    assert rows["CORE-003@T1"]["cvss"] == "no CVSS vector is given"
    elsewhere = replace(made, vectors=(replace(vector, configurations=("bare",)),))
    assert not any(t["scored"] for t in build_view(elsewhere, [])["threats"])
    table = csv_files(replace(made, vectors=(vector,)))["data/threats.csv"].decode().splitlines()
    assert [row.count("6.9") for row in table if row.startswith("CORE-001@T1")] == [1, 0]
