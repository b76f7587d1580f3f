"""What is known of a finding: where it is, what it bears on and why, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from collateral.attribution import ThreatLink
from collateral.policy import Priority
from scanners.finding import Confidence, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Another tool's finding of the same."""

    scanner: str
    rule: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding with its place in the model. `line` 0 is the whole file. `part`: what its code is in the product;
    `reason`: why it belongs to its component, empty where it belongs to none. `also`: other tools that tell the same."""

    fingerprint: str
    scanner: str
    rule: str
    message: str
    severity: Severity
    confidence: Confidence
    cwe: tuple[str, ...]
    path: str
    line: int
    symbol: str
    component: str
    part: str
    elements: tuple[str, ...]
    reason: str
    threats: tuple[ThreatLink, ...]
    priority: Priority
    because: str
    also: tuple[Told, ...]
    decision: str
    """The decision in force, or `proposed`, `expired`, or empty for none."""
    decided: str
    """Its reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerRow:
    """How far a scanner came. `unread`: files that it did not read whole; None where the scan does not name them all."""

    scanner: str
    status: str
    unread: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingsFile:
    """`threatmodel findings --format json`. `findings`: those that were asked for, of `total`; `withheld`: how many the
    scan does not name."""

    format: Literal["threatmodel/findings-joined"] = "threatmodel/findings-joined"
    version: Literal[1] = 1
    scan: str
    total: int
    withheld: int
    since: str
    """The ref since which files changed, where no others were looked at."""
    findings: tuple[FindingRow, ...]
    scanners: tuple[ScannerRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which findings are wanted; an empty one is no condition. `severity`: this one and worse."""

    element: str = ""
    component: str = ""
    threat: str = ""
    part: str = ""
    rule: str = ""
    scanner: str = ""
    severity: Severity | Literal[""] = ""
    undecided: bool = False
