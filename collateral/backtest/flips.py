"""Claims of the model at two states of the source: which tell the flaw from the fix."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from collateral.advisories import Advisory, Entry
from collateral.backtest.model import ClaimFlip, FromFix, Verdict
from threatmodel.claims import ClaimCheck, Ledger
from threatmodel.system import Element, Flow, Project

_FAILED = frozenset({"contradicted", "not-found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why the tree of a tag could not be read."""

    reason: str


def tags(advisories: Sequence[Advisory], project: Project, *, fixes: bool = False) -> dict[str, Project]:
    """The tags that the advisories name, sorted, each with the project of which the claims are to be checked there: its
    controls are those at the elements and flows of the advisories with this tag. With `fixes`, also the commits of the
    fixes and their parents."""
    wanted: dict[str, set[str]] = {}
    for advisory in advisories:
        refs = [advisory.last_affected, advisory.first_fixed]
        refs += around_fix(advisory) if fixes and advisory.claims else ()
        for ref in filter(None, refs):
            wanted.setdefault(ref, set()).update(standing(advisory, project))
    return {
        ref: replace(project, controls=tuple(c for c in project.controls if c.id in wanted[ref]))
        for ref in sorted(wanted)
    }


def around_fix(advisory: Advisory) -> tuple[str, ...]:
    """The commit before the fix, and the one that makes it whole; none where no commit is known."""
    commits = advisory.fix_commits
    return (f"{commits[0]}^", commits[-1]) if commits else ()


def standing(advisory: Entry, project: Project) -> frozenset[str]:
    """The controls at the elements and flows of the advisory, in any configuration of the model."""
    places = {*advisory.elements, *advisory.flows}
    items: list[Element | Flow] = []
    for system in project.systems:
        items += (element for element in system.elements if element.id in places)
        items += (flow for flow in system.flows if flow.id in places)
    return frozenset(control for item in items for control in item.controls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Verdict, flips that count, controls with a flip that does not, and why nothing was checked."""

    verdict: Verdict
    flips: tuple[ClaimFlip, ...] = ()
    others: tuple[str, ...] = ()
    reason: str = ""


def compared(advisory: Advisory, project: Project, ledgers: Mapping[str, Ledger | Unread]) -> Compared:
    if not advisory.last_affected:
        return Compared(verdict="no-tags")
    before, after = ledgers.get(advisory.last_affected), ledgers.get(advisory.first_fixed)
    if before is None or after is None:
        return Compared(verdict="not-checked", reason="no source was named")
    unread = [item.reason for item in (before, after) if isinstance(item, Unread)]
    if isinstance(before, Unread) or isinstance(after, Unread):
        return Compared(verdict="not-checked", reason="; ".join(dict.fromkeys(unread)))
    here = standing(advisory, project)
    pairs = [*zip(*(_of(side, here) for side in (before, after)), strict=True)]
    from_fix = _from_fix(advisory, here, ledgers)
    flips = [
        ClaimFlip(
            control=a.control,
            claim=a.text,
            affected=a.state,
            fixed=b.state,
            from_fix=from_fix[index] if from_fix else "not-checked",
        )
        for index, (a, b) in enumerate(pairs)
        if a.state in _FAILED and b.state == "verified"
    ]
    counted = tuple(f for f in flips if f.control in advisory.claims and f.from_fix != "no")
    others = tuple(sorted({f.control for f in flips} - {f.control for f in counted}))
    if counted:
        return Compared(verdict="told-apart", flips=counted, others=others)
    unchecked = {
        a.control
        for a, b in pairs
        if a.control in advisory.claims and "not-checked" in (a.state, b.state) and a.kind != "attested"
    }
    if unchecked:
        reason = f"a claim of {', '.join(sorted(unchecked))} could not be checked"
        return Compared(verdict="not-checked", others=others, reason=reason)
    return Compared(verdict="not-told-apart", others=others)


def _of(ledger: Ledger, controls: Collection[str]) -> list[ClaimCheck]:
    return [check for check in ledger.checks if check.control in controls]


def _from_fix(
    advisory: Advisory, controls: Collection[str], ledgers: Mapping[str, Ledger | Unread]
) -> list[FromFix]:
    """For each claim of the controls whether the fix makes it hold; nothing where the commits were not asked about or
    could not be read."""
    sides = [ledgers.get(ref) for ref in around_fix(advisory)]
    read = [_of(side, controls) for side in sides if isinstance(side, Ledger)]
    if len(read) < 2:
        return []
    return [
        "yes" if a.state in _FAILED and b.state == "verified" else "no" for a, b in zip(*read, strict=True)
    ]
