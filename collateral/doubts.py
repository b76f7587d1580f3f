"""Doubtful controls: a claim of the control was verified in code that has an open finding."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from collateral.attribution import NOT_RUN, Attribution
from collateral.triage import Triage, suppressions
from scanners.finding import Finding
from threatmodel.claims import ClaimCheck, Ledger
from threatmodel.core.errors import ThreatModelError
from threatmodel.readers.symbols import symbols_at
from threatmodel.source import SourceTree
from threatmodel.system import Configuration
from threatmodel.system.claims import When


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An open finding beside the evidence of a claim: in the same function or type, elsewhere on the same line.

    `line` is that of the finding, `seen_at` that of the evidence; both count from 1. `finding` is the fingerprint.
    """

    control: str
    claim: str
    when: When
    """The options with which the claim counts."""
    path: str
    symbol: str
    seen_at: int
    line: int
    finding: str
    scanner: str
    rule: str

    @property
    def told(self) -> str:
        """It in words."""
        where = f"in {self.symbol}" if self.symbol else "on the line"
        found = f"{self.scanner} {self.rule} at {self.path}:{self.line}"
        return f"{found}, {where} where the claim was verified" + (
            f" (line {self.seen_at})" if self.symbol else ""
        )


Doubts = Mapping[str, tuple[Doubt, ...]]
"""By control."""


def open_findings(
    findings: Iterable[Finding],
    attributions: Mapping[str, Attribution],
    triage: Triage,
    day: datetime.date,
) -> tuple[Finding, ...]:
    """Errors and warnings at a line of code that may run in the product, on which no decision is in force. What the
    source or a VEX document says of them does not count. A decision ends the doubt by the finding that it names, not by
    that of another tool on the same line."""
    settled = suppressions(triage, day)
    return tuple(
        f
        for f in findings
        if f.severity != "note"
        and f.location.line
        and attributions[f.fingerprint].part not in NOT_RUN
        and f.fingerprint not in settled
    )


def doubts_of(ledger: Ledger, findings: Sequence[Finding], tree: SourceTree) -> Doubts:
    """The doubts about claims on this tree that hold, in the order of the ledger. `findings` are the open ones."""
    at: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        at[finding.location.path].append(finding)
    checks = [c for c in ledger.checks if _proven(c) and c.path in at]
    symbols = {
        path: _symbols(tree, path, [c.line for c in checks if c.path == path])
        for path in {c.path for c in checks}
    }
    return _by_control(
        Doubt(
            control=check.control,
            claim=check.text,
            when=check.when,
            path=check.path,
            symbol=symbol,
            seen_at=check.line,
            line=finding.location.line,
            finding=finding.fingerprint,
            scanner=finding.scanner,
            rule=finding.rule,
        )
        for check in checks
        for symbol in (symbols[check.path].get(check.line, ""),)
        for finding in at[check.path]
        if (finding.symbol == symbol if symbol else finding.location.line == check.line)
    )


def doubtful(doubts: Doubts, controls: Iterable[str], configuration: Configuration) -> tuple[str, ...]:
    """Those of the controls that are in doubt in a configuration."""
    return tuple(id_ for id_ in controls if doubts_here(doubts, id_, configuration))


def doubts_here(doubts: Doubts, control: str, configuration: Configuration) -> tuple[Doubt, ...]:
    """The doubts about a control in a configuration."""
    return tuple(doubt for doubt in doubts.get(control, ()) if configuration.matches(doubt.when))


def still_told(doubts: Doubts, ledger: Ledger, hidden: Collection[str]) -> Doubts:
    """The doubts whose finding is not among these, and whose claim this ledger shows as verified."""
    proven = {(c.control, c.text, c.path, c.line) for c in ledger.checks if _proven(c)}
    return _by_control(
        doubt
        for found in doubts.values()
        for doubt in found
        if doubt.finding not in hidden and (doubt.control, doubt.claim, doubt.path, doubt.seen_at) in proven
    )


def _by_control(doubts: Iterable[Doubt]) -> Doubts:
    found: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        found.setdefault(doubt.control, []).append(doubt)
    return {control: tuple(found[control]) for control in found}


def _proven(check: ClaimCheck) -> bool:
    return check.state == "verified" and not check.source and check.line > 0


def _symbols(tree: SourceTree, path: str, lines: Sequence[int]) -> Mapping[int, str]:
    try:
        return symbols_at(path, tree.read(path), lines)
    except ThreatModelError:
        return {}
