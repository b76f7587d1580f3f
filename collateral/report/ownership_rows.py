"""Rows of the ownership audit and of the work that others could do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collateral.response.findings import findings
from collateral.response.helping import KINDS, Helping
from collateral.response.ownership import Author, ElementOwnership, Ownership
from collateral.response.text import NOT_APPOINTED, under_owned

View = dict[str, Any]
_AUTHORS = 3
_WHERE = 4
_NAMES = 12
_SETS = 300
_PATHS = 2000
"""Most rows of the document; the rest is a number there, and in full in the data."""


def ownership_rows(audit: Ownership) -> View:
    """The audit: figures, rules that do not work, contact files, elements, under-owned files."""
    about_rules = [
        {
            "rule": found.rule,
            "severity": found.severity,
            "path": found.location.path,
            "line": found.location.line,
            "message": found.message,
        }
        for found in findings(audit)
        if found.rule in {"TMR-001", "TMR-002", "TMR-003", "TMR-004", "TMR-013"}
    ]
    return {
        "codeowners": audit.codeowners,
        "unread": audit.unread,
        "commit": audit.source_commit,
        "since": audit.since,
        "as_of": audit.as_of,
        "history": audit.history,
        "commits": audit.commits,
        "bots": _some(audit.bots),
        "files": audit.files,
        "unowned": len(audit.unowned),
        "unowned_in_elements": len(audit.unowned_in_elements),
        "documentation_only": len(audit.documentation_only_in_elements),
        "documentation_teams": list(audit.documentation_teams),
        "rules": len(audit.rules),
        "dead": len(audit.dead),
        "shadowed": len(audit.shadowed),
        "ignored": len(audit.ignored),
        "teams": list(audit.teams),
        "rule_findings": about_rules,
        "contacts": [
            {
                "path": item.path,
                "state": item.state,
                "owners": _some(item.owners),
                "documentation_only": item.documentation_only,
            }
            for item in audit.contacts
        ],
        "sets": [
            {
                "id": item.id,
                "component": item.component,
                "elements": list(item.elements),
                "files": item.files,
                "unowned": len(item.unowned),
                "documentation_only": len(item.documentation_only) if item.elements else 0,
                "candidates": _people(item.candidates),
            }
            for item in under_owned(audit)[:_SETS]
        ],
        "sets_left_out": max(0, len(under_owned(audit)) - _SETS),
        "not_appointed": f"{NOT_APPOINTED[0].upper()}{NOT_APPOINTED[1:]}.",
        "elements": [_element(item, bool(audit.history)) for item in audit.elements],
        "paths": _paths(audit),
        "paths_left_out": max(0, len(audit.unowned) - _PATHS) if not audit.unread else len(audit.unowned),
        "documents": list(audit.documentation_only_in_elements[:_PATHS]),
    }


def _some(names: Sequence[str]) -> list[str]:
    more = len(names) - _NAMES
    return [*names[:_NAMES], *([f"{more} more"] if more > 0 else [])]


def _paths(audit: Ownership) -> list[View]:
    """Files without an owner, by set; none where nobody owns anything, which one sentence says."""
    left = 0 if audit.unread else _PATHS
    out = []
    for item in under_owned(audit):
        if shown := item.unowned[:left]:
            out.append({"set": item.id, "paths": list(shown)})
            left -= len(shown)
    return out


def _people(people: Sequence[Author]) -> list[View]:
    return [{"name": p.name, "commits": p.commits, "last": p.last} for p in people]


def _element(item: ElementOwnership, unknown: bool) -> View:
    return {
        "name": item.name,
        "files": item.files,
        "unowned": item.unowned,
        "owners": _some(item.owners),
        "known": not unknown,
        "people": len(item.authors),
        "commits": item.commits,
        "bots": item.bots,
        "bus_factor": item.bus_factor,
        "most": _people(item.authors[:_AUTHORS]),
    }


def helping_rows(helping: Helping) -> list[View]:
    """Work by kind. What all tasks of a kind have in common stands once."""
    out = []
    for kind, title in KINDS.items():
        tasks = [task for task in helping.tasks if task.kind == kind]
        work = {task.work for task in tasks}
        out.append(
            {
                "kind": kind,
                "title": title,
                "not_known": helping.not_known.get(kind, ""),
                "work": work.pop().rstrip(".") if len(work) == 1 else "",
                "where": any(task.where for task in tasks),
                "refs": kind in {"never-tested", "never-verified"},
                "tasks": [
                    {
                        "what": task.what,
                        "where": list(task.where[:_WHERE]),
                        "elsewhere": max(0, len(task.where) - _WHERE),
                        "skills": list(task.skills),
                        "work": task.work,
                        "refs": list(task.refs),
                        "more": max(0, task.count - len(task.refs)) if kind == "never-tested" else 0,
                    }
                    for task in tasks
                ],
            }
        )
    return out
