"""Why this system and not another: questions of adopters, and what each choice answers, with evidence for and against."""

from collateral.why.model import WHY, Cell, Column, Evidence, Row, Why
from collateral.why.reader import load_why, other_ids, read_why, why_schema

__all__ = [
    "WHY",
    "Cell",
    "Column",
    "Evidence",
    "Row",
    "Why",
    "load_why",
    "other_ids",
    "read_why",
    "why_schema",
]
