"""A problem told to a person: a stable code, a sentence, a place and a hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a diagnostic matters: an error stops the command, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a text file. `path` is as the user gave it; `line` counts from 1, 0 is the whole file."""

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One problem. `code` is stable and documented; `hint` says what to do, empty where nothing useful is known."""

    code: str
    message: str
    place: Place | None = None
    hint: str = ""
    severity: Severity = Severity.ERROR

    def render(self) -> str:
        """The diagnostic as one line of text: place, code, sentence, hint."""
        where = f"{self.place}  " if self.place else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}{self.code}  {self.message}{hint}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known name, or an empty string where none is near."""
    found = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f'did you mean "{found[0]}"?' if found else ""
