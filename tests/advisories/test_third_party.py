"""`third-party-advisories.yaml`: what the reader refuses, and what ranges with a last affected version say."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.advisories import (
    AdvisoriesFile,
    ThirdPartyFile,
    load_entries,
    read_entries,
    third_party_schema,
)
from collateral.vex import affects
from tests.advisories.test_advisories import GOOD as OWN
from tests.pentest.support import PROJECT
from threatmodel.core.errors import InvalidInput

GOOD = """\
advisories:
  - id: CVE-2026-0007
    component: libshop
    title: A caller overflows a buffer
    source: https://example.org/library
    verified: read
    surface: Rows
    cause: No length is checked
    stride: tampering
    adversary: stranger
    elements: [daemon]
    cwe: [CWE-787]
    ranges:
      - { introduced: "1.0", last: "1.2" }
      - { introduced: "2.0", fixed: "2.1" }
    pins:
      - { path: versions.yaml, key: libshop.version, commits: { 0123abcd: "1.1" } }
      - { path: app/Cargo.lock, package: libshop }
    condition: rows are written
    unknown:
      - { keys: [published, cvss, threats], because: Nobody looked }
left_out:
  - { id: CVE-2026-0008, because: It is about nothing that is used }
"""
FIRST, SECOND = [line for line in GOOD.splitlines(keepends=True) if line.lstrip().startswith("- { path")]


def problems(text: str) -> list[str]:
    try:
        read_entries(ThirdPartyFile, text.encode(), "a.yaml", PROJECT)
    except InvalidInput as error:
        return [found.render() for found in error.diagnostics]
    return []


def test_a_good_file() -> None:
    jsonschema.Draft202012Validator(third_party_schema()).validate(yaml.safe_load(GOOD))
    read = read_entries(ThirdPartyFile, GOOD.encode(), "a.yaml", PROJECT)
    (entry,) = read.advisories
    assert (entry.component, entry.condition, entry.fixed) == ("libshop", "rows are written", ("2.1",))
    assert [(pin.path, pin.key, pin.package) for pin in entry.pins] == [
        ("versions.yaml", "libshop.version", ""),
        ("app/Cargo.lock", "", "libshop"),
    ]
    assert entry.pins[0].commits == {"0123abcd": "1.1"}
    assert [item.id for item in read.left_out] == ["CVE-2026-0008"]


MISTAKES = [
    ("    component: libshop\n", "", 'a.yaml:2  D040  "component" is missing'),
    ("    condition:", "    conditions:", 'a.yaml:19  D041  unknown key "conditions"; did you mean "condition"?'),
    ("    condition:", "    claims: [x]\n    condition:", 'a.yaml:19  D041  unknown key "claims"'),
    ("path: versions.yaml", "path: ../versions.yaml", "a.yaml:17  D042  path '../versions.yaml' is not a path of"),
    ('last: "1.2"', "last: latest", "a.yaml:14  D042  last 'latest' is not a version"),
    ("elements: [daemon]", "elements: [demon]", 'a.yaml:11  D043  elements: the model has no "demon"; did you mean'),
    ("id: CVE-2026-0008", "id: CVE-2026-0007", 'a.yaml:23  D043  "CVE-2026-0007" stands twice'),
    ('last: "1.2"', 'last: "1.2", fixed: "1.3"', "a.yaml:14  D055  fixed or last: give one of the two at most"),
    (", key: libshop.version", "", "a.yaml:17  D055  key or package: give one of the two"),
    (", key: libshop.version", ", key: libshop.version, package: x", "a.yaml:17  D055  key or package: give one of the"),
    ("app/Cargo.lock", "app/package.json", 'a.yaml:18  D055  "package" needs a Cargo.lock or go.mod'),
    (f"    pins:\n{FIRST}{SECOND}", "", "a.yaml:2  D055  pins or unpinned: give one of the two"),
    ("    condition:", "    unpinned: The node brings it\n    condition:", "a.yaml:2  D055  pins or unpinned: give one"),
    ("[published, cvss, threats]", "[published, cvss]", "a.yaml:2  D057  nothing is said of threats; say under"),
    ("[published, cvss, threats]", "[published, cvss, threats, fixed]", "a.yaml:21  D057  unknown: fixed is known here"),
    ("[published, cvss, threats]", "[published, cvss, threats, tags]", "a.yaml:21  D057  unknown: tags is known here"),
    ("    cwe:", "    score: 11\n    cwe:", "a.yaml:12  D042  score is not a number from 0 to 10"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES, ids=[f"{m[2][:34]}-{m[1]}" for m in MISTAKES])
def test_each_mistake_has_a_code_and_a_line(old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert [text for text in found if text.startswith(expected)], found


def test_each_file_is_read_as_its_kind(tmp_path: Path) -> None:
    assert load_entries(ThirdPartyFile, tmp_path, PROJECT) is None
    (tmp_path / "third-party-advisories.yaml").write_text(GOOD)
    (tmp_path / "advisories.yaml").write_text(OWN)
    own = load_entries(AdvisoriesFile, tmp_path, PROJECT)
    parts = load_entries(ThirdPartyFile, tmp_path, PROJECT)
    assert own is not None
    assert parts is not None
    assert [entry.id for entry in own.advisories] == ["CVE-2026-0001", "CVE-2026-0002"]
    assert [entry.id for entry in parts.advisories] == ["CVE-2026-0007"]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("0.9", "not-affected"),
        ("1.0", "affected"),
        ("v1.2", "affected"),
        ("1.2.1", "not-affected"),
        ("2.0", "affected"),
        ("2.1", "fixed"),
        ("main", "unknown"),
    ],
)
def test_a_range_up_to_its_last_version(version: str, expected: str) -> None:
    (entry,) = read_entries(ThirdPartyFile, GOOD.encode(), "a.yaml", PROJECT).advisories
    assert entry.affects(version) == expected


def test_a_version_that_is_named_although_the_start_is_not_known() -> None:
    ranges = [("", "51.2", ""), ("51.1", "", "51.1")]
    found = {v: affects(v, ranges) for v in ("48.0", "51.1", "51.1.1", "51.2")}
    assert found == {"48.0": "unknown", "51.1": "affected", "51.1.1": "unknown", "51.2": "fixed"}
    assert affects("1.0", [("", "", "2.0")]) == "unknown"
    assert affects("1.0", [("0.1", "", "no version")]) == "unknown"
