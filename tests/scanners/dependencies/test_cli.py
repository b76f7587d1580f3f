"""The scanner of lock files from the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from tests.scanners.dependencies.support import CARGO, GOMOD, entry, make_database
from tests.scanners.support import make_tree

LOCK = CARGO.partition('\n[[package]]\nname = "inner"')[0]
SCAN = ("scan", "tree", "--scanner", "dependencies", "--edition", "private")


@pytest.fixture(name="cli")
def _cli(tmp_path: Path) -> Cli:
    make_tree(tmp_path / "tree", {"Cargo.lock": LOCK})
    make_database(tmp_path / "db", entry(aliases=["CVE-2026-1"]))
    return Cli(cwd=tmp_path, path=os.environ["PATH"])


def test_findings_are_printed_with_the_day_of_the_database(cli: Cli) -> None:
    said = cli(*SCAN, "--tool-data", "osv=db")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "Cargo.lock:12  warning  TEST-1  h2 0.3.20: Too many frames; fixed in 0.3.24 (also CVE-2026-1)\n"
        "dependencies 2026-01-02: complete, 1 finding, 1 of 1 files\n"
        "  note: components of crates.io: 1 of its registry, 1 from git, held against the database by name and version,"
        " 1 folders of the tree, not held against it\n"
        "  note: database of 2026-01-02, 1 entries for crates.io\n"
    )
    run = cli(*SCAN, "--tool-data", "osv=db", "--format", "sarif").json["runs"][0]
    assert run["tool"]["driver"]["version"] == "2026-01-02"
    notes = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert "database of 2026-01-02, 1 entries for crates.io" in notes


def test_without_a_database_the_scan_is_incomplete(cli: Cli) -> None:
    said = cli(*SCAN)
    assert said.code == 3
    assert said.out.startswith(
        "dependencies : skipped (no database of vulnerabilities was given: --tool-data osv=DIR), 0 findings,"
    )


def test_what_the_database_does_not_know_is_incomplete(cli: Cli) -> None:
    make_tree(cli.cwd / "tree", {"go.mod": GOMOD})
    said = cli(*SCAN, "--tool-data", "osv=db")
    assert said.code == 3
    assert "  not scanned: go.mod: the database has no entry for Go\n" in said.out


def test_doctor_tells_whether_there_is_a_database(cli: Cli) -> None:
    assert "scanner      dependencies: 2026-01-02\n" in cli("doctor", "--tool-data", "osv=db").out
    assert "scanner      dependencies: no database of vulnerabilities was given" in cli("doctor").out
