"""The patch of a model that follows a release: stubs in the right places, for a person to fill in."""

from collateral.drift.propose.patch import patch_text
from collateral.drift.propose.stubs import Proposal, propose

__all__ = ["Proposal", "patch_text", "propose"]
