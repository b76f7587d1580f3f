"""Claims as sentences."""

from __future__ import annotations

from threatmodel.system import (
    Absent,
    ArgumentsAbsent,
    Attested,
    Claim,
    FileExists,
    HasTest,
    Present,
    Proposed,
    Value,
    Version,
)


def describe(claim: Claim) -> str:
    """The claim as a sentence."""
    where = f"{claim.source}: " * bool(claim.source) + ", ".join(claim.paths)
    match claim:
        case FileExists():
            return f"{where} exists"
        case Present():
            return f"{'each of ' if claim.each else ''}{where} has /{claim.pattern}/"
        case Absent():
            return f"{where} does not have /{claim.pattern}/"
        case ArgumentsAbsent():
            words = " ".join(claim.arguments)
            return f'{where} does not pass "{words}"'
        case Value():
            return f"{where}: {claim.key} is {claim.equals!r}"
        case Version():
            return f"{where}: version {claim.key} satisfies {claim.specifier}"
        case HasTest():
            return f"{where} has a test {claim.name!r}{' that passes' if claim.passes else ''}"
        case Attested():
            return f"attested by {claim.by or 'nobody'} on {claim.date} until {claim.expires}"
        case Proposed():
            return f"proposed: {claim.statement}"
