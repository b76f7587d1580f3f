"""The view model of the threat model's documents: everything that a template shows, worked out beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from collateral.assessment import Assessment
from collateral.report import words
from collateral.report.embargoed import embargoed_view
from collateral.report.facts import Facts, View
from collateral.report.front import fold_all
from collateral.report.ledger import LedgerRows
from collateral.report.method import method
from collateral.report.result_rows import ResultRows
from collateral.report.summary import summary, top_threats
from collateral.report.system_rows import SystemRows
from collateral.report.withheld import triage_rows, withheld_view
from threatmodel.system import Configuration, Project


def build_view(assessment: Assessment, diagrams: Sequence[View]) -> View:
    """The view of an assessment in the configuration of its documents. `diagrams` come from `report.pictures`."""
    folded: View = fold_all(_Builder(assessment).view(diagrams))
    return folded


class _Builder:
    def __init__(self, assessment: Assessment) -> None:
        self._facts = Facts(assessment)
        self._system = SystemRows(self._facts)
        self._results = ResultRows(self._facts)
        self._ledger = LedgerRows(self._facts)

    def view(self, diagrams: Sequence[View]) -> View:
        a, project = self._facts.a, self._facts.a.project
        source = a.source
        return {
            "title": project.name,
            "project_id": project.id,
            "description": project.description,
            "release": a.release,
            "date": a.date.strftime("%Y-%m-%d"),
            "edition": a.edition,
            "embargoed": embargoed_view(a),
            "withheld": withheld_view(a),
            "triage": triage_rows(a),
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
            "configuration": _configuration(project, self._facts.system.configuration),
            "configurations": self._configurations(project),
            "counts": self._counts(),
            "status_counts": [
                {**row, "meaning": words.STATUS[row["status"]]}
                for row in self._facts.statuses(self._facts.threats)
            ],
            "risk_table": self._results.risk_table(),
            "stride_counts": self._results.stride_counts(),
            "control_states": self._results.control_states(),
            "summary": summary(a),
            "top_threats": top_threats(a),
            "texts": {
                name: list(a.texts.get(name, ())) for name in ("about", "objective", "scope", "assumptions")
            },
            "adversaries": self._system.adversaries(),
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
            "boundaries": [self._system.boundary(b) for b in self._facts.system.boundaries],
            "elements": [self._system.element(e) for e in self._facts.system.elements],
            "flows": [self._system.flow(f) for f in self._facts.system.flows],
            "threats": [self._results.threat(t) for t in self._facts.ranked(self._facts.threats)],
            "controls": self._results.controls(self._ledger.of_control()),
            "ledger": self._ledger.view(),
            "findings": self._results.findings(),
            "repeated": len(self._facts.a.findings) - len(self._facts.shown_findings),
            "finding_counts": self._results.finding_counts(),
            "scans": self._results.scans(),
            "attribution": self._results.attribution(),
            "not_checked": self._results.not_checked(),
            "views": self._system.views(),
            "diagrams": list(diagrams),
            "method": method(a),
            "glossary": [{"term": term, "meaning": text} for term, text in words.GLOSSARY.items()],
            "files": [{"path": path, "what": what} for path, what in words.FILES.items()],
        }

    def _configurations(self, project: Project) -> list[View]:
        return [
            {
                **_configuration(project, system.configuration),
                "default": system.configuration.name == self._facts.name,
                "threats": sum(
                    system.configuration.name in t.by_configuration for t in self._facts.a.threats
                ),
                "statuses": self._facts.statuses(self._facts.a.threats, system.configuration.name),
            }
            for system in project.systems
        ]

    def _counts(self) -> View:
        return {
            "elements": len(self._facts.elements),
            "flows": len(self._facts.flows),
            "crossing": sum(self._facts.crosses(flow) for flow in self._facts.flows.values()),
            "boundaries": len(self._facts.boundaries),
            "adversaries": sum(row["active"] for row in self._system.adversaries()),
            "threats": len(self._facts.threats),
            "controls": len(self._facts.used_controls()),
            "findings": len(self._facts.shown_findings),
        }


def _configuration(project: Project, configuration: Configuration) -> View:
    return {
        "name": configuration.name,
        "description": configuration.description,
        "options": [{"name": name, "value": value} for name, value in project.told(configuration).items()],
    }
