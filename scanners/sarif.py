"""Scan results as SARIF 2.1.0 (OASIS, 2020-03-27), one run for each scanner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from scanners.finding import Finding, RuleInfo, ScanResult, Severity
from scanners.sarif_baseline import (
    CONTEXT,
    FINGERPRINT,
    LINE,
    SCOPE,
    Baseline,
    Gone,
    fingerprints,
    gone,
    state,
)
from threatmodel.core.canonical import digest
from threatmodel.core.text import fold

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
TOOLKIT = "threatmodel"
_SECURITY_SEVERITY: dict[Severity, str] = {"error": "8.0", "warning": "5.5", "note": "2.0"}
"""GitHub shows high, medium, low. They stand for our three levels and are no CVSS scores."""
__all__ = [
    "CONTEXT",
    "FINGERPRINT",
    "LINE",
    "SCOPE",
    "Baseline",
    "Gone",
    "Origin",
    "Suppression",
    "not_executed",
    "to_sarif",
]
_REPOSITORY_SCHEMES = frozenset({"https", "http", "ssh", "git"})
_MAX_NOTES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Why a finding is shown as suppressed; it stays in the file."""

    justification: str
    status: Literal["accepted", "underReview", "rejected"] = "accepted"
    kind: Literal["external", "inSource"] = "external"
    """`inSource`: the source itself says so, beside the finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What was scanned, and with which version of this toolkit."""

    tool_version: str
    project: str
    release: str
    source_commit: str | None
    source_dirty: bool
    source_uri: str
    properties: Mapping[str, Any]
    """Further properties of every run."""


def to_sarif(
    results: Iterable[ScanResult],
    *,
    tool_version: str,
    project: str,
    release: str,
    source_commit: str | None = None,
    source_dirty: bool = False,
    source_uri: str = "",
    suppressions: Mapping[str, Suppression] | None = None,
    properties: Mapping[str, Mapping[str, Any]] | None = None,
    run_properties: Mapping[str, Any] | None = None,
    baseline: Baseline | None = None,
) -> dict[str, Any]:
    """The results as a SARIF log, in order of scanner. With a `baseline` every result has a state, and what is gone
    since stands there as `absent`.

    `suppressions` and `properties` (component, elements, threats …) are by fingerprint of the finding;
    `run_properties` go to every run. Texts are folded, paths are relative to `%SRCROOT%`, no absolute path is
    written. `source_uri` is the repository of which `source_commit` was scanned; it is written only where it is an
    address and the tree is not dirty. `executionSuccessful` is true only for a complete scan.
    """
    origin = Origin(
        tool_version=tool_version,
        project=project,
        release=release,
        source_commit=source_commit,
        source_dirty=source_dirty,
        source_uri=source_uri,
        properties=run_properties or {},
    )
    ordered = sorted(results, key=lambda result: result.scanner)
    if not ordered:
        return _log([_not_executed("no scanner was asked for", origin)])
    return _log([_run(result, origin, suppressions or {}, properties or {}, baseline) for result in ordered])


