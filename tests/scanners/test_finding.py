"""Identity, order and places of findings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.adapters.judge import (
    MAX_FINDINGS,
    Account,
    Claim,
    conclude,
    cwe_list,
    https,
    normal_path,
    snippet,
    text,
)
from scanners.finding import Finding, Location, ScanResult, Severity
from scanners.wire import from_wire, to_wire
from tests.scanners.support import MemoryFiles, description, raw_output


def claim(line: object, *, rule: str = "r", severity: Severity = "warning", column: object = 1) -> Claim:
    return Claim(
        rule=rule,
        message="m",
        severity=severity,
        confidence="high",
        cwe=("CWE-78",),
        stride="",
        path="f.go",
        line=line,
        column=column,
        end_line=line,
        end_column=column,
    )


def judge(source: str, *claims: Claim) -> ScanResult:
    """Findings of one file, every other part of the report being in order."""
    account = Account(
        scanned=frozenset({"f.go"}), problems={}, claims=claims, rules=(), notes=(), degraded=False
    )
    tree = MemoryFiles({"f.go": source.encode()})
    return conclude("s", description(), raw_output(("f.go",), {}), account, tree)


def fingerprints(result: ScanResult) -> list[str]:
    return [finding.fingerprint for finding in result.findings]


LINE = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None)  # a busy machine is no failure
@given(
    before=st.lists(LINE, max_size=5),
    after=st.lists(LINE, max_size=5),
    lines=st.lists(LINE, min_size=1, max_size=6),
)
def test_moving_lines_changes_no_fingerprint(before: list[str], after: list[str], lines: list[str]) -> None:
    here = judge("\n".join(lines), *(claim(number + 1) for number in range(len(lines))))
    moved = judge(
        "\n".join([*before, *lines, *after]),
        *(claim(len(before) + number + 1) for number in range(len(lines))),
    )
    assert fingerprints(here) == fingerprints(moved)
    assert len(set(fingerprints(here))) == len(lines)


@settings(deadline=None)  # a busy machine is no failure
@given(lines=st.lists(LINE, min_size=1, max_size=6), extra=st.integers(0, 5))
def test_another_finding_elsewhere_changes_no_fingerprint(lines: list[str], extra: int) -> None:
    alone = judge("\n".join(lines), claim(1))
    beside = judge("\n".join(lines), claim(1), claim(min(extra, len(lines)), rule="other"))
    assert set(fingerprints(alone)) <= set(fingerprints(beside))


def test_white_space_is_folded_and_the_rule_path_and_text_are_not() -> None:
    plain = fingerprints(judge("a  b", claim(1)))
    assert fingerprints(judge("\t a b \r", claim(1))) == plain
    assert fingerprints(judge("a c", claim(1))) != plain
    assert fingerprints(judge("a  b", claim(1, rule="q"))) != plain


def test_equal_lines_are_told_apart_by_their_order() -> None:
    first, second = fingerprints(judge("x\nx", claim(2), claim(1)))
    assert first != second
    assert fingerprints(judge("x", claim(1))) == [first]


def test_the_order_of_a_report_does_not_matter_and_repeats_count_once() -> None:
    one, two = claim(1), claim(2, rule="a")
    assert judge("x\ny", one, two, one) == judge("x\ny", two, one)


@pytest.mark.slow
def test_too_many_findings_are_cut_worst_first_and_the_result_is_partial() -> None:
    source = "\n".join("x" for _ in range(MAX_FINDINGS + 5))
    claims = [claim(number + 1, severity="note") for number in range(MAX_FINDINGS + 4)]
    result = judge(source, *claims, claim(MAX_FINDINGS + 5, severity="error"))
    assert len(result.findings) == MAX_FINDINGS
    assert result.findings[-1].severity == "error"
    assert result.status == "partial"
    assert "25005 findings" in result.reason


@pytest.mark.parametrize(
    ("source", "place", "expected"),
    [
        ("a\nb\nc\nd\ne", Location(path="f", line=2, column=1, end_line=5, end_column=1), "b\nc\nd"),
        ("a\r\nb\r\n", Location(path="f", line=1, column=1, end_line=2, end_column=1), "a\nb"),
        ("a", Location(path="f"), ""),
        (
            "x" * 1000 + "HERE" + "y" * 1000,
            Location(path="f", line=1, column=1001, end_line=1, end_column=1),
            "HERE",
        ),
    ],
    ids=["three-lines", "crlf", "whole-file", "long-line"],
)
def test_snippets_are_short_and_show_the_place(source: str, place: Location, expected: str) -> None:
    found = snippet(source.split("\n"), place)
    assert len(found) <= 300
    assert expected == found or (len(source) > 300 and expected in found)


def test_a_file_that_is_not_utf8_or_has_other_line_separators_keeps_its_line_numbers() -> None:
    tree = MemoryFiles({"f.go": b"\xff\x0c\x1c\n\xe2\x80\xa8x\nlast"})
    account = Account(
        scanned=frozenset({"f.go"}), problems={}, claims=(claim(3),), rules=(), notes=(), degraded=False
    )
    result = conclude("s", description(), raw_output(("f.go",), {}), account, tree)
    assert result.findings[0].snippet == "last"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("./a//b.go", "a/b.go"),
        ("././run", "run"),
        ("/etc/passwd", ""),
        ("a/../../b", ""),
        ("..", ""),
        (None, ""),
        (["a"], ""),
        (".", ""),
        ("a..b/c", "a..b/c"),
    ],
)
def test_normal_path(value: object, path: str) -> None:
    assert normal_path(value) == path


def test_values_of_reports_are_cleaned() -> None:
    assert text("x" * 5000).endswith("…")
    assert len(text("x" * 5000)) == 4000
    assert text("\ud800") == "\\ud800"
    assert text(7) == ""
    assert cwe_list(["CWE-79: x", 78, "78", "nothing", "CWE-", None]) == ("CWE-78", "CWE-79")
    assert https("javascript:alert(1)") == ""
    assert https("https://example.org/a b") == ""
    assert https("https://example.org/a") == "https://example.org/a"


@settings(deadline=None)  # a busy machine is no failure
@given(
    message=st.text(),
    path=st.text(min_size=1),
    line=st.integers(0, 10**6),
    status=st.sampled_from(["partial", "failed"]),
)
def test_a_result_survives_its_plain_form(message: str, path: str, line: int, status: str) -> None:
    result = judge("x", claim(1))
    finding = replace(result.findings[0], message=message, location=Location(path=path, line=line))
    value = to_wire(replace(result, findings=(finding,), not_scanned=((path, message),))) | {"status": status}
    again = from_wire(value)
    assert to_wire(again) == value
    assert isinstance(again.findings[0], Finding)


@pytest.mark.parametrize("change", [{"status": "fine"}, {"findings": [{}]}, {"not_scanned": [["a"]]}])
def test_a_plain_form_with_other_content_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        from_wire(to_wire(judge("x", claim(1))) | change)
