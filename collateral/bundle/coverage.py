"""The questions of STRIDE and their answers as a part of a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from collateral.assessment import Assessment
from collateral.coverage import CoverageFile, coverage_file
from threatmodel.analysis.coverage import cover
from threatmodel.core.canonical import dump_pieces
from threatmodel.rules import load_vocabulary

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

PATH = "data/coverage.json"
Files = Mapping[str, bytes]


def coverage_of(a: Assessment) -> CoverageFile:
    """The matrices of the configuration of the documents."""
    coverage = cover(a.project, a.system, a.rules, a.threats, load_vocabulary())
    return coverage_file(a.project, coverage, tuple(dict.fromkeys(rule.pack for rule in a.rules)))


def data(making: Making, _before: Files) -> Files:
    """`data/coverage.json`."""
    return {PATH: b"".join(dump_pieces(making.coverage))}
