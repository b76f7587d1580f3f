"""The view of the slides for a talk: what the system is, who is against it, what was found, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collateral.report.brief import brief_view

View = dict[str, Any]
_MOST = 6
_OVERVIEW = "overview"


def slides_view(view: Mapping[str, Any]) -> View:
    """The view, from that of the threat model: it holds only what the edition may show."""
    brief = brief_view(view)
    claims = [claim for claim in view["ledger"]["claims"] if claim["here"]]
    paths = view.get("paths")
    return {
        **brief,
        "about": list(view["texts"]["about"][:1]),
        "objective": list(view["texts"]["objective"][:3]),
        "control_states": [row for row in view["control_states"] if row["count"]],
        "statuses": [row for row in view["status_counts"] if row["count"]],
        "boundaries": [
            {"name": row["name"], "privilege": row["privilege"], "threats": len(row["threats"])}
            for row in sorted(view["boundaries"], key=lambda row: (-len(row["threats"]), row["name"]))[:_MOST]
        ],
        "diagrams": [d for d in view["diagrams"] if d["id"] == _OVERVIEW],
        "claims": len(claims),
        "example": _example(view, claims),
        "path": paths["shown"][0] if paths and paths["shown"] else None,
        "configurations": len(view["configurations"]),
        "files": [row for row in view["files"] if row["path"].startswith("pdf/")],
    }


def _example(view: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> View | None:
    """The first threat that rests on a control whose proof is a line of the source; None where there is none."""
    threats = {threat["id"]: threat for threat in view["threats"] if threat["status"] == "mitigated"}
    controls = {control["id"]: control for control in view["controls"] if not control["doubts"]}
    for claim in claims:
        if claim["state"] != "verified" or not (claim["path"] and claim["line"] and claim["seen"]):
            continue
        resting = controls[claim["control"]]["threats"] if claim["control"] in controls else ()
        threat = next((threats[id_] for id_ in resting if id_ in threats), None)
        if threat is not None:
            return {
                "threat": {
                    "id": threat["id"],
                    "title": threat["title"],
                    "target": threat["target_name"],
                    "status": threat["status"],
                },
                "control": {"id": claim["control"], "title": claim["title"]},
                "claim": claim["text"],
                "place": f"{claim['path']}:{claim['line']}",
                "seen": claim["seen"],
            }
    return None
