"""`overlay.yaml` read, and held against the model."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from collateral.overlay.model import OVERLAY, Overlay, OverlayFile
from collateral.records import Codes, is_date, matches, problem, read_record, record_schema
from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Diagnostic, Severity, nearest
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.core.yamlpos import Document
from threatmodel.system import Project

_CODES = Codes(shape="D070", unknown="D071", form="D072")
_MOST_BYTES = 4 * 1024 * 1024
_LISTS = ("threats", "findings", "dispositions", "test_cases")


def _is_path(text: str) -> str:
    steps = text.split("/")
    good = "\\" not in text and not any(step in {"", ".", ".."} for step in steps)
    return "" if good else f"{text!r} is not a path of the source tree; write it from the top, as a/b.c"


_CHECKS = {
    "id": matches(r"[A-Za-z0-9][A-Za-z0-9@._-]{0,127}", "an id"),
    "cwe": matches(r"CWE-[1-9]\d{0,5}", "a CWE"),
    "path": _is_path,
    "release_date": is_date,
}


def load_overlay(folder: Path, project: Project, threats: Collection[str], shown: str = "") -> Overlay:
    """The overlay of a folder. `threats` are the ids of the model's own; `shown` is the folder's name in messages.

    Raises:
        UsageError: U052, the folder has no `overlay.yaml`, or it is too large.
        InvalidInput: as of `read_overlay`.
    """
    path = folder / OVERLAY
    if not path.is_file() or path.stat().st_size > _MOST_BYTES:
        why = f"more than {_MOST_BYTES} bytes" if path.is_file() else f"the folder has no {OVERLAY}"
        hint = f"name the folder that holds {OVERLAY}"
        raise UsageError(Diagnostic(code="U052", message=f"the overlay cannot be read: {why}", hint=hint))
    name = f"{shown.rstrip('/')}/{OVERLAY}" if shown else OVERLAY
    return read_overlay(path.read_bytes(), name, project, threats)


def read_overlay(data: bytes, path: str, project: Project, threats: Collection[str]) -> Overlay:
    """The overlay, its lists in the order of the file.

    Raises:
        InvalidInput: Y001, D070, D071, D072 of the form; D073 a name that the model does not have, or an id that is
            taken; D074 another project. Holds every problem.
    """
    read, document = read_record(OverlayFile, data, path, _CHECKS, _CODES)
    problems = [*_project(read, project, document), *_lines(read, document)]
    problems += _ids(read, threats, document)
    problems += _names(read, project, threats, document)
    if problems:
        raise InvalidInput(*sorted(problems, key=lambda p: p.place.line if p.place else 0))
    return Overlay(
        project=read.project,
        threats=read.threats,
        findings=read.findings,
        dispositions=read.dispositions,
        test_cases=read.test_cases,
        digest=sha256(data),
        places={
            (name, index): document.place(name, index)
            for name in _LISTS
            for index in range(len(getattr(read, name)))
        },
    )


def ended_warnings(overlay: Overlay, as_of: datetime.date) -> tuple[Diagnostic, ...]:
    """A warning (D075) for each item whose embargo is over. It names the line and no text of the item."""
    return tuple(
        Diagnostic(
            code="D075",
            message=f"embargo ended on {item.embargoed.release_date}",
            place=overlay.places.get((name, index)),
            hint="publish it (move it to the model), or extend the date",
            severity=Severity.WARNING,
        )
        for name in _LISTS
        for index, item in enumerate(getattr(overlay, name))
        if item.embargoed.over(as_of)
    )


def overlay_schema() -> dict[str, Any]:
    """The JSON Schema of `overlay.yaml`."""
    return record_schema("overlay-input", OverlayFile)


def _project(read: OverlayFile, project: Project, document: Document) -> list[Diagnostic]:
    if read.project == project.id:
        return []
    hint = f'the model is "{project.id}"'
    return [problem(document, ("project",), "D074", "the overlay is of another project", hint)]


def _lines(read: OverlayFile, document: Document) -> list[Diagnostic]:
    return [
        problem(document, ("findings", index, "line"), _CODES.form, "line is negative", "0 is the whole file")
        for index, finding in enumerate(read.findings)
        if finding.line < 0
    ]


def _ids(read: OverlayFile, threats: Collection[str], document: Document) -> list[Diagnostic]:
    """An id may be taken by the model, by one of its test cases, or by another item."""
    out: list[Diagnostic] = []
    taken = {*threats, *(f"TC-{id_}" for id_ in threats)}
    seen: set[str] = set()

    def take(id_: str, name: str, index: int, key: str = "id") -> None:
        if id_ in taken or id_ in seen:
            whose = "the model has this id already" if id_ in taken else "stands twice"
            hint = "choose another id" if key == "id" else ""
            out.append(problem(document, (name, index, key), "D073", f"{key}: {whose}", hint))
        seen.add(id_)

    for index, extra in enumerate(read.threats):
        take(extra.id, "threats", index)
    for index, case in enumerate(read.test_cases):
        take(case.id, "test_cases", index)
    for index, finding in enumerate(read.findings):
        take(finding.fingerprint, "findings", index, "message")
    for index, decision in enumerate(read.dispositions):
        take(f"decision on {decision.threat}", "dispositions", index, "threat")
    return out


def _names(
    read: OverlayFile, project: Project, threats: Collection[str], document: Document
) -> list[Diagnostic]:
    """Targets, adversaries and threats must be there."""
    out: list[Diagnostic] = []
    targets = project.element_ids | project.flow_ids
    adversaries = {adversary.id for adversary in project.adversaries}
    decided = {*threats, *(threat.id for threat in read.threats)}

    def look(names: Iterable[str], known: Collection[str], what: str, *route: str | int) -> None:
        for name in names:
            if name not in known:
                hint = nearest(name, known)
                out.append(problem(document, route, "D073", f'the model has no {what} "{name}"', hint))

    for index, extra in enumerate(read.threats):
        look([extra.target], targets, "element or flow", "threats", index, "target")
        look(extra.adversaries, adversaries, "adversary", "threats", index, "adversaries")
    for index, case in enumerate(read.test_cases):
        look([case.target], targets, "element or flow", "test_cases", index, "target")
    for index, decision in enumerate(read.dispositions):
        look([decision.threat], decided, "threat", "dispositions", index, "threat")
    return out
