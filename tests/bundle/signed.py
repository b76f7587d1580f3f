"""A small signed bundle, made without a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collateral.bundle.beside import Wanted, make_beside
from collateral.bundle.exports import schema, schema_of
from collateral.bundle.keys import PrivateKey, PublicKey, make_keys, read_private, read_public
from collateral.bundle.manifest import MANIFEST, SUMS, File, Manifest, ToolFacts, make_sums
from collateral.bundle.place import place
from collateral.bundle.threats import ThreatsFile
from collateral.bundle.verify import verify_bundle
from threatmodel.core.canonical import dump_bytes, sha256
from threatmodel.core.plain import to_plain

TIMESTAMP = 1_700_000_000
ENVELOPE = "shop-1.0.intoto.jsonl"


@dataclass(frozen=True, slots=True)
class Signed:
    """A pair of keys, and bundles signed with it."""

    folder: Path
    private: PrivateKey
    public: PublicKey

    def make(
        self,
        release: str = "1.0",
        *,
        sign: bool = True,
        archive: bool = True,
        more: Mapping[str, bytes] | None = None,
    ) -> Path:
        """The bundle of a release in the folder, with these files more or changed, and everything beside it."""
        files = {**files_of_release(release), **(more or {})}
        manifest = manifest_of(release, files)
        files[MANIFEST] = dump_bytes(to_plain(manifest))
        files[SUMS] = make_sums(files)
        bundle = self.folder / f"shop-{release}"
        wanted = Wanted(
            archive=archive, signer=self.private if sign else None, builder="https://example.org/ci"
        )
        place(bundle, files, beside=make_beside(bundle.name, files, manifest, wanted, timestamp=TIMESTAMP))
        return bundle


def new_signed(folder: Path) -> Signed:
    """New keys in `folder`/keys, bundles in `folder`."""
    make_keys(folder / "keys", "keys")
    return Signed(
        folder,
        read_private(folder / "keys/signing.key", "signing.key"),
        read_public(folder / "keys/signing.pub", "signing.pub"),
    )


def files_of_release(release: str) -> dict[str, bytes]:
    """Some files, one of them in one of our formats with its schema."""
    threats = ThreatsFile(project="shop", default_configuration="c", configurations=("c",), threats=())
    return {
        "index.html": f"<p>{release}</p>\n".encode() * 20,
        "pdf/a.pdf": bytes(range(256)),
        "data/notes.json": b"[]\n",
        "data/threats.json": dump_bytes(to_plain(threats)),
        "schemas/manifest.schema.json": dump_bytes(schema("manifest", Manifest)),
        "schemas/threats.schema.json": dump_bytes(schema("threats", ThreatsFile)),
    }


def manifest_of(
    release: str, files: dict[str, bytes], source_name: str = "https://example.org/shop.git@1.0"
) -> Manifest:
    """A manifest of these files."""
    rows = [
        File(path=path, sha256=sha256(data), size=len(data), media_type="text/plain", schema=schema_of(path))
        for path, data in sorted(files.items())
    ]
    return Manifest(
        project="shop",
        release=release,
        date="2023-11-14T22:13:20Z",
        configuration="c",
        status="proposed",
        notice="",
        headline="",
        source_dirty=False,
        model_digest="3" * 64,
        tools=(
            ToolFacts(name="threatmodel", version="0.1.0"),
            ToolFacts(name="bandit", version="1.9", status="partial", ruleset_digest="4" * 64),
        ),
        not_done=(),
        not_made=(),
        withheld=None,
        files=tuple(rows),
        edition="public",
        source_name=source_name,
        source_commit="1" * 40,
        source_digest="2" * 64,
    )


def codes(bundle: Path, key: PublicKey | None, **required: str) -> list[str]:
    """What `verify` finds, as code and place."""
    return [f"{found.code} {found.place}" for found in verify_bundle(bundle, key, required).problems]
