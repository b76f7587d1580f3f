"""What counts until a day: decisions, waivers, attestations, terms and contacts."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from collateral.gate.model import Expiring
from collateral.sides import Side
from threatmodel.core.evidence import public_source
from threatmodel.system import Attested


def expiring(base: Side, head: Side) -> Iterator[Expiring]:
    """What HEAD has that counts until a day. Where BASE has it too, the day is BASE's: a change does not prolong it."""
    old = {item.subject: item for item in dated(base)}
    for item in dated(head):
        before = old.get(item.subject)
        yield replace(item, expires=before.expires, proposed=before.proposed) if before else item


def dated(side: Side) -> Iterator[Expiring]:
    """Everything of one side that counts until a day."""
    for decision in side.dispositions:
        yield Expiring(
            what=f"the decision on {decision.threat}",
            subject=f"disposition:{decision.threat}",
            owner=decision.owner,
            expires=datetime.date.fromisoformat(decision.expires),
            proposed=decision.proposed,
            place=decision.place,
        )
    for entry in side.triage.values():
        yield Expiring(
            what=f"the decision on finding {entry.finding[:12]}",
            subject=f"finding:{entry.finding}",
            owner=entry.owner,
            expires=datetime.date.fromisoformat(entry.expires),
            about="finding",
            proposed=entry.proposed,
            place=entry.place,
        )
    for waiver in side.policy.gate.waivers:
        yield Expiring(
            what=f"the waiver of {waiver.rule} for {waiver.subject}",
            subject=f"waiver:{waiver.rule}:{waiver.subject}",
            owner=waiver.owner,
            expires=waiver.expires,
            proposed=not waiver.source,
            place=waiver.place,
        )
    for term in side.response.expiring() if side.response else ():
        yield Expiring(
            what=f"the {term.what}",
            subject=f"response:{term.what}:{term.owner}",
            owner=term.owner,
            expires=datetime.date.fromisoformat(term.expires),
            proposed=term.proposed,
            place=term.place,
        )
    for control in side.loaded.project.controls:
        for claim in control.claims:
            if isinstance(claim, Attested):
                yield Expiring(
                    what=f"an attested claim of {control.id}",
                    subject=f"attested:{control.id}:{claim.by}:{claim.date}",
                    owner=claim.by,
                    expires=datetime.date.fromisoformat(claim.expires),
                    about="claim",
                    proposed=not (claim.by.strip() and public_source(claim.evidence)),
                    place=control.place,
                )
