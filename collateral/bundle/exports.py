"""The machine-readable files of a bundle, and the JSON Schemas of our own formats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from collateral.advisories import advisories_schema, third_party_schema
from collateral.assessment import Assessment
from collateral.backtest.model import BacktestFile
from collateral.bundle.threats import ThreatsFile, threats_file
from collateral.coverage import CoverageFile
from collateral.doubts import Doubt, Doubts
from collateral.first_seen import FirstSeenFile
from collateral.history_compare import HistoryFile, history_file
from collateral.history_tools import rule_digest
from collateral.named_sources import NamedSource
from collateral.overlay import HeldFile, overlay_schema
from collateral.paths import PathsFile
from collateral.pentest import engagement_schema
from collateral.pentest.files import AdvisoriesRecord, EngagementsFile, PlanFile
from collateral.predecessor import predecessor_schema
from collateral.predecessor.files import PredecessorFile
from collateral.response import response_schema
from collateral.response.files import OwnershipFile, ResponseFile
from collateral.storage import storage_schema
from collateral.storage.files import StorageFile
from collateral.vectors.reader import vectors_schema
from collateral.why import why_schema
from collateral.why.files import WhyFile
from threatmodel.claims import ClaimCheck, ControlRecord, Ledger, SourceShare, shares
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.plain import to_plain
from threatmodel.system import Project

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """`model.json`: the model in every configuration."""

    format: Literal["threatmodel/model"] = "threatmodel/model"
    version: Literal[1] = 1
    project: Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedSource:
    """A source of another project that claims are about. `shares` says how much of each configuration hangs on it."""

    source: NamedSource
    shares: tuple[SourceShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsFile:
    """`claims.json`: every claim after its check, and the state of each control in each configuration."""

    format: Literal["threatmodel/claims"] = "threatmodel/claims"
    version: Literal[1] = 1
    project: str
    release: str
    source_commit: str
    withheld: int
    """Contradicted claims that this edition withholds. They are among those whose state is `undisclosed`."""
    checks: tuple[ClaimCheck, ...]
    controls: tuple[ControlRecord, ...]
    sources: tuple[ClaimedSource, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    """Open findings in the code that claims were verified in. None are known where no scanner was run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRecord:
    """A threat rule. `digest` changes where what it finds, or how it judges that, may change."""

    id: str
    pack: str
    title: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesFile:
    """`rules.json`: the threat rules that were asked, sorted by id."""

    format: Literal["threatmodel/rules"] = "threatmodel/rules"
    version: Literal[1] = 1
    rules: tuple[RuleRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """A file of the source tree: its SHA-256, and a sketch of its lines to recognise it under another name."""

    path: str
    sha256: str
    sketch: str
    lines: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """`source.json`: every file of the source tree that was read, sorted by path."""

    format: Literal["threatmodel/source"] = "threatmodel/source"
    version: Literal[1] = 1
    files: tuple[SourceRecord, ...]


_FILES: Mapping[str, type] = {
    "model": ModelFile,
    "threats": ThreatsFile,
    "advisories": AdvisoriesRecord,
    "backtest": BacktestFile,
    "claims": ClaimsFile,
    "coverage": CoverageFile,
    "engagements": EngagementsFile,
    "first-seen": FirstSeenFile,
    "history": HistoryFile,
    "overlay": HeldFile,
    "ownership": OwnershipFile,
    "paths": PathsFile,
    "pentest-plan": PlanFile,
    "predecessor": PredecessorFile,
    "response": ResponseFile,
    "rules": RulesFile,
    "source": SourceFile,
    "why": WhyFile,
    "storage-needs": StorageFile,
}


_PRIVATE_SCHEMAS = frozenset({"schemas/overlay.schema.json", "schemas/overlay-input.schema.json"})
"""They stand only beside a file that they describe."""


def claims_file(
    project: Project,
    release: str,
    commit: str,
    ledger: Ledger,
    withheld: int = 0,
    sources: Iterable[NamedSource] = (),
    doubts: Doubts = MappingProxyType({}),
) -> ClaimsFile:
    """The claims ledger as the command line and the bundle write it."""
    return ClaimsFile(
        project=project.id,
        release=release,
        source_commit=commit,
        withheld=withheld,
        checks=ledger.checks,
        controls=ledger.records,
        sources=tuple(
            ClaimedSource(source=source, shares=shares(project, ledger, source.name)) for source in sources
        ),
        doubts=tuple(doubt for found in doubts.values() for doubt in found),
    )


def data_files(a: Assessment) -> dict[str, bytes]:
    """`data/*.json` by path."""
    values = {
        "model": ModelFile(project=a.project),
        "threats": threats_file(a.project, a.threats, vectors=a.vectors),
        "claims": claims_file(
            a.project,
            a.release,
            a.source.commit,
            a.ledger,
            a.withheld.claims if a.withheld else 0,
            a.sources,
            a.doubts,
        ),
        "history": history_file(a),
        "rules": RulesFile(
            rules=tuple(
                RuleRecord(id=rule.id, pack=rule.pack, title=rule.title, digest=rule_digest(rule))
                for rule in sorted(a.rules, key=lambda rule: rule.id)
            )
        ),
        "source": SourceFile(
            files=tuple(
                SourceRecord(path=path, sha256=mark.sha256, sketch=mark.sketch, lines=mark.lines)
                for path, mark in sorted(a.files.items())
            )
        ),
    }
    return {f"data/{name}.json": dump_bytes(to_plain(value)) for name, value in values.items()}


def schema_files(*, private: bool = True) -> dict[str, bytes]:
    """`schemas/*.schema.json` by path; without `private` those that every edition has."""
    from collateral.bundle.manifest import Manifest

    kinds = {**_FILES, "manifest": Manifest}
    made = {f"schemas/{name}.schema.json": dump_bytes(schema(name, kind)) for name, kind in kinds.items()}
    inputs = {
        "advisories": advisories_schema(),
        "cvss": vectors_schema(),
        "third-party-advisories": third_party_schema(),
        "engagement": engagement_schema(),
        "predecessor": predecessor_schema(),
        "overlay": overlay_schema(),
        "response": response_schema(),
        "why": why_schema(),
        "storage-needs": storage_schema(),
    }
    all_ = {
        **made,
        **{f"schemas/{name}-input.schema.json": dump_bytes(value) for name, value in inputs.items()},
    }
    return {path: data for path, data in all_.items() if private or path not in _PRIVATE_SCHEMAS}


def schema(name: str, kind: type) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one of our formats."""
    from pydantic import TypeAdapter

    made = TypeAdapter(kind).json_schema(mode="serialization")
    version = made.get("properties", {}).get("version", {}).get("const", 1)
    return {"$schema": SCHEMA_DIALECT, "$id": f"urn:threatmodel:schema:{name}:{version}", **made}


def schema_of(path: str) -> str:
    """The schema in the bundle that describes a file, or an empty text."""
    name = path.removeprefix("data/").removesuffix(".json")
    if path.startswith("data/") and name in _FILES:
        return f"schemas/{name}.schema.json"
    return ""


def format_of(schema_path: str) -> tuple[type, bytes] | None:
    """The format that a schema of a bundle describes, and that schema as this version writes it."""
    from collateral.bundle.manifest import Manifest

    name = schema_path.removeprefix("schemas/").removesuffix(".schema.json")
    kind = {**_FILES, "manifest": Manifest}.get(name)
    if kind is None or schema_path != f"schemas/{name}.schema.json":
        return None
    return kind, dump_bytes(schema(name, kind))
