"""Inputs of the gate, made of values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from collateral.gate import Event, GateInput, evaluate
from collateral.gate.model import ContradictedClaim, Expiring, NewFinding, Orphan, ThreatStep, Touched
from collateral.policy import GATE_RULES, GatePolicy, GateRule, Level, Waiver
from threatmodel.analysis.change import RecordChange
from threatmodel.core.diagnostics import Place

DAY = datetime.date(2026, 3, 1)
SOURCE = "https://example.org/decision"


def policy(level: Level = "block", **changes: Any) -> GatePolicy:
    """A policy with the same level for every rule."""
    return replace(GatePolicy(levels=dict.fromkeys(GATE_RULES, level)), **changes)


def step(id_: str = "IPC-001@F1", **changes: Any) -> ThreatStep:
    """A new open threat of priority p1."""
    made = ThreatStep(
        id=id_,
        title="Anyone may call",
        configuration="qemu",
        before=None,
        after="open",
        was="none",
        priority="p1",
        because="high risk",
        place=Place("models/x/flows.py", 4),
    )
    return replace(made, **changes)


def claim(control: str = "tokens", **changes: Any) -> ContradictedClaim:
    """A claim that holds in BASE and not in HEAD."""
    made = ContradictedClaim(
        control=control,
        text="service.py has /check/",
        seen="not in service.py",
        known=False,
        priority="p1",
        because="the source says otherwise",
        place=Place("service.py"),
    )
    return replace(made, **changes)


def found(fingerprint: str = "a" * 64, **changes: Any) -> NewFinding:
    """A new finding of priority p1."""
    made = NewFinding(
        fingerprint=fingerprint,
        scanner="bandit",
        rule="B900",
        message="Calls without a limit",
        priority="p1",
        because="severe",
        place=Place("app/service.py", 6),
    )
    return replace(made, **changes)


def touched(**changes: Any) -> Touched:
    """A boundary file that changed alone."""
    made = Touched(
        name="api", files=("a.proto",), elements=("agent",), model_followed=False, documents_followed=None
    )
    return replace(made, **changes)


def expiring(days: int, **changes: Any) -> Expiring:
    """A decision that counts for so many days more."""
    made = Expiring(
        what="the decision on X",
        subject="disposition:X",
        owner="A. Person",
        expires=DAY + datetime.timedelta(days=days),
    )
    return replace(made, **changes)


def record(**changes: Any) -> RecordChange:
    """A level that was raised."""
    return replace(RecordChange(kind="policy", id="gate.levels.expiry", state="changed"), **changes)


def waiver(rule: GateRule = "new-threat", subject: str = "IPC-001@F1", **changes: Any) -> Waiver:
    """A waiver in force."""
    made = Waiver(
        rule=rule,
        subject=subject,
        reason="fixed soon",
        owner="A. Person",
        expires=DAY,
        source=SOURCE,
    )
    return replace(made, **changes)


BLOCKING: Mapping[GateRule, Mapping[str, Any]] = {
    "new-threat": {"threats": (step(),)},
    "contradicted-claim": {"claims": (claim(),)},
    "new-finding": {"findings": (found(),)},
    "orphaned-disposition": {"orphans": (Orphan(threat="X@y", side="HEAD"),)},
    "model-not-followed": {"touched": (touched(),)},
    "expiry": {"expiring": (expiring(-1),), "stage": "release"},
    "policy-change": {"records": (record(),)},
}
"""For each rule, what makes it block where its level is block."""


def given(**changes: Any) -> GateInput:
    """An input with a policy that blocks everything."""
    return replace(GateInput(policy=policy(), as_of=DAY, enforced=True), **changes)


def events(**changes: Any) -> tuple[Event, ...]:
    """The events for an input."""
    return evaluate(given(**changes)).events


def levels(**changes: Any) -> list[str]:
    """Their levels."""
    return [event.level for event in events(**changes)]
