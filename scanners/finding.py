"""What a scanner found, where, and how much of the tree it really read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from scanners.marks import Marks
from threatmodel.core.canonical import digest

Severity = Literal["error", "warning", "note"]
Confidence = Literal["high", "medium", "low"]
Status = Literal["complete", "partial", "failed", "skipped"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""Worst first."""
TIMEOUT = "Timeout"
OUT_OF_MEMORY = "Out of memory"
"""Reasons that start so depend on how busy the machine was."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Location:
    """A place in the source tree. Lines and columns count from 1; line 0 is the whole file."""

    path: str
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result of a scanner. Its texts are untrusted: whoever shows them folds and escapes them."""

    scanner: str
    rule: str
    message: str
    severity: Severity
    confidence: Confidence
    cwe: tuple[str, ...]
    """`CWE-n`, in ascending order."""
    stride: str
    """The STRIDE category that the rule names, or empty."""
    location: Location
    snippet: str
    """Taken from the source, not from the scanner: at most 3 lines and 300 characters."""
    fingerprint: str = ""
    """Identity across releases; `with_fingerprints` sets it."""
    secret: bool = False
    """Its lines are a secret. It has no snippet, and slow digests stand for the lines in fingerprint and marks."""
    marks: Marks | None = None
    """What its place looks like, to recognise it where the fingerprint changed."""
    symbol: str = ""
    """The qualified name of the function or type that its line stands in, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """A rule of a scanner. `severity` is the level of its findings unless a finding says otherwise."""

    id: str
    title: str
    description: str
    cwe: tuple[str, ...]
    help_uri: str
    severity: Severity
    digest: str = ""
    """Changes where the rule does; empty where the rule is a part of the scanner's own code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What one scanner did with one source tree.

    Every planned file is in `files_scanned` or in `not_scanned`, never in both. A file that was read only in part is
    in `not_scanned`, with the reason. The status is `complete` only where the scanner's own report says so for
    every planned file; `skipped` means that the scanner was asked for and could not be started.
    """

    scanner: str
    version: str
    status: Status
    reason: str = ""
    files_planned: tuple[str, ...] = ()
    files_scanned: tuple[str, ...] = ()
    not_scanned: tuple[tuple[str, str], ...] = ()
    """Path and reason."""
    findings: tuple[Finding, ...] = ()
    rules: tuple[RuleInfo, ...] = ()
    ruleset_digest: str = ""
    tool_digest: str = ""
    notifications: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    """The command line, its paths replaced by names in braces."""

    @property
    def repeatable(self) -> bool:
        """True where the same tool on the same files would report the same again."""
        if self.status not in ("complete", "partial"):
            return False
        texts = (*(reason for _, reason in self.not_scanned), *self.notifications)
        return not any(text.startswith((TIMEOUT, OUT_OF_MEMORY)) for text in texts)


def level_of_score(score: float) -> Severity:
    """The level of a CVSS score from 0 to 10, as code scanning reads it."""
    return "error" if score >= 7.0 else "warning" if score >= 4.0 else "note"


def sort_key(finding: Finding) -> tuple[object, ...]:
    """Order of findings in a result: by place, then by rule."""
    place = finding.location
    extent = (place.line, place.column, place.end_line, place.end_column)
    return (
        place.path,
        extent,
        finding.rule,
        finding.severity,
        finding.confidence,
        finding.message,
        finding.cwe,
    )


def with_fingerprints(findings: Iterable[tuple[Finding, str]]) -> tuple[Finding, ...]:
    """The findings, each given with the text of its line, in order and with their fingerprints.

    A fingerprint is the SHA-256 of scanner, rule, path, the line's text with white space folded, and the finding's
    number among those that agree in all of these. It does not depend on the line number.
    """
    seen: Counter[tuple[str, str, str, str]] = Counter()
    out: list[Finding] = []
    for finding, text in sorted(findings, key=lambda pair: sort_key(pair[0])):
        parts = (finding.scanner, finding.rule, finding.location.path, " ".join(text.split()))
        out.append(replace(finding, fingerprint=digest([*parts, seen[parts]])))
        seen[parts] += 1
    return tuple(out)
