"""What commands print as JSON and no bundle holds, and the JSON Schemas of all our formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from collateral.assessment import SourceFacts
from scanners.finding import ScanResult
from scanners.protocol import Description
from threatmodel.analysis import RiskLevel, Status
from threatmodel.confine import Detection


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScansFile:
    """`threatmodel scan --format json`. `withheld` findings are left out by the public edition."""

    format: Literal["threatmodel/scans"] = "threatmodel/scans"
    version: Literal[1] = 1
    source: SourceFacts
    scans: tuple[ScanResult, ...]
    withheld: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRow:
    """A program that is used where it is there. `path` is empty where it is not."""

    name: str
    use: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorFile:
    """`threatmodel doctor --format json`: facts of this machine. `fonts` are folders of the fonts of documents."""

    format: Literal["threatmodel/doctor"] = "threatmodel/doctor"
    version: Literal[1] = 1
    threatmodel: str
    dsl: str
    python: str
    confinement: Detection
    scanners: Mapping[str, Description]
    programs: tuple[ProgramRow, ...]
    fonts: tuple[str, ...]


def output_kinds() -> dict[str, type]:
    """The formats by the name of their schema; those of a bundle stand in `collateral.bundle.exports`."""
    from collateral.gate.render import GateFile
    from collateral.overlay.printed import PrivatePlanFile, PrivateScansFile, PrivateThreatsFile
    from collateral.report.change import DiffFile

    return {
        "check": CheckFile,
        "diff": DiffFile,
        "doctor": DoctorFile,
        "gate": GateFile,
        "pentest-plan-private": PrivatePlanFile,
        "scans": ScansFile,
        "scans-private": PrivateScansFile,
        "threats-private": PrivateThreatsFile,
    }


def all_schemas() -> dict[str, dict[str, Any]]:
    """Every JSON Schema that this version has, by its `$id`: of bundles, of commands, of what people write."""
    import json

    from collateral.advisories.reader import advisories_schema
    from collateral.bundle.exports import schema, schema_files
    from collateral.pentest.engagement import engagement_schema

    made = [json.loads(data) for data in schema_files().values()]
    made += [schema(name, kind) for name, kind in output_kinds().items()]
    made += [advisories_schema(), engagement_schema()]
    return {str(found["$id"]): found for found in made}
