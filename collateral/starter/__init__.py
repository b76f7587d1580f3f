"""A first model for a repository: what can be seen in it, and examples that are marked as such."""

from collateral.starter.survey import Part, Survey, survey
from collateral.starter.write import starter_files

__all__ = ["Part", "Survey", "starter_files", "survey"]
