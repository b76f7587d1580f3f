"""Rules for published advisories on the releases around a fix, with a scanner that answers from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from collateral.backtest.model import RuleRun
from collateral.backtest.rules import cases_for, not_run, run_rules
from scanners.finding import Location, ScanResult
from scanners.history import HistoryCase
from scanners.protocol import Scanner
from tests.backtest.test_pins import Memory
from tests.collateral.support import finding
from threatmodel.source import SourceTree

CASE = HistoryCase(
    advisory="CVE-2026-0001",
    rule="r",
    affected="1.0",
    fixed="1.1",
    path="a/old.go",
    fixed_path="b/new.go",
    findings=1,
)
TREES: Mapping[str, Memory | str] = {
    "1.0": Memory({"a/old.go": "one\ntwo\nthree\n", "other": "x"}),
    "1.1": Memory({"b/new.go": "one\n"}),
}


class Scan:
    """Says that these lines of these files were found, by rule."""

    def __init__(self, *found: tuple[str, str, int], unread: str = "") -> None:
        self.found = found
        self.unread = unread
        self.seen: tuple[str, ...] = ()

    def __call__(self, tree: SourceTree, scanners: Sequence[Scanner]) -> tuple[ScanResult, ...]:
        self.seen = tree.paths()
        assert [scanner.name for scanner in scanners] == ["semgrep"]
        return (
            ScanResult(
                scanner="semgrep",
                version="1",
                status="partial" if self.unread else "complete",
                files_scanned=tuple(path for path in self.seen if path != self.unread),
                not_scanned=((self.unread, "it cannot be parsed"),) if self.unread else (),
                findings=tuple(
                    finding(rule=rule, location=Location(path=path, line=line))
                    for rule, path, line in self.found
                ),
            ),
        )


@pytest.mark.parametrize(
    ("found", "verdict", "counts"),
    [
        ([("r", "1.0/a/old.go", 2)], "flagged", (1, 0)),
        ([("r", "1.0/a/old.go", 1), ("r", "1.0/a/old.go", 2)], "flagged", (2, 0)),
        ([], "not-flagged", (0, 0)),
        ([("other", "1.0/a/old.go", 2)], "not-flagged", (0, 0)),
        ([("r", "1.0/a/old.go", 2), ("r", "1.1/b/new.go", 1)], "not-flagged", (1, 1)),
    ],
)
def test_a_rule_fires_before_the_fix_and_is_quiet_after_it(
    found: list[tuple[str, str, int]], verdict: str, counts: tuple[int, int]
) -> None:
    scan = Scan(*found)
    rules = run_rules([CASE], TREES, scan)["CVE-2026-0001"]
    assert scan.seen == ("1.0/a/old.go", "1.1/b/new.go")
    assert rules.verdict == verdict
    assert rules.runs == (RuleRun(rule="r", path="a/old.go", affected=counts[0], fixed=counts[1]),)


def test_only_lines_of_the_place_count() -> None:
    case = HistoryCase(**{f: getattr(CASE, f) for f in CASE.__slots__} | {"place": "^t"})
    scan = Scan(("r", "1.0/a/old.go", 1), ("r", "1.0/a/old.go", 3))
    assert run_rules([case], TREES, scan)["CVE-2026-0001"].runs[0].affected == 1


@pytest.mark.parametrize(
    ("trees", "unread", "reason"),
    [
        ({"1.0": TREES["1.0"]}, "", "1.1 was not read"),
        ({**TREES, "1.1": "1.1: no such tag"}, "", "1.1: no such tag"),
        ({**TREES, "1.1": Memory({})}, "", "the source has no b/new.go"),
        ({**TREES, "1.1": Memory({"b/new.go": ""}, lost=True)}, "", "S  object 1 is missing"),
        (TREES, "1.1/b/new.go", "it cannot be parsed"),
    ],
)
def test_what_was_not_read_is_not_checked(trees: dict[str, Memory | str], unread: str, reason: str) -> None:
    rules = run_rules([CASE], trees, Scan(("r", "1.0/a/old.go", 2), unread=unread))["CVE-2026-0001"]
    assert (rules.verdict, rules.reason) == ("not-checked", reason)
    assert (rules.runs[0].affected, rules.runs[0].fixed) == (1, None)


def test_nothing_is_scanned_where_no_file_is_there() -> None:
    scan = Scan()
    rules = run_rules([CASE], {}, scan)["CVE-2026-0001"]
    assert (rules.verdict, rules.reason, scan.seen) == (
        "not-checked",
        "1.0 was not read; 1.1 was not read",
        (),
    )


def test_rules_that_were_not_run() -> None:
    assert not_run([CASE], "why").verdict == "not-checked"
    assert not_run([], "why").verdict == "no-rule"
    assert cases_for({"CVE-2026-0001"}) == ()
    assert {case.advisory for case in cases_for({"CVE-2026-24054"})} == {"CVE-2026-24054"}
