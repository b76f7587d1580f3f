"""Comments that suppress a finding: with a reason and a day, beside it, and never more than told."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collateral.ignores import Ignore, ignore_suppressions
from collateral.inline import ignores_of, inline_ignores
from scanners.finding import Finding, Location
from scanners.sarif import to_sarif
from tests.collateral.support import finding, scan_result
from tests.scanners.support import make_tree
from threatmodel.source import DirectoryTree

DAY = datetime.date(2026, 3, 1)
GOOD = "threatmodel: ignore[B900] until=2026-06-01 reason=a local socket"


def at(line: int, **changes: Any) -> Finding:
    return finding(location=Location(path="a.go", line=line), **changes)


def of(
    tmp_path: Path, text: str | bytes, *found: Finding, vex: tuple[Ignore, ...] = ()
) -> tuple[dict[str, Ignore], tuple[str, ...]]:
    with DirectoryTree(make_tree(tmp_path, {"a.go": text, "osv-scanner.toml": ""})) as tree:
        return ignores_of(found, tree, vex, DAY)


@pytest.mark.parametrize(
    ("text", "line", "counts"),
    [
        (f"x() // {GOOD}\n", 1, True),
        (f"// {GOOD}\nx()\n", 2, True),
        (f"// {GOOD}\nx()\n", 1, False),
        (f"// {GOOD}\n\nx()\n", 3, False),
        (f"x() // {GOOD}\ny()\n", 2, False),
        (f"# {GOOD}\n# {GOOD.replace('B900', 'B1')}\nx()\n", 3, True),
        (f"/* {GOOD} */\nx()\n", 2, True),
        (f"<!-- {GOOD} -->\nx\n", 2, True),
        (f"// {GOOD.replace('B900', 'B1, B900')}\nx()\n", 2, True),
        (f"// {GOOD.replace('B900', 'B90')}\nx()\n", 2, False),
        (f"// {GOOD.replace('B900', '*')}\nx()\n", 2, False),
        ("// threatmodel: ignore\nx()\n", 2, False),
    ],
)
def test_a_comment_is_about_its_line_or_the_one_below(
    text: str, line: int, counts: bool, tmp_path: Path
) -> None:
    found, problems = of(tmp_path, text, at(line))
    assert bool(found) == counts
    assert not problems


def test_it_tells_rule_reason_place_and_day(tmp_path: Path) -> None:
    quoted = GOOD.replace("a local socket", '"a  local socket"')
    found, _ = of(tmp_path, f"/* {quoted} */\nx()\n", at(2))
    item = found[at(2).fingerprint]
    assert item == Ignore(
        id="B900", reason="a local socket", origin="a.go:1", until="2026-06-01", inline=True
    )
    assert item.told(DAY) == "ignored by the source itself until 2026-06-01: a local socket [a.go:1]"


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("", "a.go:1: it gives no day with until=, so it suppresses nothing"),
        ("until=2026-06-01", "a.go:1: it gives no reason, so it suppresses nothing"),
        ("until=2026-06-01 reason=", "a.go:1: it gives no reason, so it suppresses nothing"),
        ("reason=ours until=2026-06-01", ""),
        ("until=soon reason=ours", "a.go:1: until=soon is no ISO 8601 date, so it suppresses nothing"),
        (
            "until=20260601 reason=ours",
            "a.go:1: until=20260601 is no ISO 8601 date, so it suppresses nothing",
        ),
        ("reason=ours", "a.go:1: it gives no day with until=, so it suppresses nothing"),
    ],
)
def test_without_a_reason_or_a_day_it_suppresses_nothing(rest: str, problem: str, tmp_path: Path) -> None:
    found, problems = of(tmp_path, f"// threatmodel: ignore[B900] {rest}\nx()\n", at(2))
    assert problems == ((problem,) if problem else ())
    assert bool(found) == (not problem)


@pytest.mark.parametrize(("until", "suppressed"), [("2026-06-01", True), ("2026-03-01", False)])
def test_sarif_has_it_as_suppressed_in_the_source_until_its_day(
    until: str, suppressed: bool, tmp_path: Path
) -> None:
    found, _ = of(tmp_path, f"x() // {GOOD.replace('2026-06-01', until)}\n", at(1))
    log = to_sarif(
        [scan_result(findings=(at(1),))],
        tool_version="1",
        project="p",
        release="1",
        suppressions=ignore_suppressions(found, DAY),
    )
    (result,) = log["runs"][0]["results"]
    kinds = [item["kind"] for item in result.get("suppressions", [])]
    assert kinds == (["inSource"] if suppressed else [])


@pytest.mark.parametrize(("until", "origin"), [("2026-06-01", "a.go:1"), ("2026-01-01", "v.json")])
def test_a_comment_that_is_over_gives_way_to_a_document(until: str, origin: str, tmp_path: Path) -> None:
    advisory = at(1, rule="CVE-2026-1234")
    comment = GOOD.replace("B900", "CVE-2026-1234").replace("2026-06-01", until)
    document = Ignore(id="CVE-2026-1234", reason="r", origin="v.json", by="somebody")
    found, _ = of(tmp_path, f"x() // {comment}\n", advisory, vex=(document,))
    assert found[advisory.fingerprint].origin == origin


@given(
    st.text(max_size=60),
    st.sampled_from(["", "\u202e", "\x00", "until=", "reason=", "]", "\x1b[31m"]),
)
def test_hostile_comments_give_folded_words_or_nothing(
    tmp_path_factory: pytest.TempPathFactory, text: str, more: str
) -> None:
    row = f"// threatmodel: ignore[B900]{more} until=2026-06-01 reason={text}{more}\nx()\n"
    folder = tmp_path_factory.mktemp("hostile")
    with DirectoryTree(make_tree(folder, {"a.go": row.encode("utf-8", "replace")})) as tree:
        found, problems = inline_ignores(tree, [at(2)])
    for words in (*problems, *(item.reason for item in found.values())):
        assert words.isprintable()
        assert len(words) <= 700
