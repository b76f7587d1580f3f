"""From a tool's claims to a ScanResult: paths, places and counts are checked against the tree and the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from scanners.adapters.withheld import Withholder
from scanners.finding import (
    SEVERITIES,
    Confidence,
    Finding,
    Location,
    RuleInfo,
    ScanResult,
    Severity,
    sort_key,
    with_fingerprints,
)
from scanners.marks import Marker
from scanners.protocol import Description, RawOutput, SourceFiles
from threatmodel.confine import Outcome

NOTHING_RAN = Outcome(
    exit_code=0,
    signal=None,
    stdout=b"",
    stderr=b"",
    stdout_truncated=False,
    stderr_truncated=False,
    timed_out=False,
    limit="",
    level="",
)
"""Of a result that no program was started for."""
MAX_FINDINGS = 25_000
MAX_TEXT = 4000
MAX_NOTES = 200
_SNIPPET_LINES, _SNIPPET_CHARS = 3, 300
_MAX_NUMBER = 10_000_000
_LIBRARIES = re.compile(
    r"(?<![^\s'\"(=])/[^\s'\":]*?/lib(?:32|64)?/(?:python3(?:\.[0-9]+t?)?|[a-z0-9_]+-linux-gnu[a-z0-9]*)/"
)
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")


class Unusable(Exception):
    """The report is not what the tool is documented to write; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A finding as the tool states it; the path is normal, nothing else is checked yet."""

    rule: str
    message: str
    severity: Severity
    confidence: Confidence
    cwe: tuple[str, ...]
    stride: str
    path: str
    line: object
    column: object
    end_line: object
    end_column: object
    secret: bool = False
    """The lines are a secret: no output repeats them. The message must not either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Everything that a tool's report says, in our terms."""

    scanned: frozenset[str]
    problems: Mapping[str, str]
    """Path to the reason why the file counts as not scanned."""
    claims: tuple[Claim, ...]
    rules: tuple[RuleInfo, ...]
    notes: tuple[str, ...]
    degraded: bool
    """True where the notes alone make the result partial."""


def text(value: object, limit: int = MAX_TEXT) -> str:
    """A value of a report as text that can be encoded, cut to a limit; other kinds than text become empty."""
    if not isinstance(value, str):
        return ""
    clean = value.encode("utf-8", "backslashreplace").decode("utf-8")
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def stable(message: str) -> str:
    """What a tool says of itself, without what depends on the machine: folders of libraries, addresses in memory."""
    return _ADDRESS.sub("0x…", _LIBRARIES.sub("{lib}/", message))


