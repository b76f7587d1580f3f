"""Risk: likelihood × impact through a documented matrix (after NIST SP 800-30 rev. 1, table I-2)."""

from __future__ import annotations

from typing import Literal, get_args

RiskLevel = Literal["low", "medium", "high", "critical"]
RISK_LEVELS: tuple[RiskLevel, ...] = get_args(RiskLevel)
"""Lowest first."""

Matrix = tuple[tuple[RiskLevel, ...], ...]

DEFAULT_MATRIX: Matrix = (
    ("low", "low", "low", "low", "medium"),
    ("low", "low", "medium", "medium", "high"),
    ("low", "medium", "medium", "high", "high"),
    ("low", "medium", "high", "high", "critical"),
    ("medium", "medium", "high", "critical", "critical"),
)
"""`DEFAULT_MATRIX[likelihood - 1][impact - 1]`."""

MITIGATION = 3
"""Steps of likelihood that a proven mitigation takes away; the residual likelihood is at least 1."""


def level(likelihood: int, impact: int, matrix: Matrix = DEFAULT_MATRIX) -> RiskLevel:
    """The risk of a likelihood and an impact, both clamped to 1..5."""
    return matrix[clamp(likelihood) - 1][clamp(impact) - 1]


def residual(likelihood: int) -> int:
    """The likelihood that is left when a mitigation is proven."""
    return max(1, clamp(likelihood) - MITIGATION)


def clamp(number: int) -> int:
    """The number within 1..5."""
    return max(1, min(5, number))
