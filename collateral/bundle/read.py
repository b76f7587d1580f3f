"""A bundle of an earlier release as input: verified first, then read as data that anybody may have written."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from collateral.bundle.contents import Folder, Unreadable
from collateral.bundle.manifest import MANIFEST, SUMS, verify
from collateral.bundle.read_sarif import level_word, read_findings
from collateral.history_data import (
    PreviousBundle,
    PreviousClaim,
    PreviousScan,
    PreviousThreat,
    Remembered,
    Reported,
)
from scanners.baseline import FileMark, Trace
from scanners.marks import Marks
from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput, NotVerified, UsageError
from threatmodel.core.text import fold

_MOST_FILES = 500_000
_MOST_ITEMS = 200_000
_LONGEST = 8000
_T = TypeVar("_T", bound=BaseModel)


class _Lenient(BaseModel):
    """What is read of a file. Keys that another version wrote are left alone; what is read has its shape."""

    model_config = ConfigDict(extra="ignore", strict=True)


class _Tool(_Lenient):
    name: str = Field(max_length=200)
    version: str = Field(max_length=200)
    status: str = ""
    ruleset_digest: str = ""


class _Withheld(_Lenient):
    findings: int = Field(ge=0)
    claims: int = Field(ge=0)


class _Manifest(_Lenient):
    format: str
    version: int
    project: str
    release: str = Field(max_length=200)
    edition: str
    date: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$")
    source_commit: str = Field(max_length=100)
    source_digest: str = Field(max_length=200)
    source_dirty: bool
    model_digest: str = Field(max_length=200)
    tools: list[_Tool] = Field(max_length=1000)
    withheld: _Withheld | None = None


class _Case(_Lenient):
    status: str
    risk: str
    controls: list[str]


class _Threat(_Lenient):
    id: str = Field(max_length=500)
    rule: str
    title: str = Field(max_length=_LONGEST)
    status: str
    risk: str
    by_configuration: dict[str, _Case]
    disposition: str = ""


class _Threats(_Lenient):
    format: str
    version: int
    threats: list[_Threat] = Field(max_length=_MOST_ITEMS)


class _Check(_Lenient):
    control: str
    kind: str
    text: str = Field(max_length=_LONGEST)
    state: str
    path: str = ""
    line: int = 0


class _Record(_Lenient):
    control: str
    configuration: str
    state: str


class _Claims(_Lenient):
    format: str
    version: int
    withheld: int = 0
    checks: list[_Check] = Field(max_length=_MOST_ITEMS)
    controls: list[_Record] = Field(max_length=_MOST_ITEMS)


class _Model(_Lenient):
    format: str
    version: int
    project: dict[str, Any]


class _Rule(_Lenient):
    id: str
    digest: str


class _Rules(_Lenient):
    format: str
    version: int
    rules: list[_Rule] = Field(max_length=_MOST_ITEMS)


class _File(_Lenient):
    path: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sketch: str = Field(pattern=r"^[0-9a-f]*$", max_length=1000)
    lines: int


class _Source(_Lenient):
    format: str
    version: int
    files: list[_File] = Field(max_length=_MOST_FILES)


class _Marks(_Lenient):
    line: str = Field(max_length=100)
    scope: str = Field(max_length=100)
    before: list[str] = Field(max_length=20)
    after: list[str] = Field(max_length=20)


class _Trace(_Lenient):
    fingerprint: str = Field(max_length=200)
    scanner: str = Field(max_length=200)
    rule: str = Field(max_length=500)
    path: str = Field(max_length=4000)
    line: int = 0
    column: int = 0
    marks: _Marks | None = None


class _Entry(_Lenient):
    kind: str
    id: str = Field(max_length=_LONGEST)
    state: str
    first_seen: str = Field(max_length=30)
    last_seen: str = Field(max_length=30)
    title: str = Field(default="", max_length=_LONGEST)
    level: str = Field(default="", max_length=30)
    trace: _Trace | None = None


class _History(_Lenient):
    format: str
    version: int
    entries: list[_Entry] = Field(max_length=_MOST_ITEMS)


def read_bundle(folder: Path) -> PreviousBundle:
    """The bundle in a folder, after it was verified against its own sums and manifest.

    Raises:
        UsageError: U006, there is no bundle.
        NotVerified: it differs from its sums or manifest, or it changed while it was read.
        InvalidInput: V030, a file in it is not in the format that its name says.
    """
    if not (folder / SUMS).is_file():
        hint = "name the folder of a bundle: the one that holds manifest.json"
        raise UsageError(Diagnostic(code="U006", message=f"no bundle at {fold(folder.name)}", hint=hint))
    if problems := verify(folder):
        raise NotVerified(*problems)
    return _Reader(folder).bundle()


class _Reader:
    """Reads the files of one bundle; bytes that differ from the listed ones are refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = Folder(folder)
        self._notes: list[str] = []
        sums = self._folder.read(SUMS).decode("utf-8", "replace")
        self._sums = {line[66:]: line[:64] for line in sums.split("\n") if line}

    def bundle(self) -> PreviousBundle:
        manifest = self._needed(MANIFEST, "threatmodel/manifest", _Manifest)
        threats = self._needed("data/threats.json", "threatmodel/threats", _Threats)
        claims = self._needed("data/claims.json", "threatmodel/claims", _Claims)
        model = self._needed("data/model.json", "threatmodel/model", _Model)
        rules = self._optional("data/rules.json", "threatmodel/rules", _Rules, "rules of threats")
        source = self._optional("data/source.json", "threatmodel/source", _Source, "files of the source")
        history = self._optional("data/history.json", "threatmodel/history", _History, "earlier releases")
        scans, reported = self._findings()
        tools = {tool.name: tool for tool in manifest.tools}
        if history is not None and any(not _is_date(e.first_seen) for e in history.entries):
            raise _invalid("data/history.json", "a date is not an ISO 8601 date")
        return PreviousBundle(
            project=manifest.project,
            release=fold(manifest.release),
            date=manifest.date[:10],
            edition=manifest.edition,
            withheld=manifest.withheld.findings if manifest.withheld else 0,
            source_commit=fold(manifest.source_commit),
            source_digest="" if manifest.source_dirty else manifest.source_digest,
            model_digest=manifest.model_digest,
            toolkit=tools["threatmodel"].version if "threatmodel" in tools else "",
            rulesets={name: tool.ruleset_digest for name, tool in tools.items()},
            manifest_sha256=self._sums[MANIFEST],
            threats={t.id: _threat(t) for t in threats.threats},
            claims=tuple(PreviousClaim(**check.model_dump()) for check in claims.checks),
            controls={(r.configuration, r.control): r.state for r in claims.controls},
            project_model=model.project,
            rules=None if rules is None else {rule.id: rule.digest for rule in rules.rules},
            files=None if source is None else {f.path: _mark(f) for f in source.files},
            scans=scans,
            findings=reported,
            remembered=None if history is None else tuple(_entry(e) for e in history.entries),
            notes=tuple(self._notes),
        )

    def _bytes(self, path: str) -> bytes:
        try:
            data = self._folder.read(path)
        except Unreadable as error:
            raise _invalid(path, str(error)) from error
        if sha256(data) != self._sums.get(path):
            raise NotVerified(Diagnostic(code="V003", message="changed while it was read", place=Place(path)))
        return data

    def _needed(self, path: str, name: str, kind: type[_T]) -> _T:
        if path not in self._sums:
            raise _invalid(path, "missing")
        try:
            value = kind.model_validate_json(self._bytes(path))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"][:6])
            raise _invalid(path, f"{place}: {first['msg']}" if place else first["msg"]) from error
        # Every kind has these two; the base class cannot say so without fields that a nested kind has not.
        if (value.format, value.version) != (name, 1):  # type: ignore[attr-defined]
            raise _invalid(path, f"not {name}, version 1")
        return value

    def _optional(self, path: str, name: str, kind: type[_T], what: str) -> _T | None:
        if path in self._sums:
            return self._needed(path, name, kind)
        self._notes.append(f"the previous bundle has no {path}, so its {what} are not known")
        return None

    def _findings(self) -> tuple[dict[str, PreviousScan], tuple[Reported, ...]]:
        path = "data/findings.sarif"
        try:
            scans, found = read_findings(self._bytes(path))
        except ValidationError as error:
            raise _invalid(path, error.errors(include_url=False, include_input=False)[0]["msg"]) from error
        if bare := sum(item.trace.marks is None for item in found):
            self._notes.append(
                f"the previous bundle keeps no marks of {bare} {'finding' if bare == 1 else 'findings'}: "
                "those in renamed files, or with equal lines beside them, cannot be followed"
            )
        return scans, found


