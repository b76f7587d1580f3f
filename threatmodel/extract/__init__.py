"""Facts of a system's surface, read from a source tree, and what differs between two trees."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from threatmodel.extract.change import Comparison, FactChange, Side, Spot, State, Unchecked, compare
from threatmodel.extract.fact import Extract, Fact, Kind, Spec, Tree, Unread

if TYPE_CHECKING:
    from threatmodel.extract.codeowners import without_owner
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


def __getattr__(name: str) -> Any:
    """The readers of sources and their parsers are imported when the first tree is read."""
    if name == "without_owner":
        return import_module("threatmodel.extract.codeowners").without_owner
    if name in {"READERS", "Known", "extract"}:
        return getattr(import_module("threatmodel.extract.read"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
