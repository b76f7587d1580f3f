"""A small view with hostile texts, and pictures for it."""

from __future__ import annotations

import copy
from typing import Any

from tests.report.ledger_view import claim, ledger

HOSTILE = (
    '<script>alert(1)</script> {{7*7}} {% raw %} #panic("x") $(id) ${jndi:ldap://x} <img src=x onerror=alert(2)> '
    "--> ]]> </textarea></title></style><U+202E> [x](javascript:alert(3)) & &amp; ' \" \u2028 end"
)
STATUSES = ("contradicted", "open", "unverified", "accepted", "transferred", "mitigated", "not-applicable")
STRIDES = (
    "spoofing", "tampering", "repudiation", "information-disclosure", "denial-of-service",
    "elevation-of-privilege",
)  # fmt: skip
STATES = ("contradicted", "not-found", "not-checked", "unclaimed", "proposed", "attested", "verified")
NOT_WITHHELD = {
    "any": False, "findings": 0, "claims": 0, "oldest": "", "until": "", "undisclosed": 0, "text": [],
}  # fmt: skip
RISKS = ("critical", "high", "medium", "low")


EARLIER: dict[str, Any] = {
    "title": HOSTILE, "path": "docs/old.md", "release": "1.0", "source": "javascript:alert(5)", "count": 2,
    "answered": 1, "verdicts": [{"verdict": "stale", "meaning": HOSTILE, "count": 2, "answered": 1}],
    "statements": [
        {"id": "TM-01", "line": 3, "says": HOSTILE, "verdict": "stale", "note": HOSTILE, "nothing": "",
         "seen": ["src/a.py:1"], "answers": [
             {"id": "agent", "kind": "element", "name": HOSTILE, "status": ""},
             {"id": "CORE-999@agent", "kind": "threat", "name": "Unknown here", "status": "open"}]},
        {"id": "TM-02", "line": 9, "says": "Second", "verdict": "stale", "note": "Why", "nothing": "Not modelled",
         "seen": [], "answers": []},
    ],
}  # fmt: skip

_ADVISORY: dict[str, Any] = {
    "id": "CVE-2026-0001", "names": [HOSTILE], "title": HOSTILE, "link": "javascript:alert(6)", "published": "",
    "score": "", "severity": "", "verified": HOSTILE, "stride": "tampering", "cwe": ["CWE-59"], "inferred": True,
    "elements": ["agent"],
    "fixed": ["1.1"], "configuration": "default", "unmodelled": HOSTILE,
    "threats": [{"id": "CORE-999@agent", "title": HOSTILE, "target": "agent", "status": "open", "today": ""}],
    "unknown": [{"keys": "CVSS vector", "because": HOSTILE}],
}  # fmt: skip
ADVISED: dict[str, Any] = {
    "count": 1, "named": 1, "checked": False, "figures": ["1 of 1 named by a threat"],
    "rows": [{**_ADVISORY, "verdict": "not-checked", "tags": "1.0 to 1.1", "claims": "not checked: no source was named",
              "flips": ["filter"], "by_fix": False, "rules": "no rule", "rules_verdict": "no-rule"}],
    "component_count": 1, "component_named": 0,
    "components": [{**_ADVISORY, "id": "CVE-2026-0007", "threats": [], "component": HOSTILE, "condition": HOSTILE,
                    "states": [{"tag": "1.0", "state": "not-affected", "pins": [HOSTILE]}], "unread": HOSTILE}],
    "left_out": [{"id": "CVE-2026-0009", "because": HOSTILE}],
}  # fmt: skip
"""Published advisories with hostile texts in every place."""


def _counts(**counts: int) -> list[dict[str, Any]]:
    return [{"status": s, "count": counts.get(s, 0)} for s in STATUSES]


def _threat(
    id_: str, kind: str, target: str, stride: str, status: str, risk: str, **more: Any
) -> dict[str, Any]:
    return {
        "id": f"{id_}@{target}", "rule": id_, "title": f"Title of {id_}", "description": f"Story of {id_}.",
        "target_kind": kind, "target_id": target, "target_name": target.title(), "boundary": "host",
        "boundary_name": "Host", "stride": stride, "cwe": ["CWE-78"], "capec": ["CAPEC-29"],
        "attack": ["T1611.001"], "status": status, "risk": risk, "inherent": "high", "likelihood": 3, "impact": 4,
        "residual_likelihood": 3, "priority": "p2", "because": "medium risk",
        "cvss": "no CVSS vector is given", "scored": False,
        "adversaries": ["Hostile guest"], "controls": ["filter"], "doubtful": ["filter"], "reason": "filter is claimed",
        "mitigated_by": "syscall-filter", "disposition": "", "test": "Try it.",
        "references": ["https://example.org/a", "javascript:alert(4)"],
        "by_configuration": [{"name": "default", "status": status, "risk": risk}], "findings": 0, **more,
    }  # fmt: skip


def _element(id_: str, kind: str, boundary: str, threats: list[str], findings: int = 0) -> dict[str, Any]:
    return {
        "id": id_, "name": id_.title(), "kind": kind, "boundary": boundary, "boundary_name": boundary.title(),
        "description": f"About {id_}.", "runs_as": "root", "language": "rust", "controls": ["filter"],
        "threats": threats, "findings": findings, "components": [],
    }  # fmt: skip


