"""What a public edition may show: untriaged findings and contradicted claims at or above a priority are a number.

It works on the assessment, before any document is made, so that no document can tell more. Which claims are
withheld cannot be seen either: claims that were not proven, and where they are too few the proven ones too, share
the state `undisclosed` with them, and the threats are judged anew from these states.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from collateral.assessment import Assessment, Edition, NotDone, Withheld, claims_not_done, matrix_of
from collateral.attribution import Attribution
from collateral.first_seen import NOTHING_KNOWN, FirstSeen, FirstSeenFile, Sighting, claim_id
from collateral.history import Change, History
from collateral.policy import Priorities, PublishingPolicy, at_or_above
from collateral.triage import Triage
from scanners.finding import Finding, ScanResult
from threatmodel.analysis import Threat, analyse
from threatmodel.claims import ClaimCheck, Ledger, ledger_of
from threatmodel.system import Project

UNDISCLOSED = "this edition does not say what the check found"
_KEPT_BACK = "a note about what this edition withholds"
_LISTED = frozenset({"verified", "contradicted", "not-found", "not-checked"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """The publishing policy applied on one day."""

    priorities: Priorities
    publishing: PublishingPolicy
    as_of: datetime.date
    seen: FirstSeen = NOTHING_KNOWN

    def finding(self, finding: Finding, attribution: Attribution | None, triage: Triage) -> bool:
        """True where the finding is withheld: urgent, without a public decision in force, and not shown long enough."""
        entry = triage.get(finding.fingerprint)
        if entry is not None and entry.in_force(self.as_of):
            return False
        priority = self.priorities.of_finding(finding, attribution).priority
        return at_or_above(priority, self.publishing.withhold) and self.early(finding.fingerprint)

    def claim(self, check: ClaimCheck) -> bool:
        """True where the claim is contradicted and withheld."""
        return check.state == "contradicted" and self.could_be(check) and self.early(claim_id(check))

    def could_be(self, check: ClaimCheck) -> bool:
        """True where the claim would be urgent enough to be withheld if the source contradicted it."""
        if check.kind == "attested" or check.state not in _LISTED:
            return False
        priority = self.priorities.of_claim(replace(check, state="contradicted")).priority
        return at_or_above(priority, self.publishing.withhold)

    def early(self, id_: str) -> bool:
        """True while it was seen less than the policy's number of days ago."""
        return (self.as_of - self.seen.date(id_, self.as_of)).days < self.publishing.days


def withheld_findings(
    findings: Iterable[Finding],
    attributions: Mapping[str, Attribution],
    triage: Triage,
    rules: Withholding,
) -> tuple[Finding, ...]:
    """The findings that a public edition withholds."""
    return tuple(f for f in findings if rules.finding(f, attributions.get(f.fingerprint), triage))


def withheld_claims(ledger: Ledger, rules: Withholding) -> tuple[ClaimCheck, ...]:
    """The contradicted claims that a public edition withholds."""
    return tuple(check for check in ledger.checks if rules.claim(check))


def public_ledger(project: Project, ledger: Ledger, rules: Withholding) -> Ledger:
    """The ledger of a public edition: withheld claims, and those among which they hide, are `undisclosed`.

    The others are the claims that were not proven. Where these are fewer than the withheld ones, the proven ones join.
    A claim that could not be withheld keeps its state.
    """
    hidden = {index for index, check in enumerate(ledger.checks) if rules.claim(check)}
    if not hidden:
        return ledger
    others = {
        state: {i for i, check in enumerate(ledger.checks) if check.state in state and rules.could_be(check)}
        for state in (("not-found", "not-checked"), ("verified",))
    }
    unproven, proven = others.values()
    among = hidden | unproven | (proven if len(unproven) < len(hidden) else set())
    return ledger_of(
        project,
        [_undisclosed(check) if index in among else check for index, check in enumerate(ledger.checks)],
    )


def _undisclosed(check: ClaimCheck) -> ClaimCheck:
    return replace(check, state="undisclosed", path="", line=0, seen="", detail=UNDISCLOSED)


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
        withheld=_withheld(a, rules, [*hidden], [claim_id(check) for check in claims]),
        scans=tuple(without_findings(scan, hidden) for scan in a.scans) if hidden else a.scans,
        attributions={key: item for key, item in a.attributions.items() if key not in hidden},
        triage={key: item for key, item in a.triage.items() if key not in hidden},
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
        matrix=matrix_of(a.manifest),
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
