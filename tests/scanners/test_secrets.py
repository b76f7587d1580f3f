"""A secret that was found stands in no output: no snippet, no message, no digest to try passwords on."""

from __future__ import annotations

import hashlib
import json
import sys
import textwrap
from pathlib import Path

import pytest

from scanners.adapters.gitleaks import neutral
from scanners.adapters.withheld import MOST, Withholder
from scanners.finding import Location, ScanResult
from scanners.marks import short
from scanners.registry import select
from scanners.sarif_file import read_sarif
from scanners.secrets import without_secrets
from scanners.wire import from_wire, to_wire
from tests.scanners.fake_programs import PRELUDE
from tests.scanners.support import MemoryFiles, make_tree, run_scan

SECRET = "hunter2-Zk9"
LINE = f'password = "{SECRET}"'
TREE = {"a.py": f"import os\n{LINE}\nnext = 1\n", "go.sum": "example.org v1 h1:abc=\n"}


def scan(tmp_path: Path, body: str, tree: dict[str, str] = TREE) -> ScanResult:
    make_tree(tmp_path / "tree", tree)
    path = tmp_path / "bin" / "gitleaks"
    path.parent.mkdir()
    path.write_text(f"#!{sys.executable}\ntool = 'gitleaks'\n{PRELUDE}\n{textwrap.dedent(body)}\n")
    path.chmod(0o755)
    (result,) = run_scan(tmp_path, select(["gitleaks"], ()), tools=(tmp_path / "bin",))
    return result


FOUND = "secret = dict(finding(own[0], 'jwt'), StartLine=2, EndLine=2, StartColumn=13, EndColumn=23)\n"


def test_a_secret_stands_nowhere_in_a_result(tmp_path: Path) -> None:
    body = (
        FOUND
        + f"sys.stderr.write('9:44PM TRC skipping finding finding={SECRET} path=000000\\n'); good(secret)"
    )
    result = scan(tmp_path, body)
    (found,) = result.findings
    assert result.status == "complete"
    assert (found.secret, found.snippet, found.location.line) == (True, "", 2)
    assert SECRET not in json.dumps(to_wire(result))
    assert from_wire(to_wire(result)) == result


def test_no_plain_digest_of_its_line_is_told(tmp_path: Path) -> None:
    result = scan(tmp_path, FOUND + "good(secret, dict(secret, StartLine=3, EndLine=3))")
    told = json.dumps(to_wire(result))
    assert hashlib.sha256(LINE.encode()).hexdigest()[:32] not in told
    assert short(LINE) not in told


def test_a_secret_is_recognised_after_lines_have_moved(tmp_path: Path) -> None:
    first = scan(tmp_path / "1", FOUND + "good(secret)")
    moved = {**TREE, "a.py": "\n" + TREE["a.py"]}
    second = scan(tmp_path / "2", FOUND + "good(dict(secret, StartLine=3, EndLine=3))", moved)
    other = {**TREE, "a.py": TREE["a.py"].replace("hunter2", "hunter3")}
    third = scan(tmp_path / "3", FOUND + "good(secret)", other)
    assert first.findings[0].fingerprint == second.findings[0].fingerprint != third.findings[0].fingerprint


@pytest.mark.parametrize(
    "body", [f"sys.stderr.write('{SECRET}\\n'); sys.exit(3)", f"print('{SECRET}'); sys.exit(3)"]
)
def test_what_a_tool_for_secrets_says_when_it_fails_is_not_repeated(body: str, tmp_path: Path) -> None:
    result = scan(tmp_path, body)
    assert (result.status, result.reason) == ("failed", "exit code 3")


def test_checksums_of_lock_files_are_left_out_and_counted(tmp_path: Path) -> None:
    body = (
        "[sums] = [f for f in own if f.endswith('.sums')]\n"
        "good(finding(sums, 'generic-api-key'), finding(sums, 'jwt'), finding('000000', 'generic-api-key'))"
    )
    result = scan(tmp_path, body)
    assert result.status == "complete"
    assert [(f.location.path, f.rule) for f in result.findings] == [
        ("a.py", "generic-api-key"),
        ("go.sum", "jwt"),
    ]
    assert result.notifications == (
        "1 results of generic-api-key in lock files left out: checksums look like keys",
    )


