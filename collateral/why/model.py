"""A table: one row per question, one column per choice, and in each cell a statement with what speaks for it and what
against."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, get_args

from collateral.records import CLOSED
from threatmodel.core.diagnostics import Place

WHY = "why.yaml"
ModelKind = Literal["advisory", "boundary", "control", "data", "element", "flow", "threat"]
KINDS: tuple[ModelKind, ...] = get_args(ModelKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a statement can be looked up. `ref` is a public address, or `<kind>:<id>` of something in the model;
    `says` is what is to be seen there, in words of the author."""

    __pydantic_config__: ClassVar = CLOSED
    ref: str
    says: str
    place: Place | None = field(default=None, compare=False)

    @property
    def named(self) -> tuple[ModelKind, str] | None:
        """Kind and id where the reference is into the model; None where it is an address."""
        for kind in KINDS:
            if self.ref.startswith(f"{kind}:"):
                return kind, self.ref.removeprefix(f"{kind}:")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one choice answers to one question. `as_of` is a product with its release, or the date of the source.

    A cell has evidence, or says in `no_evidence` why there is none. No `counter_evidence` means that none is recorded.
    """

    __pydantic_config__: ClassVar = CLOSED
    column: str
    claim: str
    scope: str
    as_of: str
    evidence: tuple[Evidence, ...] = ()
    counter_evidence: tuple[Evidence, ...] = ()
    no_evidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One choice."""

    __pydantic_config__: ClassVar = CLOSED
    id: str
    name: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question, and a cell for each column in their order."""

    __pydantic_config__: ClassVar = CLOSED
    id: str
    question: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """`why.yaml`. `notice` says who wrote it, and what it is not."""

    __pydantic_config__: ClassVar = CLOSED
    title: str
    notice: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
