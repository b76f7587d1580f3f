"""The public edition of an assessment: never more than the whole, and its numbers add up."""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collateral.assessment import Assessment, claims_not_done
from collateral.first_seen import FirstSeen, claim_id
from collateral.history import Change, History
from collateral.policy import Policy, PublishingPolicy
from collateral.publish import UNDISCLOSED, first_seen_file, publish
from collateral.report.view import build_view
from collateral.report.words import STATE
from collateral.triage import TriageEntry
from collateral.withholding import LEAST, groups
from scanners.finding import Finding, Location, RuleInfo, with_fingerprints
from tests.collateral.support import DAY, assessment, load_tiny, scan_result, texts_of
from tests.publish.support import SOURCE, make_model
from threatmodel.analysis import Disposition
from threatmodel.claims import ledger_of
from threatmodel.core.diagnostics import Place
from threatmodel.core.plain import to_plain

TODAY = DAY.date()
STATES = ("contradicted", "not-found", "not-checked", "verified")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    """The project with planted secrets, without findings."""
    folder = tmp_path_factory.mktemp("whole")
    init, toml = make_model()
    for name, text in SOURCE.items():
        (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "source" / name).write_text(text)
    return assessment(load_tiny(folder / "model", init=init, toml=toml), folder / "source")


def found(index: int = 0, severity: str = "error", **changes: Any) -> Finding:
    made: dict[str, Any] = {
        "scanner": "bandit",
        "rule": f"R{index % 3}",
        "message": f"message {index}",
        "severity": severity,
        "confidence": "high",
        "cwe": ("CWE-400",),
        "stride": "",
        "location": Location(path=f"app/f{index % 4}.py", line=index + 1),
        "snippet": f"line {index}",
    }
    return Finding(**{**made, **changes})


def with_findings(a: Assessment, *findings: Finding, rules: tuple[RuleInfo, ...] = ()) -> Assessment:
    """The assessment with these findings of one scanner, attributed to where their paths belong."""
    from collateral.attribution import ComponentMap, attribute

    marked = with_fingerprints((finding, finding.snippet) for finding in findings)
    items = attribute(a.project, marked, a.threats, ComponentMap.of(a.project))
    scan = scan_result(findings=marked, rules=rules)
    return replace(a, scans=(scan,), attributions={item.fingerprint: item for item in items})


def with_states(a: Assessment, *states: str) -> Assessment:
    checks = tuple(
        replace(check, state=state, path="p" if state == "contradicted" else "", seen=state, detail=state)  # type: ignore[arg-type]
        for check, state in zip(a.ledger.checks, states, strict=True)
    )
    ledger = ledger_of(a.project, checks)
    return replace(a, ledger=ledger, not_done=claims_not_done(ledger))


def with_policy(a: Assessment, **changes: Any) -> Assessment:
    return replace(a, policy=Policy(criteria=a.policy.criteria, publishing=PublishingPolicy(**changes)))


def entry(finding: Finding, **changes: Any) -> TriageEntry:
    made: dict[str, Any] = {
        "finding": finding.fingerprint,
        "decision": "confirmed",
        "reason": "It is known",
        "owner": "A Person",
        "expires": "2030-01-01",
        "source": "https://example.org/decision",
    }
    return TriageEntry(**{**made, **changes})


def view_texts(a: Assessment) -> str:
    return "\n".join(texts_of(build_view(a, [])))


def test_a_private_edition_is_the_whole(whole: Assessment) -> None:
    a = with_findings(whole, found())
    assert publish(a, edition="private") == replace(a, edition="private")


def test_nothing_to_withhold_changes_nothing(whole: Assessment) -> None:
    a = with_states(with_findings(whole, found(severity="note")), "verified", "verified", "not-found")
    assert publish(a, edition="public") == a


@pytest.mark.parametrize(
    ("changes", "withheld"),
    [
        ({}, 0),
        ({"decision": "false-positive"}, 0),
        ({"source": ""}, 1),
        ({"expires": "2023-11-13"}, 1),
        ({"expires": "2023-11-14"}, 0),
    ],
)
def test_only_a_public_decision_in_force_shows_a_finding(
    whole: Assessment, changes: dict[str, str], withheld: int
) -> None:
    a = with_states(with_findings(whole, found()), "verified", "verified", "verified")
    (finding,) = a.findings
    a = replace(a, triage={finding.fingerprint: entry(finding, **changes)})
    shown = publish(a, edition="public")
    assert (len(shown.findings), shown.withheld.findings if shown.withheld else 0) == (1 - withheld, withheld)
    assert len(shown.triage) == 1 - withheld


