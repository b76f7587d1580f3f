"""The view of what may not be public yet, the same in every document of a private edition."""

from __future__ import annotations

from typing import Any

from collateral.assessment import Assessment
from collateral.overlay import held_file, note

View = dict[str, Any]


def embargoed_view(a: Assessment) -> View | None:
    """`note` for cover, header and top of the site, and a list of rows for each kind; None where there is no item."""
    if a.overlay is None or not a.overlay.items:
        return None
    day = a.date.date()
    held = held_file(a.overlay, day)
    names = {f.id: f.name for system in a.project.systems for f in system.flows}
    names |= {e.id: e.name for system in a.project.systems for e in system.elements}
    people = {adversary.id: adversary.name for adversary in a.project.adversaries}

    def target(id_: str) -> str:
        return f"{names[id_]} ({id_})" if id_ in names else id_

    return {
        "note": note(a.overlay, day),
        "threats": [
            {
                "mark": row.mark,
                "id": row.threat.id,
                "title": row.threat.title,
                "description": row.threat.description,
                "target": target(row.threat.target),
                "stride": row.threat.stride,
                "status": row.threat.status,
                "risk": row.threat.risk,
                "cwe": list(row.threat.cwe),
                "adversaries": [people.get(id_, id_) for id_ in row.threat.adversaries],
            }
            for row in held.threats
        ],
        "findings": [
            {
                "mark": row.mark,
                "id": row.fingerprint[:12],
                "rule": row.finding.rule,
                "message": row.finding.message,
                "path": row.finding.path,
                "line": row.finding.line,
                "severity": row.finding.severity,
            }
            for row in held.findings
        ],
        "dispositions": [
            {
                "mark": row.mark,
                "threat": row.disposition.threat,
                "decision": row.disposition.decision,
                "reason": row.disposition.reason,
            }
            for row in held.dispositions
        ],
        "test_cases": [
            {
                "mark": row.mark,
                "id": row.test_case.id,
                "objective": row.test_case.objective,
                "target": target(row.test_case.target),
                "steps": list(row.test_case.steps),
                "oracle": row.test_case.oracle,
                "safety": row.test_case.safety,
            }
            for row in held.test_cases
        ],
    }


def embargoed_decision(a: Assessment, threat: str) -> str:
    """The embargoed decision on a threat of the model, for the place of the threat; empty where there is none."""
    if a.overlay is None:
        return ""
    held = held_file(a.overlay, a.date.date(), {"dispositions"}).dispositions
    found = [row for row in held if row.disposition.threat == threat]
    return "; ".join(
        f"{row.mark}: {row.disposition.decision}, without effect: {row.disposition.reason}" for row in found
    )
