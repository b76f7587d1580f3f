"""The files of the security group in a bundle: `data/response.json`, `data/ownership.json` and their schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from collateral.response.findings import findings
from collateral.response.model import Response
from collateral.response.ownership import Ownership
from collateral.response.rubric import Rubric
from threatmodel.system import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseFile:
    """`response.json`: what the model's `response.yaml` says, and the triage rubric of every configuration."""

    format: Literal["threatmodel/response"] = "threatmodel/response"
    version: Literal[1] = 1
    project: str
    release: str
    response: Response
    rubrics: tuple[Rubric, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipFinding:
    """One finding of the audit. Line 0 is the whole file."""

    rule: str
    level: Literal["error", "warning", "note"]
    path: str
    line: int
    message: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnershipFile:
    """`ownership.json`: the ownership audit of the source tree."""

    format: Literal["threatmodel/ownership"] = "threatmodel/ownership"
    version: Literal[1] = 1
    project: str
    audit: Ownership
    findings: tuple[OwnershipFinding, ...]


def ownership_file(project: Project, audit: Ownership) -> OwnershipFile:
    """The audit as the command line and the bundle write it."""
    return OwnershipFile(
        project=project.id,
        audit=audit,
        findings=tuple(
            OwnershipFinding(
                rule=found.rule,
                level=found.severity,
                path=found.location.path,
                line=found.location.line,
                message=found.message,
                fingerprint=found.fingerprint,
            )
            for found in findings(audit)
        ),
    )
