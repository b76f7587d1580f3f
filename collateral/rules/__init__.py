"""`threatmodel rules`: rule packs checked, tested, told as a reference, and the schema of a rule file."""

from collateral.rules.reference import RuleReferenceFile, rules_file
from collateral.rules.schema import rule_schema

__all__ = ["RuleReferenceFile", "rule_schema", "rules_file"]
