"""Scores of CVSS vectors, worked out anew (https://www.first.org/cvss/)."""

from __future__ import annotations

from dataclasses import dataclass


class NoVector(ValueError):
    """A text is no vector of CVSS 3.0, 3.1 or 4.0, or a metric that it needs is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a vector says: a number from 0 to 10, and the word that the standard has for it (`None` for 0)."""

    value: float
    severity: str


def score_of(vector: str) -> Score:
    """The base score of a vector of CVSS 3.0 or 3.1; of 4.0 the score of the whole vector, which is how it is published.

    Raises:
        NoVector: the text is none of them.
    """
    from cvss import CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    try:
        if vector.startswith("CVSS:4.0/"):
            whole = CVSS4(vector)
            return Score(value=float(whole.base_score), severity=str(whole.severity))
        if vector.startswith(("CVSS:3.0/", "CVSS:3.1/")):
            made = CVSS3(vector)
            return Score(value=float(made.base_score), severity=str(made.severities()[0]))
    except CVSSError as error:
        raise NoVector(str(error)) from error
    raise NoVector(f"{vector[:60]!r} names no version that is known")
