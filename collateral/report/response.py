"""The view of the security group's document: what was published, what is proposed, the rubric, the audit, the work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from collateral.report.front import fold_all, front
from collateral.report.ownership_rows import helping_rows, ownership_rows
from collateral.response.helping import Helping
from collateral.response.model import Response, Role, Statement
from collateral.response.ownership import Ownership
from collateral.response.rubric import MEANING, VERDICTS, Cell, Rubric

View = dict[str, Any]
_WORDS = {
    "Bus factor": "The smallest number of people who made more than half of the commits of a period.",
    "Candidate": "A name from the public history, for somebody to ask. Nobody is appointed by being named.",
    "CNA": "CVE Numbering Authority: an organisation that may assign CVE ids.",
    "CODEOWNERS": "The file that says who must review a change on GitHub. The last rule that matches a path wins.",
    "CVE": "Common Vulnerabilities and Exposures: public ids of vulnerabilities.",
    "CVSS": "Common Vulnerability Scoring System: a vector of metrics, and a score computed from it.",
    "Embargo": "The time between a report and its publication, in which few people know.",
    "Proposed": "No public source says it. It binds nobody until the people of the project adopt it.",
    "Rubric": "A table that says, for each boundary and adversary, whether a report is in scope.",
}
_TARGETS = {"acknowledge": "Acknowledge", "triage": "Triage", "fix": "Fix", "publish": "Publish"}
_THREATS = 6
"""Threats that a cell of the rubric names; the rest is a number."""


def response_view(
    view: Mapping[str, Any],
    response: Response | None,
    rubrics: Sequence[Rubric],
    ownership: Ownership | None,
    not_audited: str,
    helping: Helping,
) -> View:
    """The view. `view` is that of the threat model; the first of `rubrics` is shown whole, of the others what differs.

    `not_audited` says why there is no ownership audit, where there is none.
    """
    head = front(view, "glossary")
    words = {item["term"]: item["meaning"] for item in head["glossary"]} | _WORDS
    sources = _Sources()
    made = {
        **head,
        "glossary": [{"term": term, "meaning": words[term]} for term in sorted(words, key=str.casefold)],
        "response": _response(response, sources) if response else None,
        "assumptions": list(view["texts"]["assumptions"]),
        "rubric": _rubric(rubrics[0]),
        "elsewhere": _elsewhere(rubrics),
        "verdicts": [{"verdict": verdict, "meaning": MEANING[verdict]} for verdict in VERDICTS],
        "ownership": ownership_rows(ownership) if ownership else None,
        "not_audited": not_audited,
        "helping": helping_rows(helping),
    }
    made["sources"] = sources.rows()
    folded: View = fold_all(made)
    return folded


class _Sources:
    """Numbers public sources in the order in which they are used."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, source: str) -> View:
        """The number of a source; 0: proposed."""
        if not source:
            return {"number": 0}
        return {"number": self._numbers.setdefault(source, len(self._numbers) + 1)}

    def rows(self) -> list[View]:
        """The sources by number."""
        return [{"number": number, "source": source} for source, number in self._numbers.items()]


def _response(response: Response, sources: _Sources) -> View:
    def said(items: Sequence[Statement]) -> list[View]:
        return [{"title": item.title, "text": item.text, "mark": sources.mark(item.source)} for item in items]

    supported = response.supported
    marked: View = {
        "scope": said(response.scope),
        "policy": said([supported.policy])[0],
        "releases": [
            {
                "release": item.release,
                "supported": item.supported,
                "note": item.note,
                "until": item.until,
                "mark": sources.mark(item.source),
            }
            for item in supported.releases
        ],
        "channels": [
            {"name": c.name, "uri": c.uri, "note": c.note, "mark": sources.mark(c.source)}
            for c in response.intake.channels
        ],
        "fields": said(response.intake.fields),
        "policy_url": response.policy,
        "languages": list(response.languages),
        "expires": response.expires,
        "roles": [_role(role, sources) for role in response.roles],
        "role_counts": [
            {"state": state, "count": count}
            for state, count in sorted(Counter(role.state for role in response.roles).items())
        ],
        "cvss": said([response.severity.version])[0],
        "conventions": [
            {"title": m.metric, "text": m.text, "mark": sources.mark(m.source)}
            for m in response.severity.conventions
        ],
        "severity_notes": said(response.severity.notes),
        "targets": _targets(response, sources),
        "embargo": said(response.embargo.rules),
        "downstream": said(response.embargo.downstream),
        "advisories": said(response.advisories),
        "cna": said(response.cna),
        "templates": said(response.templates),
        "kpis": said(response.kpis),
        "proof": said(response.rubric.proof),
        "duplicates": said(response.rubric.duplicates),
        "automated": said(response.rubric.automated),
        "exclusions": said(response.rubric.exclusions),
        "not_vulnerabilities": said(response.rubric.not_vulnerabilities),
    }
    marks = list(_marks(marked))
    return {**marked, "proposed": marks.count(0), "published": sum(number > 0 for number in marks)}


