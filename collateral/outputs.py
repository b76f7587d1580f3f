"""What commands print as JSON and no bundle holds, and the JSON Schemas of all our formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from collateral.assessment import SourceFacts
from collateral.deployed.compare import Comparison as Deployment
from collateral.deployed.shipped import ShippedConfiguration
from collateral.summary import CheckFile
from scanners.finding import ScanResult
from scanners.kit.run import Conformance
from scanners.protocol import Description
from threatmodel.confine import Detection
from threatmodel.load import Derived, Loaded
from threatmodel.system import OptionSpec
from threatmodel.system.cover import Cover


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerEntry:
    """A scanner that is built in, as it is installed here. `usual`: it runs where nobody names others."""

    name: str
    usual: bool
    description: Description


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedScanner:
    """A scanner that an installed package of this version offers. Its code was not looked at."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannersFile:
    """`threatmodel scanners list --format json`."""

    format: Literal["threatmodel/scanners"] = "threatmodel/scanners"
    version: Literal[1] = 1
    built_in: tuple[ScannerEntry, ...]
    offered: tuple[OfferedScanner, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformanceFile:
    """`threatmodel scanners test --format json`."""

    format: Literal["threatmodel/conformance"] = "threatmodel/conformance"
    version: Literal[1] = 1
    conformance: Conformance


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationRow:
    """One configuration with the value of every option. `template`: the file of the source that ships it."""

    name: str
    description: str
    template: str
    options: Mapping[str, str]
    elements: int
    flows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationsFile:
    """`threatmodel configurations --format json`. `derived`: `NAME-<suffix>` is there for every configuration NAME."""

    format: Literal["threatmodel/configurations"] = "threatmodel/configurations"
    version: Literal[1] = 1
    project: str
    default: str
    options: tuple[OptionSpec, ...]
    configurations: tuple[ConfigurationRow, ...]
    derived: tuple[Derived, ...]


def configurations_file(loaded: Loaded) -> ConfigurationsFile:
    """What a model names, in the order of its files."""
    return ConfigurationsFile(
        project=loaded.project.id,
        default=loaded.project.default_configuration,
        options=loaded.project.options,
        configurations=tuple(
            ConfigurationRow(
                name=system.configuration.name,
                description=system.configuration.description,
                template=system.configuration.template,
                options=system.configuration.options,
                elements=len(system.elements),
                flows=len(system.flows),
            )
            for system in loaded.project.systems
        ),
        derived=loaded.manifest.known.derived,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFile:
    """`threatmodel configurations --cover --format json`. `threats`: ids found in at least one combination; null where
    nothing was analysed."""

    format: Literal["threatmodel/cover"] = "threatmodel/cover"
    version: Literal[1] = 1
    project: str
    structural_options: tuple[str, ...]
    cover: Cover
    threats: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedFile:
    """`threatmodel configurations --source … --format json`: options beside their templates. `commit`: of the source,
    empty where it is a folder."""

    format: Literal["threatmodel/shipped"] = "threatmodel/shipped"
    version: Literal[1] = 1
    project: str
    commit: str
    configurations: tuple[ShippedConfiguration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedFile:
    """`threatmodel compare --config-file … --format json`: a deployment beside the nearest shipped configuration."""

    format: Literal["threatmodel/deployed"] = "threatmodel/deployed"
    version: Literal[1] = 1
    comparison: Deployment


def output_kinds() -> dict[str, type]:
    """The formats by the name of their schema; those of a bundle stand in `collateral.bundle.exports`."""
    from collateral.drift.files import DriftFile
    from collateral.explain import ExplainFile
    from collateral.findings import FindingsFile
    from collateral.gate.render import GateFile
    from collateral.overlay.printed import PrivatePlanFile, PrivateScansFile, PrivateThreatsFile
    from collateral.report.change import DiffFile
    from collateral.report.compare import CompareFile
    from collateral.report.gallery import PicturesFile
    from collateral.rules import RuleReferenceFile
    from collateral.rules.results import RuleTestsFile

    return {
        "check": CheckFile,
        "compare": CompareFile,
        "configurations": ConfigurationsFile,
        "conformance": ConformanceFile,
        "cover": CoverFile,
        "deployed": DeployedFile,
        "diff": DiffFile,
        "doctor": DoctorFile,
        "drift": DriftFile,
        "explain": ExplainFile,
        "findings-joined": FindingsFile,
        "gate": GateFile,
        "pictures": PicturesFile,
        "rule-tests": RuleTestsFile,
        "rule-reference": RuleReferenceFile,
        "pentest-plan-private": PrivatePlanFile,
        "scanners": ScannersFile,
        "scans": ScansFile,
        "shipped": ShippedFile,
        "scans-private": PrivateScansFile,
        "threats-private": PrivateThreatsFile,
    }


def all_schemas() -> dict[str, dict[str, Any]]:
    """Every JSON Schema that this version has, by its `$id`: of bundles, of commands, of what people write."""
    import json

    from collateral.bundle.exports import schema, schema_files
    from collateral.deployed import keys_schema
    from collateral.drift import extracts_schema, waivers_schema
    from collateral.rules import rule_schema
    from threatmodel.rules import load_vocabulary

    made = [json.loads(data) for data in schema_files().values()]
    made += [schema(name, kind) for name, kind in output_kinds().items()]
    made += [
        extracts_schema(),
        keys_schema(),
        rule_schema(load_vocabulary()),
        waivers_schema(),
    ]
    by_id = {str(found["$id"]): found for found in made}
    if len(by_id) != len(made):
        raise AssertionError("two formats share the id of a schema")
    return by_id
