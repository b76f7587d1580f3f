"""The scanner of lock files: its findings, and what it says where it does not know."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from scanners.dependencies.scanner import DependencyScanner
from scanners.finding import ScanResult
from tests.scanners.dependencies.support import CARGO, GOMOD, REQUIREMENTS, entry, make_database, run
from tests.scanners.support import MemoryFiles, description, raw_output

FILES = {"Cargo.lock": CARGO, "src/go.mod": GOMOD, "docs/requirements.txt": REQUIREMENTS}
PYTHON = entry("PYSEC-1", "jinja2", "PyPI", [{"introduced": "2.0"}, {"fixed": "3.1.3"}], "ECOSYSTEM")
WITHDRAWN = PYTHON | {"withdrawn": "2026-01-01T00:00:00Z"}
GO = entry("GO-1", "example.org/a", "Go", [{"introduced": "1.0.0"}, {"last_affected": "1.2.3"}])
CARGO_LOCK = {"Cargo.lock": CARGO.partition('\n[[package]]\nname = "inner"')[0]}


def brief(result: ScanResult) -> list[tuple[str, str, int]]:
    return [(found.rule, found.location.path, found.location.line) for found in result.findings]


def one(tmp_path: Path, **more: Any) -> ScanResult:
    return run(tmp_path, CARGO_LOCK, entry(**more))


def test_without_a_database_nothing_is_known(tmp_path: Path) -> None:
    result = run(tmp_path, FILES)
    assert result.status == "skipped"
    assert result.reason == "no database of vulnerabilities was given: --tool-data osv=DIR"
    assert {path for path, _ in result.not_scanned} == set(FILES)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([""], "has no entry that could be used"),
        ([entry("N-1", "x", "npm")], "has no entry that could be used"),
    ],
)
def test_a_database_without_a_usable_entry_is_none(entries: list[Any], reason: str, tmp_path: Path) -> None:
    result = run(tmp_path, FILES, *entries)
    assert result.status == "skipped"
    assert reason in result.reason


def test_one_finding_for_each_component_and_vulnerability_at_its_line(tmp_path: Path) -> None:
    result = run(tmp_path, FILES, entry(), GO, PYTHON)
    assert brief(result) == [
        ("TEST-1", "Cargo.lock", 12),
        ("PYSEC-1", "docs/requirements.txt", 2),
        ("GO-1", "src/go.mod", 6),
    ]
    assert result.version == "2026-01-02"
    assert result.findings[0].message == "h2 0.3.20: Too many frames; fixed in 0.3.24"
    assert result.findings[0].snippet == 'name = "h2"'
    assert result.findings[2].message.endswith("; no fixed version is recorded")
    assert all(found.confidence == "high" and found.fingerprint for found in result.findings)


@pytest.mark.parametrize(
    ("name", "fixed", "quiet"),
    [
        ("Cargo.lock", entry(events=[{"introduced": "0"}, {"fixed": "0.3.20"}]), entry("Q-1", "h2o")),
        ("src/go.mod", entry("Q-1", "example.org/a", "Go", [{"introduced": "1.2.4"}]), entry("Q-2", "h2", "Go")),
        ("docs/requirements.txt", entry("Q-1", "jinja2", "PyPI", [{"introduced": "3.1.3"}], "ECOSYSTEM"), WITHDRAWN),
    ],
)  # fmt: skip
def test_what_has_the_fix_or_another_name_is_quiet(name: str, fixed: Any, quiet: Any, tmp_path: Path) -> None:
    result = run(tmp_path, {name: FILES[name]}, fixed, quiet)
    assert not result.findings
    assert name in result.files_planned


def test_packages_of_the_tree_are_not_those_of_the_registry(tmp_path: Path) -> None:
    result = run(tmp_path, CARGO_LOCK, entry(package="own", events=[{"introduced": "0"}]))
    assert (result.status, result.findings) == ("complete", ())
    assert "components of crates.io: 1 of its registry, 1 from git, held" in "".join(result.notifications)
    assert "1 folders of the tree, not held against it" in "".join(result.notifications)


def test_a_package_from_git_is_judged_by_its_version_with_low_confidence(tmp_path: Path) -> None:
    (found,) = run(tmp_path, CARGO_LOCK, entry(package="regorus")).findings
    assert found.confidence == "low"
    assert "it comes from git, so a fix may be in it" in found.message


def test_another_registry_makes_the_scan_partial(tmp_path: Path) -> None:
    result = run(tmp_path, {"Cargo.lock": CARGO}, entry())
    assert result.status == "partial"
    assert dict(result.not_scanned) == {
        "Cargo.lock": "1 components come from another registry, which the database is not about"
    }
    assert len(result.findings) == 1


def test_an_ecosystem_that_the_database_does_not_know_is_not_scanned(tmp_path: Path) -> None:
    result = run(tmp_path, FILES | CARGO_LOCK, entry())
    assert result.status == "partial"
    assert dict(result.not_scanned) == {
        "docs/requirements.txt": "the database has no entry for PyPI",
        "src/go.mod": "the database has no entry for Go",
    }
    assert "components of Go: 4, none held against the database" in result.notifications
    assert len(result.findings) == 1


def test_a_lock_file_of_packages_of_the_tree_alone_needs_no_database(tmp_path: Path) -> None:
    own = '[[package]]\nname = "own"\nversion = "0.1.0"\n'
    assert run(tmp_path, {"Cargo.lock": own}, GO).status == "complete"


def test_the_day_and_the_size_of_the_database_are_told(tmp_path: Path) -> None:
    newer = entry("TEST-2", modified="2026-02-03T00:00:00Z")
    undated = GO | {"modified": "0001-01-01T00:00:00Z"}
    result = run(tmp_path, FILES, entry(), newer, undated, entry("W-1", withdrawn="2026-01-01T00:00:00Z"))
    assert result.version == "2026-02-03, undated"
    assert {
        "database of 2026-02-03, 2 entries for crates.io",
        "database of an unknown date, 1 entries for Go",
        "database: 1 withdrawn entries were left out",
    } <= set(result.notifications)
    assert len(result.ruleset_digest) == 64


def test_a_broken_entry_makes_the_scan_partial_and_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, CARGO_LOCK, entry(), "{", "[]")
    assert result.status == "partial"
    assert result.reason.startswith("2 entries of the database could not be read: 001.json (")
    assert "002.json (not a JSON object)" in result.reason
    assert len(result.findings) == 1


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"events": ()}, "h2 0.3.20: not decided: TEST-1: it names no versions"),
        (
            {"events": [{"introduced": "0"}, {"fixed": "soon"}]},
            "h2 0.3.20: not decided: TEST-1: 'soon' is no version",
        ),
    ],
)
def test_what_cannot_be_decided_makes_the_scan_partial(more: Any, why: str, tmp_path: Path) -> None:
    result = one(tmp_path, **more)
    assert (result.status, dict(result.not_scanned)) == ("partial", {"Cargo.lock": why})


def test_requirements_that_name_another_file_of_the_tree_are_whole(tmp_path: Path) -> None:
    files = {"requirements.txt": "-r requirements-more.txt\n", "requirements-more.txt": "jinja2==3.1.2\n"}
    result = run(tmp_path, files, PYTHON)
    assert (result.status, len(result.findings)) == ("complete", 1)


def test_many_gaps_are_counted(tmp_path: Path) -> None:
    loose = "".join(f"package{number}\n" for number in range(9))
    (why,) = dict(run(tmp_path, {"requirements.txt": loose + "jinja2==3.1.2\n"}, PYTHON).not_scanned).values()
    assert why.count("does not pin one version") == 5
    assert why.endswith("; 4 more")


@pytest.mark.parametrize(
    "data", [b"\xff", b"[[package]]\nname=", b"", b"\x00" * 10], ids=["utf8", "cut", "empty", "nul"]
)
def test_a_lock_file_that_cannot_be_read_is_a_problem_of_that_file(data: bytes, tmp_path: Path) -> None:
    result = run(tmp_path, {"a/Cargo.lock": data, **CARGO_LOCK}, entry())
    assert result.status == "partial"
    assert [path for path, _ in result.not_scanned] == ["a/Cargo.lock"]
    assert len(result.findings) == 1


def test_where_no_lock_file_can_be_read_the_scan_has_failed(tmp_path: Path) -> None:
    result = run(tmp_path, {"package-lock.json": "{}"}, entry())
    assert result.status == "failed"
    assert "a lock file of a kind that is not read" in result.reason


def score(vector: str) -> dict[str, Any]:
    return {"severity": [{"type": "CVSS", "score": vector}]}


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, "warning"),
        (score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), "error"),
        (score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"), "warning"),
        (score("CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:L"), "note"),
        (score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"), "error"),
        (score("nonsense"), "warning"),
        (score("AV:N/AC:L/Au:N/C:N/I:N/A:C"), "warning"),
        ({"database_specific": {"informational": "unmaintained"}}, "note"),
        ({"database_specific": {"informational": "unsound"}}, "warning"),
    ],
)
def test_severity_is_that_of_the_vector(more: Any, severity: str, tmp_path: Path) -> None:
    result = one(tmp_path, **more)
    assert [found.severity for found in result.findings] == [severity]
    assert [rule.severity for rule in result.rules] == [severity]


def test_weaknesses_aliases_and_address_are_those_of_the_entry(tmp_path: Path) -> None:
    result = one(
        tmp_path,
        aliases=["GHSA-x", "CVE-2026-1"],
        database_specific={"cwe_ids": ["CWE-770", "CWE-20", "nonsense"]},
        references=[
            {"type": "WEB", "url": "https://e.org/w"},
            {"type": "ADVISORY", "url": "https://e.org/a"},
        ],
    )
    (found,), (rule,) = result.findings, result.rules
    assert found.cwe == rule.cwe == ("CWE-20", "CWE-770")
    assert found.message.endswith(" (also CVE-2026-1, GHSA-x)")
    assert (rule.id, rule.title, rule.help_uri) == ("TEST-1", "Too many frames", "https://e.org/a")
    assert one(tmp_path / "b").rules[0].help_uri == "https://osv.dev/vulnerability/TEST-1"


def test_ranges_that_a_database_only_guesses_have_low_confidence(tmp_path: Path) -> None:
    guess = GO | {"affected": [GO["affected"][0] | {"ecosystem_specific": {"custom_ranges": [{}]}}]}
    (found,) = run(tmp_path, {"go.mod": GOMOD}, guess).findings
    assert found.confidence == "low"
    assert "the database knows the affected versions in other numbers only" in found.message


def test_the_go_that_is_asked_for_is_a_lower_bound(tmp_path: Path) -> None:
    events = [{"introduced": "1.22.0-0"}, {"fixed": "1.22.4"}]
    (found,) = run(tmp_path, {"go.mod": GOMOD}, entry("GO-2", "stdlib", "Go", events)).findings
    assert (found.location.line, found.confidence) == (3, "low")
    assert "go.mod asks for this Go at least" in found.message


def test_a_kept_result_is_for_one_database_only(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = run(tmp_path, CARGO_LOCK, entry(), cache=cache)
    assert run(tmp_path, CARGO_LOCK, entry(), cache=cache, work="again") == first
    assert len(list(cache.iterdir())) == 1
    changed = run(tmp_path, CARGO_LOCK, entry("TEST-9"), cache=cache, work="third")
    assert brief(changed) == [("TEST-9", "Cargo.lock", 12)]
    assert changed.ruleset_digest != first.ruleset_digest


def test_the_scanner_is_a_value_that_takes_no_output_of_others() -> None:
    scanner = DependencyScanner()
    assert pickle.loads(pickle.dumps(scanner)) == scanner
    result = scanner.parse(raw_output(("Cargo.lock",), {}), MemoryFiles({"Cargo.lock": b""}), description())
    assert (result.status, result.reason) == ("failed", "it was given no database")


def test_a_database_that_changes_during_a_scan_is_noticed(tmp_path: Path) -> None:
    from scanners.protocol import ToolEnv, Work
    from tests.scanners.support import LIMITS, outcome

    folder = make_database(tmp_path / "osv", entry())
    env = ToolEnv(data={"osv": folder})
    scanner = DependencyScanner()
    said = scanner.describe(env, lambda _job: outcome())
    make_database(folder, entry("TEST-9"))
    work = Work(
        tree_dir=tmp_path,
        files=("Cargo.lock",),
        workdir=tmp_path,
        limits=LIMITS,
        env=env,
        launch=lambda _job: outcome(),
    )
    result = scanner.parse(scanner.run(work), MemoryFiles({"Cargo.lock": CARGO.encode()}), said)
    assert (result.status, result.reason) == ("failed", "the database changed while it was read")
