"""Items of an overlay as programs and terminals get them: data, SARIF, lines of text. For private editions only."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from collateral.overlay.model import (
    Embargo,
    Overlay,
    OverlayDisposition,
    OverlayFinding,
    OverlayTestCase,
    OverlayThreat,
    mark,
)
from scanners.finding import SEVERITIES, Finding, Location, RuleInfo, ScanResult
from scanners.sarif import to_sarif
from threatmodel.core.text import fold

PATH = "data/overlay.json"
SCANNER = "embargoed findings"
"""The name of the tool in SARIF. It is none: people wrote these findings down."""
State = Literal["embargoed", "ended"]
Kind = Literal["threats", "findings", "dispositions", "test_cases"]
EVERYTHING: frozenset[Kind] = frozenset({"threats", "findings", "dispositions", "test_cases"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldThreat:
    """A threat, the state of its embargo, and the mark that stands at it."""

    state: State
    mark: str
    threat: OverlayThreat


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFinding:
    """A finding with its fingerprint, the state of its embargo, and the mark that stands at it."""

    state: State
    mark: str
    fingerprint: str
    finding: OverlayFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDisposition:
    """A decision without effect, the state of its embargo, and the mark that stands at it."""

    state: State
    mark: str
    disposition: OverlayDisposition


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTestCase:
    """A test case, the state of its embargo, and the mark that stands at it."""

    state: State
    mark: str
    test_case: OverlayTestCase


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """`overlay.json` of a private edition: what may not be public yet. No other file counts these items.

    `sha256` is that of `overlay.yaml`; states are those of the day `date` (ISO 8601).
    """

    format: Literal["threatmodel/overlay"] = "threatmodel/overlay"
    version: Literal[1] = 1
    project: str
    date: str
    sha256: str
    threats: tuple[HeldThreat, ...]
    findings: tuple[HeldFinding, ...]
    dispositions: tuple[HeldDisposition, ...]
    test_cases: tuple[HeldTestCase, ...]


def held_file(overlay: Overlay, as_of: datetime.date, kinds: Collection[Kind] = EVERYTHING) -> HeldFile:
    """The items of these kinds, each list sorted."""

    def about(embargo: Embargo) -> dict[str, Any]:
        return {"state": "ended" if embargo.over(as_of) else "embargoed", "mark": mark(embargo, as_of)}

    threats = sorted(overlay.threats, key=lambda x: x.id) if "threats" in kinds else []
    findings = sorted(overlay.findings, key=_place) if "findings" in kinds else []
    decisions = sorted(overlay.dispositions, key=lambda x: x.threat) if "dispositions" in kinds else []
    cases = sorted(overlay.test_cases, key=lambda x: x.id) if "test_cases" in kinds else []
    return HeldFile(
        project=overlay.project,
        date=as_of.isoformat(),
        sha256=overlay.digest,
        threats=tuple(HeldThreat(**about(x.embargoed), threat=x) for x in threats),
        findings=tuple(
            HeldFinding(**about(x.embargoed), fingerprint=x.fingerprint, finding=x) for x in findings
        ),
        dispositions=tuple(HeldDisposition(**about(x.embargoed), disposition=x) for x in decisions),
        test_cases=tuple(HeldTestCase(**about(x.embargoed), test_case=x) for x in cases),
    )


def _place(finding: OverlayFinding) -> tuple[str, int, str, str]:
    return finding.path, finding.line, finding.rule, finding.message


def sarif_runs(
    overlay: Overlay, as_of: datetime.date, *, project: str, release: str, tool_version: str
) -> list[dict[str, Any]]:
    """The findings as a SARIF run of their own, marked as such; none where there is no finding.

    Whoever reads a SARIF file of this program for a comparison leaves such a run out (`is_held`).
    """
    if not overlay.findings:
        return []
    rules = sorted({finding.rule for finding in overlay.findings})
    result = ScanResult(
        scanner=SCANNER,
        version="",
        status="complete",
        findings=tuple(_finding(found, as_of) for found in sorted(overlay.findings, key=_place)),
        rules=tuple(
            RuleInfo(
                id=rule,
                title=rule,
                description=f"Written by hand in an overlay, not found by a scanner: {rule}",
                cwe=(),
                help_uri="",
                severity=min((f.severity for f in overlay.findings if f.rule == rule), key=SEVERITIES.index),
            )
            for rule in rules
        ),
    )
    marked = {
        found.fingerprint: {"embargoed": _properties(found.embargoed, as_of)} for found in overlay.findings
    }
    log = to_sarif(
        [result],
        tool_version=tool_version,
        project=project,
        release=release,
        properties=marked,
        run_properties={"edition": "private", "embargoed": True},
    )
    runs: list[dict[str, Any]] = log["runs"]
    for run in runs:
        run["properties"]["status"] = (
            "written by hand"  # nothing was scanned, and nobody rated how sure it is
        )
        for made in run["results"]:
            del made["properties"]["confidence"], made["properties"]["cwe"]
    return runs


def is_held(properties: Any) -> bool:
    """True for the properties of a SARIF run that came from an overlay."""
    return isinstance(properties, dict) and properties.get("embargoed") is True


def _properties(embargo: Embargo, as_of: datetime.date) -> dict[str, str]:
    state = "ended" if embargo.over(as_of) else "embargoed"
    return {"owner": embargo.owner, "releaseDate": embargo.release_date, "state": state}


def _finding(found: OverlayFinding, as_of: datetime.date) -> Finding:
    return Finding(
        scanner=SCANNER,
        rule=found.rule,
        message=f"{mark(found.embargoed, as_of)}: {found.message}",
        severity=found.severity,
        confidence="high",
        cwe=(),
        stride="",
        location=Location(path=found.path, line=found.line),
        snippet="",
        fingerprint=found.fingerprint,
    )


def text_lines(overlay: Overlay, as_of: datetime.date, kinds: Collection[Kind] = EVERYTHING) -> list[str]:
    """One line for each item of these kinds, after its mark; nothing where there is none."""
    held = held_file(overlay, as_of, kinds)
    lines = []
    for t in held.threats:
        x = t.threat
        lines.append(f"{t.mark}: {x.id}  {x.status}  {x.risk}  {x.stride}  {x.title} (at {x.target})")
        lines.append(f"    {x.description}{''.join(f' [{c}]' for c in x.cwe)}")
    for f in held.findings:
        y = f.finding
        lines.append(f"{f.mark}: {y.path}:{y.line}  {y.severity}  {y.rule}  {y.message}")
    for d in held.dispositions:
        z = d.disposition
        lines.append(f"{d.mark}: decision on {z.threat}, without effect: {z.decision} ({z.reason})")
    for c in held.test_cases:
        w = c.test_case
        lines.append(f"{c.mark}: {w.id}  {w.safety}  {w.objective} (at {w.target})")
        lines += [f"    {number}. {step}" for number, step in enumerate(w.steps, 1)]
        lines.append(f"    Oracle: {w.oracle}")
    return [fold(line) for line in lines]
