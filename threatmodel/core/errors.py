"""Exit codes and the small tree of errors. Only the command line turns an error into an exit."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from threatmodel.core.diagnostics import Diagnostic


class Exit(IntEnum):
    """Documented exit codes of the program."""

    CLEAN = 0
    OUR_FAULT = 1
    USAGE = 2
    INCOMPLETE = 3
    INVALID = 4
    GATE_THREATS = 10
    GATE_FINDINGS = 11
    GATE_CLAIMS = 12
    NOT_VERIFIED = 13


_PRECEDENCE = (
    Exit.OUR_FAULT,
    Exit.USAGE,
    Exit.INVALID,
    Exit.NOT_VERIFIED,
    Exit.GATE_THREATS,
    Exit.GATE_FINDINGS,
    Exit.GATE_CLAIMS,
    Exit.INCOMPLETE,
    Exit.CLEAN,
)


def worst_exit(codes: Iterable[Exit]) -> Exit:
    """The exit code that wins where several apply: 1, 2, 4, 13, 10, 11, 12, 3, 0 in this order."""
    present = set(codes) | {Exit.CLEAN}
    return next(code for code in _PRECEDENCE if code in present)


class ThreatModelError(Exception):
    """Base of all errors that a user can act on. Holds one diagnostic or several."""

    exit = Exit.OUR_FAULT

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics


class UsageError(ThreatModelError):
    """The command line, an environment variable or a named path is wrong."""

    exit = Exit.USAGE


class InvalidInput(ThreatModelError):
    """A model, rule or data file is invalid."""

    exit = Exit.INVALID


class SourceUnavailable(ThreatModelError):
    """A source tree that was asked for cannot be read (absent, unreachable, unknown ref)."""

    exit = Exit.INCOMPLETE


class NotVerified(ThreatModelError):
    """A bundle does not match its manifest."""

    exit = Exit.NOT_VERIFIED
