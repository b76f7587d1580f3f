"""The view of the comparison: each question with what each choice answers, and what speaks for and against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from collateral.report.front import fold_all, front
from collateral.why.files import CellRecord, EvidenceRecord, WhyFile

View = dict[str, Any]


def why_view(view: Mapping[str, Any], why: WhyFile) -> View:
    """The view. `view` is that of the threat model; `why` holds only what the edition may show."""
    made = {
        **front(view, "withheld"),
        "heading": why.title,
        "comparison_notice": why.notice,
        "columns": [{"id": c.id, "name": c.name, "about": c.about} for c in why.columns],
        "rows": [
            {
                "id": row.id,
                "question": row.question,
                "cells": [
                    _cell(next((c for c in row.cells if c.column == column.id), None), why)
                    for column in why.columns
                ],
            }
            for row in why.rows
        ],
    }
    folded: View = fold_all(made)
    return folded


def _cell(cell: CellRecord | None, why: WhyFile) -> View:
    """A choice that has no cell says so: silence would read as an answer."""
    if cell is None:
        return {"claim": "", "scope": "", "as_of": "", "evidence": [], "against": [], "no_evidence": ""}
    return {
        "claim": cell.claim,
        "scope": cell.scope,
        "as_of": cell.as_of,
        "evidence": [_evidence(item, why) for item in cell.evidence],
        "against": [_evidence(item, why) for item in cell.counter_evidence],
        "no_evidence": cell.no_evidence,
    }


def _evidence(item: EvidenceRecord, why: WhyFile) -> View:
    """`url` is empty where the reference is into the model; `state` is what this release says of it."""
    return {
        "url": item.ref if item.kind == "address" else "",
        "ref": item.ref,
        "name": item.name,
        "says": item.says,
        "state": _state(item, why),
    }


def _state(item: EvidenceRecord, why: WhyFile) -> str:
    if item.kind == "advisory":
        return f"{why.release}: {item.this_release.replace('-', ' ')}" if item.this_release else ""
    if not item.states:
        return ""
    here = item.states.get(why.configuration)
    counts = Counter(item.states.values())
    everywhere = ", ".join(f"{word.replace('-', ' ')} in {counts[word]}" for word in sorted(counts))
    told = f"{here.replace('-', ' ')} in {why.configuration}" if here else f"not in {why.configuration}"
    return f"{told}; configurations: {everywhere}" if len(item.states) > 1 else told
