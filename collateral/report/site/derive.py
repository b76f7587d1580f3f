"""What the page needs besides the view: indexes, groups and the small data of its script. Nothing is re-judged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from collateral.report.cases import cases

View = Mapping[str, Any]

_UNRESOLVED = ("contradicted", "open", "unverified")
_SEVERITIES = ("error", "warning", "note")
_PROVEN = ("attested", "verified")
_IN_FULL = ("contradicted", "not-found", "not-checked", "proposed")
_COUNTS = {"here": "in this configuration", "elsewhere": "not in this one"}
_MOST_NAMES = 4
_RISKS = ("critical", "high", "medium", "low")


def derived(view: View) -> dict[str, Any]:
    """Indexes and groups for the templates."""
    threats = {t["id"]: t for t in view["threats"]}
    at_element: dict[str, list[View]] = defaultdict(list)
    at_threat: dict[str, list[View]] = defaultdict(list)
    for finding in view["findings"]:
        for element in finding["elements"]:
            at_element[element["id"]].append(finding)
        for link in finding["threats"]:
            at_threat[link["id"]].append(finding)
    return {
        "threats_by_id": threats,
        "controls_by_id": {c["id"]: c for c in view["controls"]},
        "elements_by_id": {e["id"]: e for e in view["elements"]},
        "flows_by_id": {f["id"]: f for f in view["flows"]},
        "diagrams_by_id": {d["id"]: d for d in view["diagrams"]},
        "flows_at_element": _by_end(view["flows"]),
        "findings_at_element": at_element,
        "findings_at_threat": at_threat,
        "statuses": [row["status"] for row in view["status_counts"]],
        "facets": facets(view),
        "reports": {v["id"]: _report(view, v, threats) for v in view["views"]},
        "cases": {t["id"]: _cases(t) for t in view["threats"]},
        "scanning": scanning(view["scans"]),
        "ledger_entries": ledger_entries(view),
        "unresolved": sum(r["count"] for r in view["status_counts"] if r["status"] in _UNRESOLVED),
        "bar": _bar(view["status_counts"]),
    }


def _by_end(flows: Iterable[View]) -> dict[str, list[View]]:
    out: dict[str, list[View]] = defaultdict(list)
    for flow in flows:
        for end in sorted({flow["source"], flow["target"]}):
            out[end].append(flow)
    return out


def scanning(scans: Sequence[View]) -> dict[str, Any]:
    """How far the code was scanned: `none`, `incomplete` or `complete`, with the scans that are not complete."""
    unfinished = [scan for scan in scans if scan["status"] != "complete"]
    silent = [scan for scan in unfinished if scan["status"] in {"failed", "skipped"}]
    state = "none" if len(silent) == len(scans) else "incomplete" if unfinished else "complete"
    return {"state": state, "unfinished": unfinished}


def ledger_entries(view: View) -> list[dict[str, Any]]:
    """The rows of the claims: not proven, then controls without any claim, then proven.

    `open`: shown in full from the start. What does not count here is not, nor what a missing source tree left
    unchecked, which the page says above. Proven claims that do not count here stand at the end, those of one control
    together.
    """
    ledger = view["ledger"]
    claims = [
        {**c, "others": (), "bare": False, "open": c["state"] in _IN_FULL and c["here"] and not c["absent"]}
        for c in ledger["claims"]
    ]
    blank = {
        "others": (),
        "kind": "",
        "text": "",
        "path": "",
        "line": 0,
        "seen": "",
        "detail": "",
        "person": False,
    }
    bare = [
        {**blank, "id": c["id"], "control": c["id"], "title": c["title"], "used_by": c["used_by"], "here": True,
         "state": "unclaimed", "bare": True, "open": False}
        for c in ledger["bare"]
    ]  # fmt: skip
    proven = [c for c in claims if c["state"] in _PROVEN]
    here = [c for c in proven if c["here"]]
    elsewhere = _elsewhere(c for c in proven if not c["here"])
    return [*(c for c in claims if c["state"] not in _PROVEN), *bare, *here, *elsewhere]


def _elsewhere(claims: Iterable[View]) -> Iterator[dict[str, Any]]:
    """Proven claims that do not count here, those of one control and state in one row. One alone stays as it is."""
    groups: dict[tuple[str, str], list[View]] = defaultdict(list)
    for claim in claims:
        groups[claim["control"], claim["state"]].append(claim)
    for (control, state), found in groups.items():
        if len(found) == 1:
            yield dict(found[0])
            continue
        yield {
            **found[0],
            "id": f"{control}~elsewhere~{state}",
            "text": f"{len(found)} claims that count in other configurations",
            "kind": "several kinds",
            "path": "",
            "line": 0,
            "seen": "",
            "detail": "",
            "when": "",
            "source": "",
            "others": found,
        }


def _report(view: View, part: View, threats: Mapping[str, View]) -> dict[str, Any]:
    """The STRIDE report of a view: a row of counts and the threats of each category."""
    here = [threats[id_] for id_ in part["threats"] if id_ in threats]
    rows = []
    for row in view["stride_counts"]:
        group = [t for t in here if t["stride"] == row["stride"]]
        counts = Counter(t["status"] for t in group)
        cells = [counts[status["status"]] for status in view["status_counts"]]
        rows.append({"stride": row["stride"], "cells": cells, "total": len(group), "rules": _rules(group)})
    return {"rows": rows, "total": len(here)}


def _rules(threats: Iterable[View]) -> list[dict[str, Any]]:
    """The threats of one rule, status and risk together."""
    groups: dict[tuple[str, str, str], list[View]] = defaultdict(list)
    for threat in threats:
        groups[threat["rule"], threat["risk"], threat["status"]].append(threat)
    return [
        {"title": found[0]["title"], "risk": risk, "status": status, "threats": [t["id"] for t in found]}
        for (_, risk, status), found in groups.items()
    ]


def _cases(threat: View) -> list[dict[str, Any]]:
    """What the threat is in which configurations, those of one status and risk together. The largest group is a number
    where naming it would be long, since the others are named."""
    groups = cases(threat["by_configuration"])
    largest = max(groups.values(), key=len, default=[])
    rows = []
    for (status, risk), names in groups.items():
        told = ", ".join(names)
        if names is largest and len(names) > _MOST_NAMES:
            alone = f"in all {len(names)} configurations that have it"
            told = alone if len(groups) == 1 else f"in {len(names)} others"
        rows.append({"status": status, "risk": risk, "names": told})
    return rows


def _bar(counts: Iterable[View]) -> list[dict[str, Any]]:
    """The pieces of the bar of statuses, in thousandths of its width; together exactly 1000."""
    shown = [row for row in counts if row["count"]]
    whole = sum(row["count"] for row in shown)
    pieces, done = [], 0
    for row in shown:
        start = 1000 * done // whole
        done += row["count"]
        pieces.append({"status": row["status"], "x": start, "width": 1000 * done // whole - start})
    return pieces


def _ordered(present: Iterable[str], order: Sequence[str]) -> list[str]:
    """The words that occur, known ones in the order given, others after them by name."""
    words = set(present)
    return [w for w in order if w in words] + sorted(words - set(order))


def facets(view: View) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The choices of the filters: value, label, and how many rows have it."""
    threats, findings = view["threats"], view["findings"]
    names = {b["id"]: b["name"] for b in view["boundaries"]} | {
        t["boundary"]: t["boundary_name"] for t in threats
    }
    views = {v["id"]: v["name"] for v in view["views"]}
    elements = {e["id"]: e["name"] for f in findings for e in f["elements"]}
    statuses = [row["status"] for row in view["status_counts"]]
    strides = [row["stride"] for row in view["stride_counts"]]
    in_views = Counter(v["id"] for v in view["views"] for _ in v["threats"])
    adversaries = Counter(a for t in threats for a in set(t["adversaries"]))
    return {
        "threats": {
            "status": _choices(Counter(t["status"] for t in threats), statuses),
            "risk": _choices(Counter(t["risk"] for t in threats), _RISKS),
            "stride": _choices(Counter(t["stride"] for t in threats), strides),
            "boundary": _choices(Counter(t["boundary"] for t in threats), list(names), names),
            "adversary": _choices(adversaries, [a["name"] for a in view["adversaries"]]),
            "view": _choices(in_views, list(views), views),
        },
        "claims": _claim_facets(ledger_entries(view)),
        "findings": {
            "severity": _choices(Counter(f["severity"] for f in findings), _SEVERITIES),
            "scanner": _choices(Counter(f["scanner"] for f in findings), []),
            "component": _choices(Counter(f["component"] or f["role"] or "none" for f in findings), []),
            "element": _choices(
                Counter(id_ for f in findings for id_ in {e["id"] for e in f["elements"]}),
                [e["id"] for e in view["elements"]],
                elements,
            ),
        },
    }


