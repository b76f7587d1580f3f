"""The claims ledger: every claim of every control, checked against a source tree."""

from threatmodel.claims.check import ClaimCheck, ClaimState
from threatmodel.claims.describe import describe
from threatmodel.claims.ledger import ControlRecord, Ledger, check_claims, ledger_of

__all__ = ["ClaimCheck", "ClaimState", "ControlRecord", "Ledger", "check_claims", "describe", "ledger_of"]
