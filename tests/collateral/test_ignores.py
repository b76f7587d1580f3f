"""What others leave aside: read from the source and from VEX, shown with its state, and never hidden."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.ignores import Ignore, ignore_suppressions, ignored, read_vex, tree_ignores
from tests.collateral.support import finding
from tests.scanners.support import make_tree
from threatmodel.core.errors import InvalidInput
from threatmodel.source import DirectoryTree

DAY = datetime.date(2026, 3, 1)
TOML = """
[[IgnoredVulns]]
# a comment
id = "RUSTSEC-2024-0320"
ignoreUntil = 2026-10-01 # later
reason = "only trusted input"

[[IgnoredVulns]]
id = 'GO-2025-3426'
reason = "not called"

[[IgnoredVulns]]
id = "GO-2020-0001"
ignoreUntil = 2026-03-01T00:00:00Z

[[IgnoredVulns]]
id = "everything"
"""


def of_tree(tmp_path: Path, files: dict[str, str | bytes]) -> tuple[tuple[Ignore, ...], tuple[str, ...]]:
    with DirectoryTree(make_tree(tmp_path, files)) as tree:
        return tree_ignores(tree)


def test_the_file_of_the_source_is_read_with_place_and_expiry(tmp_path: Path) -> None:
    found, problems = of_tree(tmp_path, {"osv-scanner.toml": TOML})
    assert not problems
    assert found == (
        Ignore(
            id="RUSTSEC-2024-0320",
            reason="only trusted input",
            origin="osv-scanner.toml:4",
            until="2026-10-01",
        ),
        Ignore(id="GO-2025-3426", reason="not called", origin="osv-scanner.toml:9"),
        Ignore(id="GO-2020-0001", reason="", origin="osv-scanner.toml:13", until="2026-03-01"),
    )
    assert [item.in_force(DAY) for item in found] == [True, True, False]
    assert found[0].told(DAY) == (
        "ignored by the source itself until 2026-10-01: only trusted input [osv-scanner.toml:4]"
    )
    assert "which is over" in found[2].told(DAY)


@pytest.mark.parametrize("data", [b"[[IgnoredVulns", b"\xff", b"a = 1\n" * 2_000_000, b"x = " + b"[" * 5000])
def test_a_file_that_cannot_be_read_is_told(data: bytes, tmp_path: Path) -> None:
    found, problems = of_tree(tmp_path, {"a/osv-scanner.toml": data})
    assert not found
    assert [problem.split(":")[0] for problem in problems] == ["a/osv-scanner.toml"]


@pytest.mark.parametrize("text", ["", "IgnoredVulns = 1", "IgnoredVulns = [1]", "[[IgnoredVulns]]\nid = 3\n"])
def test_what_names_no_vulnerability_ignores_nothing(text: str, tmp_path: Path) -> None:
    assert of_tree(tmp_path, {"osv-scanner.toml": text}) == ((), ())


def test_a_file_is_for_its_folder(tmp_path: Path) -> None:
    found, _ = of_tree(tmp_path, {"a/osv-scanner.toml": TOML})
    here = finding("a/b/go.mod", rule="GO-2025-3426")
    there = finding("ab/go.mod", rule="GO-2025-3426")
    assert list(ignored([here, there], found, DAY)) == [here.fingerprint]


def openvex(status: str, vulnerability: object) -> bytes:
    statement = {"vulnerability": vulnerability, "status": status, "justification": "component_not_present"}
    value = {"@context": "https://openvex.dev/ns/v0.2.0", "author": "The maker", "statements": [statement]}
    return json.dumps(value).encode()


def cyclonedx(state: str, **more: object) -> bytes:
    entry = {"id": "CVE-2024-1234", "analysis": {"state": state, "detail": "not built"}, **more}
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [entry]}).encode()


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        (openvex("not_affected", {"name": "CVE-2024-1234", "aliases": ["GHSA-aaaa-bbbb-cccc"]}),
         ["CVE-2024-1234", "GHSA-aaaa-bbbb-cccc"]),
        (openvex("fixed", {"name": "GO-2024-0001"}), ["GO-2024-0001"]),
        (openvex("not_affected", "CVE-2024-1234"), ["CVE-2024-1234"]),
        (openvex("affected", {"name": "CVE-2024-1234"}), []),
        (openvex("under_investigation", {"name": "CVE-2024-1234"}), []),
        (openvex("not_affected", {"name": "*"}), []),
        (openvex("not_affected", {"aliases": 3}), []),
        (cyclonedx("not_affected"), ["CVE-2024-1234"]),
        (cyclonedx("false_positive", references=[{"id": "GO-2024-0001"}, 1]), ["CVE-2024-1234", "GO-2024-0001"]),
        (cyclonedx("in_triage"), []),
        (cyclonedx("exploitable"), []),
        (b'{"bomFormat": "CycloneDX"}', []),
    ],
)  # fmt: skip
def test_only_what_a_document_settles_is_left_aside(data: bytes, ids: list[str]) -> None:
    assert [item.id for item in read_vex("vex.json", data)] == ids


def test_who_says_so_is_told() -> None:
    (found,) = read_vex("vex.json", openvex("fixed", "CVE-2024-1234"))
    assert found.told(DAY) == "ignored by The maker: component_not_present [vex.json]"
    (unnamed,) = read_vex("bom.json", cyclonedx("not_affected"))
    assert unnamed.told(DAY) == "ignored by a document that names nobody: not built [bom.json]"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"@context": "x"}', b" " * (9 << 20)]
)
def test_what_is_no_vex_is_an_error(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="S021"):
        read_vex("vex.json", data)


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
)


@given(JSON, JSON)
def test_any_statements_are_read(one: Any, other: Any) -> None:
    for value in (
        {
            "@context": "https://openvex.dev/ns",
            "statements": [{"status": "fixed", "vulnerability": one}, other],
        },
        {
            "bomFormat": "CycloneDX",
            "vulnerabilities": [{"analysis": {"state": "resolved"}, "references": one}, other],
        },
    ):
        assert all(item.id for item in read_vex("x", json.dumps(value).encode()))


def test_findings_are_met_by_rule_and_by_the_names_in_their_message() -> None:
    told = finding("go.mod", rule="GO-2025-0001", message="a 1.0 (CVE-2025-1111, GHSA-aaaa-bbbb-cccc)")
    other = finding("go.mod", rule="B900", message="see CVE-2025-1111")
    by = Ignore(id="CVE-2025-1111", reason="r", origin="o")
    assert ignored([told, other], [by], DAY) == {told.fingerprint: by}
    assert not ignored([told], [Ignore(id="CVE-2025-111", reason="r", origin="o")], DAY)


def test_one_in_force_wins_and_one_that_is_over_suppresses_nothing() -> None:
    told = finding("go.mod", rule="GO-2025-0001")
    over = Ignore(id="GO-2025-0001", reason="r", origin="a", until="2026-01-01")
    good = Ignore(id="GO-2025-0001", reason="r", origin="b", until="2027-01-01")
    assert ignored([told], [over, good], DAY) == {told.fingerprint: good}
    kept = ignored([told], [over], DAY)
    assert kept == {told.fingerprint: over}
    assert not ignore_suppressions(kept, DAY)
    assert (
        "until 2027-01-01"
        in ignore_suppressions({told.fingerprint: good}, DAY)[told.fingerprint].justification
    )
