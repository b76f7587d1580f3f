"""The files that stand beside a bundle's folder and are made from it: archive, signatures, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collateral.bundle.archive import MAX_PACKED, BadArchive, make_archive, read_archive
from collateral.bundle.contents import Held, Unreadable, read_plain
from collateral.bundle.formats import NotInFormat, parse
from collateral.bundle.keys import PrivateKey
from collateral.bundle.manifest import MANIFEST, SUMS, Manifest, check_contents
from collateral.bundle.place import ARCHIVE, ENVELOPE, SUMS_SIGNATURE, locked, write_file
from collateral.bundle.provenance import NO_BUILDER, make_statement
from collateral.bundle.sign import sign, to_bytes
from threatmodel.core.canonical import sha256
from threatmodel.core.errors import NotVerified


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which files are made. `signer` None: no signature, and so no provenance."""

    archive: bool = False
    signer: PrivateKey | None = None
    builder: str = NO_BUILDER


def make_beside(
    name: str, files: Mapping[str, bytes], manifest: Manifest, wanted: Wanted, *, timestamp: int
) -> dict[str, bytes]:
    """The files by suffix. The same bundle and key give the same bytes."""
    made: dict[str, bytes] = {}
    subjects = {path: sha256(files[path]) for path in (MANIFEST, SUMS)}
    if wanted.archive:
        made[ARCHIVE] = make_archive(name, files, timestamp)
        subjects[f"{name}{ARCHIVE}"] = sha256(made[ARCHIVE])
    if wanted.signer is not None:
        made |= _signatures(files[SUMS], manifest, subjects, wanted.signer, wanted.builder)
    return made


def sign_bundle(bundle: Path, signer: PrivateKey, builder: str) -> None:
    """Sign a bundle that was built elsewhere, with its archive where it stands beside it.

    It is verified first, and what was verified is what is signed. Old signatures go.

    Raises:
        NotVerified: holds everything that is wrong.
    """
    from collateral.bundle.verify import verify_bundle

    with locked(bundle):
        for suffix in (ENVELOPE, SUMS_SIGNATURE):
            bundle.with_name(f"{bundle.name}{suffix}").unlink(missing_ok=True)
        done = verify_bundle(bundle)
        if done.problems or done.here is None:
            raise NotVerified(*done.problems)
        digests = {row[66:]: row[:64] for row in done.sums.decode().splitlines()}
        try:
            manifest = parse(done.here, digests, MANIFEST, Manifest)
            subjects = {MANIFEST: digests[MANIFEST], SUMS: sha256(done.sums)}
            subjects |= _archived(bundle, done.sums)
        except NotInFormat as bad:
            raise NotVerified(bad.found) from bad
        made = _signatures(done.sums, manifest, subjects, signer, builder)
        for suffix in (SUMS_SIGNATURE, ENVELOPE):
            write_file(bundle.with_name(f"{bundle.name}{suffix}"), made[suffix])


def _archived(bundle: Path, sums: bytes) -> dict[str, str]:
    """The archive beside a bundle as a subject, where there is one and it holds the same."""
    path = bundle.with_name(f"{bundle.name}{ARCHIVE}")
    if not path.exists() and not path.is_symlink():
        return {}
    try:
        packed = read_plain(path, MAX_PACKED)
        here = Held(read_archive(packed, bundle.name))
        if here.read(SUMS) == sums and not check_contents(here, sums):
            return {path.name: sha256(packed)}
    except (BadArchive, Unreadable) as error:
        raise NotInFormat(path.name, str(error), "V011") from error
    raise NotInFormat(path.name, "does not hold this bundle", "V011")


def _signatures(
    sums: bytes, manifest: Manifest, subjects: Mapping[str, str], signer: PrivateKey, builder: str
) -> dict[str, bytes]:
    statement = make_statement(manifest, subjects, builder)
    return {SUMS_SIGNATURE: signer.sign(sums), ENVELOPE: to_bytes(sign(statement, signer))}
