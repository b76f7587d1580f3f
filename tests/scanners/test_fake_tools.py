"""What becomes of a scan when the tool is missing, breaks, hangs or says too little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanners.adapters.bandit import BanditScanner
from scanners.adapters.semgrep import SemgrepScanner
from scanners.finding import ScanResult
from scanners.protocol import Scanner
from tests.scanners.support import LIMITS, fake_tool, make_tree, run_scan

RULE = """
rules:
  - id: demo
    languages: [python]
    severity: WARNING
    message: Demo. More words.
    metadata: {confidence: HIGH, stride: tampering, cwe: [CWE-78], references: [https://example.org/demo]}
    pattern: eval(...)
"""
TREE = {"a/one.py": "x = 1\neval(x)\n", "two.py": "eval(2)\n", "README.md": "text\n"}
PLANNED = ("a/one.py", "two.py")

GOOD_SEMGREP = """
write({"results": [], "errors": [], "paths": {"scanned": files(".py")}})
"""
GOOD_BANDIT = """
write({"results": [], "errors": [], "metrics": {"./" + f: {} for f in files(".py")} | {"_totals": {}}})
"""
SCANNERS = ("bandit", "semgrep")


def scanner(name: str, tmp_path: Path) -> Scanner:
    if name == "bandit":
        return BanditScanner()
    return SemgrepScanner(rules=make_tree(tmp_path / "rules", {"demo.yaml": RULE}))


def check(name: str, tmp_path: Path, body: str | None, wall: float = 20) -> ScanResult:
    """Scan the small tree with a fake tool of that name, or without any, and check what always holds."""
    make_tree(tmp_path / "tree", TREE)
    if body is not None:
        fake_tool(tmp_path / "bin", name, body)
    limits = replace(LIMITS, wall_seconds=wall)
    (result,) = run_scan(tmp_path, (scanner(name, tmp_path),), tools=(tmp_path / "bin",), limits=limits)
    assert result.files_planned == PLANNED, result
    missed = {path for path, _ in result.not_scanned}
    assert set(result.files_planned) <= missed | set(result.files_scanned)
    assert not missed & set(result.files_scanned)
    assert str(tmp_path) not in repr(result)
    return result


@pytest.mark.parametrize("name", SCANNERS)
def test_a_missing_tool_is_skipped_and_every_file_counts_as_not_scanned(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, None)
    assert (result.status, result.reason) == ("skipped", "not installed")
    assert result.not_scanned == tuple((path, "not installed") for path in PLANNED)


@pytest.mark.parametrize(
    ("name", "body"), [("bandit", GOOD_BANDIT), ("semgrep", GOOD_SEMGREP)], ids=["bandit", "semgrep"]
)
def test_a_report_that_names_every_planned_file_is_complete(name: str, body: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, body)
    assert (result.status, result.reason, result.version) == ("complete", "", "9.8.7")
    assert result.files_scanned == PLANNED
    assert result.command[0] == name
    assert "{output}" in result.command


@pytest.mark.parametrize("name", SCANNERS)
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sys.stderr.write('boom  went\\x1b the tool'); sys.exit(3)", "exit code 3: boom went\x1b the tool"),
        ("os.kill(os.getpid(), 11)", "killed by signal 11"),
        ("pass", "wrote no report"),
        ("open(out, 'w').write('no json')", "not JSON"),
        ("open(out, 'w').write('{\"results\": [')", "not JSON"),
        ("open(out, 'w').write('[' * 100000)", "not JSON"),
        ("write([])", "not a JSON object"),
        ("write({})", "does not say which files were read"),
        ("write({'results': 'x', 'errors': [], 'paths': {'scanned': []}, 'metrics': {}})", '"results"'),
        ("os.symlink('/etc/hostname', out)", "report cannot be read"),
        ("os.mkfifo(out)", "not a regular file"),
        ("write({'results': [], 'errors': [], 'paths': {'scanned': []}, 'metrics': {}})", "none of 2"),
    ],
    ids=[
        "crash",
        "signal",
        "nothing",
        "garbage",
        "truncated",
        "nested",
        "list",
        "empty",
        "wrong-kind",
        "link",
        "pipe",
        "read-none",
    ],
)
def test_a_broken_tool_fails_with_its_reason(name: str, body: str, reason: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, body)
    assert result.status == "failed"
    assert reason in result.reason
    assert {why for _, why in result.not_scanned} == {"the scanner failed"}


@pytest.mark.slow
@pytest.mark.parametrize("name", SCANNERS)
def test_a_tool_that_hangs_is_killed(name: str, tmp_path: Path) -> None:
    result = check(name, tmp_path, "signal.pause()", wall=1.5)
    assert result.status == "failed"
    assert result.reason.startswith("timed out")


@pytest.mark.parametrize("name", SCANNERS)
@pytest.mark.parametrize(
    "body",
    ["open(out, 'w').write(' ' * 2_000_000)", "sys.stdout.write('x' * 2_000_000)"],
    ids=["file", "stdout"],
)
def test_a_tool_that_writes_without_end_is_stopped(name: str, body: str, tmp_path: Path) -> None:
    assert check(name, tmp_path, body).status == "failed"


def test_semgrep_that_reads_fewer_files_is_partial_and_names_them(tmp_path: Path) -> None:
    result = check(
        "semgrep", tmp_path, "write({'results': [], 'errors': [], 'paths': {'scanned': ['two.py']}})"
    )
    assert result.status == "partial"
    assert result.files_scanned == ("two.py",)
    assert result.not_scanned == (("a/one.py", "not reported as read by the scanner"),)
    assert "1 of 2 files" in result.reason


@pytest.mark.parametrize(
    ("error", "reason", "repeatable"),
    [
        (
            {"type": ["PartialParsing", [{}, {}]], "path": "two.py"},
            "PartialParsing: 2 spans not parsed",
            True,
        ),
        ({"type": "Syntax error", "path": "./two.py"}, "Syntax error", True),
        ({"type": "Timeout", "path": "two.py", "rule_id": "demo"}, "Timeout: rule demo", False),
        ({"type": ["Timeout"], "path": "two.py"}, "Timeout", False),
        ({"type": "Out of memory", "path": "two.py"}, "Out of memory", False),
        ({"type": 7, "path": "two.py"}, "error without a kind", True),
    ],
)
def test_every_error_of_semgrep_counts_against_its_file(
    error: dict[str, object], reason: str, repeatable: bool, tmp_path: Path
) -> None:
    body = f"write({{'results': [], 'errors': [{error!r}], 'paths': {{'scanned': files('.py')}}}})"
    result = check("semgrep", tmp_path, body)
    assert result.status == "partial"
    assert result.not_scanned == (("two.py", reason),)
    assert result.repeatable is repeatable


@pytest.mark.parametrize(
    ("extra", "note"),
    [
        ({"errors": [{"type": "Rule error", "message": "no such\npattern"}]}, "Rule error: no such pattern"),
        ({"skipped_rules": [{"rule_id": "demo"}]}, "rule not run: demo"),
        ({"time": {"fixpoint_timeouts": [{"location": {"path": "two.py"}}]}}, None),
        ({"errors": [{"type": "Timeout", "path": "../../x"}]}, "Timeout"),
    ],
)
def test_errors_of_semgrep_without_a_file_are_notes_and_make_it_partial(
    extra: dict[str, object], note: str | None, tmp_path: Path
) -> None:
    base = {"results": [], "errors": [], "paths": {"scanned": list(PLANNED)}}
    result = check("semgrep", tmp_path, f"write({base | extra!r})")
    assert result.status == "partial"
    assert result.notifications == ((note,) if note else ())


def test_semgrep_findings_take_text_from_the_source_and_the_rest_from_our_rule(tmp_path: Path) -> None:
    body = """
    hit = {"check_id": "demo", "path": "a/one.py", "start": {"line": 2, "col": 1}, "end": {"line": 2, "col": 8},
           "extra": {"message": "Demo of x.", "severity": "INFO", "lines": "requires login",
                     "fingerprint": "requires login", "metadata": {"cwe": ["CWE-1"]}}}
    write({"results": [hit, hit], "errors": [], "paths": {"scanned": files(".py")}})
    """
    result = check("semgrep", tmp_path, body)
    assert result.status == "complete"
    (finding,) = result.findings
    assert (finding.rule, finding.severity, finding.confidence) == ("demo", "warning", "high")
    assert (finding.cwe, finding.stride, finding.message) == (("CWE-78",), "tampering", "Demo of x.")
    assert finding.snippet == "eval(x)"
    assert len(finding.fingerprint) == 64
    (rule,) = result.rules
    assert (rule.title, rule.help_uri) == ("Demo.", "https://example.org/demo")


def test_places_outside_the_tree_are_dropped_and_named(tmp_path: Path) -> None:
    body = """
    def hit(path, line):
        return {"check_id": "demo", "path": path, "start": {"line": line, "col": -4}, "end": {"line": 0, "col": 9 ** 30},
                "extra": {"message": "m"}}
    results = [hit(p, 1) for p in ("../../etc/passwd", "/etc/passwd", "gone.py", "", "two.py")]
    results += [hit("two.py", line) for line in (0, -1, 99, None, "1", True, 2.5, 10 ** 12)]
    write({"results": results, "errors": [], "paths": {"scanned": files(".py") + ["../x.py"]}})
    """
    result = check("semgrep", tmp_path, body)
    assert result.status == "partial"
    assert {finding.location.path for finding in result.findings} == {"two.py"}
    assert [finding.location.line for finding in result.findings] == [0, 1]
    assert "/etc/passwd" not in repr(result.findings)
    dropped = [note for note in result.notifications if "dropped" in note]
    assert dropped == [
        "findings outside the tree dropped: '(no usable path)'",
        "findings outside the tree dropped: 'gone.py'",
    ]
    assert "8 findings with a line that the file does not have" in result.notifications


def test_bandit_findings_and_errors(tmp_path: Path) -> None:
    body = """
    hit = {"filename": "./a/one.py", "line_number": 2, "line_range": [2], "col_offset": 0, "end_col_offset": 7,
           "test_id": "B307", "test_name": "eval_use", "issue_text": "Use of eval.", "issue_severity": "MEDIUM",
           "issue_confidence": "HIGH", "issue_cwe": {"id": 78}, "code": "not the source",
           "more_info": "https://example.org/B307"}
    write({"results": [hit], "errors": [{"filename": "./two.py", "reason": "syntax error"}],
           "metrics": {"./" + f: {} for f in files(".py")}})
    sys.exit(1)
    """
    result = check("bandit", tmp_path, body)
    assert result.status == "partial"
    assert result.not_scanned == (("two.py", "syntax error"),)
    (finding,) = result.findings
    assert (finding.severity, finding.cwe, finding.snippet) == ("warning", ("CWE-78",), "eval(x)")
    assert (finding.location.column, finding.location.end_column) == (1, 8)
    assert result.rules[0].title == "eval use"


@pytest.mark.parametrize("name", SCANNERS)
def test_only_the_planned_files_reach_the_tool(name: str, tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", {".bandit": "[bandit]\nskips: B307\n", ".semgrepignore": "*\n"})
    good = GOOD_BANDIT if name == "bandit" else GOOD_SEMGREP
    body = f"{good}\nif files('') != ['a/one.py', 'two.py']: sys.exit(9)"
    make_tree(tmp_path / "tree", TREE)
    assert check(name, tmp_path, body).status == "complete"


def test_a_tree_without_files_for_a_scanner_is_complete_and_says_so(tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", {"README.md": "text"})
    fake_tool(tmp_path / "bin", "bandit", "sys.exit(7)")
    (result,) = run_scan(tmp_path, (BanditScanner(),), tools=(tmp_path / "bin",))
    assert (result.status, result.files_planned) == ("complete", ())
    assert result.notifications == ("no file of a kind that it reads is in the source tree",)


def test_scripts_without_a_suffix_are_planned_by_their_first_line(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "run": "#!/usr/bin/env python3\n",
        "other": "#!/bin/sh\n",
        "data": b"\0\1",
        "x.py": "",
    }
    make_tree(tmp_path / "tree", files)
    fake_tool(
        tmp_path / "bin",
        "bandit",
        "write({'results': [], 'errors': [], 'metrics': {'./x.py': {}, '././run': {}}})",
    )
    (result,) = run_scan(tmp_path, (BanditScanner(),), tools=(tmp_path / "bin",))
    assert (result.status, result.files_scanned) == ("complete", ("run", "x.py"))
    assert result.command[-1] == "./run"


def test_a_name_that_is_not_utf8_is_reported_as_not_read(tmp_path: Path) -> None:
    make_tree(tmp_path / "tree", TREE)
    (tmp_path / "tree" / "bad\udcff.py").write_text("x = 1\n")
    fake_tool(tmp_path / "bin", "bandit", GOOD_BANDIT)
    (result,) = run_scan(tmp_path, (BanditScanner(),), tools=(tmp_path / "bin",))
    assert result.status == "partial"
    assert result.not_scanned == (("bad\udcff.py", "its name is not UTF-8"),)
