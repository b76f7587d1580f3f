"""The coverage of a configuration, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from collateral.coverage.files import CoverageFile, Line, Subject
from collateral.report.markdown import inline
from threatmodel.analysis.coverage import BoundaryCell, Cell, CellState, Crossing

LETTERS = "STRIDE"
"""The categories in the order of their letters."""
_SIGN: Mapping[CellState, str] = {
    "unanswered": "?",
    "author": "a",
    "asked": ".",
    "method": "m",
    "unreached": "u",
    "same-trust": "=",
    "interactions": "i",
}
_CROSSING: Mapping[Crossing, str] = {"none": ".", "inside": "has", "unreached": "u", "no-foothold": ""}
LEGEND = (
    "number: threats that the adversary has across the boundary or inside it; has: all inside is its own from the start; "
    "u: no chain of flows leads into it; .: it gets inside, and no rule holds"
)


def headline(file: CoverageFile) -> str:
    """What has no answer, in one line."""
    if not file.unanswered:
        return "every question has an answer"
    elements, flows = _open(file.elements), _open(file.flows)
    return (
        f"no answer to {elements} of {len(file.elements) * len(LETTERS)} questions about elements "
        f"and {flows} of {len(file.flows) * len(LETTERS)} about flows"
    )


def coverage_text(file: CoverageFile) -> str:
    """The questions without an answer first, then the matrices."""
    lines = [
        f"{file.project} · {file.configuration}: {headline(file)}",
        f"packs: {', '.join(file.packs)}",
        "",
        "    elements  flows  meaning",
        *(
            f"{state_sign(row.state):3} {row.elements:>8}  {row.flows:>5}  {row.meaning}"
            for row in file.states
            if row.elements or row.flows
        ),
    ]
    lacking = [*missing((*file.elements, *file.flows))]
    if lacking:
        width = max(len(subject.id) for subject, _, _ in lacking)
        lines += ["", "No answer"]
        lines += [f"  {subject.id:{width}}  {letters:6}  {reason}" for subject, letters, reason in lacking]
    for title, subjects in (("element", file.elements), ("flow", file.flows)):
        width = max((len(subject.id) for subject in subjects), default=0)
        width = max(width, len(title))
        lines += ["", f"{title:{width}}  {'  '.join(f'{letter:>3}' for letter in LETTERS)}"]
        lines += [
            f"{subject.id:{width}}  {'  '.join(f'{shown_sign(cell):>3}' for cell in subject.cells)}"
            for subject in subjects
        ]
    lines += ["", *_boundaries(file)]
    return "\n".join(lines) + "\n"


def coverage_markdown(file: CoverageFile) -> str:
    """The same as tables."""
    lines = [
        f"## STRIDE coverage of {inline(file.project)}, {inline(file.configuration)}",
        "",
        f"{headline(file)[0].upper()}{headline(file)[1:]}. Packs: {inline(', '.join(file.packs))}.",
        "",
        "| Sign | Elements | Flows | Meaning |",
        "| --- | ---: | ---: | --- |",
        *(
            f"| {inline(state_sign(row.state))} | {row.elements} | {row.flows} | {inline(row.meaning)} |"
            for row in file.states
        ),
    ]
    lacking = [*missing((*file.elements, *file.flows))]
    if lacking:
        lines += ["", "### No answer", "", "| Where | Category | Why |", "| --- | --- | --- |"]
        lines += [
            f"| `{inline(subject.id)}` {inline(subject.name)} | {inline(letters)} | {inline(reason)} |"
            for subject, letters, reason in lacking
        ]
    for title, subjects in (("Element", file.elements), ("Flow", file.flows)):
        lines += [
            "",
            f"| {title} | Name | {' | '.join(LETTERS)} |",
            f"| --- | --- |{' ---: |' * len(LETTERS)}",
        ]
        lines += [
            f"| `{inline(subject.id)}` | {inline(subject.name)} "
            f"| {' | '.join(inline(shown_sign(cell)) for cell in subject.cells)} |"
            for subject in subjects
        ]
    said = [
        (subject, cell) for subject in (*file.elements, *file.flows) for cell in subject.cells if cell.answer
    ]
    if said:
        lines += ["", "| Where | Category | What the authors say |", "| --- | --- | --- |"]
        lines += [
            f"| `{inline(subject.id)}` | {cell.category} | {inline(cell.reason)}{_mark(cell)} |"
            for subject, cell in said
        ]
    names = [adversary.name for adversary in file.adversaries]
    lines += ["", f"| Boundary | {' | '.join(map(inline, names))} |", f"| --- |{' ---: |' * len(names)}"]
    lines += [
        f"| {inline(line.name)} | {' | '.join(inline(crossing_sign(cell)) for cell in line.cells)} |"
        for line in file.boundaries
    ]
    return "\n".join([*lines, "", inline(LEGEND) + "."]) + "\n"


def _open(subjects: Sequence[Subject]) -> int:
    return sum(not cell.answered for subject in subjects for cell in subject.cells)


def missing(subjects: Sequence[Subject]) -> Iterator[tuple[Subject, str, str]]:
    """What has no answer: each subject with the letters of the categories that have the same reason."""
    for subject in subjects:
        reasons: dict[str, str] = {}
        for letter, cell in zip(LETTERS, subject.cells, strict=True):
            if not cell.answered:
                reasons[cell.reason] = reasons.get(cell.reason, "") + letter
        yield from ((subject, letters, reason) for reason, letters in reasons.items())


def state_sign(state: CellState) -> str:
    """The sign of a state in a legend."""
    return _SIGN.get(state, "1…")


def shown_sign(cell: Cell) -> str:
    """A question in a matrix: the number of its threats, or the sign of its state."""
    return str(len(cell.threats)) if cell.state == "threats" else _SIGN[cell.state]


def _mark(cell: Cell) -> str:
    return " (proposed)" if cell.proposed else ""


def crossing_sign(cell: BoundaryCell) -> str:
    """An adversary at a boundary in a matrix."""
    return str(len(cell.threats)) if cell.state == "threats" else _CROSSING[cell.state]


def _boundaries(file: CoverageFile) -> Iterator[str]:
    marks = [f"A{number}" for number in range(1, len(file.adversaries) + 1)]
    for mark, adversary in zip(marks, file.adversaries, strict=True):
        yield f"{mark:3} {adversary.id}"
    yield ""
    width = max((len(line.boundary) for line in file.boundaries), default=0)
    yield f"{'boundary':{max(width, 8)}}  {'  '.join(f'{mark:>3}' for mark in marks)}"
    yield from (_row(line, max(width, 8)) for line in file.boundaries)
    yield LEGEND


def _row(line: Line, width: int) -> str:
    return f"{line.boundary:{width}}  {'  '.join(f'{crossing_sign(cell):>3}' for cell in line.cells)}"
