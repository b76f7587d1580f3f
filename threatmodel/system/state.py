"""The state of a control in one configuration, as the claims ledger found it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

ControlState = Literal[
    "contradicted", "undisclosed", "not-found", "not-checked", "unclaimed", "proposed", "attested", "verified"
]
"""Worst first. `unclaimed`: no claim applies, so nothing could be checked. `undisclosed`: the edition does not say.
`proposed`: it is said, and nobody vouches for it."""

WORST_FIRST: tuple[ControlState, ...] = get_args(ControlState)
HOLDS: frozenset[ControlState] = frozenset({"verified", "attested"})
ControlStates = Mapping[tuple[str, str], ControlState]
"""(configuration name, control id) to state."""
