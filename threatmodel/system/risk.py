"""What a model's team settles about risk: the matrix, the weights, and the scales in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from threatmodel.system.model import Privilege

RiskLevel = Literal["low", "medium", "high", "critical"]
RISK_LEVELS: tuple[RiskLevel, ...] = get_args(RiskLevel)
"""Lowest first."""
PRIVILEGES: tuple[Privilege, ...] = get_args(Privilege)
"""Least first."""
STEPS = 5
"""Likelihood and impact are whole numbers from 1 to this."""

Matrix = tuple[tuple[RiskLevel, ...], ...]

DEFAULT_MATRIX: Matrix = (
    ("low", "low", "low", "low", "medium"),
    ("low", "low", "medium", "medium", "high"),
    ("low", "medium", "medium", "high", "high"),
    ("low", "medium", "high", "high", "critical"),
    ("medium", "medium", "high", "critical", "critical"),
)
"""`DEFAULT_MATRIX[likelihood - 1][impact - 1]`, after NIST SP 800-30 rev. 1, table I-2."""

DEFAULT_REACH = (5, 4, 3, 2, 1)
DEFAULT_PRIVILEGE: Mapping[Privilege, int] = MappingProxyType(
    {"none": 0, "restricted": 1, "user": 2, "elevated": 3, "root": 4, "kernel": 5}
)
DEFAULT_LIKELIHOOD = (
    "no chain of flows leads from the adversary to the place, or it crosses four boundaries or more",
    "three trust boundaries lie between the adversary and the place",
    "two trust boundaries lie between",
    "one trust boundary lies between, or data that the adversary wrote arrives at the place",
    "the adversary already controls the place from which it strikes",
)
DEFAULT_IMPACT = (
    "code or data without privilege over the machine",
    "what an ordinary account may do",
    "full power within one sandbox, such as a guest",
    "the administrator of the machine",
    "the kernel of the machine, or control over everything that runs there",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mitigation:
    """Steps of likelihood that a proven mitigation takes away, by what proves its weakest control. 0 to 4 each."""

    verified: int = 3
    attested: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSettings:
    """Section `[risk]` of `threatmodel.toml`. What it does not say is the default.

    `matrix[likelihood - 1][impact - 1]` is a level. `reach[n]` is what `reach(…)` gives in the likelihood of a rule
    where the adversary must cross `n` boundaries; the last entry also stands for more, and for no way at all.
    `privilege` is what `privilege(…)` gives in the impact of a rule. `likelihood` and `impact` say in words what the
    numbers 1 to 5 mean; nothing is computed from them.
    """

    matrix: Matrix = DEFAULT_MATRIX
    reach: tuple[int, ...] = DEFAULT_REACH
    privilege: Mapping[Privilege, int] = field(default_factory=lambda: DEFAULT_PRIVILEGE)
    mitigation: Mitigation = field(default_factory=Mitigation)
    likelihood: tuple[str, ...] = DEFAULT_LIKELIHOOD
    impact: tuple[str, ...] = DEFAULT_IMPACT


def falls(numbers: Sequence[int]) -> int | None:
    """The index of the first number that is less than the one before it; None where none is."""
    return next((at for at in range(1, len(numbers)) if numbers[at] < numbers[at - 1]), None)