def _marks(value: Any) -> list[int]:
    """The numbers of all statements; 0 for each proposed one, -1 for what nobody has stated."""
    if isinstance(value, dict):
        own = [value["mark"]["number"]] if "mark" in value else []
        return own + [n for key, item in value.items() if key != "mark" for n in _marks(item)]
    return [n for item in value for n in _marks(item)] if isinstance(value, list) else []


def _role(role: Role, sources: _Sources) -> View:
    return {
        "id": role.id,
        "role": role.role,
        "duties": role.duties,
        "skills": role.skills,
        "term": role.term,
        "state": role.state,
        "mark": sources.mark(role.source),
        "holders": [
            {
                "name": holder.name,
                "handle": holder.handle,
                "affiliation": holder.affiliation,
                "term_end": holder.term_end,
                "candidate": not holder.source,
                "mark": sources.mark(holder.source),
            }
            for holder in role.holders
        ],
    }


def _targets(response: Response, sources: _Sources) -> list[View]:
    """All four steps, also those that nobody has set a time for."""
    given = {target.step: target for target in response.targets}
    return [
        {
            "step": name,
            "within": target.within if target else "",
            "note": target.note if target else "",
            "mark": sources.mark(target.source) if target else {"number": -1},
        }
        for step, name in _TARGETS.items()
        for target in [given.get(step)]  # type: ignore[call-overload]  # the keys are the steps
    ]


def _rubric(rubric: Rubric) -> View:
    codes = {adversary.id: f"#{number}" for number, adversary in enumerate(rubric.adversaries, 1)}
    names = {adversary.id: adversary.name for adversary in rubric.adversaries}
    counts = Counter(cell.verdict for cell in rubric.cells)
    return {
        "configuration": rubric.configuration,
        "options": [{"name": name, "value": value} for name, value in rubric.options.items()],
        "adversaries": [
            {"code": codes[a.id], "name": a.name, "considered": a.considered} for a in rubric.adversaries
        ],
        "counts": [{"verdict": verdict, "count": counts[verdict]} for verdict in VERDICTS],
        "boundaries": [
            {
                "name": boundary.name,
                "privilege": boundary.privilege,
                "elements": list(boundary.elements),
                "cells": [
                    _cell(cell, codes[cell.adversary], names[cell.adversary])
                    for cell in rubric.cells
                    if cell.boundary == boundary.id
                ],
            }
            for boundary in rubric.boundaries
        ],
        "not_vulnerabilities": list(rubric.not_vulnerabilities),
        "not_modelled": list(rubric.not_modelled),
    }


def _cell(cell: Cell, code: str, name: str) -> View:
    return {
        "code": code,
        "name": name,
        "verdict": cell.verdict,
        "reason": cell.reason,
        "threats": [threat.id for threat in cell.threats[:_THREATS]],
        "more": max(0, len(cell.threats) - _THREATS),
        "assumptions": list(cell.assumptions),
    }


def _elsewhere(rubrics: Sequence[Rubric]) -> list[View]:
    """Other configurations with the cells that have another verdict there, or a boundary that the first has not."""
    first = {(cell.boundary, cell.adversary): cell for cell in rubrics[0].cells}
    out = []
    for rubric in rubrics[1:]:
        boundaries = {b.id: b.name for b in rubric.boundaries}
        adversaries = {a.id: a.name for a in rubric.adversaries}
        rows = []
        for cell in rubric.cells:
            before = first.get((cell.boundary, cell.adversary))
            if before is None or before.verdict != cell.verdict:
                rows.append(
                    {
                        "boundary": boundaries[cell.boundary],
                        "adversary": adversaries[cell.adversary],
                        "before": before.verdict if before else "",
                        "verdict": cell.verdict,
                        "reason": cell.reason,
                    }
                )
        out.append(
            {
                "configuration": rubric.configuration,
                "options": [{"name": name, "value": value} for name, value in rubric.options.items()],
                "rows": rows,
            }
        )
    return out
