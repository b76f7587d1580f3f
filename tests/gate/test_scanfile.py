"""SARIF from elsewhere: what is new between two files, and whatever is in them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.gate.scanfile import ScanFile, lost_coverage, new_findings, read_scan_file
from scanners.finding import Finding, Location, ScanResult
from scanners.marks import Marks
from scanners.sarif import to_sarif
from scanners.sarif_baseline import CONTEXT, FINGERPRINT, LINE, SCOPE
from tests.collateral.support import finding, scan_result
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.errors import InvalidInput


def sarif(*results: ScanResult) -> bytes:
    """Our own SARIF."""
    return dump_bytes(to_sarif(results, tool_version="0", project="p", release="r"))


def scan(*found: Finding, **changes: Any) -> ScanFile:
    """A scan as the gate reads it."""
    return read_scan_file(sarif(scan_result(findings=found, **changes)), "f.sarif")


def log(**changes: Any) -> dict[str, Any]:
    """A SARIF log with one result, with something changed in the result."""
    value: dict[str, Any] = json.loads(sarif(scan_result(findings=(finding(),))))
    value["runs"][0]["results"][0] |= changes
    return value


def place(uri: Any) -> dict[str, Any]:
    return {"locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}}}]}


ODD: tuple[dict[str, Any], ...] = (
    {"partialFingerprints": {}},
    {"partialFingerprints": {FINGERPRINT: "x"}},
    {"partialFingerprints": {FINGERPRINT: 7}},
    {"locations": []},
    {"locations": {}},
    place("/etc/passwd"),
    place("../outside"),
    place("a/%2e%2e/b"),
    place("file:///etc/passwd"),
    place("C:/x"),
    place("\\\\host\\x"),
    place("a%00b"),
    place(""),
    place(["a"]),
)


def test_what_we_write_is_what_we_read() -> None:
    original = finding(
        "a dir/ü%#?.py", severity="error", confidence="low", location=Location(path="a dir/ü%#?.py", line=6)
    )
    (read,) = scan(original).findings
    for name in ("scanner", "rule", "message", "severity", "confidence", "cwe", "fingerprint"):
        assert getattr(read, name) == getattr(original, name)
    assert (read.location.path, read.location.line) == ("a dir/ü%#?.py", 6)


def test_new_is_what_the_other_has_not() -> None:
    one, two = finding("a.py"), finding("b.py")
    moved = replace(one, location=Location(path="a.py", line=99))
    assert new_findings(scan(one), scan(moved, two)) == (scan(two).findings[0],)
    assert new_findings(scan(one, two), scan(one)) == ()


def marked(path: str, line: str, neighbour: str, fingerprint: str) -> Finding:
    """A finding with marks of its place."""
    marks = Marks(line=line * 32, scope="", before=(neighbour * 8,) * 3, after=(neighbour * 8,) * 2)
    return replace(finding(path), fingerprint=fingerprint * 64, marks=marks)


def test_marks_recognise_what_moved_to_another_function_or_file() -> None:
    old = marked("a/x.py", "a", "b", "1")
    assert scan(old).findings[0].marks == old.marks
    assert new_findings(scan(old), scan(marked("b/x.py", "a", "b", "2"))) == ()
    assert len(new_findings(scan(old), scan(marked("b/x.py", "c", "b", "2")))) == 1


def test_results_that_are_gone_are_no_findings() -> None:
    value = json.dumps(log(baselineState="absent")).encode()
    assert read_scan_file(value, "f").findings == ()


@pytest.mark.parametrize("said", [{"findings": 2}, {"findings": -1}, {"findings": True}, "some", 3])
def test_a_file_that_withholds_findings_is_no_clean_scan(said: Any) -> None:
    value: dict[str, Any] = log()
    value["runs"][0]["properties"]["withheld"] = said
    public = read_scan_file(json.dumps(value).encode(), "f")
    whole = scan(finding())
    assert not public.covered("bandit", "app/service.py")
    assert [item.split(" withholds")[0] for item in lost_coverage(public, whole)] == ["the SARIF of BASE"]
    assert [item.split(" withholds")[0] for item in lost_coverage(whole, public)] == ["the SARIF of HEAD"]


@pytest.mark.parametrize(
    "change",
    [{LINE: 7}, {LINE: "x"}, {CONTEXT: "x"}, {CONTEXT: ""}, {CONTEXT: "/" * 999}, {SCOPE: []}, {SCOPE: "é"}],
)
def test_odd_marks_are_none(change: dict[str, Any]) -> None:
    prints = {FINGERPRINT: "1" * 64, LINE: "a" * 32, CONTEXT: "b" * 8 + "/"}
    (good,) = read_scan_file(json.dumps(log(partialFingerprints=prints)).encode(), "f").findings
    assert good.marks == Marks(line="a" * 32, scope="", before=("b" * 8,), after=())
    (read,) = read_scan_file(json.dumps(log(partialFingerprints=prints | change)).encode(), "f").findings
    assert read.marks is None


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({}, {}, []),
        ({}, {"status": "failed"}, ["scanner bandit over HEAD: failed"]),
        (
            {"status": "skipped"},
            {},
            ["scanner bandit over BASE: skipped, so nothing can be said about what is new"],
        ),
        (
            {},
            {"status": "partial", "not_scanned": (("x.py", "odd"),)},
            ["scanner bandit over HEAD: 1 file not read that it read in BASE"],
        ),
        (
            {"status": "partial", "not_scanned": (("x.py", "odd"),)},
            {"status": "partial", "not_scanned": (("x.py", "odd"),)},
            [],
        ),
        (
            {},
            {"scanner": "other"},
            [
                "scanner bandit did not run over HEAD",
                "scanner other over BASE: did not run, so nothing can be said about what is new",
            ],
        ),
    ],
)
def test_what_was_not_looked_at_is_named(
    before: dict[str, Any], after: dict[str, Any], lost: list[str]
) -> None:
    assert list(lost_coverage(scan(**before), scan(**after))) == lost


@pytest.mark.parametrize(
    ("status", "not_scanned", "covered"),
    [
        ("complete", (), True),
        ("partial", (("x.py", "odd"),), True),
        ("partial", (("a.py", "odd"),), False),
        ("failed", (), False),
    ],
)
def test_a_file_that_base_did_not_read_has_no_new_findings(
    status: Any, not_scanned: tuple[tuple[str, str], ...], covered: bool
) -> None:
    assert scan(status=status, not_scanned=not_scanned).covered("bandit", "a.py") is covered
    assert not scan(status=status).covered("other", "a.py")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"version": "2.1.0"}',
        b'{"version": "2.0.0", "runs": []}',
        b'{"version": "2.1.0", "runs": {}}',
        b'{"version": "2.1.0", "runs": [1]}',
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a"}}, "results": {}}]}',
        json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a"}}}] * 2}).encode(),
        json.dumps({"version": "2.1.0", "runs": [{}] * 101}).encode(),
        *(json.dumps(log(**change)).encode() for change in ODD),
    ],
    ids=lambda data: repr(data[:40]),
)
def test_a_file_that_is_no_sarif_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_scan_file(data, "f.sarif")
    assert {d.code for d in caught.value.diagnostics} == {"G002"}
    assert all(len(d.message) < 200 for d in caught.value.diagnostics)


@pytest.mark.parametrize(
    "change",
    [
        {"level": 7},
        {"level": "fatal"},
        {"message": None},
        {"properties": []},
        {"properties": {"cwe": "CWE-1", "confidence": {}}},
        {"properties": {"cwe": [1, "x", "CWE-79"]}},
        {"ruleId": ["x"]},
    ],
)
def test_odd_values_become_the_more_urgent_ones(change: dict[str, Any]) -> None:
    (read,) = read_scan_file(json.dumps(log(**change)).encode(), "f.sarif").findings
    assert read.severity in {"error", "warning"}
    assert read.confidence == "high"
    assert read.cwe in {(), ("CWE-79",), ("CWE-400",)}


def test_texts_are_folded_and_cut() -> None:
    text = "\x1b[31m\u202e" + "x" * 5000 + "\n::error::y"
    (read,) = read_scan_file(json.dumps(log(message={"text": text}, ruleId=text)).encode(), "f").findings
    for got in (read.message, read.rule):
        assert got.startswith("<U+001B>[31m<U+202E>x")
        assert len(got) < 1100
        assert "\n" not in got


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["runs", "tool", "driver", "name", "results", "locations", "level", "message", "text"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_nothing_in_it_is_a_fault_of_ours(run: Any, result: Any) -> None:
    frame = {"tool": {"driver": {"name": "a"}}, "results": [result]}
    for runs in ([run], [frame], [{**frame, "invocations": run, "properties": result}]):
        data = json.dumps({"version": "2.1.0", "runs": runs}).encode()
        with contextlib.suppress(InvalidInput):
            assert read_scan_file(data, "f").runs
