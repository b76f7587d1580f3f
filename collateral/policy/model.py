"""The policy as values."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from threatmodel.core.diagnostics import Place

Priority = Literal["release-gating", "p1", "p2", "p3", "none"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
"""Most urgent first. `none`: there is nothing to do, because it is mitigated, decided or verified."""
Subject = Literal["threat", "claim", "finding"]
Level = Literal["off", "info", "warn", "block"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""Least first."""
BLOCKING_ORDER: Mapping[Level, int] = {level: rank for rank, level in enumerate(LEVELS)}

GateRule = Literal[
    "new-threat",
    "contradicted-claim",
    "new-finding",
    "orphaned-disposition",
    "model-not-followed",
    "expiry",
    "policy-change",
]
GATE_RULES: tuple[GateRule, ...] = get_args(GateRule)


def at_or_above(priority: Priority, limit: Priority) -> bool:
    """True where a priority is as urgent as the limit or more. `none` is below every limit, and as a limit reaches
    nothing."""
    return "none" not in (priority, limit) and PRIORITIES.index(priority) <= PRIORITIES.index(limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One written rule: what has one of these values in each of these facts gets this priority, because …"""

    priority: Priority
    about: Subject
    facts: Mapping[str, tuple[str, ...]]
    because: str
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryPath:
    """Files of the source that carry a trust boundary. A change there asks for a change of the model, and of the
    documents `documents` (globs in the source) where there are any."""

    name: str
    paths: tuple[str, ...]
    elements: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One subject of one gate rule that may pass until a day; proposed, and without effect, until it has a source."""

    rule: GateRule
    subject: str
    reason: str
    owner: str
    expires: datetime.date
    source: str = ""
    place: Place | None = None

    def in_force(self, as_of: datetime.date) -> bool:
        """True where it counts on this day."""
        return bool(self.source) and self.expires >= as_of


DEFAULT_GATE_LEVELS: Mapping[GateRule, Level] = {
    "new-threat": "block",
    "contradicted-claim": "block",
    "new-finding": "warn",
    "orphaned-disposition": "block",
    "model-not-followed": "warn",
    "expiry": "block",
    "policy-change": "info",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePolicy:
    """`threshold`: threats and findings less urgent than this do not concern the gate; with `none` none does. The level
    of `expiry` is that of an expired entry at a release; `warn_days` before, and in a pull request, it is less."""

    threshold: Priority = "p1"
    levels: Mapping[GateRule, Level] = field(default_factory=lambda: DEFAULT_GATE_LEVELS)
    warn_days: int = 30
    boundary_paths: tuple[BoundaryPath, ...] = ()
    waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingPolicy:
    """Untriaged findings and contradicted claims at or above `withhold` are a number in the public edition, for at most
    `days` days from the day on which they were first seen. `withhold` `none` withholds nothing."""

    withhold: Priority = "p1"
    days: int = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that a team decided beforehand. The first criterion that matches decides."""

    criteria: tuple[Criterion, ...]
    gate: GatePolicy = field(default_factory=GatePolicy)
    publishing: PublishingPolicy = field(default_factory=PublishingPolicy)
