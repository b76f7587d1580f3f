"""The view of the release document: this release beside the one before, or alone where no bundle of it was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from collateral.assessment import Assessment
from collateral.attribution import ComponentMap
from collateral.history import CAUSES, KINDS, Change, History
from collateral.history_compare import notes_of
from collateral.report import release_words as words
from collateral.report.front import fold_all, front
from threatmodel.analysis import RISK_LEVELS, STATUSES

View = dict[str, Any]
_MORE = ("scans", "withheld", "not_checked", "findings", "repeated", "attribution", "triage")
_TOOLS = frozenset({"rules", "toolkit", "scanner"})
_PROVEN = frozenset({"verified", "attested"})
_ELSEWHERE = frozenset({"not-checked", "rules", "toolkit", "scanner", "unknown"})
"""Causes that have places of their own: with them nothing is said about the code or the model."""
_KIND_NAMES = {"threat": "Threats", "claim": "Claims", "finding": "Findings"}


def release_view(a: Assessment, view: Mapping[str, Any]) -> View:
    """The view, built from the assessment as its edition shows it and from `view`, that of the threat model."""
    head = front(view, *_MORE)
    if a.history is None:
        return {**head, "previous": None, "summary": words.alone(a), **_NOTHING}
    listed = frozenset(threat["id"] for threat in view["threats"])
    made: View = fold_all(_Release(a, a.history, listed).view())
    return {**head, **made}


_NOTHING: View = {
    name: []
    for name in (
        "states",
        "state_rows",
        "causes",
        "cause_rows",
        "tools",
        "notes",
        "worse",
        "better",
        "by_tool",
        "unclear",
        "not_compared",
        "components",
        "threats",
        "claims",
        "state_words",
        "cause_words",
    )
}


class _Release:
    def __init__(self, a: Assessment, history: History, listed: frozenset[str]) -> None:
        self._a = a
        self._listed = listed
        self._history = history
        self._findings = {f.fingerprint: f for f in a.findings}
        self._components = ComponentMap.of(a.project)
        self._names = {flow.id: flow.name for system in a.project.systems for flow in system.flows}
        self._names |= {e.id: e.name for system in a.project.systems for e in system.elements}

    def view(self) -> View:
        h = self._history
        changed = [c for c in h.changes if c.cause != "none" or c.state != "unchanged"]
        told = [c for c in changed if not _undisclosed(c)]
        compared = [c for c in told if c.cause not in _ELSEWHERE]
        worse, better = [c for c in compared if _worse(c)], [c for c in compared if _better(c)]
        return {
            "previous": {
                "release": h.previous_release,
                "date": h.previous_date,
                "commit": h.previous_commit,
                "manifest": h.previous_manifest,
            },
            "summary": words.beside(self._a, h, worse, better),
            **self._tables(h.changes, changed),
            "tools": [
                {"name": t.name, "before": t.before, "after": t.after, "same": t.same} for t in h.tools
            ],
            "notes": list(notes_of(h)),
            "worse": self._by_kind(worse),
            "better": self._by_kind(better),
            "by_tool": self._by_kind([c for c in told if c.cause in _TOOLS]),
            "unclear": self._by_kind([c for c in told if c.cause == "unknown"]),
            "not_compared": self._by_kind([c for c in told if c.cause == "not-checked"]),
            "components": self._by_component([c for c in told if c.kind == "finding"]),
            "uncompared": {
                f"{kind}s": sum(c.kind == kind and c.cause == "not-checked" for c in changed)
                for kind in KINDS
            },
            "threats": self._rows(c for c in told if c.kind == "threat"),
            "claims": self._rows(c for c in told if c.kind == "claim"),
            "state_words": [{"word": w, "meaning": m} for w, m in words.STATE.items()],
            "cause_words": [{"word": w, "meaning": m} for w, m in words.CAUSE.items()],
        }

    def _tables(self, changes: Iterable[Change], told: Iterable[Change]) -> View:
        by_state = Counter((c.kind, words.state(c)) for c in changes)
        by_cause = Counter((c.kind, c.cause) for c in told)
        states = [word for word in words.STATE if any(by_state[kind, word] for kind in KINDS)]
        causes = [word for word in CAUSES if any(by_cause[kind, word] for kind in KINDS)]
        return {
            "states": states,
            "state_rows": [_row(kind, [by_state[kind, word] for word in states]) for kind in KINDS],
            "causes": causes,
            "cause_rows": [_row(kind, [by_cause[kind, word] for word in causes]) for kind in KINDS],
        }

    def _by_kind(self, changes: Iterable[Change]) -> View:
        found = list(changes)
        return {
            "count": len(found),
            **{f"{kind}s": self._rows(c for c in found if c.kind == kind) for kind in KINDS},
        }

    def _rows(self, changes: Iterable[Change]) -> list[View]:
        made = {"finding": self._finding, "threat": self._threat, "claim": self._claim}
        rows = [made[change.kind](change) for change in changes]
        return sorted(rows, key=lambda row: row.pop("order"))

    def _common(self, change: Change) -> View:
        return {
            "state": words.state(change),
            "cause": change.cause,
            "reason": change.reason,
            "first_seen": change.first_seen,
        }

    def _finding(self, change: Change) -> View:
        now, trace = self._findings.get(change.id), change.trace
        path = now.location.path if now else trace.path if trace else ""
        line = now.location.line if now else trace.line if trace else 0
        component = self._components.component(path)
        item = self._a.attributions.get(change.id)
        level = now.severity if now else change.level
        return {
            **self._common(change),
            "id": change.id[:12],
            "here": now is not None,
            "level": level,
            "rule": now.rule if now else trace.rule if trace else "",
            "scanner": now.scanner if now else trace.scanner if trace else "",
            "message": now.message if now else change.title,
            "path": path,
            "line": line,
            "component": component.id if component else "",
            "elements": [self._names.get(id_, id_) for id_ in (component.runs_in if component else ())],
            "role": (component.role or "") if component else "",
            "threats": [link.threat for link in item.threats] if item else [],
            "order": (("error", "warning", "note").index(level), path, line, change.id),
        }

    def _threat(self, change: Change) -> View:
        target = change.id.partition("@")[2]
        before, after = _judged(change.before), _judged(change.after)
        return {
            **self._common(change),
            "id": change.id,
            "here": change.id in self._listed,
            "title": change.title,
            "target": self._names.get(target, target),
            "before": before,
            "after": after,
            "order": (*_rank(change.after), change.id),
        }

    def _claim(self, change: Change) -> View:
        control, _, text = change.id.partition("#")
        return {
            **self._common(change),
            "control": control,
            "text": text,
            "before": change.before,
            "after": change.after,
            "order": (control, text),
        }

    def _by_component(self, changes: list[Change]) -> list[View]:
        groups: dict[str, list[View]] = {}
        for row in self._rows(changes):
            groups.setdefault(row["component"], []).append(row)
        return [
            {
                "component": name,
                "elements": rows[0]["elements"],
                "role": rows[0]["role"],
                "counts": [
                    {"word": word, "count": count}
                    for word in words.STATE
                    if (count := sum(row["state"] == word for row in rows))
                ],
                "groups": _by_message(rows),
            }
            for name, rows in sorted(groups.items(), key=lambda item: (item[0] == "", item[0]))
        ]


_MOST_THREATS = 6


def _by_message(rows: list[View]) -> list[View]:
    """Findings with one rule and one message together: the message stands once."""
    groups: dict[tuple[str, str, str, str], list[View]] = {}
    for row in rows:
        groups.setdefault((row["level"], row["scanner"], row["rule"], row["message"]), []).append(row)
    out = []
    for (level, scanner, rule, message), of_rule in groups.items():
        threats = sorted({id_ for row in of_rule for id_ in row["threats"]})
        out.append(
            {
                "level": level,
                "scanner": scanner,
                "rule": rule,
                "message": message,
                "threats": threats[:_MOST_THREATS],
                "more_threats": max(0, len(threats) - _MOST_THREATS),
                "rows": of_rule,
            }
        )
    return out


def _row(kind: str, cells: list[int]) -> View:
    return {"kind": _KIND_NAMES[kind], "cells": cells, "total": sum(cells)}


def _judged(text: str) -> View:
    """`status, risk in …` taken apart; a text that is no judgement stands alone."""
    status, _, rest = text.partition(", ")
    risk, _, where = rest.partition(" in ")
    if status in STATUSES and risk in RISK_LEVELS:
        return {"status": status, "risk": risk, "words": f"in {where}" if where else ""}
    return {"status": "", "risk": "", "words": text}


def _rank(text: str) -> tuple[int, int]:
    """Worst first: by status, then by risk."""
    judged = _judged(text)
    if not judged["status"]:
        return len(STATUSES), 0
    return STATUSES.index(judged["status"]), -RISK_LEVELS.index(judged["risk"])


def _undisclosed(change: Change) -> bool:
    """True where one of the editions says nothing: such entries are a number in the notes."""
    words_of = f"{change.before} {change.after} {change.reason}"
    return words.state(change) == words.NOT_COMPARED and "undisclosed" in words_of


def _worse(change: Change) -> bool:
    if change.kind == "finding":
        return change.state in {"new", "reopened"}
    if change.kind == "claim":
        return change.after not in _PROVEN and (
            change.before in _PROVEN or change.state in {"new", "reopened"}
        )
    if change.state in {"new", "reopened"}:
        return _rank(change.after)[0] < STATUSES.index("accepted")
    return change.state == "changed" and bool(change.before) and _rank(change.after) < _rank(change.before)


def _better(change: Change) -> bool:
    if change.state == "fixed":
        return True
    if change.kind == "claim":
        return change.state == "changed" and change.after in _PROVEN
    return (
        change.kind == "threat" and change.state == "changed" and _rank(change.after) > _rank(change.before)
    )
