"""Findings of a scan joined to a model, as `threatmodel findings` lists, shows and explains them."""

from collateral.findings.make import Joined, find, findings_file
from collateral.findings.values import Asked, FindingRow, FindingsFile

__all__ = ["Asked", "FindingRow", "FindingsFile", "Joined", "find", "findings_file"]
