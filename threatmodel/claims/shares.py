"""How much of each configuration hangs on one source tree."""

from __future__ import annotations

from dataclasses import dataclass

from threatmodel.claims.evidence import counting
from threatmodel.claims.ledger import Ledger
from threatmodel.system import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceShare:
    """The claims on a source that count in a configuration, and the controls that have one, out of all of them."""

    configuration: str
    claims: int
    of_claims: int
    controls: int
    of_controls: int


def shares(project: Project, ledger: Ledger, source: str) -> tuple[SourceShare, ...]:
    """The share of a source, by its name, in each configuration in which it has one."""
    used: dict[str, set[str]] = {}
    for record in ledger.records:
        used.setdefault(record.configuration, set()).add(record.control)
    found = []
    for system in project.systems:
        controls = used.get(system.configuration.name, set())
        here = counting(ledger, system)
        of_source = [check for check in here if check.source == source]
        if of_source:
            found.append(
                SourceShare(
                    configuration=system.configuration.name,
                    claims=len(of_source),
                    of_claims=len(here),
                    controls=len({check.control for check in of_source}),
                    of_controls=len(controls),
                )
            )
    return tuple(found)
