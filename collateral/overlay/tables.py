"""Rows of an overlay for the CSV tables of a private edition. The last column is the mark."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence

from collateral.overlay.files import held_file
from collateral.overlay.model import Overlay

COLUMN = "embargoed"
_Row = Sequence[object]
Held = tuple[Mapping[str, str], Iterable[Mapping[str, object]]]
"""What stands in the mark's column of rows that the model has, by the first cell; and the further rows."""


def with_held(head: Sequence[str], rows: Iterable[_Row], held: Held) -> tuple[list[str], list[_Row]]:
    """A table with the column `embargoed`, and the further rows after those of the model. Other cells are empty."""
    marks, more = held
    columns = [*head, COLUMN]
    own: list[_Row] = [(*row, marks.get(str(row[0]), "")) for row in rows]
    return columns, [*own, *([row.get(name, "") for name in columns] for row in more)]


def held_threats(overlay: Overlay, as_of: datetime.date) -> Held:
    """Threats of the overlay; its decisions stand at the threats."""
    held = held_file(overlay, as_of)
    marks = {
        row.disposition.threat: f"{row.mark}: {row.disposition.decision}, without effect: {row.disposition.reason}"
        for row in held.dispositions
    }
    rows = [
        {
            "id": row.threat.id,
            "status": row.threat.status,
            "risk": row.threat.risk,
            "stride": row.threat.stride,
            "title": row.threat.title,
            "target": row.threat.target,
            "adversaries": row.threat.adversaries,
            "cwe": row.threat.cwe,
            "reason": f"stated by the owner: {row.threat.description}",
            "disposition": marks.get(row.threat.id, ""),
            COLUMN: row.mark,
        }
        for row in held.threats
    ]
    return marks, rows


def held_findings(overlay: Overlay, as_of: datetime.date) -> Held:
    """Findings of the overlay."""
    rows = [
        {
            "fingerprint": row.fingerprint,
            "rule": row.finding.rule,
            "severity": row.finding.severity,
            "path": row.finding.path,
            "line": row.finding.line or "",
            "message": row.finding.message,
            COLUMN: row.mark,
        }
        for row in held_file(overlay, as_of, {"findings"}).findings
    ]
    return {}, rows


def held_cases(overlay: Overlay, as_of: datetime.date) -> Held:
    """Test cases of the overlay."""
    rows = [
        {
            "id": row.test_case.id,
            "objective": row.test_case.objective,
            "target": row.test_case.target,
            "steps": row.test_case.steps,
            "oracle": row.test_case.oracle,
            "safety": row.test_case.safety,
            COLUMN: row.mark,
        }
        for row in held_file(overlay, as_of, {"test_cases"}).test_cases
    ]
    return {}, rows
