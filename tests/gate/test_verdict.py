"""The verdict: levels, waivers, exit codes, and what holds for whatever the gate is given."""

from __future__ import annotations

import datetime
import random
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from collateral.gate import RULES, GateInput, evaluate, published
from collateral.gate.model import Orphan
from collateral.gate.verdict import WITHHELD
from collateral.policy import LEVELS, PRIORITIES, PublishingPolicy
from tests.gate.support import (
    BLOCKING,
    DAY,
    claim,
    expiring,
    found,
    given,
    levels,
    policy,
    record,
    step,
    touched,
    waiver,
)
from threatmodel.core.errors import Exit

EXITS = {"new-finding": Exit.GATE_FINDINGS, "contradicted-claim": Exit.GATE_CLAIMS}


@pytest.mark.parametrize("rule", BLOCKING)
def test_each_rule_blocks_with_its_exit_code(rule: Any) -> None:
    verdict = evaluate(given(**BLOCKING[rule]))
    assert verdict.blocked
    assert verdict.exit == verdict.would == EXITS.get(rule, Exit.GATE_THREATS)


@pytest.mark.parametrize("rule", BLOCKING)
def test_without_enforce_the_same_is_only_reported(rule: Any) -> None:
    verdict = evaluate(given(**BLOCKING[rule], enforced=False))
    assert verdict.blocked
    assert (verdict.exit, verdict.would) == (Exit.CLEAN, EXITS.get(rule, Exit.GATE_THREATS))


@pytest.mark.parametrize("rule", BLOCKING)
@pytest.mark.parametrize("level", LEVELS)
def test_the_policy_sets_the_level(rule: Any, level: Any) -> None:
    verdict = evaluate(given(**BLOCKING[rule], policy=policy(level)))
    assert [event.level for event in verdict.events] == [level]
    assert verdict.blocked is (level == "block")


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        (("new-threat", "new-finding", "contradicted-claim"), 10),
        (("new-finding", "contradicted-claim"), 11),
        (("contradicted-claim",), 12),
        ((), 0),
    ],
)
@pytest.mark.parametrize("undone", [(), ("claim of x",)])
def test_of_several_exit_codes_the_first_of_the_order_wins(
    rules: tuple[Any, ...], code: int, undone: tuple[str, ...]
) -> None:
    facts: dict[str, Any] = {key: value for rule in rules for key, value in BLOCKING[rule].items()}
    assert evaluate(given(**facts, undone=undone)).exit == (code or (3 if undone else 0))
    assert evaluate(given(**facts, undone=undone, enforced=False)).exit == (3 if undone else 0)


@pytest.mark.parametrize("about", ["claim", "finding"])
def test_what_expires_blocks_with_the_code_of_what_it_is_about(about: Any) -> None:
    verdict = evaluate(given(stage="release", expiring=(expiring(-1, about=about),)))
    assert verdict.exit == {"claim": 12, "finding": 11}[about]


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({}, "info", "waived: fixed soon"),
        ({"expires": DAY - datetime.timedelta(days=1)}, "block", "has expired"),
        ({"source": ""}, "block", "is proposed: no public source"),
        ({"subject": "IPC-001@F2"}, "block", ""),
        ({"subject": "IPC-001"}, "block", ""),
        ({"rule": "new-finding"}, "block", ""),
    ],
)
def test_a_waiver_waives_one_subject_while_it_counts(changes: dict[str, Any], level: str, said: str) -> None:
    verdict = evaluate(given(threats=(step(),), policy=policy(waivers=(waiver(**changes),))))
    (event,) = verdict.events
    assert event.level == level
    assert said in event.why
    assert bool(event.waived_by) is (level == "info")
    assert verdict.blocked is (level == "block")


def test_a_waiver_of_head_is_named_and_does_not_count() -> None:
    verdict = evaluate(given(threats=(step(),), head_waivers=(waiver(),)))
    assert verdict.exit == Exit.GATE_THREATS
    assert "HEAD brings a waiver" in verdict.events[0].why


def test_of_two_waivers_the_one_in_force_counts() -> None:
    old = waiver(expires=DAY - datetime.timedelta(days=9))
    for both in ((old, waiver()), (waiver(), old)):
        assert levels(threats=(step(),), policy=policy(waivers=both)) == ["info"]


def test_a_waiver_takes_the_subject_as_it_is_shown() -> None:
    odd = claim(text="a  has /\n\x1b/")
    same = waiver("contradicted-claim", "tokens#a has / <U+001B>/")
    assert levels(claims=(odd,), policy=policy(waivers=(same,))) == ["info"]


