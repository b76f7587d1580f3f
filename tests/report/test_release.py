"""The release document: honest about what was not compared, whole with many rows, hostile text harmless."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pikepdf
import pypdf
import pytest

from collateral.assessment import Assessment, Withheld
from collateral.history import Cause, Change, History, Kind, State
from collateral.report.pdf import render_release
from collateral.report.release import release_view
from collateral.report.view import build_view
from scanners.baseline import Trace
from tests.collateral.support import DAY, assessment, load_tiny, scan_result
from tests.report.pdf_view import HOSTILE, UNSHOWABLE

WHEN = int(DAY.timestamp())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Assessment:
    loaded = load_tiny(tmp_path_factory.mktemp("model"))
    return assessment(loaded, scans=(scan_result(),))


def history(*changes: Change, **more: Any) -> History:
    values: dict[str, Any] = {
        "previous_release": "0.9",
        "previous_date": "2023-10-01",
        "previous_commit": "c" * 40,
        "previous_model": "m" * 64,
        "previous_toolkit": "0.1.0",
        "previous_manifest": "d" * 64,
        "changes": changes,
    }
    return History(**values | more)


def change(kind: Kind, state: State, cause: Cause, number: int = 0, **more: Any) -> Change:
    ids = {"finding": f"{number:064x}", "threat": f"CORE-001@F{number}", "claim": f"control-{number}#text"}
    trace = Trace(fingerprint=ids["finding"], scanner="s", rule="rule", path=f"app/file{number}.py", line=7)
    values: dict[str, Any] = {
        "kind": kind,
        "id": ids[kind],
        "state": state,
        "cause": cause,
        "reason": "because of it",
        "title": "What it is about",
        "before": {"finding": "error", "threat": "open, high", "claim": "contradicted"}[kind],
        "after": {"finding": "", "threat": "mitigated, low", "claim": "verified"}[kind],
        "trace": trace if kind == "finding" else None,
    }
    return Change(**values | more)


def text_of(a: Assessment) -> str:
    view = release_view(a, build_view(a, []))
    pdf = render_release(view, timestamp=WHEN)
    assert pdf == render_release(view, timestamp=WHEN)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        assert "/StructTreeRoot" in document.Root
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u200b", "").split())


def test_without_an_earlier_bundle(made: Assessment) -> None:
    said = text_of(made)
    assert "nothing was compared" in said
    assert "What was not checked" in said
    assert "What got worse" not in said


def test_each_kind_of_change_has_its_place(made: Assessment) -> None:
    changes = (
        change("finding", "new", "source", 1, trace=None),
        change("finding", "fixed", "source", 2),
        change("finding", "fixed", "scanner", 3),
        change("finding", "fixed", "unknown", 4),
        change("finding", "unchanged", "not-checked", 5),
        change("threat", "fixed", "source", 6),
        change("threat", "changed", "source", 7, before="mitigated, low", after="open, high"),
        change("claim", "changed", "source", 8, before="verified", after="contradicted"),
    )
    view = release_view(replace(made, history=history(*changes)), build_view(made, []))
    count = {name: view[name]["count"] for name in ("worse", "better", "by_tool", "unclear", "not_compared")}
    assert count == {"worse": 3, "better": 2, "by_tool": 1, "unclear": 1, "not_compared": 1}
    assert [row["state"] for row in view["not_compared"]["findings"]] == ["not compared"]
    assert sum(row["total"] for row in view["cause_rows"]) == len(changes)


def test_what_was_not_compared_is_no_absence_of_change(made: Assessment) -> None:
    changes = [
        change("claim", "unchanged", "not-checked", n, before="undisclosed", after="verified")
        for n in range(40)
    ]
    said = text_of(replace(made, history=history(*changes, notes=("a note of the comparison",))))
    assert "No claim that was compared changed. 40 could not be compared." in said
    assert "a note of the comparison" in said
    assert "control-7" not in said


def test_what_is_withheld_is_a_number_with_a_date(made: Assessment) -> None:
    withheld = Withheld(findings=3, claims=0, oldest="2023-11-01", until="2024-01-30")
    for a in (made, replace(made, history=history())):
        said = text_of(replace(a, withheld=withheld))
        assert "3 findings" in said
        assert "2023-11-01" in said


def test_texts_of_others_are_texts(made: Assessment) -> None:
    hostile = change(
        "finding",
        "fixed",
        "source",
        title=HOSTILE + UNSHOWABLE,
        reason=HOSTILE,
        trace=Trace(fingerprint="f", scanner="s", rule=HOSTILE[:90], path="a/" * 300 + UNSHOWABLE, line=1),
    )
    said = text_of(replace(made, history=history(hostile, previous_release=HOSTILE[:60])))
    assert "<U+202E>" in said
    assert '#panic("x")' in said


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 23, 61, 240])
def test_any_number_of_rows_fits(made: Assessment, count: int) -> None:
    kinds: tuple[Kind, ...] = ("finding", "threat", "claim")
    changes = [change(kind, "fixed", "source", n) for kind in kinds for n in range(count)]
    assert f"control-{count - 1}" in text_of(replace(made, history=history(*changes)))
