"""Attack paths: from each adversary to each asset over the flows and boundaries of one configuration.

`find` finds them and needs networkx, so it is imported where paths are asked for and nowhere else; what is here is light.
"""

from threatmodel.analysis.paths.values import (
    AttackPath,
    Defeated,
    GoalKind,
    Limits,
    Outcome,
    Pair,
    PathStep,
    Separation,
)
from threatmodel.analysis.paths.without import Change, change

__all__ = [
    "AttackPath",
    "Change",
    "Defeated",
    "GoalKind",
    "Limits",
    "Outcome",
    "Pair",
    "PathStep",
    "Separation",
    "change",
]
