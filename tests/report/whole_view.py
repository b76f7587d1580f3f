"""The parts of a view that few models have, all at once and with hostile text: for tests that look at every page."""

from __future__ import annotations

from typing import Any

from tests.report.pdf_view import HOSTILE
from tests.report.site_view import ADVISED, EARLIER
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
