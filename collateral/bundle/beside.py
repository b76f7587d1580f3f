"""The files that stand beside a bundle's folder and are made from it: archive, signatures, provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from collateral.bundle.archive import make_archive
from collateral.bundle.keys import PrivateKey
from collateral.bundle.manifest import MANIFEST, SUMS, Manifest
from collateral.bundle.place import ARCHIVE, ENVELOPE, SUMS_SIGNATURE
from collateral.bundle.provenance import NO_BUILDER, make_statement
from collateral.bundle.sign import sign, to_bytes
from threatmodel.core.canonical import sha256


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
        made[SUMS_SIGNATURE] = wanted.signer.sign(files[SUMS])
        statement = make_statement(manifest, subjects, wanted.builder)
        made[ENVELOPE] = to_bytes(sign(statement, wanted.signer))
    return made
