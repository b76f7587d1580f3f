"""The security group's part of a bundle: response and ownership as data, `SECURITY.md`, and the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collateral.assessment import Assessment, NotDone
from collateral.report.pdf.response import render_response
from collateral.report.response import response_view
from collateral.response import Response
from collateral.response.audit import audit
from collateral.response.files import ResponseFile, ownership_file
from collateral.response.findings import ownership_sarif
from collateral.response.helping import where_to_help
from collateral.response.model import OwnershipPolicy
from collateral.response.ownership import Ownership
from collateral.response.rubric import Rubric, make_rubric
from collateral.response.security_md import PATH as SECURITY_MD
from collateral.response.security_md import security_md
from threatmodel.core.canonical import dump_bytes
from threatmodel.core.errors import InvalidInput, SourceUnavailable
from threatmodel.core.plain import to_plain
from threatmodel.source import SourceTree
from threatmodel.system import Project

if TYPE_CHECKING:
    from collateral.bundle.parts import Making

OPTIONAL = frozenset({"data/response.json", "data/ownership.json", "data/ownership.sarif", SECURITY_MD})
"""Files that not every bundle has; `not_done` says why."""
DOCUMENT = "pdf/security-response.pdf"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The ownership audit of the source, or why there is none."""

    ownership: Ownership | None = None
    why_not: str = ""


NOT_AUDITED = Audited(why_not="no source tree was read")


def audit_source(project: Project, tree: SourceTree | None, response: Response | None) -> Audited:
    """The audit of a source tree that is open; what goes wrong is told, because the tree is not ours."""
    if tree is None:
        return NOT_AUDITED
    try:
        return Audited(ownership=audit(project, tree, response.ownership if response else OwnershipPolicy()))
    except (InvalidInput, SourceUnavailable) as error:
        return Audited(why_not="; ".join(found.message for found in error.diagnostics))


def not_done(audited: Audited, response: Response | None) -> tuple[NotDone, ...]:
    """What the security group's documents lack."""
    out = []
    if response is None:
        out.append(NotDone(what=SECURITY_MD, why="the model has no response.yaml"))
    if audited.ownership is None:
        out.append(NotDone(what="data/ownership.json", why=audited.why_not))
    elif audited.ownership.history:
        out.append(NotDone(what="Authors in data/ownership.json", why=audited.ownership.history))
    return tuple(out)


def data(making: Making, _before: Files) -> Files:
    """`data/response.json` and `SECURITY.md` where the model has a `response.yaml`; `data/ownership.*` where there
    was a source tree."""
    out: dict[str, bytes] = {}
    a = making.a
    if making.response is not None:
        rubrics = _rubrics(a)
        file = ResponseFile(
            project=a.project.id, release=a.release, response=making.response, rubrics=rubrics
        )
        out["data/response.json"] = dump_bytes(to_plain(file))
        out[SECURITY_MD] = security_md(
            making.response, rubrics[0], project=a.project.name, release=a.release, adopted=a.manifest.adopted
        )
    ownership = making.audited.ownership
    if ownership is not None:
        sarif = ownership_sarif(
            ownership,
            tool_version=a.tool_version,
            project=a.project.id,
            release=a.release,
            source_commit=a.source.commit or None,
            source_dirty=a.source.dirty,
            source_uri=making.repository,
        )
        out["data/ownership.json"] = dump_bytes(to_plain(ownership_file(a.project, ownership)))
        out["data/ownership.sarif"] = dump_bytes(sarif)
    return out


def document(making: Making, _before: Files) -> Files:
    """`pdf/security-response.pdf`."""
    a = making.a
    helping = where_to_help(
        a.project,
        a.configuration,
        a.threats,
        a.ledger,
        ownership=making.audited.ownership,
        response=making.response,
        never_tested=making.plan.threats_never_tested,
    )
    view = response_view(
        making.view,
        making.response,
        _rubrics(a),
        making.audited.ownership,
        making.audited.why_not,
        helping,
    )
    return {DOCUMENT: render_response(view, timestamp=making.timestamp, cache=making.document_cache)}


def _rubrics(a: Assessment) -> tuple[Rubric, ...]:
    """Of the documents' configuration first, then of the others in the model's order."""
    names = [system.configuration.name for system in a.project.systems]
    ordered = [a.configuration, *(name for name in names if name != a.configuration)]
    assumptions = a.texts.get("assumptions", ())
    return tuple(make_rubric(a.project, a.threats, name, assumptions) for name in ordered)