def test_a_waiver_does_not_hide_that_the_gate_gets_weaker() -> None:
    subject = "policy:gate.levels.expiry"
    here = policy("info", waivers=(waiver("policy-change", subject),))
    assert levels(policy=here, records=(record(weakens=True),)) == ["warn"]


PRIORITY = st.sampled_from(PRIORITIES)
NAMES = st.sampled_from(["A", "B", "C", "<b>", "x\n"])
STEPS = st.builds(
    lambda id_, config, before, after, priority: step(
        id_, configuration=config, before=before, after=after, priority=priority
    ),
    NAMES,
    NAMES,
    st.sampled_from([None, "open", "mitigated"]),
    st.sampled_from(["open", "contradicted", "mitigated", "unverified"]),
    PRIORITY,
)
INPUTS = st.builds(
    lambda **facts: given(**{key: tuple(value) for key, value in facts.items()}),
    threats=st.lists(STEPS, max_size=8, unique_by=lambda s: (s.id, s.configuration)),
    claims=st.lists(
        st.builds(lambda c, k, p: claim(c, known=k, priority=p), NAMES, st.booleans(), PRIORITY),
        max_size=4,
        unique_by=lambda c: c.control,
    ),
    findings=st.lists(
        st.builds(lambda f, t, p: found(f, told=t, priority=p), NAMES, st.booleans(), PRIORITY), max_size=4
    ),
    orphans=st.lists(
        st.builds(lambda t, s: Orphan(threat=t, side=s), NAMES, st.sampled_from(["BASE", "HEAD"])),
        max_size=4,
        unique_by=lambda o: (o.threat, o.side),
    ),
    touched=st.lists(
        st.builds(lambda n, m: touched(name=n, model_followed=m), NAMES, st.booleans()), max_size=3
    ),
    expiring=st.lists(st.builds(lambda d: expiring(d), st.integers(-40, 40)), max_size=4),
    records=st.lists(st.builds(lambda n, w: record(id=n, weakens=w), NAMES, st.booleans()), max_size=4),
    undone=st.lists(NAMES, max_size=2),
)


@examples(INPUTS, st.randoms(use_true_random=False))
def test_no_event_is_lost_and_order_does_not_matter(facts: GateInput, shuffler: random.Random) -> None:
    verdict = evaluate(facts)
    assert len(verdict.events) == sum(len(list(rule.find(facts))) for rule in RULES)
    mixed: dict[str, Any] = {}
    for field in fields(facts):
        value = getattr(facts, field.name)
        if isinstance(value, tuple):
            mixed[field.name] = tuple(shuffler.sample(value, len(value)))
    assert evaluate(replace(facts, **mixed)) == verdict


@examples(INPUTS, st.sampled_from(PRIORITIES))
def test_the_public_edition_counts_what_it_withholds_and_blocks_the_same(
    facts: GateInput, limit: Any
) -> None:
    verdict = evaluate(facts)
    shown = published(verdict, PublishingPolicy(withhold=limit))
    assert sum(event.count for event in shown.events) == len(verdict.events)
    assert replace(shown, events=()) == replace(verdict, events=())
    for event in shown.events:
        if event.discloses and event.subject != WITHHELD:
            assert PRIORITIES.index(event.priority) > PRIORITIES.index(limit) or limit == "none"


@pytest.mark.parametrize(
    ("publishing", "hidden"),
    [
        (PublishingPolicy(), True),
        (PublishingPolicy(withhold="release-gating"), False),
        (PublishingPolicy(withhold="none"), False),
        (PublishingPolicy(days=0), False),
    ],
)
def test_details_of_weaknesses_are_withheld(publishing: PublishingPolicy, hidden: bool) -> None:
    facts = given(
        claims=(claim("secret-one"), claim("secret-two")),
        findings=(found("d" * 64, message="secret finding", place=None),),
        threats=(step("SECRET@x", after="contradicted", title="secret threat"), step("OPEN@x")),
    )
    shown = published(evaluate(facts), publishing)
    assert ("secret" not in repr(shown).lower()) is hidden
    assert "OPEN@x" in repr(shown)
    if hidden:
        counted = sorted(event.message for event in shown.events if event.subject == WITHHELD)
        assert counted == ["1 finding at or above p1", "1 threat at or above p1", "2 claims at or above p1"]
