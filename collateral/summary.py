"""What `threatmodel check` says of one configuration. It answers while somebody waits, so nothing is imported for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from threatmodel.analysis import RiskLevel, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryRow:
    """The threats inside one trust boundary, by status."""

    boundary: str
    name: str
    elements: int
    threats: int
    worst_risk: RiskLevel | Literal["-"]
    statuses: Mapping[Status, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFile:
    """`threatmodel check --format json`: one configuration."""

    format: Literal["threatmodel/check"] = "threatmodel/check"
    version: Literal[1] = 1
    project: str
    configuration: str
    boundaries: tuple[BoundaryRow, ...]
