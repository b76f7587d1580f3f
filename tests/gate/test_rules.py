"""Each rule of the gate: what it finds, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest

from collateral.gate import RULES
from collateral.gate.model import Orphan
from collateral.policy import GATE_RULES, Priority
from tests.gate.support import (
    BLOCKING,
    claim,
    events,
    expiring,
    found,
    given,
    levels,
    policy,
    record,
    step,
    touched,
)
from threatmodel.analysis import Status
from threatmodel.analysis.change import Edit


def test_every_rule_of_the_policy_has_a_function_and_a_case() -> None:
    assert tuple(rule.name for rule in RULES) == GATE_RULES
    assert tuple(BLOCKING) == GATE_RULES
    assert len({rule.title for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_finds_its_own_and_nothing_else(rule: Any) -> None:
    for name, facts in BLOCKING.items():
        drafts = list(rule.find(given(**facts)))
        assert [draft.rule for draft in drafts] == ([rule.name] if name == rule.name else [])


def test_nothing_changed_is_no_event() -> None:
    assert events() == ()


@pytest.mark.parametrize(
    ("before", "after", "fires"),
    [
        (None, "open", True),
        (None, "unverified", True),
        (None, "contradicted", True),
        (None, "mitigated", False),
        (None, "accepted", False),
        ("mitigated", "open", True),
        ("mitigated", "unverified", True),
        ("mitigated", "contradicted", True),
        ("accepted", "open", True),
        ("unverified", "open", True),
        ("open", "contradicted", True),
        ("open", "open", False),
        ("contradicted", "open", False),
        ("open", "unverified", False),
        ("open", "mitigated", False),
        ("contradicted", "contradicted", False),
        ("unverified", "transferred", False),
    ],
)
def test_threats_that_are_new_or_worse(before: Status | None, after: Status, fires: bool) -> None:
    assert bool(events(threats=(step(before=before, after=after, was="p1"),))) is fires


@pytest.mark.parametrize(
    ("was", "priority", "fires"),
    [
        ("p2", "p1", True),
        ("p3", "release-gating", True),
        ("p1", "release-gating", True),
        ("p1", "p1", False),
        ("p1", "p2", False),
        ("p3", "p2", False),
    ],
)
def test_threats_that_became_more_urgent(was: Priority, priority: Priority, fires: bool) -> None:
    (*rest,) = events(threats=(step(before="open", was=was, priority=priority),))
    assert bool(rest) is fires
    assert all(f"was {was}" in event.message for event in rest)


@pytest.mark.parametrize(
    ("threshold", "priority", "fires"),
    [("p1", "p1", True), ("p1", "p2", False), ("p3", "p3", True), ("release-gating", "p1", False)],
)
def test_the_threshold_holds_for_threats_and_findings(
    threshold: Priority, priority: Priority, fires: bool
) -> None:
    here = policy(threshold=threshold)
    assert bool(events(policy=here, threats=(step(priority=priority),))) is fires
    assert bool(events(policy=here, findings=(found(priority=priority),))) is fires


def test_a_threat_in_several_configurations_is_one_event_of_the_most_urgent() -> None:
    steps = [
        step(configuration=f"c{n}", priority=p) for n, p in enumerate(("p1", "release-gating", "p2", "p1"))
    ]
    (event,) = events(threats=tuple(steps))
    assert event.priority == "release-gating"
    assert event.message == "Anyone may call: open (new) in c1, c0, c3"


def test_a_claim_that_was_contradicted_before_is_quiet() -> None:
    assert events(claims=(claim(known=True),)) == ()
    (event,) = events(claims=(claim(priority="p3"),))
    assert (event.subject, event.tree) == ("tokens#service.py has /check/", "source")


def test_a_finding_that_may_be_old_only_informs() -> None:
    (event,) = events(findings=(found(told=False),))
    assert event.level == "info"
    assert "may be old" in event.why


@pytest.mark.parametrize(
    ("sides", "level"), [(("HEAD",), "block"), (("BASE", "HEAD"), "block"), (("BASE",), "info")]
)
def test_an_orphan_that_stays_blocks_one_that_went_along_does_not(sides: tuple[Any, ...], level: str) -> None:
    assert levels(orphans=tuple(Orphan(threat="X@y", side=side) for side in sides)) == [level]


@pytest.mark.parametrize(
    ("model", "documents", "level"),
    [
        (False, None, "block"),
        (False, False, "block"),
        (True, None, ""),
        (True, True, ""),
        (True, False, "info"),
        (False, True, "info"),
    ],
)
def test_a_boundary_file_asks_for_model_and_documents(
    model: bool, documents: bool | None, level: str
) -> None:
    entry = touched(model_followed=model, documents_followed=documents)
    assert levels(touched=(entry,)) == ([level] if level else [])


def test_a_boundary_file_that_is_gone_has_no_place_in_head() -> None:
    (event,) = events(touched=(touched(in_head=False),))
    assert (event.place, event.tree) == (None, "model")


@pytest.mark.parametrize(
    ("days", "stage", "model_touched", "level"),
    [
        (-1, "release", False, "block"),
        (0, "release", False, "warn"),
        (30, "release", False, "warn"),
        (31, "release", False, ""),
        (-1, "pull-request", False, "info"),
        (-1, "pull-request", True, "warn"),
        (30, "pull-request", False, "info"),
        (30, "pull-request", True, "warn"),
        (31, "pull-request", True, ""),
    ],
)
def test_expiry_blocks_only_a_release(days: int, stage: str, model_touched: bool, level: str) -> None:
    found_ = levels(expiring=(expiring(days),), stage=stage, model_touched=model_touched)
    assert found_ == ([level] if level else [])


def test_what_counts_for_nothing_only_informs_when_it_expires() -> None:
    assert levels(expiring=(expiring(-1, proposed=True),), stage="release") == ["info"]


def test_the_days_of_the_policy_are_the_days_of_the_warning() -> None:
    assert levels(policy=policy(warn_days=0), expiring=(expiring(1),)) == []


@pytest.mark.parametrize(
    ("kind", "weakens", "level"),
    [
        ("waiver", False, "info"),
        ("policy", True, "warn"),
        ("claim", False, ""),
        ("claim", True, "warn"),
        *((kind, False, "info") for kind in ("disposition", "rule", "policy", "pack", "risk")),
    ],
)
def test_changes_of_the_policy_are_events_and_weaker_ones_warn(kind: Any, weakens: bool, level: str) -> None:
    changed = record(
        kind=kind, weakens=weakens, edits=(Edit(attribute="level", before="block", after="info"),)
    )
    assert levels(policy=policy("info"), records=(changed,)) == ([level] if level else [])
    if level:
        (event,) = events(policy=policy("off"), records=(changed,))
        assert event.level == ("warn" if weakens else "off")
        assert "level: block → info" in event.why
