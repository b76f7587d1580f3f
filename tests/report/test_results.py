"""Coverage, attack paths and rules on the page: hostile names, no source tree, no picture."""

from __future__ import annotations

from typing import Any

import pytest

from collateral.coverage.files import CoverageFile, StateRow, Subject
from collateral.report.coverage import coverage_view
from collateral.report.site import render_site
from tests.report.site_view import HOSTILE, small_svgs, small_view
from tests.report.test_site import Page, section
from threatmodel.analysis.coverage import Cell, CellState
from threatmodel.system import STRIDE


def cells(state: CellState) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            kind="element",
            id="agent",
            category=category,
            state=state,
            reason=HOSTILE,
        )
        for category in STRIDE
    )


def coverage(state: CellState, unanswered: int) -> dict[str, Any]:
    return coverage_view(
        CoverageFile(
            project="p",
            configuration="c",
            packs=("core",),
            categories=STRIDE,
            unanswered=unanswered,
            states=(StateRow(state=state, meaning=HOSTILE, elements=6, flows=0),),
            elements=(Subject(kind="element", id="agent", name=HOSTILE, cells=cells(state)),),
            flows=(),
            adversaries=(),
            boundaries=(),
        )
    )


def paths(**changes: Any) -> dict[str, Any]:
    step = {
        "number": 1, "source": HOSTILE, "target": HOSTILE, "way": HOSTILE, "gives": "takes it",
        "threat": "VIRT-001@F01", "title": HOSTILE, "controls": HOSTILE, "flaw": True,
    }  # fmt: skip
    shown = {
        "adversary": HOSTILE, "adversary_id": "guest", "goal": HOSTILE, "goal_id": "keys", "cost": "1 step",
        "steps": [step, {**step, "threat": "GONE-001@x"}], "found": HOSTILE, "separated": [HOSTILE],
    }  # fmt: skip
    return {
        "source": "commit 0123456789ab", "unchecked": "", "unasked": "", "unsearched": 0,
        "legend": "words", "count": 1, "found": 1, "unproven": 1,
        "adversaries": [{"mark": "A1", "id": "guest", "name": HOSTILE}],
        "goals": [{"id": "keys", "name": HOSTILE, "secret": True, "cells": [{"sign": "0/1", "words": HOSTILE}]}],
        "shown": [shown],
        "pictures": [{"id": "paths-1", "title": HOSTILE, "alt": HOSTILE, "path": "diagrams/paths-1.svg", "width": 1,
                      "height": 1, "failed": ""}],
        **changes,
    }  # fmt: skip


def rules() -> dict[str, Any]:
    rule = {
        "id": "VIRT-001", "title": HOSTILE, "stride": "tampering", "applies_to": "flow", "when": HOSTILE,
        "mitigated_by": HOSTILE, "likelihood": HOSTILE, "impact": HOSTILE, "catalogues": ["CWE-78", HOSTILE],
        "description": HOSTILE, "detection": HOSTILE, "false_positives": HOSTILE,
        "references": ["javascript:alert(1)", "https://example.org/a"], "test": HOSTILE,
        "threats": ["VIRT-001@F01"], "unasked": "",
    }  # fmt: skip
    return {"count": 1, "unasked": 0, "quiet": 0, "packs": [{"name": HOSTILE, "rules": [rule]}],
            "classes": [{"name": HOSTILE, "meaning": HOSTILE}]}  # fmt: skip


def page(**view: Any) -> str:
    return render_site({**small_view(), **view}, small_svgs()).decode()


def test_hostile_words_stay_words() -> None:
    text = page(coverage=coverage("unanswered", 6), paths=paths(), rules=rules())
    parsed = Page(text)
    assert parsed.open == []
    assert len(parsed.named("script")) == len(Page(page()).named("script"))
    assert not [a for a in parsed.named("a") if (a.get("href") or "").startswith("javascript:")]


def test_a_step_links_to_its_threat_where_the_page_has_it() -> None:
    text = section(page(paths=paths()), "paths")
    assert 'href="#threat=VIRT-001@F01"' in text
    assert "#threat=GONE-001@x" not in text
    assert "GONE-001@x" in text


@pytest.mark.parametrize("picture", [{}, {"failed": "the engine failed"}])
def test_a_picture_that_is_missing_is_said(picture: dict[str, str]) -> None:
    made = paths()
    made["pictures"][0] |= picture
    text = section(page(paths=made), "paths")
    assert "This picture could not be drawn." in text
    assert (picture.get("failed") or "the picture is missing") in text


@pytest.mark.parametrize("unchecked", ["", "No claim was checked"])
def test_without_a_source_tree_the_paths_say_so(unchecked: str) -> None:
    text = section(page(paths=paths(unchecked=unchecked, source="" if unchecked else "commit 1")), "paths")
    assert ("No claim was checked" in text) == bool(unchecked)
    assert ("Claims were checked against" in text) != bool(unchecked)


@pytest.mark.parametrize(
    ("state", "open_", "said"), [("unanswered", 6, "6 unanswered"), ("asked", 0, "answered")]
)
def test_the_menu_counts_what_has_no_answer(state: CellState, open_: int, said: str) -> None:
    text = page(coverage=coverage(state, open_))
    assert f">{said}</span>" in text
    assert ("Every question has an answer." in section(text, "coverage")) == (open_ == 0)
    assert ("count alert" in text.split('href="#coverage"', 1)[1].split("</li>", 1)[0]) == (open_ > 0)
