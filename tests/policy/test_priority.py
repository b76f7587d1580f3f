"""Written criteria, applied: the first that fits decides, what is settled has nothing left to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.attribution import Attribution
from collateral.policy import PRIORITIES, Criterion, Priorities, Priority, Subject, read_policy
from tests.collateral.support import finding, load_tiny
from threatmodel.analysis import RISK_LEVELS, STATUSES, RiskLevel, Status, Threat, ThreatInConfiguration
from threatmodel.analysis.threats import Target
from threatmodel.claims import ClaimCheck, ClaimState
from threatmodel.load import Loaded
from threatmodel.system.risk import PRIVILEGES


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return load_tiny(tmp_path_factory.mktemp("tiny"))


def threat(**by_configuration: tuple[Status, RiskLevel]) -> Threat:
    here = {
        name: ThreatInConfiguration(
            status=status,
            risk=risk,
            inherent="critical",
            likelihood=3,
            residual_likelihood=3,
            impact=3,
            controls=(),
            adversaries=("stranger",),
            reason="",
        )
        for name, (status, risk) in by_configuration.items()
    }
    return Threat(
        id="IPC-001@T1",
        rule="IPC-001",
        pack="ipc",
        title="Title",
        description="",
        target=Target(kind="flow", id="T1"),
        stride="spoofing",
        cwe=(),
        capec=(),
        attack=(),
        status="open",
        risk="low",
        adversaries=("stranger",),
        by_configuration=here,
        mitigated_by=(),
    )


def check(state: ClaimState, control: str = "caller-tokens") -> ClaimCheck:
    return ClaimCheck(control=control, kind="present", text="it is there", when={}, state=state)


def criteria(about: Subject, *facts: Mapping[str, tuple[str, ...]]) -> tuple[Criterion, ...]:
    """One criterion for each, of falling priority."""
    order: tuple[Priority, ...] = ("release-gating", "p1", "p2")
    return tuple(
        Criterion(priority=priority, about=about, facts=fact, because=f"because of {priority}")
        for priority, fact in zip(order, facts, strict=False)
    )


def priorities(tiny: Loaded, *found: Criterion) -> Priorities:
    return Priorities(tiny.project, found or read_policy(tiny.manifest).criteria)


@pytest.mark.parametrize(
    ("status", "risk", "expected"),
    [
        ("open", "critical", "release-gating"),
        ("contradicted", "critical", "release-gating"),
        ("contradicted", "low", "p1"),
        ("open", "high", "p1"),
        ("unverified", "critical", "p2"),
        ("open", "medium", "p2"),
        ("open", "low", "p3"),
        ("mitigated", "critical", "none"),
        ("accepted", "critical", "none"),
        ("not-applicable", "critical", "none"),
    ],
)
def test_default_criteria_for_threats(
    tiny: Loaded, status: Status, risk: RiskLevel, expected: Priority
) -> None:
    assert priorities(tiny).of_threat(threat(guarded=(status, risk))).priority == expected


def test_the_most_urgent_configuration_counts(tiny: Loaded) -> None:
    found = threat(guarded=("mitigated", "low"), bare=("open", "high"))
    assert priorities(tiny).of_threat(found).priority == "p1"
    assert priorities(tiny).of_threat(found, "guarded").priority == "none"
    assert priorities(tiny).of_threat(found, "elsewhere").priority == "none"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("contradicted", "p1"),
        ("not-found", "p2"),
        ("not-checked", "p3"),
        ("verified", "none"),
        ("attested", "none"),
    ],
)
def test_default_criteria_for_claims(tiny: Loaded, state: ClaimState, expected: Priority) -> None:
    assert priorities(tiny).of_claim(check(state)).priority == expected


@pytest.mark.parametrize(
    ("severity", "confidence", "attribution", "expected"),
    [
        ("error", "high", Attribution(fingerprint="", component="app", elements=("service",)), "p1"),
        ("error", "low", Attribution(fingerprint="", component="app", elements=("service",)), "p2"),
        ("error", "high", Attribution(fingerprint="", component="suite", role="test"), "p3"),
        ("warning", "high", None, "p2"),
        ("note", "high", None, "p3"),
    ],
)
def test_default_criteria_for_findings(
    tiny: Loaded, severity: str, confidence: str, attribution: Attribution | None, expected: Priority
) -> None:
    found = finding(severity=severity, confidence=confidence)
    assert priorities(tiny).of_finding(found, attribution).priority == expected


@pytest.mark.parametrize(
    "fact",
    [
        {"stride": ("spoofing",)},
        {"rule": ("IPC-001",)},
        {"pack": ("ipc",)},
        {"inherent": ("critical",)},
        {"adversary": ("stranger",)},
        {"privilege": ("root",)},
        {"risk": ("low", "high"), "status": ("open",)},
    ],
)
def test_a_criterion_asks_for_one_of_the_values_in_every_fact(
    tiny: Loaded, fact: dict[str, tuple[str, ...]]
) -> None:
    found = threat(bare=("open", "high"))
    assert priorities(tiny, *criteria("threat", fact)).of_threat(found).priority == "release-gating"
    other = {**fact, "status": ("unverified",)}
    assert priorities(tiny, *criteria("threat", other)).of_threat(found).priority == "p3"


def test_the_first_criterion_that_fits_gives_its_sentence(tiny: Loaded) -> None:
    found = priorities(tiny, *criteria("threat", {"stride": ("tampering",)}, {}, {}))
    assert found.of_threat(threat(bare=("open", "low"))).because == "because of p1"


def test_privilege_of_a_claim_is_the_highest_that_its_control_protects(tiny: Loaded) -> None:
    found = priorities(tiny, *criteria("claim", {"privilege": ("root",)}))
    assert found.of_claim(check("contradicted")).priority == "release-gating"
    assert found.of_claim(check("contradicted", "unused")).priority == "p3"
    elsewhere = replace(check("contradicted"), when={"auth": ("none",)})
    assert found.of_claim(elsewhere).priority == "p3"


_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "status": st.lists(st.sampled_from(STATUSES), min_size=1).map(tuple),
        "risk": st.lists(st.sampled_from(RISK_LEVELS), min_size=1).map(tuple),
        "privilege": st.lists(st.sampled_from(PRIVILEGES), min_size=1).map(tuple),
    },
)


@given(
    st.lists(st.tuples(st.sampled_from(PRIORITIES[:-1]), _FACTS), max_size=4),
    st.sampled_from(STATUSES),
    st.sampled_from(RISK_LEVELS),
)
def test_every_threat_has_exactly_one_priority_with_its_sentence(
    tiny: Loaded, written: Any, status: Status, risk: RiskLevel
) -> None:
    found = tuple(
        Criterion(priority=priority, about="threat", facts=facts, because=f"criterion {at}")
        for at, (priority, facts) in enumerate(written)
    )
    given = Priorities(tiny.project, found).of_threat(threat(guarded=(status, risk)))
    here = {"status": status, "risk": risk, "privilege": "root"}
    fitting = [c for c in found if all(here[fact] in words for fact, words in c.facts.items())]
    if status in ("mitigated", "accepted", "transferred", "not-applicable"):
        assert given.priority == "none"
    elif fitting:
        assert (given.priority, given.because) == (fitting[0].priority, fitting[0].because)
    else:
        assert (given.priority, given.because) == ("p3", "no criterion matches")
