"""Rows of the view about results: threats, controls, findings, scanners, and what was not checked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from collateral.doubts import doubtful, doubts_here
from collateral.report import words
from collateral.report.embargoed import embargoed_decision
from collateral.report.facts import Facts, View
from collateral.report.withheld import decision_text, orphan_rows
from collateral.vectors import best_vector, in_words
from threatmodel.analysis import RISK_LEVELS, STATUSES, Threat
from threatmodel.system import STRIDE, WORST_FIRST


def percent(part: int, whole: int) -> str:
    """A share in whole per cent; 100 % and 0 % are said only where they are exact."""
    if not whole:
        return "-"
    share = 100 * part / whole
    if part not in (0, whole):
        share = min(99.9, max(0.1, share)) if share > 99 or share < 1 else share
        return f"{share:.1f} %" if share > 99 or share < 1 else f"{share:.0f} %"
    return f"{share:.0f} %"


class ResultRows:
    """Each method gives rows of one kind."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    def threat(self, t: Threat) -> View:
        here = t.by_configuration[self._facts.name]
        rule = self._facts.rules[t.rule]
        home = self._facts.home(t)
        priority = self._facts.priorities.of_threat(t, self._facts.name)
        vector = best_vector(self._facts.a.vectors, t.id, self._facts.name)
        target = (
            self._facts.elements[t.target.id]
            if t.target.kind == "element"
            else self._facts.flows[t.target.id]
        )
        return {
            "id": t.id,
            "rule": t.rule,
            "title": t.title,
            "description": t.description,
            "target_kind": t.target.kind,
            "target_id": t.target.id,
            "target_name": target.name,
            "boundary": home.id,
            "boundary_name": home.name,
            "stride": t.stride,
            "cwe": list(t.cwe),
            "capec": list(t.capec),
            "attack": list(t.attack),
            "status": here.status,
            "risk": here.risk,
            "priority": priority.priority,
            "because": priority.because,
            "inherent": here.inherent,
            "likelihood": here.likelihood,
            "residual_likelihood": here.residual_likelihood,
            "impact": here.impact,
            "cvss": in_words(vector),
            "scored": vector is not None,
            "adversaries": [self._facts.adversaries[id_] for id_ in here.adversaries],
            "controls": list(here.controls),
            "doubtful": list(doubtful(self._facts.a.doubts, here.controls, self._facts.system.configuration)),
            "reason": here.reason,
            "mitigated_by": "; or ".join(" and ".join(inner) for inner in t.mitigated_by),
            "disposition": "; ".join(
                text for text in (t.disposition, embargoed_decision(self._facts.a, t.id)) if text
            ),
            "test": rule.test,
            "references": list(rule.references),
            "by_configuration": [
                {"name": name, "status": result.status, "risk": result.risk}
                for name, result in t.by_configuration.items()
            ],
            "findings": self._facts.findings_on[t.id],
        }

    def controls(self, claims: Mapping[str, list[View]]) -> list[View]:
        """Controls of this configuration; `claims` counts by state those of each that count here."""
        used = self._facts.used_controls()
        rests: dict[str, list[str]] = defaultdict(list)
        for t in self._facts.ranked(self._facts.threats):
            for id_ in dict.fromkeys(t.by_configuration[self._facts.name].controls):
                rests[id_].append(t.id)
        states = self._facts.a.ledger.states
        return [
            {
                "id": c.id,
                "title": c.title,
                "description": c.description,
                "provides": list(c.provides),
                "state": states[self._facts.name, c.id],
                "claims": claims.get(c.id, []),
                "references": list(c.references),
                "used_by": used[c.id],
                "threats": rests[c.id],
                "doubts": [
                    {"finding": doubt.finding[:12], "text": doubt.told}
                    for doubt in doubts_here(self._facts.a.doubts, c.id, self._facts.system.configuration)
                ],
            }
            for c in self._facts.a.project.controls
            if c.id in used
        ]

    def findings(self) -> list[View]:
        here = set(self._facts.elements)
        out = []
        known = {t.id for t in self._facts.threats}
        for f in self._facts.shown_findings:
            item = self._facts.a.attributions[f.fingerprint]
            out.append(
                {
                    "id": f.fingerprint[:12],
                    "scanner": f.scanner,
                    "rule": f.rule,
                    "severity": f.severity,
                    "message": f.message,
                    "path": f.location.path,
                    "line": f.location.line,
                    "snippet": f.snippet,
                    "cwe": list(f.cwe),
                    "component": item.component,
                    "role": item.role,
                    "code": item.kind,
                    "symbol": f.symbol,
                    "reason": item.reason,
                    "elements": [
                        {"id": id_, "name": self._facts.elements[id_].name}
                        for id_ in item.elements
                        if id_ in here
                    ],
                    "threats": [
                        {"id": link.threat, "reason": link.reason}
                        for link in item.threats
                        if link.threat in known
                    ],
                    "decision": decision_text(self._facts.a, f.fingerprint),
                    "also": [
                        {"scanner": other.scanner, "rule": other.rule, "id": other.fingerprint[:12]}
                        for other in self._facts.told_twice.get(f.fingerprint, ())
                    ],
                }
            )
        return out

    def finding_counts(self) -> list[View]:
        counts = Counter((f.scanner, f.severity) for f in self._facts.a.findings)
        return [
            {"scanner": scanner, "severity": severity, "count": count}
            for (scanner, severity), count in sorted(counts.items())
        ]

    def scans(self) -> list[View]:
        return [
            {
                "scanner": s.scanner,
                "version": s.version,
                "status": s.status,
                "reason": s.reason,
                "planned": len(s.files_planned),
                "scanned": len(s.files_scanned),
                "not_scanned": [{"path": path, "reason": reason} for path, reason in s.not_scanned],
                "findings": len(s.findings),
                "rules": len(s.rules),
            }
            for s in self._facts.a.scans
        ]

    def attribution(self) -> View:
        c = self._facts.a.coverage
        if c is None:
            return {"files": 0, "mapped": 0, "share": "not checked", "unmapped": []}
        return {
            "files": c.files,
            "mapped": c.mapped,
            "share": percent(c.mapped, c.files),
            "unmapped": list(c.unmapped),
        }

    def not_checked(self) -> list[View]:
        """What was asked for and not done, and what nobody could have checked."""
        rows = [{"what": item.what, "why": item.why} for item in self._facts.a.not_done]
        rows += orphan_rows(self._facts.a)
        states = self._facts.a.ledger.states
        rows += [
            {"what": f"Control {id_}", "why": words.STATE[state]}
            for id_ in sorted(self._facts.used_controls())
            if (state := states[self._facts.name, id_]) in {"unclaimed", "proposed"}
        ]
        if links := self._facts.a.source.links:
            what = "symbolic link was" if links == 1 else "symbolic links were"
            rows.append({"what": "Source tree", "why": f"{links} {what} not followed"})
        if self._facts.a.coverage and self._facts.a.coverage.unmapped:
            count = len(self._facts.a.coverage.unmapped)
            files = "file belongs" if count == 1 else "files belong"
            rows.append({"what": "Attribution", "why": f"{count} {files} to no component of the model"})
        return rows

    def control_states(self) -> list[View]:
        used = self._facts.used_controls()
        states = self._facts.a.ledger.states
        counts = Counter(states[self._facts.name, id_] for id_ in used)
        return [
            {
                "state": state,
                "count": counts[state],
                "share": percent(counts[state], len(used)),
                "meaning": words.STATE[state],
            }
            for state in WORST_FIRST
            if state != "undisclosed" or counts[state]
        ]

    def risk_table(self) -> View:
        counts = Counter(
            (t.by_configuration[self._facts.name].risk, t.by_configuration[self._facts.name].status)
            for t in self._facts.threats
        )
        rows = []
        for risk in reversed(RISK_LEVELS):
            cells = [counts[risk, status] for status in STATUSES]
            rows.append({"risk": risk, "cells": cells, "total": sum(cells)})
        return {"columns": list(STATUSES), "rows": rows}

    def stride_counts(self) -> list[View]:
        unresolved = {"contradicted", "open", "unverified"}
        return [
            {
                "stride": stride,
                "count": sum(t.stride == stride for t in self._facts.threats),
                "unresolved": sum(
                    t.stride == stride and t.by_configuration[self._facts.name].status in unresolved
                    for t in self._facts.threats
                ),
            }
            for stride in STRIDE
        ]
