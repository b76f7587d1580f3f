"""Waivers applied to what was found."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from collateral.drift.files import DriftFile, DriftRow, NotChecked, counted
from collateral.drift.waivers import DriftWaiver
from threatmodel.core.diagnostics import Diagnostic, Severity


def waived(file: DriftFile, waivers: Sequence[DriftWaiver], as_of: datetime.date) -> DriftFile:
    """The file with the waivers that are in force on this day."""
    if not waivers:
        return file
    by = {(w.extract, w.name): str(w) for w in waivers if w.in_force(as_of)}
    changes = tuple(
        replace(row, waived_by=by.get(_subject(row), "")) if row.needs_edit else row for row in file.changes
    )
    return replace(
        file,
        as_of=as_of.isoformat(),
        changes=changes,
        extracts=tuple(
            replace(row, waived=sum(bool(c.waived_by) for c in changes if c.extract == row.id))
            for row in file.extracts
        ),
        not_checked=tuple(replace(item, waived_by=by.get(_subject(item), "")) for item in file.not_checked),
        edits=counted(changes),
    )


def waiver_warnings(
    file: DriftFile, waivers: Iterable[DriftWaiver], as_of: datetime.date
) -> Iterator[Diagnostic]:
    """A warning for each waiver that waives nothing: D049 there is nothing to waive, D050 it is not in force."""
    wanted = {_subject(row) for row in file.changes if row.needs_edit}
    wanted |= {_subject(item) for item in file.not_checked}
    for waiver in waivers:
        what = f"the waiver of {waiver.name} of {waiver.extract}"
        if (waiver.extract, waiver.name) not in wanted:
            code, message, hint = "D049", f"{what} waives nothing here", "take it out, or look at its name"
        elif waiver.in_force(as_of):
            continue
        elif not waiver.source:
            code, message = "D050", f"{what} is proposed: no public source stands behind it"
            hint = "it counts when it has one"
        else:
            code, message = "D050", f"{what} has expired on {waiver.expires}"
            hint = "follow the source, or decide anew"
        yield Diagnostic(code=code, message=message, place=waiver.place, hint=hint, severity=Severity.WARNING)


def _subject(item: DriftRow | NotChecked) -> tuple[str, str]:
    """What a waiver of it names; a record has its texts with single blanks."""
    name = item.name if isinstance(item, DriftRow) else item.path
    return (item.extract, " ".join(name.split()))
