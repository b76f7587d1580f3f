"""Risk: likelihood × impact through the matrix of the model. `docs/risk.md` has the derivation."""

from __future__ import annotations

from collections.abc import Iterable

from threatmodel.analysis.world import AdversaryWorld, SystemIndex
from threatmodel.system import Adversary, ControlState, Element
from threatmodel.system.risk import (
    DEFAULT_PRIVILEGE,
    DEFAULT_REACH,
    RISK_LEVELS,
    STEPS,
    Mitigation,
    RiskLevel,
    RiskSettings,
)

__all__ = ["RISK_LEVELS", "RiskLevel", "RiskSettings", "clamp", "level", "residual", "steps", "weighed"]


class _Weighed(AdversaryWorld):
    """A system seen by one adversary, with reach and privilege as a model weighs them."""

    def __init__(self, index: SystemIndex, adversary: Adversary | None, risk: RiskSettings) -> None:
        super().__init__(index, adversary)
        self._risk = risk

    def reach(self, element: Element) -> int:
        return self._risk.reach[STEPS - super().reach(element)]

    def privilege(self, element: Element) -> int:
        return self._risk.privilege[self._index.boundaries[element.boundary].privilege]


def weighed(
    world: AdversaryWorld, index: SystemIndex, adversary: Adversary | None, risk: RiskSettings
) -> AdversaryWorld:
    """The world that likelihood and impact are asked in. Conditions are not: weights make no threat come or go."""
    if risk.reach == DEFAULT_REACH and risk.privilege == DEFAULT_PRIVILEGE:
        return world
    return _Weighed(index, adversary, risk)


def level(likelihood: int, impact: int, risk: RiskSettings) -> RiskLevel:
    """The risk of a likelihood and an impact, both clamped to 1..5."""
    return risk.matrix[clamp(likelihood) - 1][clamp(impact) - 1]


def steps(states: Iterable[ControlState], mitigation: Mitigation) -> int:
    """What a mitigation takes away whose controls are in these states, all of which hold: the weakest counts."""
    return mitigation.attested if "attested" in set(states) else mitigation.verified


def residual(likelihood: int, taken: int) -> int:
    """The likelihood that is left when a mitigation takes so many steps away; at least 1."""
    return max(1, clamp(likelihood) - taken)


def clamp(number: int) -> int:
    """The number within 1..5."""
    return max(1, min(STEPS, number))
