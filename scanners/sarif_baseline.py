"""What SARIF says of a result beside the runs before: fingerprints of its place, its state, and results that are gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from scanners.baseline import Trace
from scanners.finding import Finding, Severity
from scanners.marks import Marks

FINGERPRINT = "threatmodel/v1"
LINE = "threatmodelLine/v1"
SCOPE = "threatmodelScope/v1"
CONTEXT = "threatmodelContext/v1"
BaselineState = Literal["new", "unchanged", "updated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A finding of the run before that this one looked for and did not report."""

    trace: Trace
    level: Severity
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The results beside those of the run before: a state for every fingerprint, and by scanner what is gone."""

    states: Mapping[str, BaselineState] = field(default_factory=dict)
    gone: Mapping[str, tuple[Gone, ...]] = field(default_factory=dict)


def fingerprints(fingerprint: str, marks: Marks | None) -> dict[str, str]:
    """`partialFingerprints`. The key that GitHub fills in itself is left to it."""
    out = {FINGERPRINT: fingerprint}
    if marks is not None:
        out[LINE] = marks.line
        out[CONTEXT] = f"{'.'.join(marks.before)}/{'.'.join(marks.after)}"
        if marks.scope:
            out[SCOPE] = marks.scope
    return out


def state(finding: Finding, baseline: Baseline | None) -> dict[str, Any]:
    """`baselineState` where there is a run before; every result has one then."""
    return {} if baseline is None else {"baselineState": baseline.states.get(finding.fingerprint, "new")}


def gone(scanner: str, baseline: Baseline | None) -> tuple[Gone, ...]:
    """What this scanner does not report any more, by place."""
    found = baseline.gone.get(scanner, ()) if baseline is not None else ()
    return tuple(sorted(found, key=lambda g: (g.trace.path, g.trace.line, g.trace.rule, g.trace.fingerprint)))
