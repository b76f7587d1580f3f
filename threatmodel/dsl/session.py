"""What one load collects: problems, and the objects that a model declares. One session per child process."""

from __future__ import annotations

import sys
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from threatmodel.core.diagnostics import Diagnostic, Place, Severity
from threatmodel.system import (
    Adversary,
    Boundary,
    CodeKind,
    Component,
    Control,
    DataAsset,
    Element,
    Flow,
    NotApplicable,
    View,
)

_OWN = str(Path(__file__).parent)


class _Lines:
    """The lines of a function. A frame's own `f_lineno` counts from the start of the function each time, which is slow in
    one that makes thousands of objects."""

    def __init__(self, code: CodeType) -> None:
        self._code = code  # kept, so that its identity stays its own
        found = [(start, line or 0) for start, _, line in code.co_lines()]
        self._starts = [start for start, _ in found]
        self._numbers = [line for _, line in found]

    def at(self, instruction: int) -> int:
        """The line of an instruction."""
        return self._numbers[bisect_right(self._starts, instruction) - 1]


@dataclass(slots=True)
class Session:
    """Registrations in the order of the model file. `root` is the model's folder, `shown` its name in messages."""

    root: str = ""
    shown: str = ""
    diagnostics: list[Diagnostic] = field(default_factory=list)
    data: list[DataAsset] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    adversaries: list[Adversary] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    code_kinds: list[CodeKind] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    answers: list[NotApplicable] = field(default_factory=list)
    boundaries: list[Boundary] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    building: bool = False
    _places: dict[tuple[int, int], Place] = field(default_factory=dict)
    """Those that called; a line of `build` calls once for each configuration."""
    _tables: dict[int, _Lines] = field(default_factory=dict)

    def start_build(self) -> None:
        """Forget the elements of the last configuration: `build` is about to be called."""
        self.boundaries, self.elements, self.flows = [], [], []
        self.building = True

    def report(
        self,
        code: str,
        message: str,
        place: Place | None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Keep a diagnostic once: a problem seen in every configuration is told once."""
        found = Diagnostic(code=code, message=message, place=place, hint=hint, severity=severity)
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def place(self, frame: FrameType | None = None) -> Place:
        """The line of the model file that called into the authoring language."""
        frame = frame or sys._getframe(1)
        while frame is not None and frame.f_code.co_filename.startswith(_OWN):
            frame = frame.f_back
        if frame is None:
            return Place(self.shown)
        code = frame.f_code
        key = (id(code), frame.f_lasti)
        place = self._places.get(key)
        if place is None:
            line = self._lines(code).at(frame.f_lasti)
            place = self._places[key] = Place(self.show(code.co_filename), line)
        return place

    def _lines(self, code: CodeType) -> _Lines:
        if id(code) not in self._tables:
            self._tables[id(code)] = _Lines(code)
        return self._tables[id(code)]

    def own(self, filename: str) -> bool:
        """True for a file of the model."""
        return bool(self.root) and filename.startswith(self.root + "/")

    def show(self, filename: str) -> str:
        """A file name as the user knows it: below the name of the model's folder."""
        if self.own(filename):
            rest = filename[len(self.root) :].lstrip("/")
            return f"{self.shown}/{rest}" if self.shown and rest else rest or self.shown
        return Path(filename).name


_sessions: list[Session] = [Session()]


def current() -> Session:
    """The session of this process."""
    return _sessions[-1]


def begin(root: str, shown: str) -> Session:
    """Start a new session; used by the loader's child process and by tests."""
    session = Session(root=root, shown=shown)
    _sessions[-1] = session
    return session


def reference(value: Any) -> str:
    """The id of an object of the authoring language, or the text itself."""
    if isinstance(value, str):
        return value
    found = getattr(value, "id", None)
    return found if isinstance(found, str) else f"<{type(value).__name__}>"
