"""`threatmodel coverage`: which questions of STRIDE have an answer, and which there is none for."""

from collateral.coverage.files import CoverageFile, coverage_of

__all__ = ["CoverageFile", "coverage_of"]
