"""`manifest.json` and `SHA256SUMS`: what a bundle holds, made and verified."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from collateral.assessment import Assessment, NotDone, Withheld
from collateral.bundle.contents import Contents, Folder, Unreadable, problem, twins
from collateral.named_sources import NamedSource
from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Diagnostic, Place

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
_MEDIA = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".dot": "text/vnd.graphviz",
    ".json": "application/json",
    ".sarif": "application/sarif+json",
    ".md": "text/markdown",
    ".csv": "text/csv",
    ".txt": "text/plain",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file of the bundle. `schema` is the path of its JSON Schema in the bundle, or empty."""

    path: str
    sha256: str
    size: int
    media_type: str
    schema: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFacts:
    """A tool that took part: its version, and the digest of its rules and options where there are any.

    No digest of its code: that differs between machines, and a bundle does not.
    """

    name: str
    version: str
    status: str = ""
    ruleset_digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateInput:
    """A file that only private editions are made from, with its SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the bundle is about and what it holds, sorted by path. The manifest and the sums are not in `files`."""

    format: Literal["threatmodel/manifest"] = "threatmodel/manifest"
    version: Literal[1] = 1
    project: str
    release: str
    edition: str
    date: str
    configuration: str
    status: str
    notice: str
    headline: str
    source_name: str
    source_commit: str
    source_digest: str
    source_dirty: bool
    model_digest: str
    tools: tuple[ToolFacts, ...]
    not_done: tuple[NotDone, ...]
    not_made: tuple[NotDone, ...]
    """Files that adopters look for and that are not here, and why."""
    withheld: Withheld | None
    """What a public edition shows as numbers only."""
    files: tuple[File, ...]
    sources: tuple[NamedSource, ...] = ()
    """Sources of other projects that claims are about: which ref the release wants, and which one was read."""
    private_inputs: tuple[PrivateInput, ...] = ()
    """What a private edition was made from beside model and source. A public one has none."""


def make_manifest(
    a: Assessment,
    files: Mapping[str, bytes],
    schemas: Mapping[str, str],
    not_made: tuple[NotDone, ...] = (),
) -> Manifest:
    """The manifest of these files. `schemas` maps the path of a file to the path of its schema."""
    tools = [ToolFacts(name="threatmodel", version=a.tool_version)]
    tools += [
        ToolFacts(
            name=scan.scanner,
            version=scan.version,
            status=scan.status,
            ruleset_digest=scan.ruleset_digest,
        )
        for scan in a.scans
    ]
    return Manifest(
        project=a.project.id,
        release=a.release,
        edition=a.edition,
        date=a.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        configuration=a.configuration,
        status="adopted" if a.manifest.adopted else "proposed",
        notice=a.manifest.notice,
        headline=a.headline,
        source_name=a.source.name,
        source_commit=a.source.commit,
        source_digest=a.source.digest,
        source_dirty=a.source.dirty,
        model_digest=a.model_digest,
        tools=tuple(tools),
        not_done=a.not_done,
        not_made=not_made,
        withheld=a.withheld,
        sources=a.sources,
        private_inputs=(PrivateInput(name="overlay", sha256=a.overlay.digest),) if a.overlay else (),
        files=tuple(
            File(
                path=path,
                sha256=sha256(data),
                size=len(data),
                media_type=_MEDIA.get(Path(path).suffix, "application/octet-stream"),
                schema=schemas.get(path, ""),
            )
            for path, data in sorted(files.items())
        ),
    )


def make_sums(files: Mapping[str, bytes]) -> bytes:
    """`SHA256SUMS` in the format that `sha256sum --check` reads."""
    return "".join(f"{sha256(data)}  {path}\n" for path, data in sorted(files.items())).encode()


def verify(bundle: Path) -> tuple[Diagnostic, ...]:
    """Every way in which a folder differs from its own sums and manifest; nothing where it is whole."""
    here = Folder(bundle)
    try:
        return check_contents(here, here.read(SUMS))
    except Unreadable as error:
        return (problem("V001", SUMS, str(error)),)


def check_contents(here: Contents, sums_bytes: bytes) -> tuple[Diagnostic, ...]:
    """Every way in which a bundle differs from these sums, and its manifest from them.

    Codes: V001 sums that are none, V002 missing, V003 changed, V004 extra, V005 not a plain file,
    V006 the manifest disagrees with the sums.
    """
    sums, problems = _parse_sums(sums_bytes)
    if problems:
        return tuple(problems)
    problems += here.problems
    for path in sorted(set(sums) - here.files):
        problems.append(problem("V002", path, "missing"))
    for path in sorted(here.files - set(sums) - {SUMS}):
        problems.append(problem("V004", path, "not listed in SHA256SUMS"))
    for path in sorted(here.files & set(sums)):
        try:
            if here.digest(path) != sums[path]:
                problems.append(problem("V003", path, "changed: its digest is not the one in SHA256SUMS"))
        except Unreadable as error:
            problems.append(problem("V003", path, str(error)))
    if not problems:
        problems += _check_manifest(here, sums)
    return tuple(problems)


def _parse_sums(data: bytes) -> tuple[dict[str, str], list[Diagnostic]]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return {}, [problem("V001", SUMS, "not UTF-8")]
    if not text.endswith("\n"):
        return {}, [problem("V001", SUMS, "its last line does not end")]
    sums: dict[str, str] = {}
    for number, line in enumerate(text[:-1].split("\n"), 1):
        digest, _, path = line.partition("  ")
        parts = path.split("/")
        good = len(digest) == 64 and set(digest) <= set("0123456789abcdef")
        good = good and path.isprintable() and path not in sums and "\\" not in path
        if not good or any(part in {"", ".", ".."} for part in parts):
            place = Place(SUMS, number)
            return {}, [Diagnostic(code="V001", message="not a line of SHA256SUMS", place=place)]
        sums[path] = digest
    if MANIFEST not in sums:
        return {}, [problem("V001", SUMS, f"does not list {MANIFEST}")]
    message = "one with another file where case or accents do not count"
    return sums, [problem("V001", path, message) for path in twins(sums)]


def _check_manifest(here: Contents, sums: Mapping[str, str]) -> list[Diagnostic]:
    try:
        data = here.read(MANIFEST)
        if sha256(data) != sums[MANIFEST]:
            return [problem("V003", MANIFEST, "changed while it was read")]
        manifest = json.loads(data)
        rows = [(str(item["path"]), str(item["sha256"])) for item in manifest["files"]]
    except (Unreadable, ValueError, KeyError, TypeError, RecursionError) as error:
        return [problem("V006", MANIFEST, f"cannot be read: {type(error).__name__}")]
    listed = dict(rows)
    wanted = {path: digest for path, digest in sums.items() if path != MANIFEST}
    differing = sorted(path for path in {*listed, *wanted} if listed.get(path) != wanted.get(path))
    if not differing and len(listed) != len(rows):
        return [problem("V006", MANIFEST, "lists a file twice")]
    return [problem("V006", path, "the manifest and SHA256SUMS disagree") for path in differing]
