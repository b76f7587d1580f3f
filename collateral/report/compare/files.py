"""The JSON of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from collateral.assessment import Edition
from threatmodel.analysis.candidates import Candidate
from threatmodel.analysis.comparison import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossRecord:
    """One option, every value: which configuration stands for each."""

    option: str
    start: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareFile:
    """`threatmodel compare --format json`. `sources_checked` false: no claim was checked against a source tree.
    `withheld`: contradicted claims that a public edition does not show."""

    format: Literal["threatmodel/compare"] = "threatmodel/compare"
    version: Literal[1] = 1
    project: str
    edition: Edition
    differs: bool
    sources_checked: bool
    withheld: int
    across: AcrossRecord | None
    comparison: Comparison
