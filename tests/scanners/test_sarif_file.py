"""SARIF files of other tools: what is taken, what is left out, and what a hostile file can do."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.finding import ScanResult
from scanners.sarif_file import read_sarif
from tests.scanners.support import MemoryFiles
from threatmodel.core.errors import InvalidInput

TREE = MemoryFiles({"src/a.go": b"one\ntwo\nthree\n", "b.rs": b"one\n"})


def result(uri: str = "src/a.go", **changes: Any) -> dict[str, Any]:
    place = {"artifactLocation": {"uri": uri}, "region": {"startLine": 2}}
    base: dict[str, Any] = {
        "ruleId": "r",
        "message": {"text": "m"},
        "locations": [{"physicalLocation": place}],
    }
    return base | changes


def run(
    *results: dict[str, Any], rules: list[dict[str, Any]] | None = None, **changes: Any
) -> dict[str, Any]:
    driver = {"name": "Some Tool!", "version": "1.2", "rules": rules or []}
    return {"tool": {"driver": driver}, "results": list(results), **changes}


def read(*runs: Any, version: str = "2.1.0") -> tuple[ScanResult, ...]:
    data = json.dumps({"version": version, "runs": list(runs)}).encode()
    return read_sarif("x.sarif", data, TREE)


def one(*results: dict[str, Any], **changes: Any) -> ScanResult:
    (found,) = read(run(*results, **changes))
    return found


def test_a_result_is_placed_in_the_tree_and_partial_because_nothing_says_what_was_read() -> None:
    found = one(result())
    assert (found.scanner, found.version, found.status) == ("sarif-some-tool", "1.2", "partial")
    assert found.reason == "the file does not say which files the tool read"
    (finding,) = found.findings
    assert (finding.location.path, finding.location.line, finding.snippet) == ("src/a.go", 2, "two")
    assert finding.fingerprint


def test_targets_of_the_analysis_count_as_read() -> None:
    artifacts = [
        {"location": {"uri": "b.rs"}, "roles": ["analysisTarget"]},
        {"location": {"uri": "src/a.go"}},
    ]
    found = one(artifacts=artifacts)
    assert (found.status, found.files_scanned) == ("complete", ("b.rs",))


@pytest.mark.parametrize(
    ("uri", "more", "path"),
    [
        ("./src/a.go", {}, "src/a.go"),
        ("src%2Fa.go", {}, "src/a.go"),
        ("src\\a.go", {}, "src/a.go"),
        ("file:///checkout/project/src/a.go", {}, "src/a.go"),
        ("/checkout/b.rs", {}, "b.rs"),
        ("a.go", {"originalUriBaseIds": {"R": {"uri": "file:///checkout/src/"}}}, "src/a.go"),
        ("../src/a.go", {}, ""),
        ("file:///etc/passwd", {}, ""),
        ("", {}, ""),
        ("https://example.org/other.go", {}, ""),
    ],
)
def test_places(uri: str, more: dict[str, Any], path: str) -> None:
    item = result(uri)
    if more:
        item["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] = "R"
    found = one(item, **more)
    assert [finding.location.path for finding in found.findings] == ([path] if path else [])
    if not path:
        assert "outside the tree" in "".join(found.notifications)


def test_a_place_that_is_only_a_number_is_looked_up() -> None:
    item = result()
    item["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 0}
    found = one(item, artifacts=[{"location": {"uri": "b.rs"}}])
    assert [finding.location.path for finding in found.findings] == ["b.rs"]


@pytest.mark.parametrize(
    ("item", "rule", "severity"),
    [
        ({"level": "error"}, {}, "error"),
        ({"level": "none"}, {}, "note"),
        ({}, {"defaultConfiguration": {"level": "note"}}, "note"),
        ({}, {}, "warning"),
        ({}, {"properties": {"security-severity": "9.1"}}, "error"),
        ({"properties": {"security-severity": "4.0"}}, {}, "warning"),
        ({"properties": {"security-severity": "nan"}, "level": "error"}, {}, "error"),
        ({"properties": {"security-severity": "11"}, "level": "note"}, {}, "note"),
    ],
)
def test_severity(item: dict[str, Any], rule: dict[str, Any], severity: str) -> None:
    (finding,) = one(result(**item), rules=[{"id": "r", **rule}]).findings
    assert finding.severity == severity


@pytest.mark.parametrize(
    "rule",
    [
        {"properties": {"tags": ["security", "external/cwe/cwe-079"]}},
        {"properties": {"cwe": "CWE-79"}},
        {"properties": {"cwe": ["CWE-79: Cross-site scripting"]}},
        {"relationships": [{"target": {"id": "79", "toolComponent": {"name": "CWE"}}}]},
    ],
)
def test_weaknesses_are_found_where_tools_write_them(rule: dict[str, Any]) -> None:
    (finding,) = one(result(), rules=[{"id": "r", **rule}]).findings
    assert finding.cwe == ("CWE-79",)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"kind": "pass"}, ""),
        ({"baselineState": "absent"}, ""),
        ({"suppressions": [{"kind": "inSource"}]}, "1 results that the file says are suppressed"),
    ],
)
def test_what_is_no_open_finding_is_left_out(changes: dict[str, Any], note: str) -> None:
    found = one(result(**changes), result("b.rs"))
    assert [finding.location.path for finding in found.findings] == ["b.rs"]
    assert note in "".join(found.notifications)


def test_repeats_are_counted() -> None:
    found = one(result(), result(), result())
    assert len(found.findings) == 1
    assert "2 results that repeat another were left out" in found.notifications


FAILED = [
    {
        "executionSuccessful": False,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": "no  classes"}}],
    }
]


@pytest.mark.parametrize(("results", "status"), [((), "failed"), ((result(),), "partial")])
def test_a_tool_that_says_that_it_failed_is_never_complete(
    results: tuple[dict[str, Any], ...], status: str
) -> None:
    artifacts = [{"location": {"uri": "b.rs"}, "roles": ["analysisTarget"]}]
    found = one(*results, invocations=FAILED, artifacts=artifacts)
    assert found.status == status
    assert "the tool says that it failed: no classes" in found.reason + "".join(found.notifications)


@pytest.mark.parametrize("results", [None, {}, "x", [1]])
def test_a_run_without_a_list_of_results_has_not_looked(results: Any) -> None:
    (found,) = read({"tool": {"driver": {"name": "t"}}, "results": results})
    assert found.status == "failed"


def test_runs_of_one_tool_are_told_apart() -> None:
    assert [item.scanner for item in read(run(), run())] == ["sarif-some-tool", "sarif-some-tool-2"]
    (third,) = read_sarif(
        "y", json.dumps({"version": "2.1.0", "runs": [run()]}).encode(), TREE, ["sarif-some-tool"]
    )
    assert third.scanner == "sarif-some-tool-2"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"\xff", b"[" * 100_000, b'{"runs": 5}', b'{"version": "2.1.0", "runs": []}',
        b'{"version": "2.1.0", "runs": [1]}', b'{"version": "2.0.0", "runs": [{}]}',
        json.dumps({"version": "2.1.0", "runs": [{}] * 101}).encode(),
    ],
)  # fmt: skip
def test_what_is_no_sarif_is_an_error_with_its_place(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_sarif("dir/x.sarif", data, TREE)
    (found,) = caught.value.diagnostics
    assert (found.code, found.place and found.place.path) == ("S020", "dir/x.sarif")


WHOLE: dict[str, Any] = run(
    result(level="error", kind="fail", rule={"id": "r", "index": 0}, properties={"security-severity": "5"}),
    rules=[
        {
            "id": "r",
            "shortDescription": {"text": "t"},
            "helpUri": "https://example.org",
            "defaultConfiguration": {"level": "note"},
            "properties": {"tags": ["CWE-79"], "cwe": ["CWE-80"], "security-severity": 5},
            "relationships": [{"target": {"id": "79", "toolComponent": {"name": "CWE"}}}],
        }
    ],
    artifacts=[{"location": {"uri": "b.rs", "uriBaseId": "R"}, "roles": ["analysisTarget"]}],
    originalUriBaseIds={"R": {"uri": "file:///checkout/"}},
    invocations=[
        {"executionSuccessful": True, "toolExecutionNotifications": [{"level": "error", "message": {}}]}
    ],
)
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "//[", "../..", "\ud800", "x" * 9000])
    | st.lists(st.integers() | st.none(), max_size=2)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)
)


def places(value: Any, route: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [route, *(found for key, item in inner for found in places(item, (*route, key)))]


@given(st.lists(st.tuples(st.sampled_from(places(WHOLE)[1:]), JUNK), min_size=1, max_size=3))
def test_a_file_with_parts_of_another_kind_is_read_or_failed(
    changes: list[tuple[tuple[Any, ...], Any]],
) -> None:
    value = copy.deepcopy(WHOLE)
    for route, junk in changes:
        at = value
        with suppress(KeyError, IndexError, TypeError):
            for key in route[:-1]:
                at = at[key]
            at[route[-1]] = junk
    for found in read(value):
        assert found.status in ("partial", "failed", "complete")
        assert all(finding.location.path in TREE.contents for finding in found.findings)


def test_results_of_cargo_deny_are_placed_by_the_end_of_their_address() -> None:
    """The form is that of version 0.20.2, run on a crate with a source that its policy does not allow."""
    rule = {
        "id": "s:source-not-allowed",
        "shortDescription": {"text": "A crate's source was not explicitly allowed"},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["sources", "supply-chain"], "problem.severity": "error"},
    }
    place = {"artifactLocation": {"uri": "/build/p/Cargo.toml"}, "region": {"startLine": 1, "byteOffset": 0}}
    found = {
        "ruleId": rule["id"],
        "message": {"text": "detected 'registry' source not explicitly allowed"},
        "level": "error",
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"cargo-deny/id": rule["id"], "cargo-deny/krate": "smallvec@0.6.2"},
    }
    driver = {"name": "cargo-deny", "version": "0.20.2", "rules": [rule]}
    log = {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": [found]}]}
    tree = MemoryFiles({"p/Cargo.toml": b"[package]\n"})
    (result,) = read_sarif("x.sarif", json.dumps(log).encode(), tree)
    assert (result.scanner, result.version, result.status) == ("sarif-cargo-deny", "0.20.2", "partial")
    (finding,) = result.findings
    assert (finding.rule, finding.severity) == ("s:source-not-allowed", "error")
    assert (finding.location.path, finding.location.line) == ("p/Cargo.toml", 1)


def test_rules_and_results_as_snyk_writes_them() -> None:
    """Its rules have no level: the result has it. Several rules name one line of a manifest."""
    rules = [
        {
            "id": id_,
            "shortDescription": {"text": f"High severity - {title} vulnerability in a"},
            "fullDescription": {"text": "a@0.4.7"},
            "properties": {"tags": ["security", cwe, "npm"]},
        }
        for id_, title, cwe in (
            ("SNYK-JS-A-1", "Directory Traversal", "CWE-22"),
            ("npm:a:20180415", "Zip Slip", "CWE-29"),
        )
    ]
    results = [
        result("b.rs", ruleId="SNYK-JS-A-1", level="error"),
        result("b.rs", ruleId="npm:a:20180415", level="note"),
    ]
    for item in results:
        item["locations"][0]["physicalLocation"]["region"] = {"startLine": 1}
    driver = {"name": "Snyk Open Source", "rules": rules}
    (found,) = read({"tool": {"driver": driver}, "results": results})
    assert (found.scanner, found.version, found.status) == ("sarif-snyk-open-source", "unknown", "partial")
    told = [(f.rule, f.severity, f.cwe, f.location.line) for f in found.findings]
    assert told == [
        ("SNYK-JS-A-1", "error", ("CWE-22",), 1),
        ("npm:a:20180415", "note", ("CWE-29",), 1),
    ]
    assert len({f.fingerprint for f in found.findings}) == 2
