"""The claims ledger: every claim of every control, checked against a source tree."""

from threatmodel.claims.ledger import ClaimCheck, ControlRecord, Ledger, check_claims, ledger_of

__all__ = ["ClaimCheck", "ControlRecord", "Ledger", "check_claims", "ledger_of"]
