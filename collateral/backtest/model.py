"""What `threatmodel backtest` says, as values and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from collateral.advisories import LeftOut, Unknown
from collateral.advisories.model import CweSource
from collateral.vex import WORST, Affects
from threatmodel.analysis import Status
from threatmodel.claims import ClaimState
from threatmodel.system import Stride

Verdict = Literal["told-apart", "not-told-apart", "not-checked", "no-tags"]
"""`not-checked`: no source was named, or a tag or a claim could not be read there. `no-tags`: the record names none."""
FromFix = Literal["yes", "no", "not-checked"]
RulesVerdict = Literal["flagged", "not-flagged", "not-checked", "no-rule"]
"""`flagged`: each rule of the pack had a result at the last affected tag and none at the first fixed one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedThreat:
    """A threat that the record names, and where it stands. `status` is the one in the affected configuration, with no
    claim checked and no decision applied."""

    id: str
    title: str
    target: str
    stride: Stride
    cwe: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFlip:
    """A claim that failed at the last affected tag and holds at the first fixed one. `from_fix`: whether it also fails at
    the parent of the fix and holds at the fix itself."""

    control: str
    claim: str
    affected: ClaimState
    fixed: ClaimState
    from_fix: FromFix = "not-checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRun:
    """A rule of a pack for published advisories, and its file. `affected` and `fixed` are its results in the two
    releases; None where it was not run."""

    rule: str
    path: str
    affected: int | None = None
    fixed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the rules for published advisories make of one. `reason` says why nothing was checked."""

    verdict: RulesVerdict
    runs: tuple[RuleRun, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestRow:
    """One advisory. `flips` are of controls that the record names. `others` are controls at the same elements and flows
    of which a claim flips too and that do not count: the record does not name them, or the flip does not come from the
    fix. `reason` says why nothing was checked."""

    id: str
    aliases: tuple[str, ...]
    title: str
    source: str
    verified: str
    published: str
    score: float | None
    severity: str
    stride: Stride
    cwe: tuple[str, ...]
    cwe_source: CweSource
    elements: tuple[str, ...]
    fixed: tuple[str, ...]
    configuration: str
    threats: tuple[NamedThreat, ...]
    last_affected: str
    first_fixed: str
    verdict: Verdict
    flips: tuple[ClaimFlip, ...] = ()
    others: tuple[str, ...] = ()
    reason: str = ""
    rules: Rules = Rules(verdict="no-rule")
    unmodelled: str = ""
    unknown: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PinState:
    """What the source says of a component at a tag. `path` and `key` are empty where it pins no version; `seen` is what
    stands there, `line` 0 where it is not known. `reason` says why the state is unknown, or what `seen` stands for.
    `unread` is true where the tag or the file could not be read."""

    tag: str
    path: str = ""
    key: str = ""
    line: int = 0
    seen: str = ""
    state: Affects
    reason: str = ""
    unread: bool = False

    def of(self, **changes: Any) -> PinState:
        """The same with changes."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyRow:
    """One advisory of a component that others make. `pins` is empty where no source was named. `condition` is what has to
    be so for the flaw to matter."""

    id: str
    aliases: tuple[str, ...]
    title: str
    source: str
    verified: str
    published: str
    score: float | None
    severity: str
    component: str
    stride: Stride
    cwe: tuple[str, ...]
    cwe_source: CweSource
    elements: tuple[str, ...]
    fixed: tuple[str, ...]
    configuration: str
    threats: tuple[NamedThreat, ...]
    pins: tuple[PinState, ...] = ()
    condition: str = ""
    unmodelled: str = ""
    unknown: tuple[Unknown, ...] = ()

    def at(self, tag: str) -> Affects:
        """The worst state of its pins at a tag; unknown where there is none."""
        states = [pin.state for pin in self.pins if pin.tag == tag]
        return min(states, key=WORST.index, default="unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`named`: advisories with a threat. `told_apart`, `not_told_apart`, `not_checked` and `no_tags` are those with each
    verdict and make `advisories`; `flagged`, `not_flagged`, `rules_not_checked` and `no_rule` do so for the rules.
    `by_fix` are those told apart where a claim flips at the fix itself."""

    advisories: int
    named: int
    told_apart: int
    by_fix: int
    not_told_apart: int
    not_checked: int
    no_tags: int
    flagged: int
    not_flagged: int
    rules_not_checked: int
    no_rule: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PinTotals:
    """Advisories of components by their worst state at a tag."""

    tag: str
    affected: int
    fixed: int
    not_affected: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyTotals:
    """`named`: advisories of components with a threat. `tags` is empty where no source was named."""

    advisories: int
    named: int
    tags: tuple[PinTotals, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestFile:
    """`threatmodel backtest --format json`. `checked` is false where no source was named. `left_out` are advisories of
    which there is no entry."""

    format: Literal["threatmodel/backtest"] = "threatmodel/backtest"
    version: Literal[1] = 1
    project: str
    checked: bool
    advisories: tuple[BacktestRow, ...]
    totals: Totals
    third_party: tuple[ThirdPartyRow, ...] = ()
    third_party_totals: ThirdPartyTotals = ThirdPartyTotals(advisories=0, named=0)
    left_out: tuple[LeftOut, ...] = ()


def totals(rows: Sequence[BacktestRow]) -> Totals:
    """The figures of these rows."""
    verdicts = [row.verdict for row in rows]
    rules = [row.rules.verdict for row in rows]
    return Totals(
        advisories=len(rows),
        named=sum(bool(row.threats) for row in rows),
        told_apart=verdicts.count("told-apart"),
        by_fix=sum(any(flip.from_fix == "yes" for flip in row.flips) for row in rows),
        not_told_apart=verdicts.count("not-told-apart"),
        not_checked=verdicts.count("not-checked"),
        no_tags=verdicts.count("no-tags"),
        flagged=rules.count("flagged"),
        not_flagged=rules.count("not-flagged"),
        rules_not_checked=rules.count("not-checked"),
        no_rule=rules.count("no-rule"),
    )


def part_totals(rows: Sequence[ThirdPartyRow], tags: Sequence[str]) -> ThirdPartyTotals:
    """The figures of advisories of components at each tag that was asked for."""
    return ThirdPartyTotals(
        advisories=len(rows),
        named=sum(bool(row.threats) for row in rows),
        tags=tuple(_at(tag, [row.at(tag) for row in rows]) for tag in tags),
    )


def _at(tag: str, states: Sequence[Affects]) -> PinTotals:
    return PinTotals(
        tag=tag,
        affected=states.count("affected"),
        fixed=states.count("fixed"),
        not_affected=states.count("not-affected"),
        unknown=states.count("unknown"),
    )
