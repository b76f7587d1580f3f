"""The parts of a view that few models have, all at once and with hostile text, and pages made of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from collateral.history import Kind, State
from collateral.report.compare import html as compare_html
from collateral.report.release import release_view
from collateral.report.site import render_site
from collateral.report.view import build_view
from tests.collateral.support import assessment, load_tiny, scan_result
from tests.compare import test_forms as compare
from tests.report import test_release as releases
from tests.report.pdf_view import HOSTILE
from tests.report.site_view import ADVISED, EARLIER, small_svgs, small_view, unscanned_view
from tests.report.test_results import coverage, paths, rules

_WAY = {"group": "Files", "source": "https://example.org/way", "nowhere": "", "unmodelled": ""}
_THREATS = [{"status": status, "count": 1} for status in ("contradicted", "open", "unverified", "mitigated")]
STORAGE: dict[str, Any] = {
    "release": "1.0.0",
    "count": 1,
    "groups": [
        {
            "name": HOSTILE,
            "ways": [{"id": "disk", "name": HOSTILE}],
            "rows": [{"id": "keep", "need": HOSTILE, "cells": ["yes"]}],
        }
    ],
    "ways": [
        {**_WAY, "id": "disk", "name": HOSTILE, "configuration": "default", "named": False, "flows": 1, "crossing": 1,
         "threats": _THREATS},
        {**_WAY, "id": "tape", "name": "Tape", "unmodelled": HOSTILE, "configuration": "", "nowhere": HOSTILE,
         "named": True, "flows": None, "crossing": None, "threats": [{**row, "count": None} for row in _THREATS]},
    ],
    "changed": True,
    "needs": [
        {
            "id": "keep",
            "need": HOSTILE,
            "stated_by": [{"who": HOSTILE, "source": "https://example.org/need"}],
            "served_by": [
                {"way": "disk", "name": HOSTILE, "serves": "yes", "because": HOSTILE, "seen": HOSTILE}
            ],
        }
    ],
}  # fmt: skip
_HELD = {"mark": f"EMBARGOED until 2031-07-19, owner {HOSTILE}", "status": "open", "risk": "critical"}
EMBARGOED: dict[str, Any] = {
    "note": "EMBARGOED: 4 items, the last until 2031-07-19",
    "threats": [
        {**_HELD, "id": "HELD-1", "title": HOSTILE, "description": HOSTILE, "target": "Agent (agent)",
         "stride": "spoofing", "cwe": ["CWE-290"], "adversaries": [HOSTILE]},
    ],
    "findings": [
        {**_HELD, "id": "0a1b2c3d4e5f", "rule": HOSTILE, "message": HOSTILE, "path": "src/agent.rs", "line": 3,
         "severity": "error"},
    ],
    "dispositions": [{**_HELD, "threat": "CORE-001@F01", "decision": "accepted", "reason": HOSTILE}],
    "test_cases": [
        {**_HELD, "id": "CASE-1", "objective": HOSTILE, "target": "Agent (agent)", "steps": [HOSTILE, "Look"],
         "oracle": HOSTILE, "safety": "read-only"},
    ],
}  # fmt: skip


def whole() -> dict[str, Any]:
    """What `small_view` and `make_view` lack."""
    return {
        "edition": "private",
        "embargoed": EMBARGOED,
        "predecessor": EARLIER,
        "backtest": ADVISED,
        "storage": STORAGE,
        "coverage": coverage("unanswered", 6),
        "paths": paths(),
        "rules": rules(),
    }


def write_pages(folder: Path) -> None:
    """`whole.html` with every page that there is, `bare.html` without results, `compare.html`."""
    a = assessment(load_tiny(folder / "model"), scans=(scan_result(),), configuration="guarded")
    kinds: tuple[Kind, ...] = ("finding", "threat", "claim")
    states: tuple[State, ...] = ("new", "fixed", "changed", "unchanged")
    rows = [
        releases.change(kind, state, "source", n, title=HOSTILE, reason=HOSTILE)
        for kind in kinds
        for n, state in enumerate(states)
    ]
    changed = replace(a, history=releases.history(*rows, notes=(HOSTILE,)))
    changes = release_view(changed, build_view(changed, []))
    view = {**small_view(), **whole(), "changes": changes, "headline": HOSTILE}
    (folder / "whole.html").write_bytes(render_site(view, {k: _broken(v) for k, v in small_svgs().items()}))
    first = {"changes": release_view(a, build_view(a, []))}
    (folder / "bare.html").write_bytes(render_site({**unscanned_view(), **first}, {}))
    (folder / "compare.html").write_bytes(compare_html(compare.view_of(compare.hostile(a))))


def _broken(svg: bytes) -> bytes:
    """Labels on two lines, one of them with words that its title has not."""
    second = b'</text><text text-anchor="middle" x="260" y="52" font-size="11">'
    return svg.replace(b">Disk</text>", b">Disk" + second + b"(process)</text>").replace(
        b">2</text>", b">2 +1" + second + b"more</text>"
    )
