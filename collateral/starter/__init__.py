"""A first model for a repository: what can be seen in it, and examples that are marked as such."""

from collateral.starter.programs import Program, find_programs
from collateral.starter.survey import Part, Survey, survey
from collateral.starter.write import RESERVED, starter_files

__all__ = ["RESERVED", "Part", "Program", "Survey", "find_programs", "starter_files", "survey"]
