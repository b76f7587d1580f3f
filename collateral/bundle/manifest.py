"""`manifest.json` and `SHA256SUMS`: what a bundle holds, made and verified."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from collateral.assessment import Assessment, NotDone
from threatmodel.core.canonical import dump_bytes, sha256
from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.plain import to_plain
from threatmodel.core.text import fold

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
    files: tuple[File, ...]


def make_manifest(a: Assessment, files: Mapping[str, bytes], schemas: Mapping[str, str]) -> bytes:
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
    manifest = Manifest(
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
    return dump_bytes(to_plain(manifest))


def make_sums(files: Mapping[str, bytes]) -> bytes:
    """`SHA256SUMS` in the format that `sha256sum --check` reads."""
    return "".join(f"{sha256(data)}  {path}\n" for path, data in sorted(files.items())).encode()


def verify(bundle: Path) -> tuple[Diagnostic, ...]:
    """Every way in which a bundle differs from its own sums and manifest; nothing where it is whole.

    Codes: V001 no or unreadable sums, V002 missing, V003 changed, V004 extra, V005 not a plain file,
    V006 the manifest disagrees with the sums.
    """
    sums, problems = _read_sums(bundle)
    if problems:
        return tuple(problems)
    here = _walk(bundle, problems)
    for path in sorted(set(sums) - here):
        problems.append(_problem("V002", path, "missing"))
    for path in sorted(here - set(sums) - {SUMS}):
        problems.append(_problem("V004", path, "not listed in SHA256SUMS"))
    for path in sorted(here & set(sums)):
        if _hash(bundle / path) != sums[path]:
            problems.append(_problem("V003", path, "changed: its digest is not the one in SHA256SUMS"))
    if not problems:
        problems += _check_manifest(bundle, sums)
    return tuple(problems)


def _problem(code: str, path: str, message: str) -> Diagnostic:
    return Diagnostic(code=code, message=message, place=Place(fold(path).replace("\n", "<U+000A>")))


def _read_sums(bundle: Path) -> tuple[dict[str, str], list[Diagnostic]]:
    try:
        if not stat.S_ISREG((bundle / SUMS).lstat().st_mode):
            return {}, [_problem("V001", SUMS, "not a plain file")]
        text = (bundle / SUMS).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return {}, [_problem("V001", SUMS, f"cannot be read: {type(error).__name__}")]
    if not text.endswith("\n"):
        return {}, [_problem("V001", SUMS, "its last line does not end")]
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
        return {}, [_problem("V001", SUMS, f"does not list {MANIFEST}")]
    return sums, []


def _walk(bundle: Path, problems: list[Diagnostic]) -> set[str]:
    found: set[str] = set()
    todo = [bundle]
    while todo:
        for item in sorted(todo.pop().iterdir()):
            mode = item.lstat().st_mode
            path = item.relative_to(bundle).as_posix()
            if stat.S_ISDIR(mode):
                todo.append(item)
            elif stat.S_ISREG(mode):
                found.add(path)
            else:
                problems.append(_problem("V005", path, "neither a file nor a folder"))
    return found


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_manifest(bundle: Path, sums: Mapping[str, str]) -> list[Diagnostic]:
    try:
        manifest = json.loads((bundle / MANIFEST).read_bytes())
        listed = {str(item["path"]): str(item["sha256"]) for item in manifest["files"]}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return [_problem("V006", MANIFEST, f"cannot be read: {type(error).__name__}")]
    wanted = {path: digest for path, digest in sums.items() if path != MANIFEST}
    differing = sorted(path for path in {*listed, *wanted} if listed.get(path) != wanted.get(path))
    return [_problem("V006", path, "the manifest and SHA256SUMS disagree") for path in differing]
