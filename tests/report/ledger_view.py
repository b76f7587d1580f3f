"""The claims ledger of a small view."""

from __future__ import annotations

from typing import Any


def claim(state: str, **changes: Any) -> dict[str, Any]:
    """A claim of the control `filter` that counts in the configuration."""
    return {
        "id": f"filter~{state}",
        "control": "filter",
        "title": "System-call filter",
        "kind": "present",
        "text": f"src/{state}.rs has /filter/",
        "when": "",
        "source": "",
        "state": state,
        "path": f"src/{state}.rs",
        "line": 9,
        "seen": f"let filter = {state};",
        "detail": "",
        "here": True,
        "configurations": 1,
        "used_by": ["Shim"],
        "absent": False,
        "person": False,
        **changes,
    }


def ledger(*claims: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A ledger with these claims, which are in the order in which they are shown."""
    states = [c["state"] for c in claims if c["here"]]
    return {
        "as_of": "2026-01-02",
        "checked": True,
        "sources": [],
        "total": len(states),
        "all": len(claims),
        "unproven": sum(state not in {"attested", "verified"} for state in states),
        "counts": [
            {
                "state": state,
                "claims": None if state == "unclaimed" else states.count(state),
                "all": None if state == "unclaimed" else states.count(state),
                "controls": 0,
                "share": "0 %",
                "meaning": f"Meaning of {state}",
            }
            for state in ("contradicted", "not-found", "not-checked", "unclaimed", "proposed", "attested", "verified")
        ],
        "evidence": [
            {"evidence": "machine", "name": "claim for a program", "controls": 1, "share": "100 %", "meaning": "m"}
        ],
        "absent": [],
        "claims": list(claims),
        "bare": [],
        **changes,
    }  # fmt: skip


BARE = {"id": "bare", "title": "Nothing claims it", "used_by": ["Agent"], "provides": ["rate-limit"]}
