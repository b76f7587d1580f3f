"""What changed since the bundle before: threats, claims and findings, each with the reason of the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from scanners.baseline import Trace
from scanners.finding import Severity

Kind = Literal["threat", "claim", "finding"]
KINDS: tuple[Kind, ...] = get_args(Kind)
State = Literal["new", "unchanged", "changed", "fixed", "reopened"]
STATES: tuple[State, ...] = get_args(State)
Cause = Literal["none", "source", "model", "rules", "toolkit", "scanner", "not-checked", "unknown"]
"""What made the change. `none`: nothing changed. `source`: the code of the release. `model`: the model, its options or
decisions. `rules`: a threat rule or a rule of a scanner's pack. `toolkit`, `scanner`: another version of the program
or of the tool. `not-checked`: one of the two bundles did not look, so nothing can be said of the code. `unknown`:
nobody can tell, mostly because two of these changed at once."""
CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One threat, claim or finding, and what became of it.

    `id` is the threat's id, `<control>#<text of the claim>` or the finding's fingerprint; `previous` is the id that
    it had before, where that differs (a renamed file). `first_seen` and `last_seen` are ISO 8601 dates, empty where
    they are not known. `fixed` is said only where the place was looked at again; else the cause is `not-checked`
    and the state `unchanged`. `trace` is kept of a finding that this release does not report, to know it again;
    `level` and `title` are then all that is left of it.
    """

    kind: Kind
    id: str
    state: State
    cause: Cause
    reason: str
    title: str = ""
    before: str = ""
    after: str = ""
    previous: str = ""
    first_seen: str = ""
    last_seen: str = ""
    level: Severity = "warning"
    trace: Trace | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolChange:
    """A tool or a set of rules before and now. Empty: it did not take part, or nobody wrote it down."""

    name: str
    before: str
    after: str

    @property
    def same(self) -> bool:
        """True where nothing changed."""
        return self.before == self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All changes since the previous bundle, sorted by kind, state and id. The previous bundle was verified first."""

    previous_release: str
    previous_date: str
    previous_commit: str
    previous_model: str
    previous_toolkit: str
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    """What could not be compared, and why."""
    past: tuple[Change, ...] = ()
    """What was fixed before the previous bundle and still is; only kept to know it when it comes back."""
    tools: tuple[ToolChange, ...] = ()
    previous_manifest: str = ""
    """SHA-256 of the manifest of the previous bundle."""