@pytest.mark.parametrize("limit", ["release-gating", "p1", "p2", "p3", "none"])
def test_the_limit_of_the_policy_decides(whole: Assessment, limit: str) -> None:
    a = with_findings(
        with_states(whole, "verified", "verified", "verified"),
        found(0),
        found(1, "warning"),
        found(2, "note"),
    )
    shown = publish(with_policy(a, withhold=limit), edition="public")
    expected = {"release-gating": 3, "p1": 2, "p2": 1, "p3": 0, "none": 3}[limit]
    assert len(shown.findings) == expected


@pytest.mark.parametrize(("ago", "shown"), [(0, 0), (89, 0), (90, 1), (5000, 1), (-3, 0)])
def test_what_was_seen_long_enough_ago_is_shown(whole: Assessment, ago: int, shown: int) -> None:
    a = with_findings(whole, found())
    first = TODAY - datetime.timedelta(days=ago)
    seen = FirstSeen(dates={a.findings[0].fingerprint: first})
    assert len(publish(a, edition="public", seen=seen).findings) == shown


@pytest.mark.parametrize("days", [0, 1, 366])
def test_the_days_are_those_of_the_policy(whole: Assessment, days: int) -> None:
    a = with_policy(with_findings(whole, found()), days=days)
    assert len(publish(a, edition="public").findings) == (1 if days == 0 else 0)


def test_the_oldest_and_the_end_are_those_of_what_is_withheld(whole: Assessment) -> None:
    a = with_findings(with_states(whole, "verified", "contradicted", "not-found"), found(0), found(1))
    first = {f.message: f.fingerprint for f in a.findings}
    claim = claim_id(a.ledger.checks[1])
    dates = {first["message 0"]: "2023-01-01", first["message 1"]: "2023-11-01", claim: "2023-10-20"}
    seen = FirstSeen(dates={key: datetime.date.fromisoformat(text) for key, text in dates.items()})
    shown = publish(a, edition="public", seen=seen)
    assert [f.message for f in shown.findings] == ["message 0"]
    assert to_plain(shown.withheld) == {
        "findings": 1,
        "claims": 1,
        "oldest": "2023-10-20",
        "until": "2024-01-18",
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    severities=st.lists(st.sampled_from(["error", "warning", "note"]), max_size=9),
    states=st.tuples(*[st.sampled_from(STATES)] * 3),
    ages=st.lists(st.integers(0, 120), min_size=12, max_size=12),
    limit=st.sampled_from(["p1", "p2", "p3", "none"]),
)
def test_a_public_edition_never_has_more_and_its_numbers_add_up(
    whole: Assessment, severities: list[str], states: tuple[str, ...], ages: list[int], limit: str
) -> None:
    a = with_findings(with_states(whole, *states), *(found(i, s) for i, s in enumerate(severities)))
    a = with_policy(a, withhold=limit)
    ids = [*(f.fingerprint for f in a.findings), *(claim_id(c) for c in a.ledger.checks)]
    seen = FirstSeen(
        dates={id_: TODAY - datetime.timedelta(days=n) for id_, n in zip(ids, ages, strict=False)}
    )
    shown = publish(a, edition="public", seen=seen)
    number = shown.withheld
    assert len(shown.findings) + (number.findings if number else 0) == len(a.findings)
    assert set(shown.findings) <= set(a.findings)
    assert set(shown.attributions) == {f.fingerprint for f in shown.findings}
    before, after = (Counter(c.state for c in x.ledger.checks) for x in (a, shown))
    assert after["contradicted"] + (number.claims if number else 0) == before["contradicted"]
    for old, new in zip(a.ledger.checks, shown.ledger.checks, strict=True):
        blank: dict[str, Any] = {
            "state": "undisclosed",
            "path": "",
            "line": 0,
            "seen": "",
            "detail": UNDISCLOSED,
        }
        assert new in (old, replace(old, **blank))
    assert len(shown.threats) == len(a.threats)
    gone = {f.message for f in a.findings} - {f.message for f in shown.findings}
    text = view_texts(shown)
    assert not [message for message in gone if f"{message}\n" in text]
    if number:
        hidden = {s.id: s for s in first_seen_file(a, seen).sightings if s.withheld}
        assert len(hidden) == number.findings + number.claims
        assert number.oldest == min(s.first_seen for s in hidden.values())
        assert view_texts(shown).count(number.oldest) >= 2


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.permutations(["contradicted", "not-found", "not-checked"]))
def test_which_claim_is_withheld_makes_no_difference(whole: Assessment, states: list[str]) -> None:
    """The strongest form of not telling: the editions are equal whichever of the claims fails."""
    one = publish(with_states(whole, *states), edition="public")
    other = publish(with_states(whole, *reversed(states)), edition="public")
    for name in ("ledger", "threats", "withheld", "not_done", "scans"):
        assert getattr(one, name) == getattr(other, name)
    assert {c.state for c in one.ledger.checks} == {"undisclosed"}


