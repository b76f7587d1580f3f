"""Controls whose code has an open finding are in doubt, and their threats say so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from collateral.assessment import Assessment
from collateral.bundle.exports import data_files
from collateral.doubts import doubtful, doubts_here, still_told
from collateral.policy import PublishingPolicy
from collateral.publish import publish
from collateral.report.summary import summary
from collateral.report.tables import csv_files
from collateral.report.view import build_view
from collateral.triage import TriageEntry
from scanners.finding import Finding, Location
from tests.collateral.support import SOURCE, assessment, finding, scan_result, write_files
from threatmodel.claims import ledger_of
from threatmodel.load import Loaded

CONTROL = "caller-tokens"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The source tree of the tiny model, for this test alone."""
    return write_files(tmp_path, SOURCE)


def inside(line: int = 2, **changes: Any) -> Finding:
    values: dict[str, Any] = {
        "symbol": "check_token",
        "location": Location(path="app/service.py", line=line),
    } | changes
    return finding(**values)


def assessed(tiny: Loaded, source: Path, *found: Finding, **changes: Any) -> Assessment:
    return assessment(tiny, source, (scan_result(findings=found),), **changes)


def decided(
    found: Finding, decision: Any, *, source: str = "https://example.org/1"
) -> dict[str, TriageEntry]:
    entry = TriageEntry(
        finding=found.fingerprint,
        decision=decision,
        reason="r",
        owner="o",
        expires="2030-01-01",
        source=source,
    )
    return {found.fingerprint: entry}


@pytest.mark.parametrize(
    ("found", "doubts"),
    [
        (inside(), 1),
        (inside(severity="error"), 1),
        (inside(severity="note"), 0),
        (inside(symbol="fetch"), 0),
        (inside(symbol=""), 0),
        (inside(line=0), 0),
        (inside(location=Location(path="tests/test_service.py", line=2)), 0),
    ],
)
def test_an_open_finding_in_the_function_of_a_verified_claim_makes_its_control_doubtful(
    found: Finding, doubts: int, tiny: Loaded, source: Path
) -> None:
    a = assessed(tiny, source, found)
    assert len(a.doubts.get(CONTROL, ())) == doubts
    assert bool(doubtful(a.doubts, [CONTROL], a.system.configuration)) == bool(doubts)


@pytest.mark.parametrize(
    ("decision", "said_at", "doubts"),
    [
        ("false-positive", "https://example.org/1", 0),
        ("confirmed", "https://example.org/1", 1),
        ("false-positive", "", 1),
    ],
)
def test_a_decision_in_force_ends_the_doubt(
    decision: str, said_at: str, doubts: int, tiny: Loaded, source: Path
) -> None:
    a = assessed(tiny, source, inside(), triage=decided(inside(), decision, source=said_at))
    assert len(a.doubts.get(CONTROL, ())) == doubts


def test_a_comment_of_the_source_does_not_end_it(tiny: Loaded, source: Path) -> None:
    path = source / "app/service.py"
    text = path.read_text("utf-8").replace(
        "    return token", "    # threatmodel: ignore[B900] until=2030-01-01 reason=fine\n    return token"
    )
    path.write_text(text, "utf-8")
    a = assessed(tiny, source, inside(3))
    assert a.ignores
    assert len(a.doubts[CONTROL]) == 1


def test_without_a_symbol_the_line_counts(tiny: Loaded, source: Path) -> None:
    (source / "app/service.py").write_text("def check_token(:\n    pass\n", "utf-8")  # not to be parsed
    assert len(assessed(tiny, source, inside(1, symbol="")).doubts[CONTROL]) == 1
    assert not assessed(tiny, source, inside(2, symbol="")).doubts


def test_a_decision_on_the_finding_of_one_tool_leaves_that_of_another(tiny: Loaded, source: Path) -> None:
    other = inside(scanner="semgrep", rule="limit")
    a = assessed(tiny, source, inside(), other, triage=decided(inside(), "false-positive"))
    assert [doubt.finding for doubt in a.doubts[CONTROL]] == [other.fingerprint]


def test_a_claim_that_does_not_hold_is_not_in_doubt(tiny: Loaded, source: Path) -> None:
    (source / "app/service.py").write_text("def fetch():\n    pass\n", "utf-8")
    assert not assessed(tiny, source, inside(1, symbol="fetch")).doubts


def test_a_claim_of_another_configuration_casts_no_doubt_here(tiny: Loaded, source: Path) -> None:
    a = assessed(tiny, source, inside())
    elsewhere = {CONTROL: (replace(a.doubts[CONTROL][0], when={"auth": ("none",)}),)}
    assert not doubts_here(elsewhere, CONTROL, a.system.configuration)
    assert doubts_here(elsewhere, CONTROL, a.project.system("bare").configuration)


def test_every_document_says_so(tiny: Loaded, source: Path) -> None:
    a = assessed(tiny, source, inside())
    view = build_view(a, [])
    control = next(c for c in view["controls"] if c["id"] == CONTROL)
    assert control["doubts"][0]["finding"] == inside().fingerprint[:12]
    assert "in check_token where the claim was verified (line 1)" in control["doubts"][0]["text"]
    resting = [t for t in view["threats"] if CONTROL in t["controls"]]
    assert resting
    assert all(t["doubtful"] == [CONTROL] for t in resting)
    assert any("1 verified control is doubtful" in text for text in summary(a))
    assert b'"doubts":[{' in data_files(a)["data/claims.json"].replace(b" ", b"").replace(b"\n", b"")
    assert b",caller-tokens,caller-tokens," in csv_files(a)["data/threats.csv"]
    quiet = assessed(tiny, source)
    assert not any("doubtful" in text for text in summary(quiet))


def test_a_doubt_goes_with_the_finding_that_an_edition_withholds(tiny: Loaded, source: Path) -> None:
    kept, secret = inside(), inside(rule="B901", severity="error")
    made = assessed(tiny, source, kept, secret)
    a = replace(made, policy=replace(made.policy, publishing=PublishingPolicy(withhold="p1", days=90)))
    assert len(a.doubts[CONTROL]) == 2
    told = still_told(a.doubts, a.ledger, frozenset({secret.fingerprint}))
    assert [doubt.finding for doubt in told[CONTROL]] == [kept.fingerprint]
    public = publish(a, edition="public")
    shown = {f.fingerprint for f in public.findings}
    assert {doubt.finding for doubt in public.doubts.get(CONTROL, ())} == shown
    assert shown == {kept.fingerprint}


def test_a_doubt_goes_with_the_claim_that_an_edition_does_not_show(tiny: Loaded, source: Path) -> None:
    a = assessed(tiny, source, inside())
    checks = [replace(check, state=cast(Any, "undisclosed")) for check in a.ledger.checks]
    assert not still_told(a.doubts, ledger_of(a.project, checks), frozenset())
