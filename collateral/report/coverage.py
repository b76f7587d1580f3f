"""The coverage of a configuration as the documents show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from collateral.coverage import CoverageFile
from collateral.coverage.files import Subject
from collateral.coverage.text import (
    LEGEND,
    LETTERS,
    crossing_sign,
    headline,
    missing,
    shown_sign,
    state_sign,
)
from collateral.report.facts import View
from collateral.report.front import fold_all


def coverage_view(file: CoverageFile) -> View:
    """Counts, what has no answer, the matrices, and what the authors say."""
    subjects = (*file.elements, *file.flows)
    view: View = fold_all(
        {
            "headline": headline(file),
            "unanswered": file.unanswered,
            "packs": list(file.packs),
            "states": [
                {
                    "sign": state_sign(row.state),
                    "state": row.state,
                    "meaning": row.meaning,
                    "elements": row.elements,
                    "flows": row.flows,
                }
                for row in file.states
                if row.elements or row.flows
            ],
            "categories": [
                {
                    "stride": category,
                    "letter": LETTERS[place],
                    "elements": _answered(file.elements, place),
                    "of_elements": len(file.elements),
                    "flows": _answered(file.flows, place),
                    "of_flows": len(file.flows),
                }
                for place, category in enumerate(file.categories)
            ],
            "missing": [
                {
                    "kind": subject.kind,
                    "id": subject.id,
                    "name": subject.name,
                    "letters": letters,
                    "why": why,
                }
                for subject, letters, why in missing(subjects)
            ],
            "elements": _rows(file.elements),
            "flows": _rows(file.flows),
            "said": [
                {
                    "kind": subject.kind,
                    "id": subject.id,
                    "name": subject.name,
                    "stride": cell.category,
                    "reason": cell.reason,
                    "proposed": cell.proposed,
                }
                for subject in subjects
                for cell in subject.cells
                if cell.answer
            ],
            "adversaries": [
                {"mark": f"A{number}", "id": item.id, "name": item.name}
                for number, item in enumerate(file.adversaries, start=1)
            ],
            "boundaries": [
                {
                    "id": line.boundary,
                    "name": line.name,
                    "cells": [crossing_sign(cell) for cell in line.cells],
                }
                for line in file.boundaries
            ],
            "legend": LEGEND,
        }
    )
    return view


def _answered(subjects: Iterable[Subject], place: int) -> int:
    return sum(subject.cells[place].answered for subject in subjects)


def _rows(subjects: Sequence[Subject]) -> list[View]:
    return [
        {
            "id": subject.id,
            "name": subject.name,
            "cells": [{"sign": shown_sign(cell), "state": cell.state} for cell in subject.cells],
        }
        for subject in subjects
    ]
