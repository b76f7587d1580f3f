"""Claims as sentences."""

from __future__ import annotations

from threatmodel.system import (
    Absent,
    ArgumentsAbsent,
    Attested,
    Claim,
    ConfigDefault,
    Constant,
    FileExists,
    HasTest,
    KernelConfig,
    KeySet,
    Present,
    Proposed,
    RpcSet,
    Semgrep,
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
        case Constant():
            return f"{where}: constant {claim.name} is {claim.equals!r}"
        case ConfigDefault():
            given = ", ".join(f"{name}={value}" for name, value in sorted(claim.given.items()))
            made = f" by {claim.makefile}{f' with {given}' if given else ''}" if claim.makefile else ""
            return f"{where}: {claim.key} is {claim.equals!r} by default{made}"
        case KernelConfig():
            return f"{where}: CONFIG_{claim.option} is {claim.equals}"
        case RpcSet():
            services, flows = ", ".join(claim.services), ", ".join(claim.operations_of)
            return (
                f"{where}: the methods of {services} are the operations of {flows}{_without(claim.without)}"
            )
        case KeySet():
            flows = (
                f"the operations of {', '.join(claim.operations_of)}"
                if claim.operations_of
                else ", ".join(claim.keys)
            )
            return f"{where}: constants that match /{claim.pattern}/ are {flows}{_without(claim.without)}"
        case Semgrep():
            return f"{where}: the rule {claim.rule} matches{'' if claim.matches else ' nowhere'}"
        case Attested():
            return f"attested by {claim.by or 'nobody'} on {claim.date} until {claim.expires}"
        case Proposed():
            return f"proposed: {claim.statement}"


def _without(names: tuple[str, ...]) -> str:
    return f", but for {', '.join(names)}" if names else ""
