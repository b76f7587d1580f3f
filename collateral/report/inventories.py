"""The views of what a model may have records of: an earlier threat model, needs for storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collateral.assessment import Assessment
from collateral.predecessor import Answered, Predecessor
from collateral.predecessor.files import predecessor_file
from collateral.report.facts import View
from collateral.report.front import fold_all
from collateral.storage import Need, Serves, Way, WayExposure
from collateral.storage.files import StorageFile

_SERVES: Mapping[Serves, str] = {"serves": "yes", "partly": "partly", "not": "no"}
"""How a table says whether a way serves a need."""


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


def storage_view(file: StorageFile | None, preferred: str) -> View | None:
    """What the documents show of storage; None where the model has no such record. A way is shown in the configuration
    `preferred` where that has it."""
    if file is None:
        return None
    groups: dict[str, list[Way]] = {}
    for found in file.ways:
        groups.setdefault(found.way.group, []).append(found.way)
    exposed = [_exposed(found, preferred) for found in file.ways]
    names = {found.way.id: found.way.name for found in file.ways}
    view: View = fold_all(
        {
            "release": file.release,
            "count": len(file.needs),
            "groups": [
                {
                    "name": name,
                    "ways": [{"id": way.id, "name": way.name} for way in ways],
                    "rows": [row for need in file.needs if (row := _served(need, ways))],
                }
                for name, ways in groups.items()
            ],
            "ways": exposed,
            "changed": any(not row["named"] for row in exposed),
            "needs": [_need(need, names) for need in file.needs],
        }
    )
    return view


def _served(need: Need, ways: Sequence[Way]) -> View | None:
    """The row of a need in the table of a group; None where none of the ways has to do with it."""
    services = [need.by(way.id) for way in ways]
    cells = [_SERVES[service.serves] if service else "–" for service in services]
    return {"id": need.id, "need": need.need, "cells": cells} if any(services) else None


def _exposed(found: WayExposure, preferred: str) -> View:
    shown = found.shown(preferred)
    counts = shown.threats if shown else {}
    return {
        "id": found.way.id,
        "name": found.way.name,
        "group": found.way.group,
        "source": found.way.source,
        "unmodelled": found.way.unmodelled,
        "configuration": shown.configuration if shown else "",
        "nowhere": found.nowhere,
        "named": shown is None or shown.named,
        "flows": len(shown.flows) if shown else None,
        "crossing": len(shown.crossing) if shown else None,
        "threats": [
            {"status": status, "count": counts.get(status, 0) if shown else None}
            for status in ("contradicted", "open", "unverified", "mitigated")
        ],
    }


def _need(need: Need, names: Mapping[str, str]) -> View:
    return {
        "id": need.id,
        "need": need.need,
        "stated_by": [{"who": origin.who, "source": origin.source} for origin in need.stated_by],
        "served_by": [
            {
                "way": service.way,
                "name": names.get(service.way, service.way),
                "serves": _SERVES[service.serves],
                "because": service.because,
                "seen": service.seen,
            }
            for service in need.served_by
        ],
    }
