"""The claims ledger: every claim of every control, checked against a source tree."""

from threatmodel.claims.check import ClaimCheck, ClaimState
from threatmodel.claims.describe import describe
from threatmodel.claims.ledger import ControlRecord, Ledger, check_claims, ledger_of
from threatmodel.claims.results import Results
from threatmodel.claims.rules import RuleRun, RuleRunner
from threatmodel.claims.shares import SourceShare, shares

__all__ = [
    "ClaimCheck",
    "ClaimState",
    "ControlRecord",
    "Ledger",
    "Results",
    "RuleRun",
    "RuleRunner",
    "SourceShare",
    "check_claims",
    "describe",
    "ledger_of",
    "shares",
]
