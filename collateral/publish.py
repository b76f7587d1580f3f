"""What a public edition may show: untriaged findings and contradicted claims at or above a priority are a number.

It works on the assessment, before any document is made, so that no document can tell more. Which claims are
withheld cannot be seen either: they share the state `undisclosed` with others, and the threats are judged anew from
these states.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from collateral.assessment import Assessment, Edition, NotDone, Withheld, claims_not_done
from collateral.doubts import still_told
from collateral.first_seen import NOTHING_KNOWN, FirstSeen, FirstSeenFile, Sighting, claim_id
from collateral.history import Change, History
from collateral.policy import Priorities
from collateral.withholding import (
    UNDISCLOSED,
    Withholding,
    public_ledger,
    withheld_claims,
    withheld_findings,
)
from scanners.finding import Finding, ScanResult
from threatmodel.analysis import Threat, analyse
from threatmodel.claims import Ledger

__all__ = [
    "UNDISCLOSED",
    "Withholding",
    "first_seen_file",
    "public_ledger",
    "publish",
    "withheld_claims",
    "withheld_findings",
    "without_findings",
]
_KEPT_BACK = "a note about what this edition withholds"


def publish(a: Assessment, *, edition: Edition, seen: FirstSeen = NOTHING_KNOWN) -> Assessment:
    """The assessment as an edition shows it. A private edition shows everything."""
    if edition == "private":
        return replace(a, edition="private", withheld=None)
    rules = _rules(a, seen)
    findings = withheld_findings(a.findings, a.attributions, a.triage, rules)
    claims = withheld_claims(a.ledger, rules)
    hidden = frozenset(f.fingerprint for f in findings)
    ledger = public_ledger(a.project, a.ledger, rules)
    threats = a.threats if ledger is a.ledger else _threats(a, ledger)
    return replace(
        a,
        edition="public",
        overlay=None,
        withheld=_withheld(a, rules, [*hidden], [claim_id(check) for check in claims]),
        scans=tuple(without_findings(scan, hidden) for scan in a.scans) if hidden else a.scans,
        attributions={key: item for key, item in a.attributions.items() if key not in hidden},
        triage={key: item for key, item in a.triage.items() if key not in hidden},
        ignores={key: item for key, item in a.ignores.items() if key not in hidden},
        doubts=still_told(a.doubts, ledger, hidden),
        ledger=ledger,
        threats=threats,
        not_done=_not_done(a, ledger, findings),
        history=_history(a, ledger, threats, hidden, rules),
    )


def first_seen_file(a: Assessment, seen: FirstSeen) -> FirstSeenFile:
    """What a private edition keeps for the next build. `a` is the whole assessment.

    What was withheld and is gone is kept on until it may be shown: it is fixed here, and still there in the release
    before.
    """
    rules = _rules(a, seen)
    day = rules.as_of
    findings = {
        f.fingerprint: rules.finding(f, a.attributions.get(f.fingerprint), a.triage) for f in a.findings
    }
    claims: dict[str, bool] = {}
    for check in a.ledger.checks:
        if check.state == "contradicted":
            claims[claim_id(check)] = claims.get(claim_id(check), False) or rules.claim(check)
    for id_ in rules.seen.hidden:
        if rules.early(id_):
            (claims if "#" in id_ else findings).setdefault(id_, True)

    def sightings(kind: Literal["claim", "finding"], found: Mapping[str, bool]) -> list[Sighting]:
        return [
            Sighting(kind=kind, id=id_, first_seen=rules.seen.date(id_, day).isoformat(), withheld=withheld)
            for id_, withheld in sorted(found.items())
        ]

    return FirstSeenFile(
        project=a.project.id,
        release=a.release,
        date=day.isoformat(),
        sightings=(*sightings("claim", claims), *sightings("finding", findings)),
    )


def _rules(a: Assessment, seen: FirstSeen) -> Withholding:
    return Withholding(
        priorities=Priorities(a.project, a.policy.criteria),
        publishing=a.policy.publishing,
        as_of=a.date.date(),
        seen=seen.following(a.history),
    )


def _withheld(
    a: Assessment, rules: Withholding, findings: Sequence[str], claims: Sequence[str]
) -> Withheld | None:
    if not findings and not claims:
        return None
    oldest = min(rules.seen.date(id_, rules.as_of) for id_ in (*findings, *claims))
    until = oldest + datetime.timedelta(days=a.policy.publishing.days)
    return Withheld(
        findings=len(findings), claims=len(claims), oldest=oldest.isoformat(), until=until.isoformat()
    )


def without_findings(scan: ScanResult, hidden: frozenset[str]) -> ScanResult:
    """The result without these findings (fingerprints), and without the rules that are there only because of them."""
    shown = tuple(f for f in scan.findings if f.fingerprint not in hidden)
    gone = {f.rule for f in scan.findings} - {f.rule for f in shown}
    # A list of rules that has one without any finding was not made from findings, so it tells nothing about them.
    used = {f.rule for f in scan.findings}
    whole = any(rule.digest for rule in scan.rules if rule.id not in used)
    rules = tuple(r for r in scan.rules if r.id not in gone or (whole and r.digest))
    told = [f for f in scan.findings if f.fingerprint in hidden]
    return replace(
        scan,
        findings=shown,
        rules=rules,
        reason=_without(scan.reason, told),
        notifications=tuple(dict.fromkeys(_without(note, told) for note in scan.notifications)),
        not_scanned=tuple((path, _without(why, told)) for path, why in scan.not_scanned),
    )


def _without(text: str, findings: Iterable[Finding]) -> str:
    """The text, or a neutral one where it quotes rule, message or line of a withheld finding."""
    quoted = any(part and part in text for f in findings for part in (f.rule, f.message, f.snippet))
    return _KEPT_BACK if quoted else text


def _threats(a: Assessment, ledger: Ledger) -> tuple[Threat, ...]:
    return analyse(
        a.project,
        a.rules,
        ledger.states,
        dispositions=a.dispositions,
        as_of=a.date.date(),
        risk=a.manifest.risk,
    )


def _not_done(a: Assessment, ledger: Ledger, findings: Sequence[Finding]) -> tuple[NotDone, ...]:
    """With what was not done about claims said anew: a missing entry would tell which ones are withheld."""
    kept = [replace(item, why=_without(item.why, findings)) for item in a.not_done]
    if ledger is a.ledger:
        return tuple(kept)
    old = claims_not_done(a.ledger)
    count = sum(check.state == "undisclosed" for check in ledger.checks)
    claims = "1 claim is" if count == 1 else f"{count} claims are"
    return (
        *(item for item in kept if item not in old),
        *claims_not_done(ledger),
        NotDone(
            what="Claims",
            why=f"{claims} undisclosed in this edition: some may not have been checked or found",
        ),
    )


def _history(
    a: Assessment, ledger: Ledger, threats: Sequence[Threat], hidden: frozenset[str], rules: Withholding
) -> History | None:
    """Without what bears on something withheld, now or by the previous build."""
    if a.history is None:
        return None
    silent = {*hidden, *(id_ for id_ in rules.seen.hidden if rules.early(id_))}
    silent |= {claim_id(check) for check in ledger.checks if check.state == "undisclosed"}
    claims = any("#" in id_ for id_ in silent)
    shown = {threat.id: threat for threat in threats}
    silent |= {threat.id for threat in a.threats if shown.get(threat.id) != threat}

    def told(change: Change) -> bool:
        if change.id in silent or change.previous in silent:
            return False
        # A threat that was contradicted, maybe by a claim that is withheld or was so.
        words = f"{change.before} {change.after} {change.reason}"
        return not (change.kind == "threat" and claims and "contradict" in words)

    changes = tuple(change for change in a.history.changes if told(change))
    past = tuple(change for change in a.history.past if told(change))
    count = len(a.history.changes) - len(changes)
    if not count:
        return replace(a.history, past=past)
    words = "1 change is" if count == 1 else f"{count} changes are"
    note = f"{words} not shown, because of what this edition withholds"
    return replace(a.history, changes=changes, past=past, notes=(*a.history.notes, note))
