"""A small view with one of everything, and hostile text in every field that others write."""

from __future__ import annotations

from typing import Any

from tests.report.ledger_view import claim, ledger

View = dict[str, Any]

HOSTILE = '<script>alert(1)</script> {{7*7}} #panic("x") #read("/etc/passwd") $(id) *bold* `code` ] $x$'
UNSHOWABLE = "中 \U0001f600 \u202etxt.exe"
STATUSES = ("contradicted", "open", "unverified", "accepted", "transferred", "mitigated", "not-applicable")
NOT_WITHHELD = {
    "any": False,
    "findings": 0,
    "claims": 0,
    "oldest": "",
    "until": "",
    "undisclosed": 0,
    "text": [],
}
STRIDES = (
    "spoofing",
    "tampering",
    "repudiation",
    "information-disclosure",
    "denial-of-service",
    "elevation-of-privilege",
)


def picture(text: str = "Agent") -> bytes:
    """A small SVG with a text, a script and a link that must not reach the page."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="300pt" height="120pt" viewBox="0 0 300 120"><script>alert(1)</script>'
        '<a xlink:href="javascript:alert(2)"><rect x="10" y="10" width="100" height="40" fill="#fff"/></a>'
        f'<text x="20" y="35" font-family="Arial" font-size="11" font-weight="bold">{text}</text></svg>'
    ).encode()


def threat(id_: str = "CORE-001@F01", **changes: Any) -> View:
    """A threat to the flow F01."""
    return {
        "id": id_,
        "rule": id_.partition("@")[0],
        "title": "A peer pretends to be another",
        "description": HOSTILE,
        "target_kind": "flow",
        "target_id": "F01",
        "target_name": "Requests",
        "boundary": "host",
        "boundary_name": "Host",
        "stride": "spoofing",
        "cwe": ["CWE-290"],
        "capec": [],
        "attack": [],
        "status": "unverified",
        "risk": "high",
        "inherent": "critical",
        "priority": "p2",
        "because": "medium risk",
        "cvss": "8.7 High (CVSS:4.0/AV:L; proposed)",
        "scored": True,
        "likelihood": 4,
        "residual_likelihood": 4,
        "impact": 4,
        "adversaries": ["Hostile guest"],
        "controls": ["peer-check"],
        "doubtful": ["peer-check"],
        "reason": "peer-check is claimed, but was not checked",
        "mitigated_by": "peer-authentication",
        "disposition": "",
        "test": "Connect as somebody else.",
        "references": ["https://cwe.mitre.org/data/definitions/290.html"],
        "by_configuration": [
            {"name": "default", "status": "unverified", "risk": "high"},
            {"name": "small", "status": "mitigated", "risk": "low"},
        ],
        "findings": 1,
        **changes,
    }


def _rest(names: tuple[str, ...]) -> View:
    counted = [{"status": status, "count": int(status == "unverified")} for status in STATUSES]
    figure = {"alt": "Diagram of one boundary", "path": "", "width": 300.0, "height": 120.0, "failed": ""}
    legend = [
        {
            "number": 1,
            "id": "F01",
            "source": "Agent",
            "target": "Shim",
            "name": "Requests",
            "protocol": "ttrpc",
            "crosses": True,
        }
    ]
    part = {"elements": [{"id": "agent", "name": "Agent"}], "statuses": counted, "threats": ["CORE-001@F01"]}
    return {
        "status_counts": [{**row, "meaning": "words"} for row in counted],
        "risk_table": {
            "columns": list(STATUSES),
            "rows": [{"risk": "high", "cells": [0, 0, 1, 0, 0, 0, 0], "total": 1}],
        },
        "stride_counts": [{"stride": s, "count": 1, "unresolved": 1} for s in STRIDES],
        "configurations": [
            {
                "name": name,
                "description": "",
                "options": [{"name": "runtime", "value": "rust"}],
                "default": name == "default",
                "threats": 1,
                "statuses": counted,
            }
            for name in ("default", "small")
        ],
        "boundaries": [
            {
                "id": "host",
                "name": "Host",
                "privilege": "root",
                "parent": "",
                "description": "",
                "diagram": "boundary-host",
                **part,
            }
        ],
        "views": [
            {"id": "agent", "name": "The agent view", "description": "", "diagram": "view-agent", **part}
        ],
        "diagrams": [
            {**figure, "id": name, "part_of": name, "title": f"Figure of {name}", "legend": legend}
            for name in names
        ],
    }


def _inventory() -> View:
    return {
        "adversaries": [
            {
                "id": "guest",
                "name": "Hostile guest",
                "family": "host-protecting",
                "description": "Runs in the guest.",
                "controls": ["Guest"],
                "goals": ["Host root"],
                "active": True,
            }
        ],
        "assets": [
            {
                "id": "key",
                "name": "Key",
                "description": "A key.",
                "confidentiality": "high",
                "integrity": "high",
                "availability": "low",
                "secret": True,
            }
        ],
        "elements": [
            {
                "id": "agent",
                "name": "Agent",
                "kind": "process",
                "boundary": "host",
                "boundary_name": "Host",
                "description": "",
                "runs_as": "root",
                "language": "rust",
                "controls": ["peer-check"],
                "threats": [],
                "findings": 1,
                "components": ["agent"],
            }
        ],
        "flows": [
            {
                "number": 1,
                "id": "F01",
                "source": "agent",
                "source_name": "Agent",
                "target": "shim",
                "target_name": "Shim",
                "name": "Requests",
                "protocol": "ttrpc",
                "over": "vsock",
                "port": "1024",
                "authentication": "none",
                "encryption": "none",
                "shares_memory": False,
                "crosses": True,
                "data": ["Key"],
                "operation_facts": True,
                "operations": [
                    {"name": "Read", "policy": "ReadRule", "parses": HOSTILE, "note": "Measured"},
                    {"name": "Write", "policy": "", "parses": "", "note": ""},
                ],
                "threats": ["CORE-001@F01"],
            }
        ],
        "controls": [
            {
                "id": "peer-check",
                "title": "Peers are checked",
                "description": f"{HOSTILE} {UNSHOWABLE}",
                "provides": ["peer-authentication"],
                "state": "not-checked",
                "claims": [{"state": "verified", "count": 1}],
                "references": ["https://example.org/peer", "javascript:alert(1)", "file:///etc/passwd"],
                "used_by": ["Agent"],
                "threats": ["CORE-001@F01"],
                "doubts": [{"finding": "0a1b2c3d", "text": f"semgrep rust-unchecked at {HOSTILE}:7"}],
            }
        ],
        "ledger": ledger(
            claim(
                "verified",
                control="peer-check",
                text="check_peer in src/agent.rs",
                path="src/agent.rs",
                line=89,
                seen="check_peer(&socket)?;",
            )
        ),
        "findings": [
            {
                "id": "0a1b2c3d",
                "scanner": "semgrep",
                "rule": "rust-unchecked",
                "severity": "error",
                "message": f"{HOSTILE} {UNSHOWABLE}",
                "path": "src/a/very/long/path/that/has/to/break/somewhere/in/its/column/agent.rs",
                "line": 7,
                "snippet": HOSTILE,
                "code": "test",
                "also": [{"scanner": "ast-grep", "rule": HOSTILE, "id": "4d5e6f70"}],
                "decision": HOSTILE,
                "cwe": ["CWE-290"],
                "component": "agent",
                "role": "",
                "elements": [{"id": "agent", "name": "Agent"}],
                "threats": [{"id": "CORE-001@F01", "reason": "same weakness"}],
            }
        ],
    }


def make_view(**changes: Any) -> View:
    """The view; `changes` replace its top-level values."""
    levels = ["low", "low", "medium", "high", "critical"]
    view: View = {
        "title": "Example",
        "project_id": "example",
        "release": "1.0.0",
        "date": "2026-01-02",
        "edition": "public",
        "embargoed": None,
        "withheld": NOT_WITHHELD,
        "triage": [],
        "status": "proposed",
        "notice": "Draft. Not reviewed by the project. Not an independent audit.",
        "headline": "",
        "tool": {"name": "threatmodel", "version": "0.1.0"},
        "model_digest": "ab" * 32,
        "source": {
            "available": True,
            "name": "example@1.0.0",
            "commit": "d" * 40,
            "ref": "1.0.0",
            "dirty": False,
            "reason": "",
        },
        "configuration": {
            "name": "default",
            "description": "",
            "options": [{"name": "runtime", "value": "rust"}],
        },
        "counts": {
            "elements": 1,
            "flows": 1,
            "crossing": 1,
            "boundaries": 1,
            "adversaries": 1,
            "threats": 1,
            "controls": 1,
            "findings": 1,
        },
        "repeated": 0,
        "glance": {"rows": [{"name": "Reviewed", "value": HOSTILE, "notes": [HOSTILE, ""], "alarm": True}]},
        "control_states": [{"state": "not-checked", "count": 1, "share": "100 %", "meaning": "words"}],
        "summary": ["One threat is unverified."],
        "top_threats": ["CORE-001@F01"],
        "texts": {
            "about": [HOSTILE],
            "objective": [],
            "scope": ["The agent."],
            "assumptions": ["The host is up."],
        },
        "threats": [threat()],
        "finding_counts": [{"scanner": "semgrep", "severity": "error", "count": 1}],
        "scans": [
            {
                "scanner": "semgrep",
                "version": "1.2.3",
                "status": "partial",
                "reason": "one file not parsed",
                "planned": 3,
                "scanned": 2,
                "not_scanned": [{"path": "src/broken.go", "reason": "syntax"}],
                "findings": 1,
                "rules": 28,
            }
        ],
        "attribution": {"files": 3, "mapped": 2, "share": "67 %", "unmapped": ["src/other.c"]},
        "not_checked": [{"what": "Control peer-check", "why": "no claim"}],
        "method": {
            "matrix": [levels] * 5,
            "statuses": [{"status": s, "meaning": "words"} for s in STATUSES],
            "strides": [{"stride": s, "meaning": "words"} for s in STRIDES],
            "states": [{"state": "verified", "meaning": "words"}],
            "likelihood": [f"{n}: words" for n in range(1, 6)],
            "impact": [f"{n}: words" for n in range(1, 6)],
            "weights": [{"what": "Impact by privilege", "values": [{"of": "root", "number": 4}]}],
            "criteria": [
                {"priority": "p3", "about": "the rest", "facts": "any", "because": "no criterion fits"}
            ],
        },
        "glossary": [{"term": "Trust boundary", "meaning": "words"}],
        "files": [{"path": "data/model.json", "what": "the model"}],
    }
    view |= _rest(("overview", "boundary-host", "view-agent")) | _inventory()
    return view | changes


def make_svgs() -> dict[str, bytes]:
    """Pictures of all diagrams of the view."""
    return {name: picture() for name in ("overview", "boundary-host", "view-agent")}
