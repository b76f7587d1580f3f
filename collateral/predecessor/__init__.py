"""What became of an earlier threat model: its statements, a verdict on each, and what of the model answers it now."""

from collateral.predecessor.answers import Answer, Answered, answers
from collateral.predecessor.model import PREDECESSOR, VERDICTS, Predecessor, Statement, Verdict
from collateral.predecessor.reader import load_predecessor, predecessor_schema, read_predecessor

__all__ = [
    "PREDECESSOR",
    "VERDICTS",
    "Answer",
    "Answered",
    "Predecessor",
    "Statement",
    "Verdict",
    "answers",
    "load_predecessor",
    "predecessor_schema",
    "read_predecessor",
]
