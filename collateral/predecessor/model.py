"""`predecessor.yaml`: the statements of an earlier, hand-written threat model, one record each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from collateral.records import CLOSED
from threatmodel.core.diagnostics import Place

PREDECESSOR = "predecessor.yaml"
Verdict = Literal["wrong", "stale", "holds-incomplete", "holds", "generic", "judgement", "external"]
VERDICTS: Mapping[Verdict, str] = {
    "wrong": "the source of the release shows something else",
    "stale": "it was so, and is no longer, or is no longer all",
    "holds-incomplete": "true, and it leaves out what a reader of today needs",
    "holds": "the source of the release shows it",
    "generic": "true of any such system; names nothing of this one",
    "judgement": "an opinion or a choice of scope; no source shows it",
    "external": "about another project; that project's record decides",
}
"""What each verdict means, those that need a new text first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The earlier threat model. `release` is the release in which it was read, `source` its public address there."""

    __pydantic_config__: ClassVar = CLOSED
    title: str
    path: str
    release: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of the document, in other words than its own. `line` is where it begins there.

    `answered_by` are ids of elements, flows, boundaries, controls or threats of the model; where there is none,
    `nothing` says why. `note` says why the verdict is what it is, `seen` where in the source tree that can be seen.
    """

    __pydantic_config__: ClassVar = CLOSED
    id: str
    line: int
    says: str
    verdict: Verdict
    note: str
    answered_by: tuple[str, ...] = ()
    nothing: str = ""
    seen: tuple[str, ...] = ()
    place: Place | None = None

    @property
    def answered(self) -> bool:
        """True where the model has something that carries the statement now."""
        return bool(self.answered_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The document and its statements, in the order of the file."""

    __pydantic_config__: ClassVar = CLOSED
    document: Document
    statements: tuple[Statement, ...]

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Ids of the statements that nothing of the model answers."""
        return tuple(statement.id for statement in self.statements if not statement.answered)