def test_proven_claims_hide_the_failed_one_too(whole: Assessment) -> None:
    one = publish(with_states(whole, "contradicted", "verified", "verified"), edition="public")
    other = publish(with_states(whole, "verified", "verified", "contradicted"), edition="public")
    assert one.ledger == other.ledger
    assert {c.state for c in one.ledger.checks} == {"undisclosed"}
    assert "mitigated" not in {t.status for t in one.threats}


def test_a_claim_on_a_tree_that_was_not_read_hides_nothing(whole: Assessment) -> None:
    a = with_states(whole, "contradicted", "verified", "not-checked")
    *read, last = a.ledger.checks
    away = replace(a, ledger=replace(a.ledger, checks=(*read, replace(last, source="elsewhere"))))
    states = [c.state for c in publish(away, edition="public").ledger.checks]
    assert states == ["undisclosed", "undisclosed", "not-checked"]
    assert {c.state for c in publish(a, edition="public").ledger.checks} == {"undisclosed"}


def test_what_was_withheld_long_enough_is_shown_beside_what_is_withheld(whole: Assessment) -> None:
    a = with_states(whole, "contradicted", "contradicted", "verified")
    seen = FirstSeen(dates={claim_id(a.ledger.checks[0]): TODAY - datetime.timedelta(days=90)})
    shown = publish(a, edition="public", seen=seen)
    assert [c.state for c in shown.ledger.checks] == ["contradicted", "undisclosed", "undisclosed"]
    assert shown.ledger.checks[0] == a.ledger.checks[0]
    assert shown.withheld is not None
    assert shown.withheld.claims == 1


@given(st.sets(st.text("abcdefgh-", min_size=1, max_size=12), max_size=80), st.text("xyz", min_size=1))
def test_controls_stand_in_groups_that_only_their_names_make(names: set[str], more: str) -> None:
    found = groups(names)
    assert sorted(c for group in found for c in group) == sorted(names)
    assert all(len(group) >= LEAST for group in found) or len(found) == 1
    assert set(found) == set(groups(sorted(names, reverse=True)))
    later = groups({*names, more})
    for group in found:
        for other in later:
            assert not group & other or len(group & other) >= min(LEAST, len(names)) - 1


def test_one_failed_claim_leaves_most_controls_in_sight() -> None:
    found = groups(f"control-{n}" for n in range(68))
    assert len(found) >= 6
    assert max(len(group) for group in found) <= 14


def test_a_decision_does_not_cover_what_may_be_contradicted(whole: Assessment) -> None:
    failed = with_states(whole, "verified", "contradicted", "not-found")
    decision = Disposition(
        threat="CORE-001@T1",
        decision="accepted",
        reason="Known",
        owner="A Person",
        expires="2030-01-01",
        source="https://example.org/decision",
        configurations=(),
        place=Place("x"),
    )
    a = replace(failed, dispositions=(decision,))
    (threat,) = [t for t in publish(a, edition="public").threats if t.id == "CORE-001@T1"]
    assert threat.by_configuration["bare"].status == "accepted"
    here = threat.by_configuration["guarded"]
    assert here.status == "unverified"
    assert "does not say whether it holds" in here.reason


def test_what_was_not_done_is_said_without_telling_which(whole: Assessment) -> None:
    failed = with_states(whole, "verified", "contradicted", "not-checked")
    shown = publish(failed, edition="public")
    assert not [item for item in shown.not_done if "guard" in f"{item.what} {item.why}"]
    assert [item.why for item in shown.not_done if item.what == "Claims"] == [
        "3 claims are undisclosed in this edition: some may not have been checked or found"
    ]


RULES = tuple(
    RuleInfo(
        id=f"R{n}",
        title="t",
        description="d",
        cwe=(),
        help_uri="",
        severity="error",
        digest="ab" if n != 2 else "",
    )
    for n in range(4)
)


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (RULES, ["R0", "R1", "R3"]),  # R3 has no finding: the list is the pack's own
        (RULES[:3], ["R1"]),  # every rule has a finding: the list may be made of them
    ],
)
def test_rules_tell_nothing(whole: Assessment, rules: tuple[RuleInfo, ...], kept: list[str]) -> None:
    a = with_findings(whole, found(0), found(1, "note"), found(2), rules=rules)
    assert [rule.id for rule in publish(a, edition="public").scans[0].rules] == kept


