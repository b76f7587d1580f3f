"""What every document says about its edition: what it withholds, and which decisions on findings there are."""

from __future__ import annotations

from collections import Counter
from typing import Any

from collateral.assessment import Assessment
from collateral.triage import orphaned


def withheld_view(a: Assessment) -> dict[str, Any]:
    """Numbers and sentences; `any` is false where this edition withholds nothing."""
    found = a.withheld
    if found is None:
        return {
            "any": False,
            "findings": 0,
            "claims": 0,
            "oldest": "",
            "until": "",
            "undisclosed": 0,
            "text": [],
        }
    undisclosed = sum(check.state == "undisclosed" for check in a.ledger.checks)
    return {
        "any": True,
        "findings": found.findings,
        "claims": found.claims,
        "oldest": found.oldest,
        "until": found.until,
        "undisclosed": undisclosed,
        "text": withheld_text(a),
    }


def withheld_text(a: Assessment) -> list[str]:
    """Paragraphs on what this edition withholds; none where it withholds nothing."""
    found = a.withheld
    if found is None:
        return []
    findings = _count(found.findings, "finding of the scanners", "findings of the scanners")
    claims = _count(found.claims, "claim", "claims") + " that the source contradicts"
    what = " and ".join(
        words for words, number in ((findings, found.findings), (claims, found.claims)) if number
    )
    are = "is" if found.findings + found.claims == 1 else "are"
    out = [
        f"{what} {are} withheld from this public edition. The publishing policy of the model does so for at most "
        f"{_count(a.policy.publishing.days, 'day', 'days')}, unless a public decision comes first. "
        f"The oldest was first seen on {found.oldest}; an edition of {found.until} or later shows it. "
        "No other number, table or list of this bundle counts what is withheld."
    ]
    if found.claims:
        states = sum(check.state == "undisclosed" for check in a.ledger.checks)
        out.append(
            f"{_count(states, 'claim', 'claims')} {'is' if states == 1 else 'are'} therefore shown as undisclosed: "
            "the withheld ones, and others so that nobody can tell which these are. Such a claim mitigates no threat, "
            "and a decision on a threat that it bears on is shown without effect."
        )
    return out


def triage_rows(a: Assessment) -> list[dict[str, Any]]:
    """How many findings have which decision: `false-positive` … where it is in force, `proposed`, `expired`, `none`.

    Nothing where there is no decision at all.
    """
    if not any(key in a.attributions for key in a.triage):
        return []
    day = a.date.date()
    counts = Counter(
        entry.state(day) if (entry := a.triage.get(finding.fingerprint)) else "none" for finding in a.findings
    )
    order = ("confirmed", "accepted", "false-positive", "not-affected", "proposed", "expired", "none")
    return [{"decision": word, "count": counts[word]} for word in order if counts[word]]


def orphan_rows(a: Assessment) -> list[dict[str, str]]:
    """Decisions on findings that no scanner of this build reports."""
    shown = {finding.fingerprint for finding in a.findings}
    return [
        {
            "what": f"Decision on finding {entry.finding[:12]}{f' ({entry.note})' if entry.note else ''}",
            "why": "no scanner of this build reports it: it is fixed, its line changed, or the scanner did not run",
        }
        for entry in orphaned(a.triage, shown)
    ]


def decision_text(a: Assessment, fingerprint: str) -> str:
    """The decision on a finding in words; empty where there is none."""
    entry = a.triage.get(fingerprint)
    if entry is None:
        ignore = a.ignores.get(fingerprint)
        return ignore.told(a.date.date()) if ignore else ""
    state = entry.state(a.date.date())
    if state == "proposed":
        return f"proposed, without effect: {entry.decision} ({entry.reason})"
    if state == "expired":
        return (
            f"expired on {entry.expires}, without effect: {entry.decision} by {entry.owner} [{entry.source}]"
        )
    why = f", {entry.justification.replace('_', ' ')}" if entry.justification else ""
    return f"{entry.decision} by {entry.owner} until {entry.expires}{why}: {entry.reason} [{entry.source}]"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
