"""The rules of the gate: what each finds in what the gate is given. Levels and waivers come later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby

from collateral.gate.model import Draft, Expiring, GateInput, ThreatStep
from collateral.policy import PRIORITIES, GateRule, Level, at_or_above
from threatmodel.analysis import STATUSES
from threatmodel.core.diagnostics import Place

_UNDECIDED = ("contradicted", "open", "unverified")
_POLICY_KINDS = ("disposition", "rule", "policy", "waiver", "pack", "risk")
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: its name, what it asks, and the function that answers."""

    name: GateRule
    title: str
    find: Callable[[GateInput], Iterator[Draft]]


def new_threats(given: GateInput) -> Iterator[Draft]:
    """Threats at or above the threshold that are new, worse than before, or more urgent than before."""
    steps = sorted(
        (step for step in given.threats if _step_counts(step, given)),
        key=lambda step: (
            step.id,
            PRIORITIES.index(step.priority),
            STATUSES.index(step.after),
            step.configuration,
        ),
    )
    for id_, found in groupby(steps, key=lambda step: step.id):
        here = list(found)
        worst = here[0]
        change = "new" if worst.before is None else f"was {worst.before}"
        if worst.before == worst.after:
            change = f"was {worst.was}"
        yield Draft(
            rule="new-threat",
            subject=id_,
            message=f"{worst.title}: {worst.after} ({change}) in {_few([step.configuration for step in here])}",
            priority=worst.priority,
            why=worst.because,
            place=worst.place,
            discloses=any(step.after == "contradicted" for step in here),
        )


def _step_counts(step: ThreatStep, given: GateInput) -> bool:
    limit = given.policy.threshold
    if step.after not in _UNDECIDED or not at_or_above(step.priority, limit):
        return False
    if step.before is None or STATUSES.index(step.after) < STATUSES.index(step.before):
        return True
    return PRIORITIES.index(step.priority) < PRIORITIES.index(step.was)


def contradicted_claims(given: GateInput) -> Iterator[Draft]:
    """Claims that the source of HEAD contradicts and the source of BASE did not. One that HEAD replaces at
    most warns: code that moved is claimed anew elsewhere."""
    for claim in given.claims:
        if not claim.known:
            fate = "" if claim.fate == "kept" else f" that HEAD has {claim.fate}"
            yield Draft(
                rule="contradicted-claim",
                subject=f"{claim.control}#{claim.text}",
                message=f"the source contradicts a claim of {claim.control}{fate}: {claim.text}",
                about="claim",
                priority=claim.priority,
                why="; ".join(part for part in (claim.seen, claim.because) if part),
                place=claim.place,
                tree=claim.tree,
                ceiling="warn" if claim.fate == "replaced" else "block",
                discloses=True,
            )


def new_findings(given: GateInput) -> Iterator[Draft]:
    """New results of scanners at or above the threshold."""
    for finding in given.findings:
        if at_or_above(finding.priority, given.policy.threshold):
            late = "" if finding.told else "; the scanner gave no whole result for BASE, so it may be old"
            yield Draft(
                rule="new-finding",
                subject=finding.fingerprint,
                message=f"{finding.scanner} {finding.rule}: {finding.message}",
                about="finding",
                priority=finding.priority,
                why=f"{finding.because}{late}",
                place=finding.place,
                tree="source",
                ceiling="block" if finding.told else "info",
                discloses=True,
            )


def orphaned_dispositions(given: GateInput) -> Iterator[Draft]:
    """Decisions on threats that HEAD does not have."""
    by_threat: dict[str, list[str]] = {}
    places = {orphan.threat: orphan.place for orphan in given.orphans if orphan.side == "BASE"}
    places |= {orphan.threat: orphan.place for orphan in given.orphans if orphan.side == "HEAD"}
    for orphan in given.orphans:
        by_threat.setdefault(orphan.threat, []).append(orphan.side)
    for threat, sides in by_threat.items():
        gone = "HEAD" not in sides
        yield Draft(
            rule="orphaned-disposition",
            subject=threat,
            message=f"a decision names {threat}, a threat that HEAD does not have",
            why="HEAD has removed the decision together with the threat"
            if gone
            else "remove the decision, or bring the threat back",
            place=None if gone else places[threat],
            ceiling="info" if gone else "block",
        )


def models_not_followed(given: GateInput) -> Iterator[Draft]:
    """Files that carry a boundary mean something else, and neither model nor documents say so."""
    for entry in given.touched:
        if entry.model_followed and entry.documents_followed in (None, True):
            continue
        half = entry.model_followed or entry.documents_followed is True
        missing = "the documents" if entry.model_followed else "the model"
        if not half and entry.documents_followed is False:
            missing = "the model and the documents"
        about = f"; it is about {', '.join(entry.elements)}" if entry.elements else ""
        yield Draft(
            rule="model-not-followed",
            subject=entry.name,
            message=f"{_few(entry.files)} changed, {missing} did not",
            why=f"{entry.name} carries a trust boundary{about}",
            place=Place(entry.files[0]) if entry.in_head else None,
            tree="source" if entry.in_head else "model",
            ceiling="info" if half else "block",
        )


def expiry(given: GateInput) -> Iterator[Draft]:
    """What has expired, or will within the days that the policy names."""
    for item in given.expiring:
        left = (item.expires - given.as_of).days
        if left <= given.policy.warn_days:
            yield Draft(
                rule="expiry",
                subject=item.subject,
                message=_expiry_text(item, left),
                about=item.about,
                why="it counts for nothing yet: proposed" if item.proposed else "",
                place=item.place,
                ceiling=_expiry_ceiling(item, left, given),
            )


def _expiry_text(item: Expiring, left: int) -> str:
    owner = f", owner {item.owner}" if item.owner else ""
    when = f"expired on {item.expires}" if left < 0 else f"expires on {item.expires}"
    return f"{item.what} {when}{owner}"


def _expiry_ceiling(item: Expiring, left: int, given: GateInput) -> Level:
    if item.proposed:
        return "info"
    if given.stage == "release":
        return "block" if left < 0 else "warn"
    return "warn" if given.model_touched else "info"


def policy_changes(given: GateInput) -> Iterator[Draft]:
    """Changes to what the gate itself goes by, and claims that ask for less."""
    for record in given.records:
        if record.kind in _POLICY_KINDS or record.weakens:
            edits = "; ".join(edit.words(record.state) for edit in record.edits)
            weaker = "; it lets more pass" if record.weakens else ""
            yield Draft(
                rule="policy-change",
                subject=f"{record.kind}:{record.id}",
                message=f"{record.kind} {record.id} {record.state}{weaker}",
                why="; ".join(part for part in (edits, "this run went by BASE's") if part),
                place=record.place if record.state != "removed" else None,
                floor="warn" if record.weakens else "off",
            )


RULES: tuple[Rule, ...] = (
    Rule(name="new-threat", title="New or worse threats", find=new_threats),
    Rule(name="contradicted-claim", title="Claims that the source contradicts", find=contradicted_claims),
    Rule(name="new-finding", title="New findings of scanners", find=new_findings),
    Rule(name="orphaned-disposition", title="Decisions without a threat", find=orphaned_dispositions),
    Rule(
        name="model-not-followed", title="Boundaries that changed without the model", find=models_not_followed
    ),
    Rule(name="expiry", title="Expired, or soon", find=expiry),
    Rule(name="policy-change", title="Changes to the gate's own rules", find=policy_changes),
)


def _few(names: list[str] | tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
