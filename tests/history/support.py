"""Two releases of the tiny service: assessments, and bundles of them on disk."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from collateral.assessment import Assessment
from collateral.bundle.exports import data_files, schema_files, schema_of
from collateral.bundle.manifest import MANIFEST, SUMS, make_manifest, make_sums
from collateral.bundle.read import read_bundle
from collateral.history import Change, History
from collateral.history_compare import baseline, compare
from collateral.history_data import PreviousBundle
from scanners.finding import Finding, Location, RuleInfo, ScanResult, with_fingerprints
from scanners.marks import Marker
from scanners.sarif import to_sarif
from tests.collateral.support import SOURCE, assessment, write_files
from threatmodel.core.canonical import dump_bytes, sha256
from threatmodel.core.plain import to_plain
from threatmodel.load import Loaded

CODE = "def fetch(url):\n    a = 1\n    return eval(url)\n\n\ndef other():\n    return 2\n"
FILES = {**SOURCE, "app/fetch.py": CODE}
SAFE = CODE.replace("eval(url)", "parse(url)")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One release: its files, and what the scanner `s` did with them. A hit is a path and a text of a line."""

    files: Mapping[str, str] = field(default_factory=lambda: FILES)
    hits: Sequence[tuple[str, str]] = (("app/fetch.py", "eval"),)
    version: str = "1.0"
    rule: str = "digest-1"
    rules: tuple[str, ...] = ("r1", "r2")
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ran: bool | str = True
    toolkit: str = "0.1.0"
    day: int = 1

    def scans(self) -> tuple[ScanResult, ...]:
        if self.ran is False:
            return ()
        if isinstance(self.ran, str):
            return (ScanResult(scanner="s", version="", status="failed", reason=self.ran),)
        planned = tuple(sorted(path for path in self.files if path.endswith(".py")))
        return (
            ScanResult(
                scanner="s",
                version=self.version,
                status="partial" if self.unread or self.notes else "complete",
                files_planned=planned,
                files_scanned=tuple(path for path in planned if path not in self.unread),
                not_scanned=tuple((path, "syntax") for path in self.unread),
                notifications=self.notes,
                findings=self._findings(),
                rules=tuple(
                    RuleInfo(
                        id=id_,
                        title=id_,
                        description="",
                        cwe=(),
                        help_uri="",
                        severity="error",
                        digest=self.rule,
                    )
                    for id_ in self.rules
                ),
                ruleset_digest=self.rule,
            ),
        )

    def _findings(self) -> tuple[Finding, ...]:
        pairs = []
        for path, text in self.hits:
            lines = self.files[path].split("\n")
            number = next(n for n, line in enumerate(lines, 1) if text in line)
            found = Finding(
                scanner="s",
                rule="r1",
                message="runs text as code",
                severity="error",
                confidence="high",
                cwe=("CWE-95",),
                stride="",
                location=Location(path=path, line=number, column=1, end_line=number, end_column=2),
                snippet=lines[number - 1],
                marks=Marker(lines).marks(number),
            )
            pairs.append((found, lines[number - 1]))
        return with_fingerprints(pairs)

    def assess(self, loaded: Loaded, folder: Path, **changes: Any) -> Assessment:
        source = write_files(folder, self.files)
        date = datetime.datetime(2026, 1, self.day, tzinfo=datetime.UTC)
        made = assessment(loaded, source, self.scans(), date=date, release=f"1.{self.day}", **changes)
        content = sha256(repr(sorted(self.files.items())).encode())
        return replace(
            made, source=replace(made.source, commit=content[:40], digest=content), tool_version=self.toolkit
        )


_schemas = cache(schema_files)


def write_bundle(folder: Path, a: Assessment) -> Path:
    """The machine-readable part of a bundle."""
    sarif = to_sarif(
        a.scans, tool_version="0", project="tiny", release=a.release, baseline=baseline(a.history)
    )
    files = {**data_files(a), **_schemas(), "data/findings.sarif": dump_bytes(sarif)}
    return write_raw(folder, a, files)


def write_raw(folder: Path, a: Assessment, files: dict[str, bytes]) -> Path:
    """These files with a manifest and sums that are right for them."""
    schemas = {path: schema_of(path) for path in files if schema_of(path) in files}
    files = {**files, MANIFEST: dump_bytes(to_plain(make_manifest(a, files, schemas)))}
    files[SUMS] = make_sums(files)
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@dataclass(slots=True)
class Releases:
    """Releases of one model, each compared with the one before."""

    loaded: Loaded
    folder: Path
    count: int = 0
    last: Path | None = None
    previous: PreviousBundle | None = None

    def add(self, side: Side, **changes: Any) -> History | None:
        self.count += 1
        a = side.assess(self.loaded, self.folder / f"source{self.count}", **changes)
        if self.last is not None:
            self.previous = read_bundle(self.last)
            a = replace(a, history=compare(self.previous, a))
        self.last = write_bundle(self.folder / f"bundle{self.count}", a)
        return a.history


def one(history: History | None, kind: str = "finding") -> Change:
    """The only change of a kind."""
    assert history is not None
    [change] = [change for change in history.changes if change.kind == kind]
    return change