def _flow(number: int, source: str, target: str, threats: list[str]) -> dict[str, Any]:
    return {
        "number": number, "id": f"F{number:02d}", "source": source, "source_name": source.title(), "target": target,
        "target_name": target.title(), "name": f"Request {number}", "protocol": "ttrpc", "over": "vsock",
        "port": "1024", "authentication": "none", "encryption": "none", "shares_memory": True, "crosses": True,
        "data": ["Orders"], "threats": threats,
        "operation_facts": True,
        "operations": [{"name": "Read", "policy": "", "parses": HOSTILE, "note": ""}],
    }  # fmt: skip


def _diagram(id_: str, title: str, flows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": id_, "part_of": id_, "title": title, "alt": f"{title} in words", "path": f"diagrams/{id_}.svg",
        "width": 300, "height": 200, "failed": "",
        "legend": [
            {
                "number": f["number"], "id": f["id"], "source": f["source_name"], "target": f["target_name"],
                "name": f["name"], "protocol": "ttrpc", "crosses": True,
            }
            for f in flows
        ],
    }  # fmt: skip


def small_view() -> dict[str, Any]:
    """Three elements, two flows, four threats, two findings; scans complete."""
    threats = [
        _threat("VIRT-001", "flow", "F01", "tampering", "contradicted", "critical", findings=1),
        _threat("CORE-002", "element", "agent", "spoofing", "open", "high", description=HOSTILE),
        _threat("CORE-003", "element", "agent", "denial-of-service", "mitigated", "low", boundary="guest"),
        _threat("IPC-004", "flow", "F02", "tampering", "unverified", "medium", adversaries=[HOSTILE]),
    ]
    flows = [_flow(1, "agent", "shim", ["VIRT-001@F01"]), _flow(2, "shim", "disk", ["IPC-004@F02"])]
    elements = [
        _element("agent", "process", "guest", ["CORE-002@agent", "CORE-003@agent"]),
        _element("shim", "process", "host", [], 1),
        _element("disk", "datastore", "host", []),
    ]
    counts = _counts(contradicted=1, open=1, unverified=1, mitigated=1)
    names = [{"id": e["id"], "name": e["name"]} for e in elements]
    finding = {
        "id": "aaaaaaaaaaaa", "scanner": "semgrep", "rule": "shell", "severity": "error", "message": HOSTILE,
        "path": f"src/{HOSTILE}.go", "line": 3, "snippet": HOSTILE, "decision": HOSTILE,
        "cwe": ["CWE-78"], "component": "shim", "code": "generated", "symbol": HOSTILE, "reason": HOSTILE,
        "role": "", "also": [{"scanner": "gosec", "rule": HOSTILE, "id": "cccccccccccc"}],
        "elements": [names[1]], "threats": [{"id": "VIRT-001@F01", "reason": "same weakness"}],
    }  # fmt: skip
    return {
        "title": "Small system", "project_id": "small", "description": "", "release": "1.0", "date": "2026-01-02",
        "edition": "public", "embargoed": None, "withheld": NOT_WITHHELD, "triage": [],
        "status": "proposed", "notice": "Draft made with this toolkit.", "headline": "",
        "tool": {"name": "threatmodel", "version": "0.1.0"}, "model_digest": "ab" * 32,
        "source": {
            "available": True, "name": "small", "commit": "d" * 40, "ref": "1.0", "dirty": False, "reason": "",
        },
        "configuration": {"name": "default", "description": "", "options": [{"name": "vmm", "value": "qemu"}]},
        "configurations": [
            {"name": "default", "description": "", "options": [{"name": "vmm", "value": "qemu"}], "default": True,
             "threats": 4, "statuses": counts},
        ],
        "counts": {"elements": 3, "flows": 2, "crossing": 2, "boundaries": 2, "adversaries": 1, "threats": 4,
                   "controls": 1, "findings": 2},
        "status_counts": [{**row, "meaning": f"Meaning of {row['status']}"} for row in counts],
        "risk_table": {"columns": list(STATUSES),
                       "rows": [{"risk": r, "cells": [0] * 7, "total": 1} for r in RISKS]},
        "stride_counts": [
            {"stride": s, "count": sum(t["stride"] == s for t in threats), "unresolved": 0} for s in STRIDES
        ],
        "control_states": [{"state": s, "count": 0, "share": "0 %", "meaning": "m"} for s in STATES],
        "summary": [f"The posture. {HOSTILE}"], "top_threats": ["VIRT-001@F01"],
        "texts": {"about": ["About."], "objective": [], "scope": ["In."], "assumptions": []},
        "adversaries": [{"id": "guest", "name": "Hostile guest", "family": "guest", "description": "Inside.",
                         "controls": ["Guest"], "goals": ["Host root"], "active": True}],
        "assets": [{"id": "orders", "name": "Orders", "description": "d", "confidentiality": "low",
                    "integrity": "high", "availability": "low", "secret": True}],
        "boundaries": [
            {"id": b, "name": b.title(), "privilege": "root", "parent": "", "description": "",
             "elements": [n for n, e in zip(names, elements, strict=True) if e["boundary"] == b],
             "statuses": counts, "diagram": f"boundary-{b}", "threats": []}
            for b in ("host", "guest")
        ],
        "elements": elements, "flows": flows, "threats": threats,
        "controls": [{"id": "filter", "title": "System-call filter", "description": "d",
                      "provides": ["syscall-filter"], "state": "contradicted",
                      "claims": [{"state": "contradicted", "count": 1}], "references": [], "used_by": ["Shim"],
                      "threats": [t["id"] for t in threats],
                      "doubts": [{"finding": "aaaaaaaaaaaa", "text": f"semgrep at {HOSTILE}:7"}]}],
        "ledger": ledger(claim("contradicted", id="filter~1", text=HOSTILE, seen=HOSTILE, path=f"src/{HOSTILE}.rs")),
        "findings": [
            finding,
            {**finding, "id": "bbbbbbbbbbbb", "severity": "note", "rule": "quiet", "message": "Plain.",
             "component": "", "role": "test", "code": "", "also": [], "symbol": "", "elements": [], "threats": []},
        ],
        "repeated": 1,
        "finding_counts": [{"scanner": "semgrep", "severity": "error", "count": 1},
                           {"scanner": "semgrep", "severity": "note", "count": 1}],
        "scans": [scan("semgrep", "complete")],
        "attribution": {"files": 10, "mapped": 10, "share": "100 %", "unmapped": []},
        "not_checked": [],
        "views": [{"id": "shim", "name": "Shim", "description": "The shim.", "elements": [names[1]],
                   "diagram": "view-shim", "threats": [t["id"] for t in threats], "statuses": counts}],
        "diagrams": [_diagram("overview", "Overview", flows), _diagram("boundary-host", "Host", flows),
                     _diagram("boundary-guest", "Guest", flows[:1]), _diagram("view-shim", "View: shim", flows)],
        "method": {"matrix": [["low"] * 5] * 5, "statuses": [], "strides": [], "states": [],
                   "likelihood": ["1: far"] * 5, "impact": ["1: small"] * 5,
                   "weights": [{"what": "Impact by privilege", "values": [{"of": "root", "number": 4}]}],
                   "criteria": [{"priority": "p3", "about": "the rest", "facts": "any", "because": "none fits"}]},
        "glossary": [{"term": "DFD", "meaning": "Data-flow diagram"}],
        "files": [{"path": "data/model.json", "what": "The model"}],
    }  # fmt: skip


