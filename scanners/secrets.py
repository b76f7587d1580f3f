"""What the findings of one scan owe each other about secrets: what one found, no other repeats."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from scanners.finding import Finding, ScanResult

_MESSAGE = "withheld: {} found a secret in these lines"


def without_secrets(results: Iterable[ScanResult]) -> tuple[ScanResult, ...]:
    """The results. A finding that shares a line with a secret of another scanner keeps its place and its rule, but has
    neither a snippet nor its tool's words, which quote the line now and then."""
    given = tuple(results)
    places: dict[str, list[Finding]] = defaultdict(list)
    for result in given:
        for finding in result.findings:
            if finding.secret and finding.location.line:
                places[finding.location.path].append(finding)
    if not places:
        return given
    return tuple(
        replace(result, findings=tuple(_covered(f, places.get(f.location.path, ())) for f in result.findings))
        for result in given
    )


def _covered(finding: Finding, secrets: Iterable[Finding]) -> Finding:
    if finding.secret:
        return finding
    start, end = finding.location.line, finding.location.end_line
    for secret in secrets:
        if start <= secret.location.end_line and secret.location.line <= end:
            return replace(finding, secret=True, snippet="", message=_MESSAGE.format(secret.scanner))
    return finding
