"""The method as the documents state it: matrix, weights and scales of this model, and its criteria of priority."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from collateral.assessment import Assessment
from collateral.policy import Criterion
from collateral.policy.priority import REST
from collateral.report import words
from collateral.report.facts import View
from threatmodel.system.risk import STEPS, RiskSettings


def method(a: Assessment) -> View:
    """Everything that a reader needs to come to the same result."""

    def rows(meanings: Mapping[Any, str], key: str) -> list[View]:
        return [{key: word, "meaning": text} for word, text in meanings.items()]

    risk = a.manifest.risk
    return {
        "matrix": [list(row) for row in risk.matrix],
        "statuses": rows(words.STATUS, "status"),
        "strides": rows(words.STRIDE_WORDS, "stride"),
        "states": [
            row
            for row in rows(words.STATE, "state")
            if row["state"] != "undisclosed" or a.withheld is not None
        ],
        "likelihood": _scale(risk.likelihood),
        "impact": _scale(risk.impact),
        "weights": _weights(risk),
        "criteria": [*map(_criterion, a.policy.criteria), _REST],
    }


def _scale(texts: Sequence[str]) -> list[str]:
    return [f"{number}: {text}" for number, text in enumerate(texts, 1)]


def _weights(risk: RiskSettings) -> list[View]:
    crossed = [*map(str, range(STEPS - 1)), f"{STEPS - 1} or more"]
    taken = {"verified": risk.mitigation.verified, "attested": risk.mitigation.attested}
    return [
        _weight("Likelihood where so many boundaries must be crossed", zip(crossed, risk.reach, strict=True)),
        _weight("Impact where the boundary has this privilege", risk.privilege.items()),
        _weight("Steps of likelihood that a proven mitigation takes away", taken.items()),
    ]


def _weight(what: str, numbers: Iterable[tuple[str, int]]) -> View:
    return {"what": what, "values": [{"of": of, "number": number} for of, number in numbers]}


def _criterion(criterion: Criterion) -> View:
    facts = [f"{fact} {' or '.join(criterion.facts[fact])}" for fact in criterion.facts]
    return {
        "priority": criterion.priority,
        "about": criterion.about,
        "facts": "; ".join(facts) or "any",
        "because": criterion.because,
    }


_REST: View = {
    "priority": REST.priority,
    "about": "the rest",
    "facts": "any",
    "because": REST.because,
}
