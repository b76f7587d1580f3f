"""How many of the planted defects our semgrep pack finds. `planted/planted.yaml` says how these came about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from scanners.finding import Finding, Location
from tests.scanners.sample import scan_folder
from tests.scanners.support import TOOLS

PLANTED = Path(__file__).parent / "planted"
TREE = PLANTED / "tree"
COUNT = 60
LEAST_FOUND = 45
"""Three quarters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A planted defect: its file, its first and last line, and the weaknesses that it may be reported as."""

    file: str
    first: int
    last: int
    cwe: tuple[str, ...]
    what: str

    def is_met_by(self, finding: Finding) -> bool:
        """The finding names one of its weaknesses, and their lines meet."""
        place = finding.location
        return (
            place.path == self.file
            and place.line <= self.last
            and max(place.end_line, place.line) >= self.first
            and not set(self.cwe).isdisjoint(finding.cwe)
        )


def read_table() -> tuple[Defect, ...]:
    entries = yaml.safe_load((PLANTED / "planted.yaml").read_text(encoding="utf-8"))["defects"]
    return tuple(
        Defect(file=e["file"], first=e["from"], last=e["to"], cwe=tuple(e["cwe"]), what=e["what"])
        for e in entries
    )


TABLE = read_table()


def finding(path: str, line: int, cwe: str) -> Finding:
    return Finding(
        scanner="semgrep",
        rule="rule",
        message="",
        severity="warning",
        confidence="high",
        cwe=(cwe,),
        stride="",
        location=Location(path=path, line=line, end_line=line),
        snippet="",
    )


def test_each_defect_has_a_file_of_its_own_and_lines_in_it() -> None:
    files = sorted(path.relative_to(TREE).as_posix() for path in TREE.rglob("*") if path.is_file())
    assert sorted(defect.file for defect in TABLE) == files
    assert len(files) == COUNT
    for defect in TABLE:
        lines = (TREE / defect.file).read_text(encoding="utf-8").splitlines()
        assert 1 <= defect.first <= defect.last <= len(lines), defect
        assert all(lines[number - 1].strip() for number in (defect.first, defect.last)), defect
        assert all(re.fullmatch(r"CWE-[1-9][0-9]*", cwe) for cwe in defect.cwe), defect


def test_a_defect_is_met_on_its_lines_and_by_its_weaknesses_only() -> None:
    defect = Defect(file="a.go", first=4, last=5, cwe=("CWE-22", "CWE-73"), what="")
    assert defect.is_met_by(finding("a.go", 5, "CWE-73"))
    assert not defect.is_met_by(finding("a.go", 3, "CWE-22"))
    assert not defect.is_met_by(finding("a.go", 6, "CWE-22"))
    assert not defect.is_met_by(finding("a.go", 4, "CWE-78"))
    assert not defect.is_met_by(finding("b.go", 4, "CWE-22"))


@pytest.mark.slow
@pytest.mark.tools
@pytest.mark.skipif(not (TOOLS / "semgrep").is_file(), reason="no scanners in .venv-scanners")
def test_three_quarters_of_the_planted_defects_are_found() -> None:
    result = scan_folder(TREE)
    assert result.status == "complete", result.not_scanned
    missed = [defect for defect in TABLE if not any(defect.is_met_by(found) for found in result.findings)]
    print(f"{len(TABLE) - len(missed)} of {len(TABLE)} found")
    for defect in missed:
        print(f"not found: {defect.file}:{defect.first} ({defect.cwe[0]}, {defect.what})")
    assert len(TABLE) - len(missed) >= LEAST_FOUND, missed