def _threat(t: _Threat) -> PreviousThreat:
    return PreviousThreat(
        rule=t.rule,
        title=fold(t.title),
        status=fold(t.status),
        risk=fold(t.risk),
        disposition=t.disposition,
        cases={
            name: (fold(case.status), fold(case.risk), tuple(case.controls))
            for name, case in t.by_configuration.items()
        },
    )


def _mark(file: _File) -> FileMark:
    return FileMark(sha256=file.sha256, sketch=file.sketch, lines=file.lines)


def _entry(entry: _Entry) -> Remembered:
    trace = None
    if (found := entry.trace) is not None:
        marks = None
        if (kept := found.marks) is not None:
            marks = Marks(
                line=kept.line, scope=kept.scope, before=tuple(kept.before), after=tuple(kept.after)
            )
        trace = Trace(
            fingerprint=found.fingerprint,
            scanner=found.scanner,
            rule=found.rule,
            path=found.path,
            line=found.line,
            column=found.column,
            marks=marks,
        )
    return Remembered(
        kind=entry.kind,
        id=entry.id,
        state=entry.state,
        first_seen=entry.first_seen,
        last_seen=entry.last_seen,
        title=fold(entry.title),
        level=level_word(entry.level),
        trace=trace,
    )


def _is_date(text: str) -> bool:
    import datetime

    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _invalid(path: str, message: str) -> InvalidInput:
    hint = "build the previous release again, or build without --previous"
    return InvalidInput(
        Diagnostic(code="V030", message=f"previous bundle: {fold(message)}", place=Place(path), hint=hint)
    )
