"""Small parts of the view of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from collateral.report.compare.words import counted
from threatmodel.analysis.candidates import Candidate
from threatmodel.analysis.comparison import AdversaryCell

View = dict[str, Any]
_LONGEST = 90
"""Characters of a value of an attribute that are shown; the whole is in the model and in the JSON."""


def adversary(cell: AdversaryCell) -> View:
    """The cell of an adversary."""
    if not cell.present and not cell.counts.total:
        return {"present": False, "words": "no adversary here", "more": "", "severe": 0, "unsettled": 0}
    unsettled = cell.counts.unsettled
    return {
        "present": True,
        "words": f"{unsettled} not settled",
        "more": counted(cell.counts),
        "severe": cell.severe,
        "unsettled": unsettled,
    }


def candidate(item: Candidate, option: str, start: str) -> View:
    """The line of a value of an option."""
    also = ", ".join(f"{o.option}={o.here}" for o in item.also)
    rules = "; ".join(item.why)
    other = "" if item.named else ", and no file names a configuration that has it"
    if item.configuration is None:
        words = f"not comparable: {rules}"
    elif item.configuration.name == start:
        words = "where the comparison starts"
    elif not item.also:
        words = f"{start} with nothing but {option} changed"
    else:
        words = f"differs also in {also}, because {option}={item.value} alone breaks a rule: {rules}{other}"
    return {
        "value": item.value,
        "configuration": item.configuration.name if item.configuration else "",
        "words": words,
    }


def number(code: str) -> int:
    """The number of a code: 12 of `A12`."""
    return int(code[1:])


def few(words: Sequence[str], most: int = 3) -> str:
    """The words, and how many more there are."""
    rest = len(words) - most
    return " or ".join(words) if rest <= 0 else f"{' or '.join(words[:most])} or {rest} more"


def short(text: str) -> str:
    """A value of an attribute, cut where it is long."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"
