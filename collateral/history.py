"""What changed since the bundle before: threats, claims and findings, each with the reason of the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["threat", "claim", "finding"]
State = Literal["new", "unchanged", "changed", "fixed", "reopened"]
STATES: tuple[State, ...] = get_args(State)
Cause = Literal["source", "model", "rules", "toolkit", "scanner", "not-checked", "unknown"]
"""What made the change. `source`: the code of the release. `model`: the model, its options or decisions. `rules`: a
threat rule or a rule of a scanner's pack. `toolkit`, `scanner`: another version of the program or of the tool.
`not-checked`: one of the two bundles did not look, so nothing can be said of the code. `unknown`: nobody can tell."""
CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One threat, claim or finding, and what became of it.

    `id` is the threat's id, `<control>#<text of the claim>` or the finding's fingerprint; `previous` is the id that
    it had before, where that differs (a renamed file). `first_seen` is an ISO 8601 date, empty where it is not known.
    `fixed` is said only where the place was looked at again; else the cause is `not-checked` and the state `unchanged`.
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
