"""Claims on what rules find: one run for all of them, and only where a claim asks for it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from threatmodel.claims import ClaimCheck, RuleRun, check_claims
from threatmodel.system import Claim, Control, FileExists, Project, Semgrep

DAY = datetime.date(2026, 6, 1)
FILES = {"src/a.go": b"package a\n\nvar x = bad()\n", "src/b.go": b"package b\n", "c.txt": b"c\n"}


@dataclass(frozen=True)
class Tree:
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(FILES))

    def read(self, path: str) -> bytes:
        return FILES[path]


@dataclass
class Runner:
    """Says what it was told to say, and keeps what it was asked."""

    run: RuleRun
    asked: list[tuple[str, dict[str, frozenset[str]]]] = field(default_factory=list)

    def __call__(self, source: str, wanted: Mapping[str, frozenset[str]]) -> Mapping[str, RuleRun]:
        self.asked.append((source, dict(wanted)))
        return dict.fromkeys(wanted, self.run)


def checks(runner: Runner | None, *claims: Claim) -> tuple[ClaimCheck, ...]:
    control = Control(id="c", title="C", provides=(), claims=claims)
    project = Project(id="p", name="P", default_configuration="x", controls=(control,))
    return check_claims(project, {"": Tree()}, as_of=DAY, rules=runner).checks


def none(*paths: str) -> Semgrep:
    return Semgrep(paths=paths, rule="pack/bad")


def some(*paths: str) -> Semgrep:
    return Semgrep(paths=paths, rule="pack/bad", matches=True)


HIT = RuleRun(matches=(("src/a.go", 3),))
UNREAD = RuleRun(unread={"src/b.go": "Timeout"})


@pytest.mark.parametrize(
    ("run", "claim", "state", "path", "line"),
    [
        (RuleRun(), none("src/*.go"), "verified", "src/a.go", 0),
        (RuleRun(), some("src/*.go"), "contradicted", "src/a.go", 0),
        (HIT, none("src/*.go"), "contradicted", "src/a.go", 3),
        (HIT, some("src/*.go"), "verified", "src/a.go", 3),
        (HIT, none("src/b.go"), "verified", "src/b.go", 0),
        (UNREAD, none("src/*.go"), "not-checked", "src/b.go", 0),
        (UNREAD, some("src/*.go"), "not-checked", "src/b.go", 0),
        (UNREAD, none("src/a.go"), "verified", "src/a.go", 0),
        (RuleRun(matches=HIT.matches, unread=UNREAD.unread), some("src/*.go"), "verified", "src/a.go", 3),
        (RuleRun(reason="semgrep: not installed"), none("src/*.go"), "not-checked", "", 0),
        (HIT, none("gone/*.go"), "not-found", "", 0),
    ],
)
def test_claim(run: RuleRun, claim: Semgrep, state: str, path: str, line: int) -> None:
    (found,) = checks(Runner(run), claim)
    assert (found.state, found.path, found.line) == (state, path, line)
    assert found.seen == ("var x = bad()" if line else "")


def test_one_run_for_all_claims() -> None:
    runner = Runner(RuleRun())
    other = Semgrep(paths=("c.txt",), rule="pack/other")
    checks(runner, none("src/a.go"), some("src/b.go"), other)
    assert runner.asked == [
        ("", {"pack/bad": frozenset({"src/a.go", "src/b.go"}), "pack/other": frozenset({"c.txt"})})
    ]


def test_nothing_is_run_where_no_claim_asks() -> None:
    runner = Runner(RuleRun())
    checks(runner, FileExists(paths=("c.txt",)), none("gone"))
    assert runner.asked == []


def test_where_nobody_runs_rules_the_claim_is_not_checked() -> None:
    (found,) = checks(None, none("src/*.go"))
    assert (found.state, found.detail) == ("not-checked", "rules of scanners were not run here")
