"""The rules that a team writes down in `threatmodel.toml`: priorities, the gate, what is published when."""

from collateral.policy.model import (
    BLOCKING_ORDER,
    DEFAULT_GATE_LEVELS,
    GATE_RULES,
    LEVELS,
    PRIORITIES,
    BoundaryPath,
    Criterion,
    GatePolicy,
    GateRule,
    Level,
    Policy,
    Priority,
    PublishingPolicy,
    Subject,
    Waiver,
    at_or_above,
)
from collateral.policy.priority import Priorities, Prioritised
from collateral.policy.reachable import strangers, unreachable
from collateral.policy.reader import read_policy

__all__ = [
    "BLOCKING_ORDER",
    "DEFAULT_GATE_LEVELS",
    "GATE_RULES",
    "LEVELS",
    "PRIORITIES",
    "BoundaryPath",
    "Criterion",
    "GatePolicy",
    "GateRule",
    "Level",
    "Policy",
    "Priorities",
    "Prioritised",
    "Priority",
    "PublishingPolicy",
    "Subject",
    "Waiver",
    "at_or_above",
    "read_policy",
    "strangers",
    "unreachable",
]
