"""The view of an earlier threat model: its statements with verdicts and what answers each."""

from __future__ import annotations

from collateral.assessment import Assessment
from collateral.predecessor import Answered, Predecessor
from collateral.predecessor.files import predecessor_file
from collateral.report.facts import View
from collateral.report.front import fold_all


def predecessor_view(record: Predecessor | None, a: Assessment) -> View | None:
    """What the documents show of it; None where the model has no such record. Statuses of threats are the worst over
    the configurations."""
    if record is None:
        return None
    file = predecessor_file(record, a.project, a.threats)
    view: View = fold_all(
        {
            "title": file.document.title,
            "path": file.document.path,
            "release": file.document.release,
            "source": file.document.source,
            "statements": [_row(found) for found in file.statements],
            "count": len(file.statements),
            "answered": len(file.statements) - len(file.unanswered),
            "verdicts": [
                {
                    "verdict": row.verdict,
                    "meaning": row.meaning,
                    "count": row.statements,
                    "answered": row.answered,
                }
                for row in file.verdicts
                if row.statements
            ],
        }
    )
    return view


def _row(found: Answered) -> View:
    said = found.statement
    return {
        "id": said.id,
        "line": said.line,
        "says": said.says,
        "verdict": said.verdict,
        "note": said.note,
        "nothing": said.nothing,
        "seen": list(said.seen),
        "answers": [
            {"id": answer.id, "kind": answer.kind, "name": answer.name, "status": answer.status}
            for answer in found.answers
        ],
    }
