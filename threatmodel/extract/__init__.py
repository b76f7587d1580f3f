"""Facts of a system's surface, read from a source tree, and what differs between two trees."""

from threatmodel.extract.change import Comparison, FactChange, Side, Spot, State, Unchecked, compare
from threatmodel.extract.codeowners import without_owner
from threatmodel.extract.fact import Extract, Fact, Kind, Spec, Tree, Unread
from threatmodel.extract.read import READERS, Known, extract

__all__ = [
    "READERS",
    "Comparison",
    "Extract",
    "Fact",
    "FactChange",
    "Kind",
    "Known",
    "Side",
    "Spec",
    "Spot",
    "State",
    "Tree",
    "Unchecked",
    "Unread",
    "compare",
    "extract",
    "without_owner",
]
