"""The view model of a comparison: everything that its forms show, worked out beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from collateral.assessment import Edition
from collateral.report.compare.files import AcrossRecord
from collateral.report.compare.rows import adversary, candidate, few, number, short
from collateral.report.compare.words import (
    MEANINGS,
    NOT_CHECKED,
    SAME,
    SIGNS,
    cell_short,
    cell_words,
    counted,
    where,
    where_coded,
)
from collateral.report.front import fold_all
from threatmodel.analysis import RISK_LEVELS, STATUSES
from threatmodel.analysis.comparison import (
    Cell,
    Column,
    Comparison,
    PartRow,
    Surface,
    ThreatRow,
)
from threatmodel.system import Project

View = dict[str, Any]
_ALWAYS = frozenset({"contradicted", "open", "unverified", "mitigated"})
"""Statuses that have a number even where it is 0 everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a comparison is of and from. `source` names the tree that claims were checked against, where there is one."""

    release: str = ""
    edition: Edition = "private"
    notice: str = ""
    source: str = ""
    withheld: int = 0


def compare_view(
    project: Project,
    comparison: Comparison,
    about: About,
    across: AcrossRecord | None = None,
    *,
    coded: bool = False,
) -> View:
    """The view of a comparison. `coded`: lists of configurations name them by number, C1 and so on."""
    folded: View = fold_all(_Builder(project, comparison, coded).view(about, across))
    return folded


class _Builder:
    def __init__(self, project: Project, comparison: Comparison, coded: bool) -> None:
        self._project, self._c, self._coded = project, comparison, coded
        self._names = comparison.names
        self._codes = {row.id: f"A{number}" for number, row in enumerate(comparison.adversaries, 1)}
        self._statuses = [
            status
            for status in STATUSES
            if status in _ALWAYS or any(column.statuses[status] for column in comparison.columns)
        ]
        self._data = {asset.id: asset.name for asset in project.data}
        self._boundaries = {b.id: b.name for s in project.systems for b in s.boundaries}

    def view(self, about: About, across: AcrossRecord | None) -> View:
        c = self._c
        groups: list[View] = [
            {
                "boundary": group.boundary,
                "name": group.name,
                "privilege": " or ".join(group.privileges),
                "rows": [self._surface(surface) for surface in group.surfaces],
            }
            for group in c.groups
        ]
        rows = [row for group in groups for row in group["rows"]]
        return {
            "title": self._project.name,
            "project_id": self._project.id,
            "release": about.release,
            "edition": about.edition,
            "notice": about.notice,
            "source": about.source,
            "differs": not c.empty,
            "notes": self._notes(about),
            "across": self._across(across) if across else None,
            "columns": [{"code": f"C{at}", **self._column(column)} for at, column in enumerate(c.columns, 1)],
            "options": [
                {"name": key, "cells": [values[name] for name in self._names]}
                for key, values in sorted(c.options.items(), key=lambda item: self._place_of(item[0]))
            ],
            "option_order": [spec.name for spec in self._project.options],
            "totals": self._totals(),
            "adversaries": [
                {
                    "code": self._codes[row.id],
                    "name": row.name,
                    "description": row.description,
                    "cells": [adversary(row.cells[name]) for name in self._names],
                }
                for row in c.adversaries
            ],
            "groups": groups,
            "surfaces": len(rows),
            "differing": sum(row["differs"] for row in rows),
            "parts": [self._part(row) for row in c.parts],
            "controls": [
                {
                    "id": row.id,
                    "title": row.title,
                    "cells": [row.states.get(name, "") for name in self._names],
                    "where": self._where([*row.states]),
                    "states": self._alike(row.states),
                }
                for row in c.controls
            ],
            "threats": [self._threat(row) for row in self._ranked()],
            "legend": [{"state": s, "sign": SIGNS[s], "meaning": text} for s, text in MEANINGS.items()],
        }

    def _where(self, names: Iterable[str]) -> str:
        return (where_coded if self._coded else where)([*names], self._names)

    def _place_of(self, name: str) -> int:
        return [spec.name for spec in self._project.options].index(name)

    def _notes(self, about: About) -> list[str]:
        notes = [] if about.source else [NOT_CHECKED]
        if about.withheld:
            claims = "claim is" if about.withheld == 1 else "claims are"
            notes.append(f"Public edition: {about.withheld} contradicted {claims} withheld.")
        return [*notes, *([SAME] if self._c.empty else [])]

    def _across(self, across: AcrossRecord) -> View:
        return {
            "option": across.option,
            "start": across.start,
            "rows": [candidate(item, across.option, across.start) for item in across.candidates],
        }

    def _column(self, column: Column) -> View:
        severe = column.unsettled["critical"] + column.unsettled["high"]
        return {
            "name": column.name,
            "description": column.description,
            "threats": column.threats,
            "statuses": [{"status": s, "count": column.statuses[s]} for s in self._statuses],
            "unsettled": [{"risk": r, "count": column.unsettled[r]} for r in reversed(RISK_LEVELS)],
            "severe": severe,
            "surfaces": column.surfaces,
        }

    def _totals(self) -> list[View]:
        """The footer of the matrix: a row for each status that occurs, each risk, and what is on no surface."""
        columns = self._c.columns
        rows: list[View] = [{"name": "Surfaces present", "cells": [str(c.surfaces) for c in columns]}]
        rows.append({"name": "Threats", "cells": [str(c.threats) for c in columns]})
        rows += [
            {
                "name": f"Threats {status.replace('-', ' ')}",
                "cells": [str(c.statuses[status]) for c in columns],
            }
            for status in self._statuses
        ]
        rows += [
            {"name": f"Not settled, risk {risk}", "cells": [str(c.unsettled[risk]) for c in columns]}
            for risk in reversed(RISK_LEVELS)
        ]
        inside = [counted(c.inside) or "none" for c in columns]
        return [*rows, {"name": "On flows that cross no boundary", "cells": inside}]

    def _surface(self, surface: Surface) -> View:
        against = sorted(
            {self._codes[id_] for cell in surface.cells.values() for id_ in cell.adversaries}, key=number
        )
        ends = f"{few(surface.sources)} → {few(surface.targets)}" if surface.kind == "flow" else ""
        how = ", ".join(part for part in (few(surface.protocols), few(surface.over)) if part)
        return {
            "kind": surface.kind,
            "id": surface.id,
            "name": surface.name,
            "ends": ends,
            "how": how,
            "authentication": few(surface.authentication) if surface.kind == "flow" else "",
            "carries": ", ".join(self._data.get(id_, id_) for id_ in surface.data),
            "against": against,
            "differs": surface.differs,
            "cells": [self._cell(surface.cells[name]) for name in self._names],
        }

    def _cell(self, cell: Cell) -> View:
        enters = self._boundaries.get(cell.enters, cell.enters)
        words, more = cell_words(cell.state, cell.counts, enters)
        return {
            "state": cell.state,
            "sign": SIGNS[cell.state],
            "words": words,
            "more": more,
            "short": cell_short(cell.state, cell.counts, enters),
            "risk": cell.risk or "",
            "against": sorted((self._codes[id_] for id_ in cell.adversaries), key=number),
        }

    def _part(self, row: PartRow) -> View:
        return {
            "kind": row.kind,
            "id": row.id,
            "name": row.name,
            "where": self._where(row.configurations),
            "everywhere": len(row.configurations) == len(self._names),
            "variations": [
                {
                    "attribute": v.attribute.replace("_", " "),
                    "values": [
                        {"text": short(text) or ("nothing more" if v.listed else "nothing"), "where": names}
                        for text, names in self._by_value(v.values)
                    ],
                }
                for v in row.variations
            ],
        }

    def _by_value(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """Each value with its configurations, in the order of the columns."""
        groups: dict[str, list[str]] = {}
        for name in self._names:
            if name in values:
                groups.setdefault(values[name], []).append(name)
        return [(value, self._where(names)) for value, names in groups.items()]

    def _alike(self, states: Mapping[str, str]) -> list[View]:
        return [{"state": state, "where": names} for state, names in self._by_value(states)]

    def _ranked(self) -> list[ThreatRow]:
        def key(row: ThreatRow) -> tuple[int, int, str]:
            cells = row.cells.values()
            status = min(STATUSES.index(cell.status) for cell in cells)
            return status, -max(RISK_LEVELS.index(cell.risk) for cell in cells), row.id

        return sorted(self._c.threats, key=key)

    def _threat(self, row: ThreatRow) -> View:
        cells = [row.cells.get(name) for name in self._names]
        judged = {name: f"{cell.status}\n{cell.risk}" for name, cell in row.cells.items()}
        adversaries = {
            name: ", ".join(sorted((self._codes[id_] for id_ in cell.adversaries), key=number))
            for name, cell in row.cells.items()
        }
        controls = {name: ", ".join(sorted({*cell.controls})) for name, cell in row.cells.items()}
        return {
            "id": row.id,
            "title": row.title,
            "target_name": row.target_name,
            "stride": row.stride,
            "cells": [{"status": c.status, "risk": c.risk} if c else None for c in cells],
            "where": self._where([*row.cells]),
            "judged": [
                {"status": text.split("\n")[0], "risk": text.split("\n")[1], "where": names}
                for text, names in self._by_value(judged)
            ],
            "also": self._varying("against", adversaries) + self._varying("controls", controls),
            "against": sorted(
                {c for text in adversaries.values() for c in text.split(", ") if c}, key=number
            ),
        }

    def _varying(self, what: str, values: Mapping[str, str]) -> list[str]:
        """A sentence for each value of what is not the same in all configurations that have the threat."""
        if len({*values.values()}) < 2:
            return []
        return [f"{what} {text or 'none'}: {names}" for text, names in self._by_value(values)]
