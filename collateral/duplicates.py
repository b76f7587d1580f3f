"""Findings of several tools that tell the same: one of them stands for all, and names the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from scanners.finding import SEVERITIES, Finding

_SURE = ("high", "medium", "low")


def told_twice(findings: Iterable[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    """By the fingerprint of the finding that stands for them, those of other tools that tell the same.

    Two tools tell the same where they name the same line, and a common weakness (CWE) or the same rule: advisories of
    databases have names that tools share. The one that stands for the others
    is the most severe, then the surest, then the first by name of its scanner. A finding stands for others or is told
    by another, never both; findings of one tool are never joined.
    """
    places: dict[tuple[str, int], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.location.line:
            places[finding.location.path, finding.location.line].append(finding)
    out: dict[str, tuple[Finding, ...]] = {}
    for found in places.values():
        if len({finding.scanner for finding in found}) > 1:
            out |= _groups(sorted(found, key=_rank))
    return out


def hidden(told: Mapping[str, tuple[Finding, ...]]) -> frozenset[str]:
    """The fingerprints of findings that another one stands for."""
    return frozenset(finding.fingerprint for others in told.values() for finding in others)


def _rank(finding: Finding) -> tuple[int, int, str, str, str]:
    return (
        SEVERITIES.index(finding.severity),
        _SURE.index(finding.confidence),
        finding.scanner,
        finding.rule,
        finding.fingerprint,
    )


def _groups(ordered: Sequence[Finding]) -> dict[str, tuple[Finding, ...]]:
    """Each finding with those after it of scanners that the group has not yet."""
    out: dict[str, tuple[Finding, ...]] = {}
    taken: set[str] = set()
    for finding in ordered:
        if finding.fingerprint in taken:
            continue
        scanners = {finding.scanner}
        others = []
        for other in ordered:
            same = not set(finding.cwe).isdisjoint(other.cwe) or finding.rule == other.rule
            if same and other.scanner not in scanners and other.fingerprint not in taken | set(out):
                scanners.add(other.scanner)
                others.append(other)
        if others:
            out[finding.fingerprint] = tuple(others)
            taken |= {other.fingerprint for other in others}
    return out
