"""The short chapters of the threat model: threats by rule, controls in one table, the views that are chapters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

Row = dict[str, Any]

CHAPTERS = ("runtime", "agent", "shim", "hypervisor")
"""Views that are chapters of their own where a model has one of them; else its first ones are."""
_UNRESOLVED = ("contradicted", "open", "unverified")
_RISKS = ("critical", "high", "medium", "low")
_WORST = 8
_MOST_CONTROLS = 5
_MOST_RULES = 40


def compact(page: Mapping[str, Any]) -> Row:
    """What the document shows of a page that `prepare` has made."""
    threats = {threat["id"]: threat for threat in page["threats"]}
    chapters = _chapters(page["views"])
    inside = {view["id"] for view in chapters}
    statuses = [row["status"] for row in page["status_counts"]]
    rules = _found(page["findings"])
    return {
        "view_chapters": [_chapter(view, page, threats, statuses) for view in chapters],
        "other_views": [view for view in page["views"] if view["id"] not in inside],
        "rules_by_stride": _by_stride(page, statuses),
        "found_rules": rules[:_MOST_RULES],
        "more_rules": max(0, len(rules) - _MOST_RULES),
        "found_in": _components(page["findings"]),
        "decided": [f for f in page["findings"] if f["decision"]],
        "crossing": [flow for flow in page["flows"] if flow["crosses"]],
    }


def _chapters(views: Sequence[Row]) -> list[Row]:
    named = [view for name in CHAPTERS for view in views if view["id"] == name]
    return named or list(views[: len(CHAPTERS)])


def _chapter(view: Row, page: Mapping[str, Any], threats: Mapping[str, Row], statuses: Sequence[str]) -> Row:
    here = [threats[id_] for id_ in view["threats"] if id_ in threats]
    counts = []
    for kind in page["method"]["strides"]:
        found = Counter(t["status"] for t in here if t["stride"] == kind["stride"])
        cells = [found[status] for status in statuses]
        counts.append({"stride": kind["stride"], "cells": cells, "total": sum(cells)})
    used = [at for at in range(len(statuses)) if any(row["cells"][at] for row in counts)]
    worst = [t for t in here if t["status"] in _UNRESOLVED]
    worst.sort(key=lambda t: (_RISKS.index(t["risk"]), statuses.index(t["status"]), t["id"]))
    first = {t["rule"]: t for t in reversed(worst)}
    shown = [t for t in worst if first[t["rule"]] is t][:_WORST]
    return {
        **view,
        "stride_counts": [{**row, "cells": [row["cells"][at] for at in used]} for row in counts],
        "stride_columns": [statuses[at] for at in used],
        "worst": shown,
        "more_worst": len(worst) - len(shown),
    }


def _by_stride(page: Mapping[str, Any], statuses: Sequence[str]) -> list[Row]:
    """Each rule once, the gravest first, below its category; its threats in groups of one status and risk."""
    rules: dict[str, list[Row]] = {}
    for threat in page["threats"]:
        rules.setdefault(threat["rule"], []).append(threat)

    def order(threat: Row) -> tuple[int, int, str]:
        return (statuses.index(threat["status"]), _RISKS.index(threat["risk"]), threat["id"])

    entries = [_rule(sorted(found, key=order)) for found in rules.values()]
    entries.sort(
        key=lambda e: (
            statuses.index(e["groups"][0]["status"]),
            _RISKS.index(e["groups"][0]["risk"]),
            e["rule"],
        )
    )
    return [
        {
            "stride": kind["stride"],
            "rules": [entry for entry in entries if entry["stride"] == kind["stride"]],
            "count": sum(entry["count"] for entry in entries if entry["stride"] == kind["stride"]),
        }
        for kind in page["method"]["strides"]
    ]


def _rule(threats: Sequence[Row]) -> Row:
    first = threats[0]
    groups: dict[tuple[str, str], list[Row]] = {}
    for threat in threats:
        groups.setdefault((threat["status"], threat["risk"]), []).append(threat)
    return {
        "rule": first["rule"],
        "title": first["title"],
        "description": first["description"],
        "stride": first["stride"],
        "cwe": first["cwe"],
        "mitigated_by": first["mitigated_by"],
        "count": len(threats),
        "groups": [_group(status, risk, found) for (status, risk), found in groups.items()],
    }


def _group(status: str, risk: str, threats: Sequence[Row]) -> Row:
    controls = list(dict.fromkeys(id_ for threat in threats for id_ in threat["controls"]))
    doubtful = list(dict.fromkeys(id_ for threat in threats for id_ in threat["doubtful"]))
    return {
        "status": status,
        "risk": risk,
        "controls": controls[:_MOST_CONTROLS],
        "more_controls": max(0, len(controls) - _MOST_CONTROLS),
        "doubtful": doubtful,
        "threats": [
            {
                "id": threat["id"],
                "code": threat["target_id"],
                "name": threat["target_name"],
                "decided": threat["disposition"],
            }
            for threat in threats
        ],
    }


def _found(findings: Sequence[Row]) -> list[Row]:
    """Rules of scanners with the number of their findings, the most severe first."""
    counts = Counter((f["severity"], f["scanner"], f["rule"]) for f in findings if not _not_run(f))
    order = ("error", "warning", "note")
    rows = [
        {"severity": severity, "scanner": scanner, "rule": rule, "count": count}
        for (severity, scanner, rule), count in counts.items()
    ]
    return sorted(rows, key=lambda r: (order.index(r["severity"]), -r["count"], r["scanner"], r["rule"]))


def _components(findings: Sequence[Row]) -> list[Row]:
    """Components with their findings by level; those in tests and examples apart."""
    names = sorted({f["component"] for f in findings}, key=lambda name: (not name, name))
    rows = []
    for name in names:
        found = [f for f in findings if f["component"] == name]
        levels = Counter(f["severity"] for f in found if not _not_run(f))
        rows.append(
            {
                "component": name,
                "cells": [levels["error"], levels["warning"], levels["note"], sum(map(_not_run, found))],
                "total": len(found),
            }
        )
    return rows


def _not_run(finding: Row) -> bool:
    return finding["code"] in ("test", "example") or finding["role"] == "test"
