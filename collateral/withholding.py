"""Which findings and claims a public edition withholds, and among which others a withheld claim hides.

A claim that alone has no state is as good as named. So every control belongs to a group that depends on the names of
the controls and on nothing else, and where a claim of a group is withheld no claim of the group has a state.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from collateral.attribution import Attribution
from collateral.first_seen import NOTHING_KNOWN, FirstSeen, claim_id
from collateral.policy import Priorities, PublishingPolicy, at_or_above
from collateral.triage import Triage
from scanners.finding import Finding
from threatmodel.claims import ClaimCheck, Ledger, ledger_of
from threatmodel.system import Project

UNDISCLOSED = "this edition does not say what the check found"
LEAST = 5
"""Controls of a group, at least; all of them where the model has fewer."""
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

    The others are all claims of the same group of controls that could be withheld, whatever their state. What has
    been withheld long enough stays to be seen. A claim on a source tree that was not read hides nothing: an edition says
    which trees those are, and no check of theirs can have failed.
    """
    failed = {check.control for check in ledger.checks if rules.claim(check)}
    if not failed:
        return ledger
    read = {check.source for check in ledger.checks if check.state in _LISTED - {"not-checked"}}
    hiding = [rules.could_be(check) and check.source in read for check in ledger.checks]
    candidates = {check.control for check, hides in zip(ledger.checks, hiding, strict=True) if hides}
    silent = {control for group in groups(candidates) if group & failed for control in group}
    return ledger_of(
        project,
        [
            _undisclosed(check)
            if hides and check.control in silent and (check.state != "contradicted" or rules.claim(check))
            else check
            for check, hides in zip(ledger.checks, hiding, strict=True)
        ],
    )


def groups(controls: Iterable[str]) -> tuple[frozenset[str], ...]:
    """The controls in groups of at least LEAST, by the bits of the digests of their names.

    The groups move little when the model does: a control that is added splits one group at most, and takes at most
    one from what two releases together leave in doubt.
    """
    digests = {control: int(hashlib.sha256(control.encode()).hexdigest(), 16) for control in controls}
    return _split(digests, 255)


def _split(digests: Mapping[str, int], bit: int) -> tuple[frozenset[str], ...]:
    sides = [{c: d for c, d in digests.items() if d >> bit & 1 == side} for side in (0, 1)]
    if bit and not all(sides) and any(sides):
        return _split(digests, bit - 1)
    if bit and all(len(side) >= LEAST for side in sides):
        return (*_split(sides[0], bit - 1), *_split(sides[1], bit - 1))
    return (frozenset(digests),)


def _undisclosed(check: ClaimCheck) -> ClaimCheck:
    return replace(check, state="undisclosed", path="", line=0, seen="", detail=UNDISCLOSED)
