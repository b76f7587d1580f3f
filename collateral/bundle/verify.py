"""A bundle verified: first the signatures over the bytes that are held, then sums, manifest and formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collateral.bundle.archive import MAX_PACKED, BadArchive, read_archive
from collateral.bundle.contents import Contents, Folder, Held, Unreadable, problem, read_plain
from collateral.bundle.formats import Facts, NotInFormat, judge_formats, parse
from collateral.bundle.keys import PublicKey
from collateral.bundle.manifest import MANIFEST, SUMS, check_contents
from collateral.bundle.place import ARCHIVE, ENVELOPE, SUMS_SIGNATURE
from collateral.bundle.provenance import Statement, read_statement
from collateral.bundle.sign import MAX_ENVELOPE, Malformed, from_bytes, is_signed
from threatmodel.core.canonical import sha256
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.text import fold

REQUIRABLE = ("builder", "commit", "configuration", "edition", "project", "release")
"""What a caller may require of a bundle; `builder` stands in the signed statement, the others in the manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What became of a verification. `unjudged` names files whose format is of another version of this program."""

    problems: tuple[Diagnostic, ...] = ()
    unjudged: tuple[str, ...] = ()
    files: int = 0
    builder: str = ""
    about: str = ""
    here: Contents | None = None
    """What was verified, and its sums; where there are no problems."""
    sums: bytes = b""


def verify_bundle(
    bundle: Path, key: PublicKey | None = None, required: Mapping[str, str] | None = None
) -> Verified:
    """Check a folder, or an archive in memory, with what stands beside it.

    Without a key nothing is known about who made it; a statement that stands beside it must be about it all the
    same. Nothing of a bundle is parsed before its signatures were found good.

    Codes, beside those of `check_contents`: V007 a signature is missing, V008 not an envelope, V009 not signed by
    this key, V010 signed, but about something else, V011 not an archive, V012 not in its format, V013 not what
    was required.
    """
    name = bundle.name.removesuffix(ARCHIVE) if bundle.is_file() else bundle.name
    try:
        statement = _statement(bundle.with_name(f"{name}{ENVELOPE}"), key)
        here = _open(bundle, name, statement)
        sums = here.read(SUMS)
        _about(statement, SUMS, sha256(sums), SUMS)
        if key is not None:
            _raw(bundle.with_name(f"{name}{SUMS_SIGNATURE}"), key, sums)
    except _Bad as bad:
        return Verified(problems=(bad.found,))
    except Unreadable as error:
        return Verified(problems=(problem("V001", SUMS, str(error)),))
    problems = check_contents(here, sums)
    if not problems:
        return _judge(here, sums, statement, required or {}, name if key is not None else "")
    return Verified(problems=problems)


class _Bad(Exception):
    """The first thing that is wrong, where nothing after it can be trusted."""

    def __init__(self, code: str, path: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.found = problem(code, path, message, hint)


def _statement(path: Path, key: PublicKey | None) -> Statement | None:
    """The statement beside a bundle; None without a key where there is none."""
    try:
        data = read_plain(path, MAX_ENVELOPE)
    except Unreadable as error:
        if key is None and not path.is_symlink() and not path.exists():
            return None
        raise _Bad("V007", path.name, str(error)) from error
    try:
        envelope = from_bytes(data)
        if key is not None and not is_signed(envelope, key):
            hint = f"the key that was given has the fingerprint {key.fingerprint}"
            raise _Bad("V009", path.name, "changed, or not signed by this key", hint)
        return read_statement(envelope.payload)
    except Malformed as error:
        raise _Bad("V008", path.name, str(error)) from error


def _raw(path: Path, key: PublicKey, sums: bytes) -> None:
    try:
        signature = read_plain(path, 64)
    except Unreadable as error:
        raise _Bad("V007", path.name, str(error)) from error
    if not key.verifies(signature, sums):
        raise _Bad("V009", path.name, f"not a signature of {SUMS} by this key")


def _open(bundle: Path, name: str, statement: Statement | None) -> Contents:
    """The bundle's contents. An archive is compared with the statement before anything in it is read."""
    archive = bundle.with_name(f"{name}{ARCHIVE}")
    if statement is not None and not {MANIFEST, SUMS} <= set(statement.subjects) <= {
        MANIFEST,
        SUMS,
        archive.name,
    }:
        raise _Bad("V010", f"{name}{ENVELOPE}", "is not about a bundle of this name")
    packed = b""
    if archive.exists() or archive.is_symlink():
        try:
            packed = read_plain(archive, MAX_PACKED)
        except Unreadable as error:
            raise _Bad("V011", archive.name, str(error)) from error
        _about(statement, archive.name, sha256(packed), archive.name)
    if bundle.is_dir():
        return Folder(bundle)
    try:
        return Held(read_archive(packed, name))
    except BadArchive as error:
        raise _Bad("V011", archive.name, str(error)) from error


def _about(statement: Statement | None, subject: str, digest: str, path: str) -> None:
    if statement is not None and statement.subjects.get(subject) != digest:
        hint = "it is of another build, or was changed"
        raise _Bad("V010", path, "not the one that the statement beside the bundle is about", hint)


def _judge(
    here: Contents, sums: bytes, statement: Statement | None, required: Mapping[str, str], name: str
) -> Verified:
    """Manifest and data in their formats, and what the caller requires. The sums were found right.

    With a `name`, the bundle must be the one that the name says: a whole bundle of another release, with all
    that belongs to it, is good in every other way.
    """
    digests = {
        path: digest for digest, _, path in (row.partition("  ") for row in sums.decode().splitlines())
    }
    try:
        _about(statement, MANIFEST, digests[MANIFEST], MANIFEST)
        facts = parse(here, digests, MANIFEST, Facts)
        own = f"{facts.project}-{facts.release}"
        if name not in {"", own, f"{own}-{facts.edition}"}:
            raise _Bad("V010", name, f"holds the bundle {fold(own)}")
        unjudged = judge_formats(here, digests, facts)
    except (_Bad, NotInFormat) as bad:
        return Verified(problems=(bad.found,))
    found = {
        "builder": statement.builder if statement is not None else "",
        "commit": facts.source_commit,
        "configuration": facts.configuration,
        "edition": facts.edition,
        "project": facts.project,
        "release": facts.release,
    }
    problems = [
        problem("V013", MANIFEST, f"{what} is {fold(found[what])!r}, and {fold(wanted)!r} was required")
        for what, wanted in sorted(required.items())
        if found[what] != wanted
    ]
    return Verified(
        problems=tuple(problems),
        unjudged=unjudged,
        files=len(digests),
        builder=found["builder"],
        about=f"{fold(facts.project)} {fold(facts.release)}, {fold(facts.edition)} edition",
        here=here,
        sums=sums,
    )