def _claim_facets(entries: Sequence[View]) -> dict[str, list[dict[str, Any]]]:
    columns = list(zip(*map(_claim_cells, entries), strict=True)) or [()] * 4
    state, counts, kind, control = (Counter(column) for column in columns)
    return {
        "state": _choices(state, list(dict.fromkeys(e["state"] for e in entries))),
        "counts": _choices(counts, list(_COUNTS), _COUNTS),
        "kind": _choices(kind, []),
        "control": _choices(control, []),
    }


def _claim_cells(entry: View) -> tuple[str, str, str, str]:
    where = "here" if entry["here"] else "elsewhere"
    return entry["state"], where, entry["kind"] or "no claim", entry["control"]


def _choices(
    counts: Mapping[str, int], order: Sequence[str], names: Mapping[str, str] | None = None
) -> list[dict[str, Any]]:
    return [
        {"value": value, "label": (names or {}).get(value, value), "count": counts[value]}
        for value in _ordered(counts, order)
    ]


def script_data(view: View) -> dict[str, Any]:
    """The JSON of the script: for each row of a filtered table its facet values, and the graph of the flows.

    Texts are in the HTML alone. Rows hold positions in the lists of values, in the order of the facets.
    """
    kinds = facets(view)
    in_view: dict[str, list[str]] = defaultdict(list)
    for part in view["views"]:
        for id_ in part["threats"]:
            in_view[id_].append(part["id"])
    threats = [
        [
            [t["status"]],
            [t["risk"]],
            [t["stride"]],
            [t["boundary"]],
            t["adversaries"],
            in_view[t["id"]],
        ]
        for t in view["threats"]
    ]
    findings = [
        [
            [f["severity"]],
            [f["scanner"]],
            [f["component"] or f["role"] or "none"],
            [e["id"] for e in f["elements"]],
        ]
        for f in view["findings"]
    ]
    claims = [[[cell] for cell in _claim_cells(entry)] for entry in ledger_entries(view)]
    return {
        "tables": {
            "threats": _indexed(kinds["threats"], threats),
            "claims": _indexed(kinds["claims"], claims),
            "findings": _indexed(kinds["findings"], findings),
        },
        "flows": [[f["number"], f["id"], f["source"], f["target"]] for f in view["flows"]],
    }


def _indexed(kinds: Mapping[str, list[dict[str, Any]]], rows: list[list[list[str]]]) -> dict[str, Any]:
    values = [[choice["value"] for choice in choices] for choices in kinds.values()]
    at = [{value: index for index, value in enumerate(column)} for column in values]
    return {
        "facets": list(kinds),
        "values": values,
        "rows": [[sorted({at[i][value] for value in cell}) for i, cell in enumerate(row)] for row in rows],
    }
