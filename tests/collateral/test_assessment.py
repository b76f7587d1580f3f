"""What an assessment says of itself: what was looked at, what was not, and what the figures add up to."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.assessment import NOT_CHECKED, NotDone, SourceFacts, read_texts
from collateral.report.facts import View
from collateral.report.result_rows import percent
from collateral.report.summary import summary, top_threats
from collateral.report.view import build_view
from scanners.finding import Location, ScanResult
from tests.collateral.support import (
    INIT,
    assessment,
    finding,
    load_tiny,
    scan_result,
    texts_of,
    write_files,
)
from threatmodel.core.errors import InvalidInput
from threatmodel.core.text import fold
from threatmodel.load import Loaded

FAILED = scan_result("bandit", status="failed", reason="exit code 3")
SKIPPED = scan_result("semgrep", status="skipped", reason="not installed", files_scanned=())
PARTIAL = scan_result(
    "semgrep", status="partial", reason="1 of 2 files", not_scanned=(("b.py", "Syntax error"),)
)
HOSTILE = "<script>\u202e\x1b[31m\x00\u2066\udcff\ue000 {{ 7*7 }} #panic"


@pytest.mark.parametrize(
    ("with_source", "scans", "headline"),
    [
        (False, (), NOT_CHECKED),
        (False, (FAILED, SKIPPED), NOT_CHECKED),
        (False, (PARTIAL,), ""),
        (False, (scan_result(),), ""),
        (True, (), ""),
        (True, (FAILED,), ""),
    ],
)
def test_the_headline_stands_only_where_nothing_was_looked_at(
    tiny: Loaded, tree: Path, with_source: bool, scans: tuple[ScanResult, ...], headline: str
) -> None:
    a = assessment(tiny, tree if with_source else None, scans)
    assert a.headline == headline
    assert build_view(a, [])["headline"] == headline


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        (scan_result(), []),
        (FAILED, [NotDone(what="Scanner bandit", why="failed: exit code 3")]),
        (SKIPPED, [NotDone(what="Scanner semgrep", why="skipped: not installed")]),
        (PARTIAL, [NotDone(what="Scanner semgrep", why="partial: 1 of 1 files not wholly scanned")]),
        (
            scan_result(status="partial", reason="a rule was not run"),
            [NotDone(what="Scanner bandit", why="partial: a rule was not run")],
        ),
    ],
)
def test_what_a_scanner_did_not_do_is_named(
    tiny: Loaded, tree: Path, scan: ScanResult, expected: list[NotDone]
) -> None:
    assert list(assessment(tiny, tree, (scan,)).not_done) == expected


def test_a_claim_whose_place_is_gone_is_named(tiny: Loaded, tmp_path: Path) -> None:
    a = assessment(tiny, write_files(tmp_path, {"other.py": ""}))
    (undone,) = a.not_done
    assert undone.what == "Control caller-tokens"
    assert undone.why.startswith("1 claim not-found")


def test_files_without_a_component_are_counted(tiny: Loaded, tree: Path) -> None:
    view = build_view(assessment(tiny, tree), [])
    assert view["attribution"] == {"files": 3, "mapped": 2, "share": "67 %", "unmapped": ["README.md"]}
    assert {
        "what": "Attribution",
        "why": "1 file belongs to no component of the model",
    } in view["not_checked"]


def statuses(a_view: View) -> dict[str, str]:
    return {threat["id"]: threat["status"] for threat in a_view["threats"]}


def test_a_threat_follows_what_the_source_shows(tiny: Loaded, tree: Path, tmp_path: Path) -> None:
    proven = build_view(assessment(tiny, tree), [])
    blind = build_view(assessment(tiny), [])
    lying = build_view(assessment(tiny, write_files(tmp_path, {"app/service.py": "pass\n"})), [])
    assert [statuses(v)["CORE-001@T1"] for v in (proven, blind, lying)] == [
        "mitigated",
        "unverified",
        "contradicted",
    ]
    assert [v["controls"][0]["state"] for v in (proven, blind, lying)] == [
        "verified",
        "not-checked",
        "contradicted",
    ]
    assert lying["top_threats"][0] == "CORE-001@T1"
    assert "for 1 the source tree contradicts what the model claims" in lying["summary"][0]


def test_without_a_source_nothing_is_mitigated_or_verified(tiny: Loaded) -> None:
    a = assessment(tiny, configuration="guarded")
    view = build_view(a, [])
    assert "mitigated" not in {
        result.status for threat in a.threats for result in threat.by_configuration.values()
    }
    assert {row["state"]: row["count"] for row in view["control_states"]}["verified"] == 0
    assert view["attribution"]["share"] == "not checked"


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 0, "-"),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (9996, 10_000, "99.9 %"),
        (99_999_999, 100_000_000, "99.9 %"),
        (4, 10_000, "0.1 %"),
        (1, 100_000_000, "0.1 %"),
        (1, 3, "33 %"),
        (99, 100, "99 %"),
        (1, 100, "1 %"),
        (995, 1000, "99.5 %"),
    ],
)
def test_a_share_says_all_or_nothing_only_where_it_is_so(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown


@given(st.integers(1, 10**9), st.data())
def test_a_share_is_never_rounded_to_all_or_nothing(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    number = float(percent(part, whole).removesuffix(" %"))
    assert (number == 0) == (part == 0)
    assert (number == 100) == (part == whole)
    assert abs(number - 100 * part / whole) <= 0.5


@pytest.mark.parametrize("configuration", ["guarded", "bare"])
def test_figures_add_up(tiny: Loaded, tree: Path, configuration: str) -> None:
    scans = (scan_result(findings=(finding(), finding("README.md"), finding("tests/test_service.py"))),)
    v = build_view(assessment(tiny, tree, scans, configuration=configuration), [])
    threats = v["counts"]["threats"]
    assert threats == len(v["threats"]) > 0
    assert sum(row["count"] for row in v["status_counts"]) == threats
    assert sum(row["count"] for row in v["stride_counts"]) == threats
    assert sum(row["total"] for row in v["risk_table"]["rows"]) == threats
    assert all(sum(row["cells"]) == row["total"] for row in v["risk_table"]["rows"])
    assert sum(len(row["threats"]) for row in v["boundaries"]) == threats
    assert all(sum(s["count"] for s in row["statuses"]) == len(row["threats"]) for row in v["boundaries"])
    assert sum(row["count"] for row in v["control_states"]) == v["counts"]["controls"] == len(v["controls"])
    assert sum(row["count"] for row in v["finding_counts"]) == v["counts"]["findings"] == 3
    default = next(row for row in v["configurations"] if row["default"])
    assert (default["name"], default["threats"]) == (configuration, threats)
    assert all(sum(s["count"] for s in row["statuses"]) == row["threats"] for row in v["configurations"])


@pytest.mark.parametrize("configuration", ["guarded", "bare"])
def test_every_reference_leads_somewhere(tiny: Loaded, tree: Path, configuration: str) -> None:
    scans = (scan_result(findings=(finding(), finding("README.md"))),)
    v = build_view(assessment(tiny, tree, scans, configuration=configuration), [])
    threats, elements = ({row["id"] for row in v[name]} for name in ("threats", "elements"))
    boundaries, controls = ({row["id"] for row in v[name]} for name in ("boundaries", "controls"))
    for row in (*v["boundaries"], *v["views"], *v["elements"], *v["flows"]):
        assert set(row["threats"]) <= threats
    assert set(v["top_threats"]) <= threats
    assert {link["id"] for row in v["findings"] for link in row["threats"]} <= threats
    assert {link["id"] for row in v["findings"] for link in row["elements"]} <= elements
    assert {row["boundary"] for row in (*v["threats"], *v["elements"])} <= boundaries
    assert {id_ for row in (*v["threats"], *v["elements"]) for id_ in row["controls"]} <= controls
    assert {end for row in v["flows"] for end in (row["source"], row["target"])} <= elements


def test_a_finding_shows_where_it_belongs(tiny: Loaded, tree: Path) -> None:
    v = build_view(assessment(tiny, tree, (scan_result(findings=(finding(), finding("README.md"))),)), [])
    rows = {row["path"]: row for row in v["findings"]}
    assert rows["README.md"]["component"] == ""
    assert rows["app/service.py"]["elements"] == [{"id": "service", "name": "Service"}]
    assert [link["id"] for link in rows["app/service.py"]["threats"]] == ["CORE-005@T1"]
    assert next(row for row in v["threats"] if row["id"] == "CORE-005@T1")["findings"] == 1


def test_no_hostile_text_reaches_a_reader_unfolded(tmp_path: Path) -> None:
    quoted = repr(HOSTILE.replace("\udcff", ""))
    init = INIT.replace('name="Service"', f"name={quoted}").replace('"Every caller shows a token"', quoted)
    loaded = load_tiny(tmp_path / "model", init=init.replace('"Requests"', quoted))
    write_files(tmp_path / "tree", {"app/service.py": "def check_token(): \u202e\n"})
    found = finding(
        f"app/{HOSTILE}", message=HOSTILE, rule=HOSTILE, snippet=HOSTILE, cwe=("CWE-400", HOSTILE)
    )
    scan = scan_result(
        version=HOSTILE,
        findings=(found,),
        status="partial",
        reason=HOSTILE,
        not_scanned=((HOSTILE, HOSTILE),),
    )
    a = assessment(
        loaded,
        tmp_path / "tree",
        (scan,),
        texts={"about": (HOSTILE,)},
        not_done=[NotDone(what=HOSTILE, why=HOSTILE)],
    )
    a = dataclasses.replace(a, source=SourceFacts(available=True, name=HOSTILE, ref=HOSTILE, commit="0" * 40))
    texts = list(texts_of(build_view(a, [{"id": "whole", "title": HOSTILE}])))
    assert [text for text in texts if text != fold(text)] == []
    assert sum("<U+202E>" in text for text in texts) > 10


def test_findings_come_worst_first_and_do_not_depend_on_the_order_of_scanners(
    tiny: Loaded, tree: Path
) -> None:
    found = tuple(
        finding(scanner=name, severity=level, location=Location(path="app/a", line=line))
        for name in ("semgrep", "bandit")
        for level in ("note", "error")
        for line in (2, 1)
    )
    one = assessment(tiny, tree, (scan_result(findings=found),))
    other = assessment(tiny, tree, (scan_result(findings=found[::-1]),))
    assert one.findings == other.findings
    assert [f.severity for f in one.findings] == ["error"] * 4 + ["note"] * 4


def test_sentences_agree_with_their_figures(tiny: Loaded, tree: Path) -> None:
    a = assessment(tiny, tree, (scan_result(findings=(finding(),)),))
    first, source, scanners, decisions = summary(a)
    assert "the model of Tiny service 1.0 has 3 elements, 3 data flows and 2 trust boundaries" in first
    assert "4 threats apply: 1 is mitigated" in first
    assert "0 rest on controls" in first
    assert "3 have no complete set of controls that claims to stop them" in first
    assert "of 1 control in this configuration 1 is verified" in source
    assert "They report 1 finding." in scanners
    assert decisions.startswith("No threat is accepted")
    alone = dataclasses.replace(a, threats=a.threats[:1])
    assert "1 threat applies: 1 is mitigated" in summary(alone)[0]
    assert "0 threats apply" in summary(dataclasses.replace(a, threats=()))[0]
    assert top_threats(dataclasses.replace(a, threats=())) == []


@pytest.mark.parametrize(
    ("scans", "said"),
    [
        ((), "No scanner was run; the absence of findings says nothing about the code."),
        ((FAILED, SKIPPED), "What bandit, semgrep would have found is not known."),
        ((PARTIAL,), "semgrep 1.2: partial"),
        ((scan_result(),), "bandit 1.2: complete. They report 0 findings."),
    ],
)
def test_silence_of_scanners_is_not_sold_as_cleanness(
    tiny: Loaded, scans: tuple[ScanResult, ...], said: str
) -> None:
    (sentence,) = [text for text in summary(assessment(tiny, None, scans)) if "canner" in text]
    assert said in sentence


def test_without_a_source_the_summary_says_so(tiny: Loaded) -> None:
    text = summary(assessment(tiny))[1]
    assert text.startswith("No control was checked, because no source tree was read")
    assert "no threat is shown as mitigated" in text


def test_an_attested_control_is_not_called_unverified(tmp_path: Path) -> None:
    said = (
        'attested(by="A Person", date="2023-01-01", expires="2030-01-01", evidence="https://example.org/x")'
    )
    init = INIT.replace('present("app/service.py", "^def check_token")', said).replace(
        "present,", "attested,"
    )
    text = summary(assessment(load_tiny(tmp_path / "model", init=init)))[1]
    assert "1 control is attested by a person; every other one is unverified." in text


def test_authored_texts() -> None:
    found = read_texts({"about": b"# Head\nOne *line*\nmore\n\nTwo\r\n\r\nThree"})
    assert found == {"about": ("One line more", "Two", "Three")}
    with pytest.raises(InvalidInput, match=r"texts/about\.md"):
        read_texts({"about": b"ok \xff"})