def scan(name: str, status: str, reason: str = "") -> dict[str, Any]:
    left = [{"path": "src/broken.go", "reason": "not parsed"}] if status == "partial" else []
    return {
        "scanner": name, "version": "1.0", "status": status, "reason": reason, "planned": 5, "scanned": 5 - len(left),
        "not_scanned": left, "findings": 2 if status == "complete" else 0, "rules": 7,
    }  # fmt: skip


def unscanned_view(*scans: dict[str, Any]) -> dict[str, Any]:
    """The small view without findings, after these scans."""
    view = copy.deepcopy(small_view())
    view.update(findings=[], finding_counts=[], scans=list(scans))
    view["counts"]["findings"] = 0
    return view


_NODES = {"agent": (40, 40), "shim": (150, 40), "disk": (260, 40)}


def small_svgs() -> dict[str, bytes]:
    """Pictures of the form that the layout engine's output has after `threatmodel.diagrams.svg.finish`."""
    groups = [
        f'<g id="n-{name}" class="node element process n-{name}"><title>{name.title()} (process)</title>'
        f'<polygon fill="#eff6ff" stroke="#1d4ed8" points="{x - 30},{y - 15} {x + 30},{y - 15} {x + 30},{y + 15} '
        f'{x - 30},{y + 15}" /><text text-anchor="middle" x="{x}" y="{y}" font-size="11">{name.title()}</text></g>'
        for name, (x, y) in _NODES.items()
    ]
    for number, x in ((1, 95), (2, 205)):
        label = f"<title>{number} request</title>"
        groups.append(
            f'<g id="e-{number}-a" class="edge flow crossing f-{number}">{label}<path fill="none" stroke="#b91c1c" '
            f'd="M{x - 25},40C{x - 20},40 {x + 20},40 {x + 25},40" /></g>'
            f'<g id="f-{number}" class="node flow crossing f-{number}">{label}<path fill="white" stroke="#b91c1c" '
            f'd="M{x - 12},28L{x + 12},28 {x + 12},52 {x - 12},52Z" /><text x="{x}" y="44" font-size="10" '
            f'text-anchor="middle">{number}</text></g>'
        )
    svg = (
        '<?xml version="1.0" encoding="utf-8"?><svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="80pt" '
        'viewBox="0 0 300 80" role="img" aria-labelledby="title"><title id="title">Diagram</title>'
        f'<desc id="desc">In words</desc><g class="canvas">{"".join(groups)}</g></svg>\n'
    )
    return dict.fromkeys(("overview", "boundary-host", "boundary-guest", "view-shim"), svg.encode())
