"""A difference for people: as text for a terminal, and as one comment of a pull request."""

from collateral.report.change.comment import LONGEST_COMMENT, MARKER, markdown
from collateral.report.change.terminal import text
from collateral.report.change.words import NO_CHANGE, NOT_CHECKED, DiffFile, Rated

__all__ = [
    "LONGEST_COMMENT",
    "MARKER",
    "NOT_CHECKED",
    "NO_CHANGE",
    "DiffFile",
    "Rated",
    "markdown",
    "text",
]
