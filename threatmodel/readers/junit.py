"""Results of tests in the XML that JUnit made common and most runners write.

The file comes from a run that nobody here saw: it is read without document types, so without entities, and within limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.parsers import expat

MAX_BYTES = 64 * 1024 * 1024
MAX_CASES = 1_000_000
_MAX_DEPTH = 32
_MAX_NAME = 2_000

Outcome = Literal["passed", "failed", "skipped"]
_OUTCOMES: dict[str, Outcome] = {"failure": "failed", "error": "failed", "skipped": "skipped"}


class NotJUnit(Exception):
    """The file is no JUnit XML that can be read; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One test case of a report: the names that its runner gave it, the file where it says one, and what became of it."""

    name: str
    classname: str = ""
    file: str = ""
    outcome: Outcome = "passed"


def read_junit(data: bytes) -> tuple[Result, ...]:
    """The test cases of a report, in its order.

    Raises:
        NotJUnit: too large, not XML, a document type, no test suite, or too deep.
    """
    if len(data) > MAX_BYTES:
        raise NotJUnit(f"more than {MAX_BYTES} bytes")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise NotJUnit(f"not XML: {expat.errors.messages[error.code]} on line {error.lineno}") from error
    return tuple(reader.results)


class _Reader:
    def __init__(self) -> None:
        self.results: list[Result] = []
        self._depth = 0
        self._suites: list[str] = []
        self._case: dict[str, str] | None = None
        self._outcome: Outcome = "passed"
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _doctype(self, *_: object) -> None:
        raise NotJUnit("it declares a document type, which may define entities")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NotJUnit(f"elements are nested more than {_MAX_DEPTH} deep")
        if self._depth == 1 and tag not in {"testsuites", "testsuite"}:
            raise NotJUnit("its root is no test suite")
        if tag == "testsuite":
            self._suites.append(attributes.get("file", ""))
        elif tag == "testcase" and self._case is None:
            if len(self.results) >= MAX_CASES:
                raise NotJUnit(f"more than {MAX_CASES} test cases")
            self._case, self._outcome = attributes, "passed"
        elif self._case is not None and tag in _OUTCOMES and self._outcome != "failed":
            self._outcome = _OUTCOMES[tag]

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag == "testsuite":
            self._suites.pop()
        elif tag == "testcase" and self._case is not None:
            own = self._case
            suite = next((file for file in reversed(self._suites) if file), "")
            self.results.append(
                Result(
                    name=own.get("name", "")[:_MAX_NAME],
                    classname=own.get("classname", "")[:_MAX_NAME],
                    file=(own.get("file") or suite)[:_MAX_NAME],
                    outcome=self._outcome,
                )
            )
            self._case = None
