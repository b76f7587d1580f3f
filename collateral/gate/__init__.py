"""The gate: what a change may not bring in, judged by the policy that was there before it."""

from collateral.gate.model import Draft, Event, GateInput, Stage, Verdict
from collateral.gate.rules import RULES
from collateral.gate.verdict import evaluate, published

__all__ = ["RULES", "Draft", "Event", "GateInput", "Stage", "Verdict", "evaluate", "published"]
