"""`predecessor.json`, as the command line and the bundle write it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from collateral.predecessor.answers import Answered, answers
from collateral.predecessor.model import VERDICTS, Document, Predecessor, Verdict
from threatmodel.analysis import Threat
from threatmodel.system import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """How many statements have a verdict, and how many of them the model answers."""

    verdict: Verdict
    meaning: str
    statements: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PredecessorFile:
    """What became of the statements of an earlier threat model. `unanswered` are ids of statements."""

    format: Literal["threatmodel/predecessor"] = "threatmodel/predecessor"
    version: Literal[1] = 1
    project: str
    document: Document
    unanswered: tuple[str, ...]
    verdicts: tuple[VerdictRow, ...]
    statements: tuple[Answered, ...]


def predecessor_file(record: Predecessor, project: Project, threats: Iterable[Threat]) -> PredecessorFile:
    """The record with what answers each statement, and with the statements counted by verdict."""
    every = Counter(statement.verdict for statement in record.statements)
    here = Counter(statement.verdict for statement in record.statements if statement.answered)
    return PredecessorFile(
        project=project.id,
        document=record.document,
        unanswered=record.unanswered,
        verdicts=tuple(
            VerdictRow(verdict=word, meaning=meaning, statements=every[word], answered=here[word])
            for word, meaning in VERDICTS.items()
        ),
        statements=answers(record, project, threats),
    )
