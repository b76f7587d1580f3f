"""What a comparison needs of the previous bundle, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanners.baseline import FileMark, Trace
from scanners.finding import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousThreat:
    """A threat as the previous bundle has it. `cases`: status, risk and controls by configuration."""

    rule: str
    title: str
    status: str
    risk: str
    disposition: str
    cases: Mapping[str, tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousClaim:
    """A claim after its check."""

    control: str
    kind: str
    text: str
    state: str
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousScan:
    """What a scanner did. `rules` maps ids to digests, empty ones where the rule is the scanner's own. `degraded`: its
    result is partial in a way that names no file."""

    version: str
    status: str
    ruleset: str
    rules: Mapping[str, str]
    not_scanned: frozenset[str]
    degraded: bool

    @property
    def ran(self) -> bool:
        """True where it reported anything at all."""
        return self.status in {"complete", "partial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A finding of the previous bundle."""

    trace: Trace
    level: Severity
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An entry of `history.json`. A trace is kept where the finding was not in that bundle."""

    kind: str
    id: str
    state: str
    first_seen: str
    last_seen: str
    title: str = ""
    level: Severity = "warning"
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousBundle:
    """A bundle that was verified. None for `rules`, `files` and `remembered`: it is of a version without them."""

    project: str
    release: str
    date: str
    edition: str
    withheld: int
    """Findings that it did not name."""
    source_commit: str
    source_digest: str
    """Empty where the tree had changes that were not committed."""
    model_digest: str
    toolkit: str
    rulesets: Mapping[str, str]
    manifest_sha256: str
    threats: Mapping[str, PreviousThreat]
    claims: tuple[PreviousClaim, ...]
    controls: Mapping[tuple[str, str], str]
    project_model: Mapping[str, Any]
    rules: Mapping[str, str] | None
    files: Mapping[str, FileMark] | None
    scans: Mapping[str, PreviousScan]
    findings: tuple[Reported, ...]
    remembered: tuple[Remembered, ...] | None
    notes: tuple[str, ...]