def not_executed(
    reason: str,
    *,
    tool_version: str,
    project: str,
    release: str,
    source_commit: str | None = None,
    source_dirty: bool = False,
    source_uri: str = "",
    run_properties: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A valid SARIF log that says that no scan took place, and why."""
    origin = Origin(
        tool_version=tool_version,
        project=project,
        release=release,
        source_commit=source_commit,
        source_dirty=source_dirty,
        source_uri=source_uri,
        properties=run_properties or {},
    )
    return _log([_not_executed(reason, origin)])


def _log(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": runs}


def _not_executed(reason: str, origin: Origin) -> dict[str, Any]:
    driver = {"name": TOOLKIT, "version": _version(origin.tool_version), "rules": []}
    notes = [_notification(f"not executed: {reason}", "not-executed", "error")]
    run = _frame(driver, notes, False, origin, TOOLKIT)
    return run | {"results": [], "properties": {**origin.properties, **_tree_properties(origin)}}


def _frame(
    driver: dict[str, Any],
    notes: list[dict[str, Any]],
    successful: bool,
    origin: Origin,
    scanner: str,
) -> dict[str, Any]:
    """What every run has, whatever was found."""
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        # What stands before the last slash is the category: the same in every release, so that alerts carry over.
        "automationDetails": {"id": f"{_word(origin.project)}/{_word(scanner)}/{_word(origin.release)}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The top of the source tree."}}},
        "invocations": [{"executionSuccessful": successful, "toolExecutionNotifications": notes}],
    }
    if not origin.source_dirty and (address := _repository(origin.source_uri)) != "":
        place: dict[str, Any] = {"repositoryUri": address, "mappedTo": {"uriBaseId": ROOT}}
        if origin.source_commit:
            place["revisionId"] = fold(origin.source_commit)
        run["versionControlProvenance"] = [place]
    return run


def _run(
    result: ScanResult,
    origin: Origin,
    suppressions: Mapping[str, Suppression],
    properties: Mapping[str, Mapping[str, Any]],
    baseline: Baseline | None,
) -> dict[str, Any]:
    index = {rule.id: number for number, rule in enumerate(result.rules)}
    driver: dict[str, Any] = {
        "name": _line(result.scanner),
        "rules": [_rule(rule) for rule in result.rules],
    }
    if result.version:
        driver["version"] = _version(result.version)
        if _is_semantic(result.version):
            driver["semanticVersion"] = result.version
    run = _frame(driver, _notifications(result), result.status == "complete", origin, result.scanner)
    if result.command:
        run["invocations"][0]["arguments"] = [_line(word) for word in result.command]
    run["results"] = [
        *(
            _result(finding, index, suppressions, properties) | state(finding, baseline)
            for finding in result.findings
        ),
        *(_gone(item, index) for item in gone(result.scanner, baseline)),
    ]
    run["properties"] = {
        "status": result.status,
        "filesPlanned": len(result.files_planned),
        "filesScanned": len(result.files_scanned),
        "filesNotScanned": len(result.not_scanned),
        "planDigest": digest(list(result.files_planned)),
        "rulesetDigest": result.ruleset_digest,
        "toolkitVersion": _version(origin.tool_version),
        **origin.properties,
        **_tree_properties(origin),
    }
    return run


def _tree_properties(origin: Origin) -> dict[str, Any]:
    """The commit of the tree, and whether its files differ from it; provenance needs an address, which a local
    tree has not."""
    if not origin.source_commit:
        return {}
    return {"sourceCommit": fold(origin.source_commit), "sourceDirty": origin.source_dirty}


def _rule(rule: RuleInfo) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": _line(rule.id),
        "shortDescription": {"text": _line(rule.title) or _line(rule.id)},
        "fullDescription": {"text": _line(rule.description) or _line(rule.id)},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {
            "tags": ["security", *(f"external/cwe/{cwe.lower()}" for cwe in rule.cwe)],
            "security-severity": _SECURITY_SEVERITY[rule.severity],
            **({"digest": rule.digest} if rule.digest else {}),
        },
    }
    if rule.help_uri:
        out["helpUri"] = quote(rule.help_uri, safe=":/?#[]@!$&'()*+,;=%~")
    return out


def _result(
    finding: Finding,
    index: Mapping[str, int],
    suppressions: Mapping[str, Suppression],
    properties: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    out: dict[str, Any] = {
        "ruleId": _line(finding.rule),
        "ruleIndex": index.get(finding.rule, -1),
        "level": finding.severity,
        "message": {"text": fold(finding.message).strip() or "(no message)"},
        "locations": [{"physicalLocation": _place(finding), **_symbol(finding)}],
        "partialFingerprints": fingerprints(finding.fingerprint, finding.marks),
        "properties": {
            "confidence": finding.confidence,
            "cwe": list(finding.cwe),
            **({"stride": finding.stride} if finding.stride else {}),
            **properties.get(finding.fingerprint, {}),
        },
    }
    if (suppression := suppressions.get(finding.fingerprint)) is not None:
        out["suppressions"] = [
            {
                "kind": suppression.kind,
                "status": suppression.status,
                "justification": fold(suppression.justification),
            }
        ]
    return out


def _gone(item: Gone, index: Mapping[str, int]) -> dict[str, Any]:
    trace = item.trace
    place: dict[str, Any] = {"artifactLocation": _artifact(trace.path)}
    if trace.line >= 1:
        place["region"] = {"startLine": trace.line, "startColumn": max(1, trace.column)}
    return {
        "ruleId": _line(trace.rule),
        "ruleIndex": index.get(trace.rule, -1),
        "level": item.level,
        "message": {"text": fold(item.message).strip() or "(no message)"},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": fingerprints(trace.fingerprint, trace.marks),
        "baselineState": "absent",
    }


def _place(finding: Finding) -> dict[str, Any]:
    place = finding.location
    out: dict[str, Any] = {"artifactLocation": _artifact(place.path)}
    if place.line >= 1:
        region: dict[str, Any] = {"startLine": place.line, "startColumn": max(1, place.column)}
        if place.end_line >= place.line:
            region["endLine"] = place.end_line
            if place.end_line > place.line or place.end_column > place.column:
                region["endColumn"] = max(1, place.end_column)
        if finding.snippet:
            region["snippet"] = {"text": fold(finding.snippet)}
        out["region"] = region
    return out


def _symbol(finding: Finding) -> dict[str, Any]:
    """The function or type of a place, as SARIF 2.1.0, section 3.33 has it."""
    name = _line(finding.symbol)
    return {"logicalLocations": [{"fullyQualifiedName": name}]} if name else {}


def _artifact(path: str) -> dict[str, Any]:
    """A relative URI. Bytes that are not UTF-8 survive as percent signs; nothing in it can look absolute."""
    return {"uri": quote(path.lstrip("/"), safe="/", errors="surrogateescape"), "uriBaseId": ROOT}


def _notifications(result: ScanResult) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    if result.status != "complete":
        level: Severity = "warning" if result.status == "partial" else "error"
        out.append(
            _notification(f"{result.status}: {result.reason or 'no reason given'}", result.status, level)
        )
    out += [_notification(note, "note", "note") for note in result.notifications]
    for path, reason in result.not_scanned[:_MAX_NOTES]:
        entry = _notification(f"not read, or only in part: {reason}", "not-scanned", "warning")
        out.append(entry | {"locations": [{"physicalLocation": {"artifactLocation": _artifact(path)}}]})
    if (more := len(result.not_scanned) - _MAX_NOTES) > 0:
        out.append(_notification(f"not read, or only in part: {more} more files", "not-scanned", "warning"))
    return out


def _notification(message: str, kind: str, level: Severity) -> dict[str, Any]:
    return {"descriptor": {"id": kind}, "level": level, "message": {"text": _line(message)}}


def _line(text: str) -> str:
    return " ".join(fold(text).split())


def _version(text: str) -> str:
    return _line(text) or "unknown"


def _word(text: str) -> str:
    """A part of the automation id: the slash separates the parts."""
    return quote(_line(text), safe=" +@~:")


def _is_semantic(version: str) -> bool:
    parts = version.split("-")[0].split("+")[0].split(".")
    return len(parts) == 3 and all(part.isascii() and part.isdigit() for part in parts)


def _repository(address: str) -> str:
    """The address without credentials, or empty where it is no address of a repository."""
    try:
        parts = urlsplit(address)
        if parts.scheme not in _REPOSITORY_SCHEMES or not parts.hostname:
            return ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    path = quote(parts.path, safe="/%~+:@")
    return f"{parts.scheme}://{quote(parts.hostname, safe='[]:')}{port}{path}"
