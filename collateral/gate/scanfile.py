"""SARIF files of `threatmodel scan` or of a bundle, read as hostile input; and what is new between two of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

from collateral.overlay.files import is_held
from scanners.baseline import match, trace_of
from scanners.finding import SEVERITIES, Confidence, Finding, Location, Severity
from scanners.marks import NEIGHBOURS, Marks
from scanners.sarif_baseline import CONTEXT, FINGERPRINT, LINE, SCOPE
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput
from threatmodel.core.text import fold

MAX_BYTES = 128 << 20
_MAX_RESULTS = 200_000
_MAX_RUNS = 100
_LONGEST = 1000
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_CWE = re.compile(r"CWE-[0-9]{1,5}")
_CONFIDENCES = ("high", "medium", "low")
_MOST_PROBLEMS = 20
_LONGEST_MARK = 200
_MARK = re.compile(r"[0-9a-f]{32}")
_NEIGHBOURS = rf"(?:[0-9a-f]{{8}}(?:\.[0-9a-f]{{8}}){{0,{NEIGHBOURS - 1}}})?"
_CONTEXT = re.compile(f"{_NEIGHBOURS}/{_NEIGHBOURS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerRun:
    """How far one scanner came. `unread`: files that it did not read whole; None where the file does not name all."""

    status: str
    unread: frozenset[str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFile:
    """The findings of a SARIF file, and how far each scanner came. `withheld`: findings that the file does not name,
    because it is of a public edition."""

    findings: tuple[Finding, ...]
    runs: Mapping[str, ScannerRun]
    withheld: int = 0
    since: str = ""
    """The ref since which files changed, where no others were looked at."""

    def covered(self, scanner: str, path: str) -> bool:
        """True where this scanner has read this file, or the whole tree without it, and the file names what it found."""
        run = self.runs.get(scanner)
        if self.withheld or run is None or run.status not in ("complete", "partial"):
            return False
        return run.status == "complete" or (run.unread is not None and path not in run.unread)


def new_findings(base: ScanFile, head: ScanFile) -> tuple[Finding, ...]:
    """Findings of `head` that `base` has not, matched in stages; without marks the fingerprints decide."""
    pairs = match([trace_of(f) for f in base.findings], [trace_of(f) for f in head.findings], {}, {}).pairs
    known = {pair.after for pair in pairs}
    return tuple(finding for at, finding in enumerate(head.findings) if at not in known)


def lost_coverage(base: ScanFile, head: ScanFile) -> Iterator[str]:
    """What was looked at in BASE and was not in HEAD, scanners that gave nothing at all, and what a file leaves out."""
    for side, scan in (("BASE", base), ("HEAD", head)):
        if scan.withheld:
            yield f"the SARIF of {side} withholds {scan.withheld} of its findings; make it with --edition private"
    for name in sorted({*base.runs, *head.runs}):
        run, before = head.runs.get(name), base.runs.get(name)
        if run is None:
            yield f"scanner {name} did not run over HEAD"
        elif run.status not in ("complete", "partial"):
            yield f"scanner {name} over HEAD: {run.status}"
        elif before is None or before.status not in ("complete", "partial"):
            state = "did not run" if before is None else before.status
            yield f"scanner {name} over BASE: {state}, so nothing can be said about what is new"
        elif run.status == "partial" and (run.unread is None or before.unread is None):
            yield f"scanner {name} over HEAD: too many files not read to name them"
        elif lost := len((run.unread or frozenset()) - (before.unread or frozenset())):
            yield f"scanner {name} over HEAD: {lost} {'file' if lost == 1 else 'files'} not read that it read in BASE"


def read_scan_file(data: bytes, name: str, *, changed: bool = False) -> ScanFile:
    """Read a SARIF file; texts are folded and cut. `changed`: one of changed files alone will do.

    Raises:
        InvalidInput: G002, it is not JSON, not SARIF 2.1.0, too large, or a result has no place or fingerprint.
    """
    return _Reader(name, changed=changed).read(data)


class _Reader:
    def __init__(self, name: str, *, changed: bool) -> None:
        self._place = Place(name)
        self._changed = changed
        self._problems: list[Diagnostic] = []

    def read(self, data: bytes) -> ScanFile:
        if len(data) > MAX_BYTES:
            raise self._error(f"larger than {MAX_BYTES} bytes")
        try:
            log = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._error(f"not JSON: {type(error).__name__}") from error
        runs = log.get("runs") if isinstance(log, dict) else None
        if not isinstance(runs, list) or log.get("version") != "2.1.0" or len(runs) > _MAX_RUNS:
            raise self._error("not a SARIF 2.1.0 log with a list of runs")
        findings: list[Finding] = []
        states: dict[str, ScannerRun] = {}
        withheld, since = 0, ""
        for number, run in enumerate(runs):
            since = since or _text(_at(run, "properties", "changedSince"))
            if since and not self._changed:
                raise self._error("it is of changed files alone, so it does not tell what is new or gone")
            if is_held(_at(run, "properties")):
                continue  # not of a scanner, and not for a verdict that others read
            scanner = _text(_at(run, "tool", "driver", "name"))
            if not scanner or scanner in states:
                raise self._error(f"runs[{number}]: a run names its tool, and each tool has one run")
            states[scanner] = _state(run)
            withheld = max(withheld, _withheld(run))
            results = run.get("results", [])
            if not isinstance(results, list) or len(findings) + len(results) > _MAX_RESULTS:
                raise self._error(f"runs[{number}]: results are a list, at most {_MAX_RESULTS} in all")
            for index, result in enumerate(results):
                if found := self._finding(result, scanner, f"runs[{number}].results[{index}]"):
                    findings.append(found)
        if self._problems:
            raise InvalidInput(*self._problems[:_MOST_PROBLEMS])
        return ScanFile(findings=tuple(findings), runs=states, withheld=withheld, since=since)

    def _finding(self, result: Any, scanner: str, where: str) -> Finding | None:
        if _at(result, "baselineState") == "absent":
            return None  # gone since an earlier run
        fingerprint = _at(result, "partialFingerprints", FINGERPRINT)
        if not isinstance(fingerprint, str) or not _FINGERPRINT.fullmatch(fingerprint):
            self._problem(f'{where}: no fingerprint "{FINGERPRINT}"')
            return None
        location = _first(_at(result, "locations"))
        place = _at(location, "physicalLocation")
        path = _path(_at(place, "artifactLocation", "uri"))
        if not path:
            self._problem(f"{where}: no relative path inside the source")
            return None
        region = _at(place, "region")
        own = _at(result, "properties")
        level = _at(result, "level")
        sure = _at(own, "confidence")
        return Finding(
            scanner=scanner,
            rule=_text(_at(result, "ruleId")) or "unknown",
            message=_text(_at(result, "message", "text")),
            severity=cast(
                Severity, level if level in SEVERITIES else "note" if level == "none" else "warning"
            ),
            confidence=cast(Confidence, sure if sure in _CONFIDENCES else "high"),
            cwe=tuple(w for w in _list(_at(own, "cwe")) if isinstance(w, str) and _CWE.fullmatch(w)),
            stride="",
            location=Location(
                path=path, line=_line(region, "startLine"), column=_line(region, "startColumn")
            ),
            snippet="",
            fingerprint=fingerprint,
            marks=_marks(_at(result, "partialFingerprints")),
            symbol=_text(_at(_first(_at(location, "logicalLocations")), "fullyQualifiedName")),
        )

    def _problem(self, message: str) -> None:
        self._problems.append(self._diagnostic(message))

    def _error(self, message: str) -> InvalidInput:
        return InvalidInput(self._diagnostic(message))

    def _diagnostic(self, message: str) -> Diagnostic:
        hint = "give a file of `threatmodel scan --format sarif` or data/findings.sarif of a bundle"
        return Diagnostic(code="G002", message=message, place=self._place, hint=hint)


def _state(run: Any) -> ScannerRun:
    invocation = _first(_at(run, "invocations"))
    status = _at(run, "properties", "status")
    if status not in ("complete", "partial", "failed", "skipped"):
        status = "complete" if _at(invocation, "executionSuccessful") is True else "failed"
    unread: set[str] = set()
    named = True
    for note in _list(_at(invocation, "toolExecutionNotifications")):
        if _at(note, "descriptor", "id") != "not-scanned":
            continue
        place = _at(_first(_at(note, "locations")), "physicalLocation")
        path = _path(_at(place, "artifactLocation", "uri"))
        named = named and bool(path)
        unread.add(path)
    return ScannerRun(status=status, unread=frozenset(unread) if named else None)


def _withheld(run: Any) -> int:
    """How many findings the run does not name. What says so in another way than ours counts as one."""
    said = _at(run, "properties", "withheld")
    count = _at(said, "findings")
    if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 1 << 31:
        return count
    return 0 if said is None else 1


def _marks(found: Any) -> Marks | None:
    """The marks of a place, where they are whole."""
    line, scope, context = _at(found, LINE), _at(found, SCOPE), _at(found, CONTEXT)
    if scope is None:
        scope = ""
    if not all(isinstance(text, str) and len(text) <= _LONGEST_MARK for text in (line, scope, context)):
        return None
    if not _MARK.fullmatch(line) or not _CONTEXT.fullmatch(context) or not _MARK.fullmatch(scope or line):
        return None
    before, after = (tuple(part.split(".")) if part else () for part in context.split("/"))
    return Marks(line=line, scope=scope, before=before, after=after)


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _text(value: Any) -> str:
    return fold(" ".join(value[:_LONGEST].split())) if isinstance(value, str) else ""


def _line(region: Any, key: str) -> int:
    value = _at(region, key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 31 else 0


def _path(uri: Any) -> str:
    """The path of a relative reference, empty where it is anything else or leads out of the source."""
    if not isinstance(uri, str) or len(uri) > 4096 or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/|\\", uri):
        return ""
    path = unquote(uri, errors="surrogateescape")
    parts = path.split("/")
    unsafe = "\0" in path or path.startswith(("/", "\\")) or any(part in ("", ".", "..") for part in parts)
    return "" if unsafe else path
