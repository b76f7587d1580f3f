"""The findings of a SARIF file joined to a model."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collateral.attribution import ComponentMap, attribute
from collateral.duplicates import hidden, told_twice
from collateral.findings.values import Asked, FindingRow, FindingsFile, ScannerRow, Told
from collateral.gate.scanfile import ScanFile
from collateral.policy import PRIORITIES, Priorities
from collateral.triage import Triage
from scanners.finding import SEVERITIES, Finding
from threatmodel.analysis import Threat
from threatmodel.core.diagnostics import Diagnostic, nearest
from threatmodel.core.errors import UsageError
from threatmodel.system import Project

_LEAST = 6
"""Digits of a fingerprint that must be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What findings are joined with, on one day."""

    project: Project
    threats: tuple[Threat, ...]
    triage: Triage
    priorities: Priorities
    day: datetime.date


def findings_file(scan: ScanFile, name: str, joined: Joined, asked: Asked | None = None) -> FindingsFile:
    """The findings that were asked for, the most urgent first, then by place; one row for what several tools tell.

    Raises:
        UsageError: U032, the model has no such element, component or threat.
    """
    asked = asked or Asked()
    _known(asked, joined)
    told = told_twice(scan.findings)
    shown = tuple(f for f in scan.findings if f.fingerprint not in hidden(told))
    rows = [row for row in _rows(shown, told, joined) if _wanted(row, asked)]
    rows.sort(key=_order)
    return FindingsFile(
        scan=name,
        total=len(scan.findings),
        withheld=scan.withheld,
        since=scan.since,
        findings=tuple(rows),
        scanners=tuple(
            ScannerRow(
                scanner=scanner, status=run.status, unread=None if run.unread is None else len(run.unread)
            )
            for scanner, run in sorted(scan.runs.items())
        ),
    )


def find(file: FindingsFile, wanted: str) -> FindingRow:
    """The finding whose fingerprint, or that of another tool's finding of the same, starts so.

    Raises:
        UsageError: U033, none does, several do, or too few digits are given.
    """
    found = [
        row
        for row in file.findings
        if any(print_.startswith(wanted) for print_ in (row.fingerprint, *(t.fingerprint for t in row.also)))
    ]
    if len(wanted) < _LEAST:
        message = f"a finding is named by {_LEAST} digits of its fingerprint or more"
    elif not found:
        message = f'no finding of the scan has a fingerprint that starts with "{wanted}"'
    elif len(found) > 1:
        message = f'{len(found)} findings have fingerprints that start with "{wanted}"'
    else:
        return found[0]
    hint = "`threatmodel findings list` shows the fingerprints"
    raise UsageError(Diagnostic(code="U033", message=message, hint=hint))


def _known(asked: Asked, joined: Joined) -> None:
    known = {
        "element": joined.project.element_ids,
        "component": frozenset(component.id for component in joined.project.components),
        "threat": frozenset(threat.id for threat in joined.threats),
    }
    for kind, names in known.items():
        wanted = getattr(asked, kind)
        if wanted and wanted not in names:
            hint = nearest(wanted, names)
            raise UsageError(
                Diagnostic(code="U032", message=f'the model has no {kind} "{wanted}"', hint=hint)
            )


def _rows(
    findings: tuple[Finding, ...], told: Mapping[str, tuple[Finding, ...]], joined: Joined
) -> Iterator[FindingRow]:
    places = attribute(joined.project, findings, joined.threats, ComponentMap.of(joined.project))
    for finding, place in zip(findings, places, strict=True):
        urgent = joined.priorities.of_finding(finding, place)
        entry = joined.triage.get(finding.fingerprint)
        yield FindingRow(
            fingerprint=finding.fingerprint,
            scanner=finding.scanner,
            rule=finding.rule,
            message=finding.message,
            severity=finding.severity,
            confidence=finding.confidence,
            cwe=finding.cwe,
            path=finding.location.path,
            line=finding.location.line,
            symbol=finding.symbol,
            component=place.component,
            part=place.part,
            elements=place.elements,
            reason=place.reason,
            threats=place.threats,
            priority=urgent.priority,
            because=urgent.because,
            also=tuple(
                Told(scanner=other.scanner, rule=other.rule, fingerprint=other.fingerprint)
                for other in told.get(finding.fingerprint, ())
            ),
            decision=entry.state(joined.day) if entry else "",
            decided=entry.reason if entry else "",
        )


def _wanted(row: FindingRow, asked: Asked) -> bool:
    worst = asked.severity
    return (
        asked.element in ("", *row.elements)
        and asked.component in ("", row.component)
        and asked.threat in ("", *(link.threat for link in row.threats))
        and asked.part in ("", row.part)
        and asked.rule in ("", row.rule, *(told.rule for told in row.also))
        and asked.scanner in ("", row.scanner, *(told.scanner for told in row.also))
        and (not worst or SEVERITIES.index(row.severity) <= SEVERITIES.index(worst))
        and not (asked.undecided and row.decision not in ("", "proposed", "expired"))
    )


def _order(row: FindingRow) -> tuple[object, ...]:
    urgency = PRIORITIES.index(row.priority)
    return urgency, SEVERITIES.index(row.severity), row.path, row.line, row.scanner, row.rule, row.fingerprint
