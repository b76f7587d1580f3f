"""The view model of the threat model's documents: everything that a template shows, worked out beforehand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collateral.assessment import Assessment, matrix_of
from collateral.report import words
from collateral.report.summary import summary, top_threats
from threatmodel.analysis import RISK_LEVELS, STATUSES, Threat
from threatmodel.core.text import fold
from threatmodel.system import STRIDE, WORST_FIRST, Boundary, Configuration, Element, Flow, Project

View = dict[str, Any]


def build_view(assessment: Assessment, diagrams: Sequence[View]) -> View:
    """The view of an assessment in the configuration of its documents. `diagrams` come from `report.pictures`."""
    folded: View = _folded(_Builder(assessment).view(diagrams))
    return folded


def _folded(value: Any) -> Any:
    """Every text with control and bidirectional code points made visible."""
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, dict):
        return {key: _folded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_folded(item) for item in value]
    return value


def percent(part: int, whole: int) -> str:
    """A share in whole per cent; 100 % and 0 % are said only where they are exact."""
    if not whole:
        return "-"
    share = 100 * part / whole
    if part not in (0, whole):
        share = min(99.9, max(0.1, share)) if share > 99 or share < 1 else share
        return f"{share:.1f} %" if share > 99 or share < 1 else f"{share:.0f} %"
    return f"{share:.0f} %"


class _Builder:
    def __init__(self, a: Assessment) -> None:
        self.a = a
        self.name = a.configuration
        self.system = a.system
        self.boundaries = {b.id: b for b in self.system.boundaries}
        self.elements = {e.id: e for e in self.system.elements}
        self.flows = {f.id: f for f in self.system.flows}
        self.numbers = {f.id: number for number, f in enumerate(self.system.flows, 1)}
        self.adversaries = {x.id: x.name for x in a.project.adversaries}
        self.threats = [t for t in a.threats if self.name in t.by_configuration]
        self.rules = {rule.id: rule for rule in a.rules}
        self.at_target: dict[str, list[str]] = defaultdict(list)
        for threat in self.threats:
            self.at_target[threat.target.id].append(threat.id)
        self.findings_at: Counter[str] = Counter()
        self.findings_on: Counter[str] = Counter()
        for item in a.attributions.values():
            self.findings_at.update(item.elements)
            self.findings_on.update(link.threat for link in item.threats)

    def view(self, diagrams: Sequence[View]) -> View:
        a, project = self.a, self.a.project
        source = a.source
        return {
            "title": project.name,
            "project_id": project.id,
            "description": project.description,
            "release": a.release,
            "date": a.date.strftime("%Y-%m-%d"),
            "edition": a.edition,
            "status": "adopted" if a.manifest.adopted else "proposed",
            "notice": a.manifest.notice,
            "headline": a.headline,
            "tool": {"name": "threatmodel", "version": a.tool_version},
            "model_digest": a.model_digest,
            "source": {
                "available": source.available,
                "name": source.name,
                "commit": source.commit,
                "ref": source.ref,
                "dirty": source.dirty,
                "reason": source.reason,
            },
            "configuration": _configuration(self.system.configuration),
            "configurations": self._configurations(project),
            "counts": self._counts(),
            "status_counts": [
                {**row, "meaning": words.STATUS[row["status"]]} for row in self._statuses(self.threats)
            ],
            "risk_table": self._risk_table(),
            "stride_counts": self._stride_counts(),
            "control_states": self._control_states(),
            "summary": summary(a),
            "top_threats": top_threats(a),
            "texts": {
                name: list(a.texts.get(name, ())) for name in ("about", "objective", "scope", "assumptions")
            },
            "adversaries": self._adversaries(),
            "assets": [
                {
                    "id": x.id,
                    "name": x.name,
                    "description": x.description,
                    "confidentiality": x.confidentiality,
                    "integrity": x.integrity,
                    "availability": x.availability,
                    "secret": x.secret,
                }
                for x in project.data
            ],
            "boundaries": [self._boundary(b) for b in self.system.boundaries],
            "elements": [self._element(e) for e in self.system.elements],
            "flows": [self._flow(f) for f in self.system.flows],
            "threats": [self._threat(t) for t in self._sorted(self.threats)],
            "controls": self._controls(),
            "findings": self._findings(),
            "finding_counts": self._finding_counts(),
            "scans": self._scans(),
            "attribution": self._attribution(),
            "not_checked": [{"what": item.what, "why": item.why} for item in a.not_done],
            "views": self._views(),
            "diagrams": list(diagrams),
            "method": self._method(),
            "glossary": [{"term": term, "meaning": text} for term, text in words.GLOSSARY.items()],
            "files": [{"path": path, "what": what} for path, what in words.FILES.items()],
        }

    def _sorted(self, threats: Iterable[Threat]) -> list[Threat]:
        """Worst status and risk first, then by id."""

        def key(threat: Threat) -> tuple[int, int, str]:
            here = threat.by_configuration[self.name]
            return (STATUSES.index(here.status), -RISK_LEVELS.index(here.risk), threat.id)

        return sorted(threats, key=key)

    def _statuses(self, threats: Iterable[Threat], configuration: str = "") -> list[View]:
        name = configuration or self.name
        counts = Counter(t.by_configuration[name].status for t in threats if name in t.by_configuration)
        return [{"status": status, "count": counts[status]} for status in STATUSES]

    def _configurations(self, project: Project) -> list[View]:
        return [
            {
                **_configuration(system.configuration),
                "default": system.configuration.name == self.name,
                "threats": sum(system.configuration.name in t.by_configuration for t in self.a.threats),
                "statuses": self._statuses(self.a.threats, system.configuration.name),
            }
            for system in project.systems
        ]

    def _counts(self) -> View:
        return {
            "elements": len(self.elements),
            "flows": len(self.flows),
            "crossing": sum(self._crosses(flow) for flow in self.flows.values()),
            "boundaries": len(self.boundaries),
            "adversaries": sum(row["active"] for row in self._adversaries()),
            "threats": len(self.threats),
            "controls": len(self._used_controls()),
            "findings": len(self.a.findings),
        }

    def _crosses(self, flow: Flow) -> bool:
        return self.elements[flow.source].boundary != self.elements[flow.target].boundary

    def _risk_table(self) -> View:
        counts = Counter(
            (t.by_configuration[self.name].risk, t.by_configuration[self.name].status) for t in self.threats
        )
        rows = []
        for risk in reversed(RISK_LEVELS):
            cells = [counts[risk, status] for status in STATUSES]
            rows.append({"risk": risk, "cells": cells, "total": sum(cells)})
        return {"columns": list(STATUSES), "rows": rows}

    def _stride_counts(self) -> list[View]:
        unresolved = {"contradicted", "open", "unverified"}
        return [
            {
                "stride": stride,
                "count": sum(t.stride == stride for t in self.threats),
                "unresolved": sum(
                    t.stride == stride and t.by_configuration[self.name].status in unresolved
                    for t in self.threats
                ),
            }
            for stride in STRIDE
        ]

    def _used_controls(self) -> dict[str, list[str]]:
        """Controls of this configuration with the names of what they are attached to."""
        used: dict[str, list[str]] = {}
        holders: tuple[Boundary | Element | Flow, ...] = (
            *self.system.boundaries,
            *self.system.elements,
            *self.system.flows,
        )
        for holder in holders:
            for id_ in holder.controls:
                used.setdefault(id_, []).append(holder.name)
        return used

    def _control_states(self) -> list[View]:
        used = self._used_controls()
        states = self.a.ledger.states
        counts = Counter(states[self.name, id_] for id_ in used)
        return [
            {
                "state": state,
                "count": counts[state],
                "share": percent(counts[state], len(used)),
                "meaning": words.STATE[state],
            }
            for state in WORST_FIRST
        ]

    def _adversaries(self) -> list[View]:
        names = {
            **{b.id: b.name for b in self.system.boundaries},
            **{e.id: e.name for e in self.system.elements},
        }
        return [
            {
                "id": x.id,
                "name": x.name,
                "family": x.family,
                "description": x.description,
                "controls": [names[id_] for id_ in x.controls if id_ in names],
                "goals": list(x.goals),
                "active": self.system.configuration.matches(x.when)
                and any(id_ in names for id_ in x.controls),
            }
            for x in self.a.project.adversaries
        ]

    def _inside(self, boundary: str, of: str) -> bool:
        at: str | None = boundary
        while at is not None:
            if at == of:
                return True
            at = self.boundaries[at].parent
        return False

    def _home(self, threat: Threat) -> Boundary:
        """The boundary that a threat strikes: that of its element, or of its flow's target."""
        target = threat.target
        element = target.id if target.kind == "element" else self.flows[target.id].target
        return self.boundaries[self.elements[element].boundary]

    def _boundary(self, boundary: Boundary) -> View:
        inside = [e for e in self.system.elements if e.boundary == boundary.id]
        here = self._sorted(t for t in self.threats if self._home(t).id == boundary.id)
        return {
            "id": boundary.id,
            "name": boundary.name,
            "privilege": words.PRIVILEGE[boundary.privilege],
            "parent": self.boundaries[boundary.parent].name if boundary.parent else "",
            "description": boundary.description,
            "elements": [{"id": e.id, "name": e.name} for e in inside],
            "statuses": self._statuses(here),
            "diagram": f"boundary-{boundary.id}",
            "threats": [t.id for t in here],
        }

    def _element(self, e: Element) -> View:
        return {
            "id": e.id,
            "name": e.name,
            "kind": e.kind,
            "boundary": e.boundary,
            "boundary_name": self.boundaries[e.boundary].name,
            "description": e.description,
            "runs_as": e.runs_as,
            "language": e.language,
            "controls": list(e.controls),
            "threats": self.at_target[e.id],
            "findings": self.findings_at[e.id],
            "components": [c.id for c in self.a.project.components if e.id in c.runs_in],
        }

    def _flow(self, f: Flow) -> View:
        assets = {x.id: x.name for x in self.a.project.data}
        return {
            "number": self.numbers[f.id],
            "id": f.id,
            "source": f.source,
            "source_name": self.elements[f.source].name,
            "target": f.target,
            "target_name": self.elements[f.target].name,
            "name": f.name,
            "protocol": f.protocol,
            "over": f.over,
            "port": f.port,
            "authentication": f.authentication,
            "encryption": f.encryption,
            "shares_memory": f.shares_memory,
            "crosses": self._crosses(f),
            "data": [assets[id_] for id_ in f.data],
            "threats": self.at_target[f.id],
        }

    def _threat(self, t: Threat) -> View:
        here = t.by_configuration[self.name]
        rule = self.rules[t.rule]
        home = self._home(t)
        target = self.elements[t.target.id] if t.target.kind == "element" else self.flows[t.target.id]
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
            "inherent": here.inherent,
            "likelihood": here.likelihood,
            "impact": here.impact,
            "adversaries": [self.adversaries[id_] for id_ in here.adversaries],
            "controls": list(here.controls),
            "reason": here.reason,
            "mitigated_by": "; or ".join(" and ".join(inner) for inner in t.mitigated_by),
            "disposition": t.disposition,
            "test": rule.test,
            "references": list(rule.references),
            "by_configuration": [
                {"name": name, "status": result.status, "risk": result.risk}
                for name, result in t.by_configuration.items()
            ],
            "findings": self.findings_on[t.id],
        }

    def _controls(self) -> list[View]:
        used = self._used_controls()
        resting = Counter(id_ for t in self.threats for id_ in t.by_configuration[self.name].controls)
        states = self.a.ledger.states
        options = self.system.configuration
        return [
            {
                "id": c.id,
                "title": c.title,
                "description": c.description,
                "provides": list(c.provides),
                "state": states[self.name, c.id],
                "claims": [
                    {
                        "kind": check.kind,
                        "text": check.text,
                        "state": check.state,
                        "path": check.path,
                        "line": check.line,
                        "seen": check.seen,
                        "detail": check.detail,
                    }
                    for check in self.a.ledger.checks
                    if check.control == c.id and options.matches(check.when)
                ],
                "references": list(c.references),
                "used_by": used[c.id],
                "threats": resting[c.id],
            }
            for c in self.a.project.controls
            if c.id in used
        ]

    def _findings(self) -> list[View]:
        here = set(self.elements)
        out = []
        known = {t.id for t in self.threats}
        for f in self.a.findings:
            item = self.a.attributions[f.fingerprint]
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
                    "elements": [
                        {"id": id_, "name": self.elements[id_].name} for id_ in item.elements if id_ in here
                    ],
                    "threats": [
                        {"id": link.threat, "reason": link.reason}
                        for link in item.threats
                        if link.threat in known
                    ],
                }
            )
        return out

    def _finding_counts(self) -> list[View]:
        counts = Counter((f.scanner, f.severity) for f in self.a.findings)
        return [
            {"scanner": scanner, "severity": severity, "count": count}
            for (scanner, severity), count in sorted(counts.items())
        ]

    def _scans(self) -> list[View]:
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
            for s in self.a.scans
        ]

    def _attribution(self) -> View:
        c = self.a.coverage
        if c is None:
            return {"files": 0, "mapped": 0, "share": "not checked", "unmapped": []}
        return {
            "files": c.files,
            "mapped": c.mapped,
            "share": percent(c.mapped, c.files),
            "unmapped": list(c.unmapped),
        }

    def _views(self) -> list[View]:
        out = []
        for view in self.a.project.views:
            members = [id_ for id_ in view.elements if id_ in self.elements]
            inside = set(members)
            here = self._sorted(t for t in self.threats if self._touches(t, inside))
            out.append(
                {
                    "id": view.id,
                    "name": view.name,
                    "description": view.description,
                    "elements": [{"id": id_, "name": self.elements[id_].name} for id_ in members],
                    "diagram": f"view-{view.id}",
                    "threats": [t.id for t in here],
                    "statuses": self._statuses(here),
                }
            )
        return out

    def _touches(self, threat: Threat, elements: set[str]) -> bool:
        if threat.target.kind == "element":
            return threat.target.id in elements
        flow = self.flows[threat.target.id]
        return flow.source in elements or flow.target in elements

    def _method(self) -> View:
        def rows(meanings: Mapping[Any, str], key: str) -> list[View]:
            return [{key: word, "meaning": text} for word, text in meanings.items()]

        return {
            "matrix": [list(row) for row in matrix_of(self.a.manifest)],
            "statuses": rows(words.STATUS, "status"),
            "strides": rows(words.STRIDE_WORDS, "stride"),
            "states": rows(words.STATE, "state"),
            "likelihood": list(words.LIKELIHOOD),
            "impact": list(words.IMPACT),
        }


def _configuration(configuration: Configuration) -> View:
    return {
        "name": configuration.name,
        "description": configuration.description,
        "options": [{"name": name, "value": value} for name, value in configuration.options.items()],
    }
