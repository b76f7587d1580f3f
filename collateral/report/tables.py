"""Threats, findings and claims as CSV (RFC 4180): UTF-8, one header row, no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from collateral.assessment import Assessment
from collateral.doubts import doubtful
from collateral.overlay.tables import held_findings, held_threats, with_held
from collateral.policy import Priorities
from collateral.report.ledger import when_text
from collateral.vectors import best_vector
from threatmodel.core.text import fold

_RUNS = frozenset("=+-@\t\r\n|%＝＋－＠")
"""A spreadsheet may take a cell that starts so for a formula or a command."""
_Row = Sequence[object]
THREATS = [
    "id",
    "configuration",
    "status",
    "risk",
    "priority",
    "inherent",
    "likelihood",
    "residual_likelihood",
    "impact",
    "cvss",
    "cvss_score",
    "stride",
    "title",
    "rule",
    "pack",
    "target_kind",
    "target",
    "adversaries",
    "controls",
    "doubtful_controls",
    "cwe",
    "capec",
    "attack",
    "reason",
    "disposition",
]
FINDINGS = [
    "fingerprint",
    "scanner",
    "rule",
    "severity",
    "confidence",
    "priority",
    "path",
    "line",
    "message",
    "cwe",
    "component",
    "role",
    "code",
    "symbol",
    "elements",
    "threats",
    "decision",
    "owner",
    "expires",
    "source",
]
CLAIMS = [
    "control",
    "kind",
    "claim",
    "when",
    "source",
    "state",
    "priority",
    "path",
    "line",
    "seen",
    "detail",
]


def csv_files(a: Assessment) -> dict[str, bytes]:
    """`data/threats.csv`, `data/findings.csv` and `data/claims.csv`."""
    priorities = Priorities(a.project, a.policy.criteria)
    tables: dict[str, tuple[list[str], Iterable[_Row]]] = {
        "threats": (THREATS, _threats(a, priorities)),
        "findings": (FINDINGS, _findings(a, priorities)),
        "claims": (CLAIMS, _claims(a, priorities)),
    }
    if a.overlay is not None:
        day = a.date.date()
        for name, held in (
            ("threats", held_threats(a.overlay, day)),
            ("findings", held_findings(a.overlay, day)),
        ):
            head, rows = tables[name]
            tables[name] = with_held(head, rows, held)
    return {f"data/{name}.csv": csv_table(head, rows) for name, (head, rows) in tables.items()}


def _threats(a: Assessment, priorities: Priorities) -> Iterable[_Row]:
    systems = {system.configuration.name: system for system in a.project.systems}
    for threat in a.threats:
        for name, here in threat.by_configuration.items():
            vector = best_vector(a.vectors, threat.id, name)
            yield (
                threat.id,
                name,
                here.status,
                here.risk,
                priorities.of_threat(threat, name).priority,
                here.inherent,
                here.likelihood,
                here.residual_likelihood,
                here.impact,
                vector.vector if vector else "",
                vector.number if vector else "",
                threat.stride,
                threat.title,
                threat.rule,
                threat.pack,
                threat.target.kind,
                threat.target.id,
                here.adversaries,
                here.controls,
                doubtful(a.doubts, here.controls, systems[name].configuration),
                threat.cwe,
                threat.capec,
                threat.attack,
                here.reason,
                threat.disposition,
            )


def _findings(a: Assessment, priorities: Priorities) -> Iterable[_Row]:
    for finding in a.findings:
        item = a.attributions[finding.fingerprint]
        entry = a.triage.get(finding.fingerprint)
        yield (
            finding.fingerprint,
            finding.scanner,
            finding.rule,
            finding.severity,
            finding.confidence,
            priorities.of_finding(finding, item).priority,
            finding.location.path,
            finding.location.line or "",
            finding.message,
            finding.cwe,
            item.component,
            item.role,
            item.kind,
            finding.symbol,
            item.elements,
            [link.threat for link in item.threats],
            entry.state(a.date.date()) if entry else "",
            entry.owner if entry else "",
            entry.expires if entry else "",
            entry.source if entry else "",
        )


def _claims(a: Assessment, priorities: Priorities) -> Iterable[_Row]:
    for check in a.ledger.checks:
        yield (
            check.control,
            check.kind,
            check.text,
            when_text(check.when),
            check.source,
            check.state,
            priorities.of_claim(check).priority,
            check.path,
            check.line or "",
            check.seen,
            check.detail,
        )


def csv_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table with its header row; no cell is one that a spreadsheet runs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: object) -> str:
    """The value as text; lists are joined by blanks. An apostrophe before what could be run makes it text."""
    parts = value if isinstance(value, list | tuple) else (value,)
    text = fold(" ".join(str(part) for part in parts))
    return f"'{text}" if text.lstrip(" ")[:1] in _RUNS and text.strip() else text