def normal_path(value: object) -> str:
    """A reported path as in the tree: relative, without `./`; empty where it cannot be one."""
    if not isinstance(value, str) or value.startswith("/"):
        return ""
    parts = [part for part in value.split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


def one_based(value: object) -> int:
    """A line or column that counts from 0 as one that counts from 1; 0 where it is none."""
    return value + 1 if isinstance(value, int) and value >= 0 else 0


def mapping(value: object) -> dict[str, Any]:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def read_json(raw: RawOutput) -> dict[str, Any]:
    """The report as a JSON object.

    Raises:
        Unusable: there is none.
    """
    if raw.report is None:
        raise Unusable(raw.report_problem)
    try:
        value = json.loads(raw.report)
    except (ValueError, RecursionError) as error:
        size = len(raw.report)
        raise Unusable(f"its report of {size} bytes is not JSON ({type(error).__name__})") from error
    if not isinstance(value, dict):
        raise Unusable("its report is not a JSON object")
    return value


def items(value: object, name: str) -> Iterator[dict[str, Any]]:
    """The objects of a list in a report.

    Raises:
        Unusable: it is no list of objects.
    """
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Unusable(f'"{name}" of its report is not a list of objects')
    yield from value


def failed(scanner: str, description: Description, reason: str, raw: RawOutput | None = None) -> ScanResult:
    """A result that says that nothing was learnt."""
    files = raw.files if raw else ()
    return ScanResult(
        scanner=scanner,
        version=description.version,
        status="failed",
        reason=text(stable(reason), 600),
        files_planned=files,
        not_scanned=tuple((path, "the scanner failed") for path in files),
        ruleset_digest=description.ruleset_digest,
        tool_digest=description.tool_digest,
        command=raw.command if raw else (),
    )


def conclude(
    scanner: str, description: Description, raw: RawOutput, account: Account, tree: SourceFiles
) -> ScanResult:
    """The result: what the account leaves out, or places outside the tree, counts against the tool."""
    known = frozenset(tree.paths())
    planned = frozenset(raw.files)
    if planned and not (account.scanned & planned):
        why = next(iter(sorted(account.problems.values())), "")
        said = f"; {why}" if why else ""
        return failed(
            scanner, description, f"reported none of {len(planned)} planned files as read{said}", raw
        )
    problems = {path: stable(why) for path, why in account.problems.items() if path in known}
    missing = dict.fromkeys(planned - account.scanned, "not reported as read by the scanner")
    not_scanned = tuple(sorted((missing | problems).items()))
    scanned = tuple(sorted((account.scanned & known) - {path for path, _ in not_scanned}))
    findings, notes = _findings(scanner, account.claims, known, tree)
    strange = sorted((account.scanned | set(account.problems)) - known)
    notes += [f"named a file outside the tree: {text(path, 200)!r}" for path in strange]
    partial = bool(not_scanned or notes or account.degraded)
    all_notes = sorted({stable(note) for note in account.notes} | set(notes))
    if len(all_notes) > MAX_NOTES:
        all_notes = [*all_notes[:MAX_NOTES], f"{len(all_notes) - MAX_NOTES} more notes left out"]
    return ScanResult(
        scanner=scanner,
        version=description.version,
        status="partial" if partial else "complete",
        reason=_reason(len(not_scanned), len(planned), all_notes) if partial else "",
        files_planned=raw.files,
        files_scanned=scanned,
        not_scanned=not_scanned,
        findings=findings,
        rules=_rules(account.rules, findings),
        ruleset_digest=description.ruleset_digest,
        tool_digest=description.tool_digest,
        notifications=tuple(all_notes),
        command=raw.command,
    )


def _reason(missing: int, planned: int, notes: list[str]) -> str:
    parts = [f"{missing} of {planned} files not read, or only in part"] if missing else []
    return "; ".join((*parts, *notes[:1]))


def _rules(rules: tuple[RuleInfo, ...], findings: tuple[Finding, ...]) -> tuple[RuleInfo, ...]:
    """The rules by id, one each; a finding's rule that the tool did not describe gets an entry."""
    by_id = {rule.id: rule for rule in reversed(rules)}
    for finding in findings:
        if finding.rule not in by_id:
            by_id[finding.rule] = RuleInfo(
                id=finding.rule,
                title=finding.rule,
                description="The scanner did not describe this rule.",
                cwe=finding.cwe,
                help_uri="",
                severity=finding.severity,
            )
    return tuple(by_id[key] for key in sorted(by_id))


def _findings(
    scanner: str, claims: tuple[Claim, ...], known: frozenset[str], tree: SourceFiles
) -> tuple[tuple[Finding, ...], list[str]]:
    notes: list[str] = []
    inside = [claim for claim in claims if claim.path in known]
    outside = sorted({claim.path for claim in claims} - known)
    for path in outside:
        notes.append(f"findings outside the tree dropped: {text(path, 200) or '(no usable path)'!r}")
    pairs: list[tuple[Finding, str]] = []
    invalid = 0
    withholder = Withholder()
    for path, group in groupby(sorted(inside, key=lambda claim: claim.path), key=lambda claim: claim.path):
        source = tree.read(path).decode("utf-8", "replace").split("\n")
        placed = [(claim, _place(claim, source)) for claim in group]
        lines = withholder.lines(source, [place for claim, place in placed if claim.secret])
        marker = Marker(lines)
        for claim, place in placed:
            invalid += place.line == 0
            found = replace(_finding(scanner, claim, place, lines), marks=marker.marks(place.line))
            pairs.append((found, lines[place.line - 1] if place.line else ""))
    if invalid:
        notes.append(f"{invalid} findings with a line that the file does not have")
    pairs = _without_repeats(pairs)
    if len(pairs) > MAX_FINDINGS:
        notes.append(f"{len(pairs)} findings, more than {MAX_FINDINGS}; the least severe were dropped")
        pairs.sort(key=lambda pair: (SEVERITIES.index(pair[0].severity), sort_key(pair[0])))
        del pairs[MAX_FINDINGS:]
    return with_fingerprints(pairs), notes


def _without_repeats(pairs: list[tuple[Finding, str]]) -> list[tuple[Finding, str]]:
    return list({finding: (finding, line) for finding, line in pairs}.values())


def _finding(scanner: str, claim: Claim, place: Location, lines: list[str]) -> Finding:
    return Finding(
        scanner=scanner,
        rule=claim.rule,
        message=claim.message,
        severity=claim.severity,
        confidence=claim.confidence,
        cwe=claim.cwe,
        stride=claim.stride,
        location=place,
        snippet="" if claim.secret else snippet(lines, place),
        secret=claim.secret,
    )


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_NUMBER:
        return 0
    return value


def _place(claim: Claim, lines: list[str]) -> Location:
    """The claim's place, made to fit the file; the whole file where the line is not in it."""
    line = _number(claim.line)
    if not line or line > len(lines):
        return Location(path=claim.path)
    end_line = min(max(_number(claim.end_line), line), len(lines))
    column = min(_number(claim.column) or 1, len(lines[line - 1]) + 1)
    end_column = min(_number(claim.end_column) or 1, len(lines[end_line - 1]) + 1)
    if end_line == line:
        end_column = max(end_column, column)
    return Location(path=claim.path, line=line, column=column, end_line=end_line, end_column=end_column)


def snippet(lines: list[str], place: Location) -> str:
    """The source at a place: at most 3 lines and 300 characters, from before the column in a very long line."""
    if not place.line:
        return ""
    taken = lines[place.line - 1 : min(place.end_line, place.line + _SNIPPET_LINES - 1)]
    whole = "\n".join(line.rstrip("\r") for line in taken)
    start = max(0, place.column - 61) if place.column > _SNIPPET_CHARS - 60 else 0
    return whole[start : start + _SNIPPET_CHARS]


def cwe_list(values: Iterable[object]) -> tuple[str, ...]:
    """`CWE-n` of numbers or texts such as `CWE-78: …`, ascending; what is no CWE is left out."""
    numbers: set[int] = set()
    for value in values:
        head = str(value).upper().removeprefix("CWE-").split(":")[0].strip()
        if head.isascii() and head.isdigit() and 0 < len(head) < 7:
            numbers.add(int(head))
    return tuple(f"CWE-{number}" for number in sorted(numbers))


def https(value: object) -> str:
    """The value where it is a plain https address, else empty."""
    shown = text(value, 500)
    return shown if shown.startswith("https://") and shown.isprintable() and " " not in shown else ""
