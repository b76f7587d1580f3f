"""What `threatmodel backtest` says, as values and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis import Status
from threatmodel.claims import ClaimState

Verdict = Literal["told-apart", "not-told-apart", "not-checked", "no-tags"]
"""`not-checked`: no source was named, or a tag or a claim could not be read there. `no-tags`: the record names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedThreat:
    """A threat that the record names. `status` is the one in the affected configuration, with no claim checked and no
    decision applied."""

    id: str
    title: str
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFlip:
    """A claim that failed at the last affected tag and holds at the first fixed one."""

    control: str
    claim: str
    affected: ClaimState
    fixed: ClaimState


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRow:
    """One advisory. `flips` are of controls that the record names. `others` are controls at the same elements and flows
    of which a claim flips too and that the record does not name: they may have changed for another reason, and do not
    count. `reason` says why nothing was checked."""

    id: str
    title: str
    published: str
    configuration: str
    threats: tuple[NamedThreat, ...]
    last_affected: str
    first_fixed: str
    verdict: Verdict
    flips: tuple[ClaimFlip, ...] = ()
    others: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`named`: advisories with a threat. The other figures are those with each verdict; all four make `advisories`."""

    advisories: int
    named: int
    told_apart: int
    not_told_apart: int
    not_checked: int
    no_tags: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestFile:
    """`threatmodel backtest --format json`. `checked` is false where no source was named."""

    format: Literal["threatmodel/backtest"] = "threatmodel/backtest"
    version: Literal[1] = 1
    project: str
    checked: bool
    advisories: tuple[BacktestRow, ...]
    totals: Totals


def totals(rows: Sequence[BacktestRow]) -> Totals:
    """The figures of these rows."""
    verdicts = [row.verdict for row in rows]
    return Totals(
        advisories=len(rows),
        named=sum(bool(row.threats) for row in rows),
        told_apart=verdicts.count("told-apart"),
        not_told_apart=verdicts.count("not-told-apart"),
        not_checked=verdicts.count("not-checked"),
        no_tags=verdicts.count("no-tags"),
    )
