"""Tests that failed in a run of the source, as findings at the place of each test."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.adapters.judge import NOTHING_RAN, Account, Claim, conclude, failed
from scanners.finding import RuleInfo, ScanResult
from scanners.protocol import Description, RawOutput
from threatmodel.claims import Results
from threatmodel.claims.results import is_test
from threatmodel.core.errors import ThreatModelError
from threatmodel.core.text import fold
from threatmodel.readers.content import Unusable, content_of
from threatmodel.readers.junit import Result
from threatmodel.readers.testcases import named_tests
from threatmodel.source import SourceTree

SCANNER = "junit"
_RULE = "failed-test"
_MOST = 500
_LONGEST = 300
_TESTS = re.compile(r"(?:_test\.go|\.py|\.bats|\.rs)$")
_PARTS = re.compile(r"/|\[")


def failed_tests(results: Results, tree: SourceTree) -> ScanResult | None:
    """The tests that failed, as a result with a finding for each; None where none did, since tests look for no weakness
    and their silence is not that of a scanner. A test whose place is not known makes it partial, and so do more than
    500; those that were skipped are counted. Results without any test are a failure."""
    description = Description(
        version="",
        tool_digest="",
        ruleset_digest="",
        licence="",
        needs_network=False,
        available=True,
    )
    raw = RawOutput(
        files=(),
        outcome=NOTHING_RAN,
        report=None,
        report_problem="",
        command=("read", *sorted(fold(name) for name in results.reports)),
    )
    cases = [case for name in sorted(results.reports) for case in results.reports[name]]
    if not cases:
        return failed(SCANNER, description, "the results name no test", raw)
    bad = list(dict.fromkeys(case for case in cases if case.outcome == "failed"))
    if not bad:
        return None
    claims: list[Claim] = []
    lost: list[str] = []
    places = _Places(tree)
    for case in bad[:_MOST]:
        if found := places.of(case):
            claims.append(_claim(case, *found))
        else:
            lost.append(f"failed test {_told(case)}: its place in the tree is not known")
    if len(bad) > _MOST:
        lost.append(f"{len(bad) - _MOST} more failed tests left out")
    notes = []
    if skipped := sum(case.outcome == "skipped" for case in cases):
        notes.append(f"{skipped} of {len(cases)} tests were skipped")
    account = Account(
        scanned=frozenset(),
        problems={},
        claims=tuple(claims),
        rules=(_rule(),),
        notes=(*lost, *notes),
        degraded=bool(lost),
    )
    return conclude(SCANNER, description, raw, account, tree)


class _Places:
    """Where tests are in a tree."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._paths = [path for path in tree.paths() if _TESTS.search(path)]

    def of(self, case: Result) -> tuple[str, int] | None:
        """Path and line of a test; of several the first by path."""
        name = _name(case)
        for path in self._paths:
            if name and is_test(case, path, name):
                for line in self._lines(path, name):
                    return path, line
        return None

    def _lines(self, path: str, name: str) -> Iterator[int]:
        try:
            data = self._tree.read(path)
        except ThreatModelError:
            return
        content = content_of(data, path) if name.encode() in data else Unusable("")
        tests = content if isinstance(content, Unusable) else named_tests(content.text, path, name)
        for test in () if isinstance(tests, Unusable) else tests:
            yield test.line


def _name(case: Result) -> str:
    """The name of the test in its file: without parameters, subtests and modules. Names of bats are sentences."""
    if (case.file or case.classname).endswith(".bats"):
        return case.name
    return _PARTS.split(case.name.rpartition("::")[2])[0]


def _told(case: Result) -> str:
    return fold(" ".join(part for part in (case.classname, case.name) if part))[:_LONGEST]


def _claim(case: Result, path: str, line: int) -> Claim:
    return Claim(
        rule=_RULE,
        message=f"Test {_told(case)} failed",
        severity="warning",
        confidence="high",
        cwe=(),
        stride="",
        path=path,
        line=line,
        column=1,
        end_line=line,
        end_column=1,
    )


def _rule() -> RuleInfo:
    return RuleInfo(
        id=_RULE,
        title="A test failed",
        description="A run of the source's own tests says that this one failed.",
        cwe=(),
        help_uri="",
        severity="warning",
    )
