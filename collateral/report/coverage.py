"""The coverage of a configuration as the documents show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

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
from threatmodel.analysis.coverage import Crossing
from threatmodel.system import Stride

_CROSSING: Mapping[Crossing, str] = {
    "threats": "threats",
    "none": "no rule holds",
    "inside": "all inside is its own",
    "unreached": "no way leads in",
    "no-foothold": "no foothold",
}
_LONG = 24
"""Rows with a reason that a document on paper has at most."""
_NOBODY = (
    "No adversary of the model has a foothold in this configuration: nobody was asked for at its boundaries."
)


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
                group
                for subjects_of in (file.elements, file.flows)
                if (group := _missing(subjects_of, file.categories))
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
                    "cells": [
                        {"sign": crossing_sign(cell), "words": _CROSSING[cell.state]} for cell in line.cells
                    ],
                }
                for line in file.boundaries
            ],
            "legend": LEGEND,
            "nobody": "" if file.adversaries else _NOBODY,
        }
    )
    return view


def _missing(subjects: Sequence[Subject], categories: Sequence[Stride]) -> View | None:
    """The questions of elements or of flows that have no answer, with their numbers; None where there are none."""
    found = list(missing(subjects))
    if not found:
        return None
    by_subject = {
        subject.id: (
            subject,
            "".join(letter for letter, cell in zip(LETTERS, subject.cells, strict=True) if not cell.answered),
        )
        for subject, _, _ in found
    }
    return {
        "kind": found[0][0].kind,
        "questions": sum(len(letters) for _, letters, _ in found),
        "subjects": len(by_subject),
        "long": len(found) > _LONG,
        "folded": [
            {"id": subject.id, "name": subject.name, "letters": letters, "questions": len(letters)}
            for subject, letters in by_subject.values()
        ],
        "rows": [
            {
                "id": subject.id,
                "name": subject.name,
                "letters": letters,
                "strides": [categories[LETTERS.index(letter)] for letter in letters],
                "why": why,
            }
            for subject, letters, why in found
        ],
    }


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
