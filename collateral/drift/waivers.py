"""`drift-waivers.yaml` of a model: changes of the source that it need not follow until a day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from collateral.advisories.reader import unknown
from collateral.drift.model import Extracts
from collateral.records import CLOSED, is_date, is_source, problem, read_record, record_schema
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput

WAIVERS = "drift-waivers.yaml"
_CHECKS = {"expires": is_date, "source": is_source}


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftWaiver:
    """One fact of one extract that the model need not follow until a day; proposed, and without effect, until it has a
    public source.

    `name`: of the fact, or the path of what was not checked, as the output gives it. `expires`: ISO 8601, the last day.
    """

    __pydantic_config__: ClassVar = CLOSED
    extract: str
    name: str
    reason: str
    owner: str
    expires: str
    source: str = ""
    place: Place | None = None

    def in_force(self, as_of: datetime.date) -> bool:
        """True where it counts on this day."""
        return bool(self.source) and datetime.date.fromisoformat(self.expires) >= as_of

    def __str__(self) -> str:
        return f"{self.owner} until {self.expires} [{self.source}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftWaivers:
    """`drift-waivers.yaml`."""

    __pydantic_config__: ClassVar = CLOSED
    waivers: tuple[DriftWaiver, ...]


def read_waivers(data: bytes, path: str, extracts: Extracts | None) -> tuple[DriftWaiver, ...]:
    """The waivers in the order of the file.

    Raises:
        InvalidInput: Y001, D040, D041, D042 of the form; D043 an extract that the model does not have, or a fact that is
            waived twice. Holds every problem.
    """
    read, document = read_record(DriftWaivers, data, path, _CHECKS)
    known = frozenset(source.id for source in extracts.extracts) if extracts else frozenset()
    problems: list[Diagnostic] = []
    for index, waiver in enumerate(read.waivers):
        route = ("waivers", index)
        problems += unknown((waiver.extract,), known, document, (*route, "extract"), "extract")
        if (waiver.extract, waiver.name) in [(w.extract, w.name) for w in read.waivers[:index]]:
            message = f"{waiver.name} of {waiver.extract} is waived twice"
            problems.append(problem(document, route, "D043", message, "keep one entry"))
    if problems:
        raise InvalidInput(*problems)
    return tuple(replace(w, place=document.place("waivers", i)) for i, w in enumerate(read.waivers))


def load_waivers(model: Path, extracts: Extracts | None, shown: str = "") -> tuple[DriftWaiver, ...]:
    """The waivers of a model; none where it has no file of them. Raises as `read_waivers` does."""
    path = model / WAIVERS
    name = f"{shown}/{WAIVERS}" if shown else WAIVERS
    return read_waivers(path.read_bytes(), name, extracts) if path.is_file() else ()


def waivers_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `drift-waivers.yaml`."""
    return record_schema("drift-waivers-input", DriftWaivers)
