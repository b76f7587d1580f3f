"""Claims on tests: there, skipped, run."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import pytest

from threatmodel.claims import ClaimCheck, Results, check_claims
from threatmodel.readers.junit import Result
from threatmodel.system import Control, HasTest, Project

DAY = datetime.date(2026, 6, 1)
FILES = {
    "src/agent/a_test.go": b"package a\nfunc TestA(t *testing.T) {}\nfunc TestOff(t *testing.T) { t.Skip() }\n",
    "src/libs/kata-x/src/conf/mod.rs": b"mod tests {\n    #[test]\n    fn test_a() {}\n}\n",
    "tests/k8s/empty-dirs.bats": b'@test "it mounts" {\n  true\n}\n',
    "tests/x/test_a.py": b"def test_a(): pass\n",
    "bad_test.go": b"\xff",
}


@dataclass(frozen=True)
class Tree:
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(FILES))

    def read(self, path: str) -> bytes:
        return FILES[path]


def check(claim: HasTest, *results: Result, given: bool = True) -> ClaimCheck:
    control = Control(id="c", title="C", provides=(), claims=(claim,))
    project = Project(id="p", name="P", default_configuration="x", controls=(control,))
    reports = Results(reports={"junit.xml": results}) if given else None
    return check_claims(project, {"": Tree()}, as_of=DAY, results=reports).checks[0]


def has(path: str, name: str, *, passes: bool = False) -> HasTest:
    return HasTest(paths=(path,), name=name, passes=passes)


GO = "src/agent/a_test.go"


@pytest.mark.parametrize(
    ("claim", "state", "detail"),
    [
        (has(GO, "TestA"), "verified", "the test is there; not run here"),
        (has(GO, "TestA", passes=True), "not-checked", "the test is there; no results of a run were given"),
        (has(GO, "TestB"), "contradicted", f"no test 'TestB' in {GO}"),
        (has(GO, "TestOff"), "not-checked", "the test is skipped on line 3"),
        (has("none_test.go", "TestA"), "not-found", "no file matches none_test.go"),
        (has("bad_test.go", "TestA"), "not-checked", "the file is not UTF-8 at byte 0"),
        (has("*_test.go", "TestA"), "not-checked", "the file is not UTF-8 at byte 0"),
    ],
)
def test_without_results(claim: HasTest, state: str, detail: str) -> None:
    found = check(claim, given=False)
    assert (found.state, found.detail) == (state, detail)


def test_the_place_is_shown() -> None:
    found = check(has(GO, "TestA"), given=False)
    assert (found.path, found.line, found.seen) == (GO, 2, "func TestA(t *testing.T) {}")
    assert found.text == f"{GO} has a test 'TestA'"


PACKAGE = "example.org/kata/src/agent"


@pytest.mark.parametrize(
    ("results", "plain", "passes"),
    [
        ([Result(name="TestA", classname=PACKAGE)], "verified", "verified"),
        ([Result(name="TestA", classname=PACKAGE, outcome="failed")], "contradicted", "contradicted"),
        ([Result(name="TestA", classname=PACKAGE, outcome="skipped")], "verified", "not-checked"),
        ([], "verified", "not-checked"),
        ([Result(name="TestA", classname="example.org/kata/src/other")], "verified", "not-checked"),
        ([Result(name="TestA", classname="example.org/kata/src/agent/deeper")], "verified", "not-checked"),
        ([Result(name="TestA")], "verified", "not-checked"),
        (
            [
                Result(name="TestA", classname=PACKAGE),
                Result(name="TestA/part", classname=PACKAGE, outcome="failed"),
            ],
            "contradicted",
            "contradicted",
        ),
        (
            [
                Result(name="TestA", classname=PACKAGE),
                Result(name="TestA/part", classname=PACKAGE, outcome="skipped"),
            ],
            "verified",
            "not-checked",
        ),
        ([Result(name="TestAB", classname=PACKAGE)], "verified", "not-checked"),
    ],
)
def test_with_results(results: list[Result], plain: str, passes: str) -> None:
    assert check(has(GO, "TestA"), *results).state == plain
    assert check(has(GO, "TestA", passes=True), *results).state == passes


RUST = "src/libs/kata-x/src/conf/mod.rs"


@pytest.mark.parametrize(
    ("path", "name", "result", "same"),
    [
        (RUST, "test_a", Result(name="conf::tests::test_a", classname="kata-x"), True),
        (RUST, "test_a", Result(name="conf::tests::test_a", classname="kata-x::bin/kata-x"), True),
        (RUST, "test_a", Result(name="test_a", classname="kata_x::conf::tests"), True),
        (RUST, "test_a", Result(name="other::tests::test_a", classname="kata-x"), False),
        (RUST, "test_a", Result(name="conf::tests::test_a", classname="kata-y"), False),
        (RUST, "test_a", Result(name="conf::tests::test_ab", classname="kata-x"), False),
        (
            "tests/k8s/empty-dirs.bats",
            "it mounts",
            Result(name="it mounts", classname="empty-dirs.bats"),
            True,
        ),
        ("tests/k8s/empty-dirs.bats", "it mounts", Result(name="it mounts", classname="dirs.bats"), False),
        ("tests/k8s/empty-dirs.bats", "it mounts", Result(name="it mounts"), False),
        ("tests/x/test_a.py", "test_a", Result(name="test_a", classname="tests.x.test_a"), True),
        ("tests/x/test_a.py", "test_a", Result(name="test_a[1]", classname="tests.x.test_a.TestB"), True),
        ("tests/x/test_a.py", "test_a", Result(name="test_a", classname="tests.x.test_a_more"), False),
        ("tests/x/test_a.py", "test_a", Result(name="test_a", file="tests/x/test_a.py"), True),
    ],
)
def test_a_result_counts_at_its_place_only(path: str, name: str, result: Result, same: bool) -> None:
    assert check(has(path, name, passes=True), result).state == ("verified" if same else "not-checked")


def test_of_several_runs_a_failure_wins_and_a_skip_says_nothing() -> None:
    passed, failed, skipped = (
        (Result(name="TestA", classname=PACKAGE, outcome=word),) for word in ("passed", "failed", "skipped")
    )
    assert Results(reports={"a": passed, "b": failed}).of(GO, "TestA") == ("failed", "b")
    assert Results(reports={"a": skipped, "b": passed}).of(GO, "TestA") == ("passed", "b")
    assert Results(reports={"a": skipped}).of(GO, "TestA") == ("skipped", "a")
