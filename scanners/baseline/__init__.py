"""Findings of two runs told apart: which are the same, although lines moved and files were renamed."""

from scanners.baseline.files import FileMark, Renames, file_mark, follow
from scanners.baseline.match import Matching, Pair, Trace, match, trace_of
from scanners.marks import Marker, Marks

__all__ = [
    "FileMark",
    "Marker",
    "Marks",
    "Matching",
    "Pair",
    "Renames",
    "Trace",
    "file_mark",
    "follow",
    "match",
    "trace_of",
]
