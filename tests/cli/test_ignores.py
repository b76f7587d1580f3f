"""A scan shows what the source and VEX documents leave aside, as suppressed and never as gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.collateral.support import REAL_TOOLS
from tests.scanners.support import make_tree

pytestmark = pytest.mark.slow

PYTHON = "import subprocess\n\n\ndef test_a():\n    subprocess.call('x', shell=True){comment}\n"
COMMENT = "  # threatmodel: ignore[{rule}] until={until} reason=a fixed command"
JUNIT = '<testsuite><testcase name="test_a" classname="test_a">{inside}</testcase></testsuite>'
ENTRY = {
    "id": "GO-2025-0001",
    "modified": "2025-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "Go", "name": "example.org/a"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.5.0"}]}],
        }
    ],
}
MODULE = "module example.org/m\n\ngo 1.22\n\nrequire example.org/a v1.2.0\n"
IGNORE = '[[IgnoredVulns]]\nid = "GO-2025-0001"\nignoreUntil = {until}\nreason = "not called"\n'
VEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "author": "The maker",
    "statements": [{"vulnerability": {"name": "GO-2025-0001"}, "status": "not_affected"}],
}


def scan(tmp_path: Path, form: str, *more: str, until: str = "") -> str:
    files = {"go.mod": MODULE, **({"osv-scanner.toml": IGNORE.format(until=until)} if until else {})}
    make_tree(tmp_path / "source", files)
    make_tree(tmp_path / "osv", {"a.json": json.dumps(ENTRY)})
    make_tree(tmp_path, {"vex.json": json.dumps(VEX), "no.json": "{}"})
    words = ("source", "--scanner", "dependencies", "--tool-data", "osv=osv", "--edition", "private")
    said = Cli(cwd=tmp_path)("scan", *words, "--format", form, *more)
    return said.out or said.err


@pytest.mark.parametrize(
    ("until", "more", "told", "suppressed"),
    [
        ("", (), "", False),
        (
            "2026-12-31",
            (),
            "ignored by the source itself until 2026-12-31: not called [osv-scanner.toml:2]",
            True,
        ),
        ("2026-01-01", (), "ignored by the source itself until 2026-01-01, which is over", False),
        ("", ("--vex", "vex.json"), "ignored by The maker: not_affected [vex.json]", True),
        ("2026-01-01", ("--vex", "vex.json"), "ignored by The maker: not_affected [vex.json]", True),
    ],
)
def test_what_is_left_aside_is_shown(
    until: str, more: tuple[str, ...], told: str, suppressed: bool, tmp_path: Path
) -> None:
    text = scan(tmp_path, "text", *more, until=until)
    assert "dependencies 2025-01-01: complete, 1 finding" in text
    assert text.count("ignored by") == bool(told)
    assert told in text
    (run,) = json.loads(scan(tmp_path, "sarif", *more, until=until))["runs"]
    (result,) = run["results"]
    assert bool(result.get("suppressions")) == suppressed


def test_what_is_no_vex_is_told_before_the_scan(tmp_path: Path) -> None:
    assert scan(tmp_path, "text", "--vex", "no.json").startswith("no.json  S021  ")


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2026-12-31", "ignored by the source itself until 2026-12-31: a fixed command [test_a.py:5]"),
        ("2026-01-01", "ignored by the source itself until 2026-01-01, which is over [test_a.py:5]"),
        ("then", "test_a.py:5: until=then is no ISO 8601 date, so it suppresses nothing"),
    ],
)
def test_a_comment_beside_a_finding_is_shown_with_it(until: str, told: str, tmp_path: Path) -> None:
    if not (REAL_TOOLS / "bandit").exists():
        pytest.skip("bandit is not installed")
    comment = COMMENT.format(rule="B602", until=until)
    make_tree(tmp_path / "source", {"test_a.py": PYTHON.format(comment=comment)})
    words = ("source", "--scanner", "bandit", "--tools", str(REAL_TOOLS), "--edition", "private")
    said = Cli(cwd=tmp_path)("scan", *words)
    assert "B602" in said.out
    assert told in said.out + said.err


@pytest.mark.parametrize(("inside", "found"), [("<failure/>", True), ("", False)])
def test_a_failed_test_of_a_run_is_a_finding(inside: str, found: bool, tmp_path: Path) -> None:
    make_tree(tmp_path / "source", {"test_a.py": PYTHON.format(comment="")})
    make_tree(tmp_path, {"junit.xml": JUNIT.format(inside=inside)})
    words = ("source", "--scanner", "dependencies", "--junit", "junit.xml", "--edition", "private")
    said = Cli(cwd=tmp_path)("scan", *words)
    assert ("test_a.py:4  warning  failed-test  Test test_a test_a failed" in said.out) == found
    assert ("junit : complete, 1 finding" in said.out) == found