def test_fewer_bytes_than_the_files_have_make_a_scan_partial(tmp_path: Path) -> None:
    body = """
    for f in below: sys.stderr.write(f"9:44PM TRC scanning path path={f}\\n")
    sys.stderr.write("9:44PM INF scanned ~17 bytes (17) in 1s\\n")
    report([finding(f, "github-pat") for f in planted])
    """
    result = scan(tmp_path, body)
    assert result.status == "partial"
    assert result.notifications[0].startswith("it read 17 of ")


@pytest.mark.parametrize(
    "words",
    [
        "DBG skipping binary file mime_type=application/zip",
        "WRN skipping file: permission denied",
        "ERR x error=y",
    ],
)
def test_a_file_that_was_skipped_is_not_scanned(words: str, tmp_path: Path) -> None:
    result = scan(tmp_path, f"good(); sys.stderr.write('9:44PM {words} path=000000\\n')")
    assert result.status == "partial"
    assert list(dict(result.not_scanned)) == ["a.py"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("node_modules/a.js", "000007"),
        (".gitleaksignore", "000007"),
        (".gitleaks.toml", "000007"),
        ("deep/x.YAML", "000007.yaml"),
        ("my.nuget.config", "000007.nuget.config"),
        ("pnpm-lock.yaml", "000007.sums"),
    ],
)
def test_names_that_switch_rules_off_are_replaced(path: str, name: str) -> None:
    assert neutral(7, path) == name


def test_places_become_one_digest_and_empty_lines() -> None:
    lines = ["a", "begin", "key", "end", "b"]
    out = Withholder().lines(
        lines, [Location(path="p", line=2, end_line=3), Location(path="p", line=3, end_line=4)]
    )
    assert out[0] == "a"
    assert out[1].startswith("(withheld: ")
    assert out[2:] == ["", "", "b"]
    assert lines[1] == "begin"


def test_digests_are_bounded() -> None:
    withholder = Withholder()
    same = [Location(path="p", line=1, end_line=1)]
    outs = [withholder.lines(["x"], same)[0] for _ in range(MOST + 1)]
    assert outs[-1] == "(withheld)" != outs[-2]


def log(name: str, tags: list[str]) -> bytes:
    """A SARIF file whose one result quotes the secret."""
    place = {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 2, "snippet": {"text": LINE}}}
    result = {
        "ruleId": "r",
        "message": {"text": f"found {SECRET}"},
        "locations": [{"physicalLocation": place}],
    }
    rule = {"id": "r", "shortDescription": {"text": "a rule"}, "properties": {"tags": tags}}
    driver = {"name": name, "rules": [rule]}
    return json.dumps(
        {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [result]}]}
    ).encode()


FILES = MemoryFiles({name: text.encode() for name, text in TREE.items()})


@pytest.mark.parametrize(
    ("name", "tags"), [("gitleaks", []), ("TruffleHog", ["x"]), ("Trivy", ["secret", "security"])]
)
def test_secrets_of_sarif_files_are_withheld(name: str, tags: list[str]) -> None:
    (result,) = read_sarif("x", log(name, tags), FILES)
    (found,) = result.findings
    assert (found.secret, found.snippet, found.message, found.location.line) == (True, "", "a rule", 2)
    assert SECRET not in json.dumps(to_wire(result))


def test_other_results_of_sarif_files_are_shown() -> None:
    (result,) = read_sarif("x", log("Trivy", ["security"]), FILES)
    assert (result.findings[0].secret, result.findings[0].snippet) == (False, LINE)


def test_no_scanner_repeats_what_another_found_to_be_a_secret() -> None:
    (secret,) = read_sarif("x", log("gitleaks", []), FILES)
    (other,) = read_sarif("x", log("bandit", []), FILES)
    hidden = without_secrets((other, secret))
    assert hidden[1] == secret
    (found,) = hidden[0].findings
    assert (found.location.line, found.rule, found.snippet) == (2, "r", "")
    assert found.message == "withheld: sarif-gitleaks found a secret in these lines"
    assert found.fingerprint == other.findings[0].fingerprint
    assert without_secrets((other,)) == (other,)
