"""Tests that failed are findings where they stand; what passes says nothing about weaknesses."""

from __future__ import annotations

from pathlib import Path

import pytest

from collateral.bundle.failed_tests import failed_tests
from scanners.finding import ScanResult
from tests.scanners.support import make_tree
from threatmodel.claims import Results
from threatmodel.readers.junit import Outcome, Result
from threatmodel.source import DirectoryTree

FILES: dict[str, str | bytes] = {
    "src/agent/a_test.go": "package a\n\nfunc TestA(t *testing.T) {}\n",
    "src/other/a_test.go": "package a\nfunc TestA(t *testing.T) {}\n",
    "src/libs/kata-x/src/conf/mod.rs": "mod tests {\n    #[test]\n    fn test_a() {}\n}\n",
    "tests/k8s/dirs.bats": 'x=1\n@test "it [really] mounts" {\n  true\n}\n',
    "tests/x/test_a.py": "def test_a(): pass\n",
    "src/agent/a.go": "package a\nfunc TestA() {}\n",
    "src/bad/b_test.go": b"package b\nfunc TestB(t *testing.T) {} // \xff\n",
}


def judged(tmp_path: Path, *cases: Result) -> ScanResult | None:
    with DirectoryTree(make_tree(tmp_path, FILES)) as tree:
        return failed_tests(Results(reports={"junit.xml": cases}), tree)


def case(name: str, classname: str = "", file: str = "", outcome: Outcome = "failed") -> Result:
    return Result(name=name, classname=classname, file=file, outcome=outcome)


@pytest.mark.parametrize(
    ("failing", "path", "line"),
    [
        (case("TestA", "example.org/src/agent"), "src/agent/a_test.go", 3),
        (case("TestA/with_a_part", "example.org/src/agent"), "src/agent/a_test.go", 3),
        (case("TestA", "example.org/src/other"), "src/other/a_test.go", 2),
        (case("conf::tests::test_a", "kata-x"), "src/libs/kata-x/src/conf/mod.rs", 3),
        (case("it [really] mounts", "dirs.bats"), "tests/k8s/dirs.bats", 2),
        (case("test_a[1-2]", "tests.x.test_a"), "tests/x/test_a.py", 1),
        (case("test_a", file="tests/x/test_a.py"), "tests/x/test_a.py", 1),
    ],
)
def test_a_failed_test_is_a_finding_at_its_place(
    failing: Result, path: str, line: int, tmp_path: Path
) -> None:
    result = judged(tmp_path, failing)
    assert result is not None
    assert result.status == "complete"
    (found,) = result.findings
    assert (found.location.path, found.location.line) == (path, line)
    assert found.rule == "failed-test"
    assert found.severity == "warning"
    assert failing.name in found.message
    assert [rule.id for rule in result.rules] == ["failed-test"]


@pytest.mark.parametrize("outcome", ["passed", "skipped"])
def test_without_a_failure_there_is_no_result(outcome: Outcome, tmp_path: Path) -> None:
    assert judged(tmp_path, case("TestA", "example.org/src/agent", outcome=outcome)) is None


@pytest.mark.parametrize(
    "lost",
    [
        case("TestC", "example.org/src/agent"),
        case("TestA", "example.org/nowhere"),
        case("TestB", "example.org/src/bad"),
        case("", "tests.x.test_a"),
        case("\u202etest\x1b", "a" * 5000),
    ],
)
def test_a_failed_test_without_a_place_is_named_and_makes_the_result_partial(
    lost: Result, tmp_path: Path
) -> None:
    result = judged(tmp_path, lost)
    assert result is not None
    assert result.status == "partial"
    assert not result.findings
    assert "its place in the tree is not known" in result.reason
    assert result.reason.isprintable()


def test_tests_that_were_skipped_are_counted(tmp_path: Path) -> None:
    cases = (case("TestA", "example.org/src/agent"), case("TestA", "x", outcome="skipped"))
    result = judged(tmp_path, *cases)
    assert result is not None
    assert result.notifications == ("1 of 2 tests were skipped",)


def test_one_test_is_told_once(tmp_path: Path) -> None:
    result = judged(tmp_path, *[case("TestA", "example.org/src/agent")] * 3)
    assert result is not None
    assert len(result.findings) == 1


def test_too_many_are_counted(tmp_path: Path) -> None:
    result = judged(tmp_path, *(case(f"test_a[{n}]", "tests.x.test_a") for n in range(503)))
    assert result is not None
    assert result.status == "partial"
    assert len(result.findings) == 500
    assert "3 more failed tests left out" in result.notifications


def test_results_without_a_test_are_a_failure(tmp_path: Path) -> None:
    result = judged(tmp_path)
    assert result is not None
    assert result.status == "failed"
    assert result.reason == "the results name no test"