def test_texts_of_a_scanner_that_quote_a_withheld_finding_are_replaced(whole: Assessment) -> None:
    a = with_findings(whole, found(0, rule="SECRET"))
    note = ("reported a rule that is not in the rule set: SECRET", "nothing special")
    scan = replace(
        a.scans[0],
        status="partial",
        reason="SECRET stopped it",
        notifications=note,
        not_scanned=(("a.py", "line 0"),),
    )
    shown = publish(replace(a, scans=(scan,)), edition="public").scans[0]
    assert "SECRET" not in str(shown)
    assert "line 0" not in str(shown)
    assert shown.notifications[1] == "nothing special"
    assert shown.not_scanned[0][0] == "a.py"


def change(kind: str, id_: str, **changes: Any) -> Change:
    made: dict[str, Any] = {"kind": kind, "id": id_, "state": "new", "cause": "source", "reason": "r"}
    return Change(**{**made, **changes})


def test_a_history_tells_nothing_of_what_is_withheld_now_or_was(whole: Assessment) -> None:
    a = with_findings(with_states(whole, "verified", "contradicted", "not-found"), found(0), found(1, "note"))
    urgent, small = (f.fingerprint for f in a.findings)
    history = History(
        previous_release="0.9",
        previous_date="2023-11-01",
        previous_commit="",
        previous_model="",
        previous_toolkit="",
        changes=(
            change("finding", urgent),
            change("finding", small, first_seen="2023-11-02"),
            change("finding", "0" * 64, state="fixed"),
            change("finding", "1" * 64, state="fixed"),
            change("claim", claim_id(a.ledger.checks[1]), after="contradicted"),
            change("claim", claim_id(a.ledger.checks[0]), state="changed"),
            change("threat", "CORE-001@T1", before="mitigated, low", after="contradicted, high"),
            change("threat", "CORE-003@T1", before="", after="open, high"),
        ),
        past=(change("finding", "2" * 64, state="fixed"), change("finding", "3" * 64, state="fixed")),
    )
    old = datetime.date(2023, 1, 1)
    seen = FirstSeen(
        dates={"1" * 64: old, "3" * 64: old},
        hidden=frozenset({"0" * 64, "1" * 64, "2" * 64, "3" * 64}),
    )
    shown = publish(replace(a, history=history), edition="public", seen=seen).history
    assert shown is not None
    assert [c.id for c in shown.changes] == [
        small,
        "1" * 64,
        "CORE-003@T1",
    ]
    assert [c.id for c in shown.past] == ["3" * 64]
    assert shown.notes == ("5 changes are not shown, because of what this edition withholds",)


def test_names_and_dates_follow_a_finding_that_moved() -> None:
    old = FirstSeen(dates={"before": datetime.date(2023, 5, 1)}, hidden=frozenset({"before"}))
    history = History(
        previous_release="",
        previous_date="",
        previous_commit="",
        previous_model="",
        previous_toolkit="",
        changes=(change("finding", "after", previous="before", first_seen="2023-06-01"),),
    )
    seen = old.following(history)
    assert seen.date("after", TODAY) == datetime.date(2023, 5, 1)
    assert "after" in seen.hidden


def test_what_is_new_to_a_public_bundle_is_as_old_as_its_oldest() -> None:
    seen = FirstSeen(otherwise=datetime.date(2023, 9, 9))
    history = History(
        previous_release="",
        previous_date="",
        previous_commit="",
        previous_model="",
        previous_toolkit="",
        changes=(change("finding", "x", first_seen=TODAY.isoformat()),),
    )
    assert seen.following(history).date("x", TODAY) == datetime.date(2023, 9, 9)
    assert FirstSeen().following(history).date("x", TODAY) == TODAY


def test_a_summary_that_withholds_says_so(whole: Assessment) -> None:
    a = with_findings(with_states(whole, "verified", "contradicted", "not-found"), found(0))
    text = view_texts(publish(a, edition="public"))
    assert "1 finding of the scanners and 1 claim that the source contradicts are withheld" in text
    assert "for 0 that this edition may name the source tree contradicts" in text
    assert "3 undisclosed in this edition" in text
    assert "They report 0 findings, those not counted that this edition withholds." in text


def test_a_folder_that_is_no_bundle_has_no_first_dates(tmp_path: Path) -> None:
    from collateral.first_seen import read_first_seen
    from threatmodel.core.errors import InvalidInput

    hostile = ("", "[]", "{}", '{"edition": "private", "date": "2023"}', "[" * 100_000, '{"date": 3}')
    for text in hostile:
        (tmp_path / "manifest.json").write_text(text)
        with pytest.raises(InvalidInput, match="V020"):
            read_first_seen(tmp_path)


def test_what_is_only_proposed_is_told_apart(whole: Assessment) -> None:
    a = with_states(whole, "verified", "proposed", "verified")
    assert "1 proposed, and 0 without evidence" in view_texts(a)
    rows = build_view(a, [])["not_checked"]
    assert [row["why"] for row in rows if row["what"].startswith("Control ")] == [STATE["proposed"]]
