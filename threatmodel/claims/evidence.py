"""What stands behind a control: a claim that a machine can check, a person, a proposal, or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal, get_args

from threatmodel.claims.check import ClaimCheck
from threatmodel.claims.ledger import Ledger
from threatmodel.system import SystemModel

Evidence = Literal["machine", "attested", "expired", "proposed", "none"]
"""Best first. `machine`: a claim that a machine can check, whatever the check gave. `attested`: no such claim, and a
named person vouches. `expired`: a person vouched, until a day that has passed. `proposed`: it is said, and nobody vouches
for it. `none`: no claim applies."""
BEST_FIRST: tuple[Evidence, ...] = get_args(Evidence)
OF_PEOPLE = frozenset({"attested", "proposed"})
"""Kinds of claims that no machine checks."""


def counting(ledger: Ledger, system: SystemModel) -> tuple[ClaimCheck, ...]:
    """The checks that count in this configuration: of controls that it uses, and with options that it has."""
    configuration = system.configuration
    used = {record.control for record in ledger.records if record.configuration == configuration.name}
    return tuple(c for c in ledger.checks if c.control in used and configuration.matches(c.when))


def evidence(ledger: Ledger, systems: Iterable[SystemModel]) -> dict[str, Evidence]:
    """Each control that one of these configurations uses, with the best of its claims that count there; where that
    differs from one configuration to the next, the worst."""
    out: dict[str, Evidence] = {}
    for system in systems:
        claims: dict[str, list[ClaimCheck]] = defaultdict(list)
        for check in counting(ledger, system):
            claims[check.control].append(check)
        for record in ledger.records:
            if record.configuration == system.configuration.name:
                here = _best(claims[record.control])
                out[record.control] = max(out.get(record.control, here), here, key=BEST_FIRST.index)
    return out


def _best(checks: Iterable[ClaimCheck]) -> Evidence:
    return min((_of(check) for check in checks), key=BEST_FIRST.index, default="none")


def _of(check: ClaimCheck) -> Evidence:
    if check.kind not in OF_PEOPLE:
        return "machine"
    if check.state in {"attested", "proposed"}:
        return check.state
    return "expired"
