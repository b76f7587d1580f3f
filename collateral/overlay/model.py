"""`overlay.yaml` as values. Nothing in it was worked out or checked by the program, and it changes no other result."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from collateral.pentest.case import Safety
from collateral.records import CLOSED
from scanners.finding import Severity
from threatmodel.analysis import RiskLevel, Status
from threatmodel.analysis.dispositions import Decision
from threatmodel.core.canonical import digest
from threatmodel.core.diagnostics import Place
from threatmodel.system import Stride

OVERLAY = "overlay.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Embargo:
    """Who answers for it, by role or name, and the day on which it may be public (ISO 8601)."""

    __pydantic_config__: ClassVar = CLOSED
    owner: str
    release_date: str

    def over(self, as_of: datetime.date) -> bool:
        """True from the release date on. The item stays private until somebody moves it."""
        return as_of >= datetime.date.fromisoformat(self.release_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayThreat:
    """A threat that the model may not name yet. `target` is an element or a flow of the model, `adversaries` are ids of
    it. Status and risk are as its owner states them."""

    __pydantic_config__: ClassVar = CLOSED
    id: str
    title: str
    target: str
    stride: Stride
    risk: RiskLevel
    status: Status
    description: str
    embargoed: Embargo
    cwe: tuple[str, ...] = ()
    adversaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayFinding:
    """A weakness at a place in the source. Line 0 is the whole file."""

    __pydantic_config__: ClassVar = CLOSED
    path: str
    rule: str
    message: str
    severity: Severity
    embargoed: Embargo
    line: int = 0

    @property
    def fingerprint(self) -> str:
        """Its identity: a digest of place, rule and message."""
        return digest(["overlay", self.path, self.line, self.rule, self.message])


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayDisposition:
    """A decision on a threat of the model or of the overlay. It has no public source, so it is without effect."""

    __pydantic_config__: ClassVar = CLOSED
    threat: str
    decision: Decision
    reason: str
    embargoed: Embargo


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayTestCase:
    """A case for the testers. `target` is an element or a flow of the model; `oracle` is what a safe system does."""

    __pydantic_config__: ClassVar = CLOSED
    id: str
    objective: str
    target: str
    steps: tuple[str, ...]
    oracle: str
    safety: Safety
    embargoed: Embargo


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlayFile:
    """`overlay.yaml`, of the project with this id."""

    __pydantic_config__: ClassVar = CLOSED
    project: str
    threats: tuple[OverlayThreat, ...] = ()
    findings: tuple[OverlayFinding, ...] = ()
    dispositions: tuple[OverlayDisposition, ...] = ()
    test_cases: tuple[OverlayTestCase, ...] = ()


Item = OverlayThreat | OverlayFinding | OverlayDisposition | OverlayTestCase


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """An overlay that was read and fits the model. `digest` is the SHA-256 of the file's bytes."""

    project: str
    threats: tuple[OverlayThreat, ...]
    findings: tuple[OverlayFinding, ...]
    dispositions: tuple[OverlayDisposition, ...]
    test_cases: tuple[OverlayTestCase, ...]
    digest: str
    places: Mapping[tuple[str, int], Place] = field(default_factory=dict)
    """Where each item stands, by the name of its list and its number there."""

    @property
    def items(self) -> tuple[Item, ...]:
        """All items."""
        return (*self.threats, *self.findings, *self.dispositions, *self.test_cases)


def mark(embargo: Embargo, as_of: datetime.date) -> str:
    """What stands at the item, in every form of output."""
    if embargo.over(as_of):
        return f"PRIVATE, embargo ended on {embargo.release_date}, publish or extend, owner {embargo.owner}"
    return f"EMBARGOED until {embargo.release_date}, owner {embargo.owner}"


def note(overlay: Overlay | None, as_of: datetime.date) -> str:
    """What stands on covers, in page headers and at the top of the site; empty where there is no item."""
    items = overlay.items if overlay else ()
    ended = sum(item.embargoed.over(as_of) for item in items)
    held = len(items) - ended
    parts = []
    if held:
        last = max(item.embargoed.release_date for item in items if not item.embargoed.over(as_of))
        parts.append(f"EMBARGOED: {held} {'item' if held == 1 else 'items'}, the last until {last}")
    if ended:
        of = "1 item" if ended == 1 else f"{ended} items"
        parts.append(f"PRIVATE: the embargo of {of} ended, publish or extend")
    return "; ".join(parts)
