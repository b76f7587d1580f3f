"""Criteria that can never decide: what fits them fits an earlier one, is settled anyway, or does not exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import get_args

from collateral.policy.model import Criterion, Subject
from collateral.policy.priority import SETTLED
from scanners.finding import SEVERITIES
from threatmodel.analysis import RISK_LEVELS, STATUSES
from threatmodel.claims import ClaimState
from threatmodel.core.diagnostics import Diagnostic, Severity, nearest
from threatmodel.system import STRIDE
from threatmodel.system.risk import PRIVILEGES

WORDS: Mapping[tuple[Subject, str], tuple[str, ...]] = {
    ("threat", "status"): STATUSES,
    ("threat", "risk"): RISK_LEVELS,
    ("threat", "inherent"): RISK_LEVELS,
    ("threat", "stride"): STRIDE,
    ("claim", "state"): get_args(ClaimState),
    ("finding", "severity"): SEVERITIES,
    ("finding", "confidence"): ("high", "medium", "low"),
    ("threat", "privilege"): PRIVILEGES,
    ("claim", "privilege"): PRIVILEGES,
    ("finding", "privilege"): PRIVILEGES,
}
"""Facts whose words are a closed set. Other facts may always have one more."""
_MOST_STEPS = 20_000
"""Of the search for one criterion. Where it does not end in so many, the criterion counts as one that decides."""


def unreachable(criteria: Sequence[Criterion]) -> tuple[Diagnostic, ...]:
    """A warning (M037) for each criterion that never decides, whatever the facts."""
    return tuple(
        Diagnostic(
            code="M037",
            message=f"this criterion never decides: {why}",
            place=criterion.place,
            hint="move it up, narrow what stands above it, or remove it",
            severity=Severity.WARNING,
        )
        for at, criterion in enumerate(criteria)
        if (why := _why(criterion, criteria[:at]))
    )


def _why(criterion: Criterion, above: Sequence[Criterion]) -> str:
    """Why it never decides; empty where it can."""
    allowed = {name: frozenset(words) - SETTLED for name, words in criterion.facts.items()}
    for name in ("status", "state"):
        if name in allowed and not allowed[name]:
            return f"a {criterion.about} with such a {name} is settled and has no priority"
    for (about, name), words in WORDS.items():
        if about == criterion.about:
            allowed.setdefault(name, frozenset(words) - SETTLED)
    rivals = [other for other in above if other.about == criterion.about]
    steps = [_MOST_STEPS]
    if _escapes(allowed, [other.facts for other in rivals], steps):
        return ""
    alone = [other for other in rivals if not _escapes(allowed, [other.facts], steps)]
    if alone:
        return f"everything that fits it fits an earlier one, {_name(alone[0])}"
    return "everything that fits it fits one of those above it"


def _name(criterion: Criterion) -> str:
    line = f" in line {criterion.place.line}" if criterion.place else ""
    return f"that of {criterion.priority}{line}"


def _escapes(
    allowed: Mapping[str, frozenset[str]], rivals: Sequence[Mapping[str, Collection[str]]], steps: list[int]
) -> bool:
    """True where one value can be chosen for each fact so that no rival fits. A fact that is not in `allowed` can have a
    value that nobody names. One value suffices where a fact may have several: more only fit more rivals."""
    steps[0] -= 1
    if steps[0] < 0 or not rivals:
        return True
    first, rest = rivals[0], rivals[1:]
    if any(name not in allowed for name in first):
        return _escapes(allowed, rest, steps)
    for name, words in first.items():
        left = allowed[name] - frozenset(words)
        if left and _escapes({**allowed, name: left}, rest, steps):
            return True
    return False


def strangers(criteria: Sequence[Criterion], known: Mapping[str, Collection[str]]) -> tuple[Diagnostic, ...]:
    """An error (M028) for each word of a criterion that names nothing; `known` has the names of a fact."""
    return tuple(
        Diagnostic(
            code="M028",
            message=f'a criterion of {criterion.priority}: {fact} "{word}" is not in the model',
            place=criterion.place,
            hint=nearest(word, known[fact]),
        )
        for criterion in criteria
        for fact, words in criterion.facts.items()
        if fact in known
        for word in words
        if word not in known[fact]
    )
