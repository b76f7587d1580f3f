"""Conformance of a scanner: its tool is run once for real, and what it left behind is then damaged in every way."""

from scanners.kit.cells import CELLS, Cell
from scanners.kit.examples import example_of
from scanners.kit.run import CellResult, Conformance, check_scanner
from scanners.protocol import Example

__all__ = ["CELLS", "Cell", "CellResult", "Conformance", "Example", "check_scanner", "example_of"]
