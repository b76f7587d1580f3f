"""Signatures: made the same twice, checked by openssl, refused for everything that was not signed."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collateral.bundle.manifest import MANIFEST, SUMS
from collateral.bundle.provenance import make_statement
from collateral.bundle.sign import PAYLOAD_TYPE, pae, sign, to_bytes
from collateral.bundle.verify import verify_bundle
from tests.bundle.signed import ENVELOPE, Signed, codes, files_of_release, manifest_of, new_signed
from tests.bundle.support import files_of

ROOT = Path(__file__).parents[2]
OPENSSL = shutil.which("openssl")


@pytest.mark.parametrize("kind", ["folder", "archive"])
def test_a_signed_bundle_verifies(signed: Signed, kind: str) -> None:
    bundle = signed.folder / ("shop-1.0" if kind == "folder" else "shop-1.0.tar.gz")
    done = verify_bundle(bundle, signed.public, {"release": "1.0", "builder": "https://example.org/ci"})
    assert (done.problems, done.unjudged, done.files) == ((), (), 7)
    assert done.about == "shop 1.0, public edition"


def test_the_same_bundle_and_key_give_the_same_bytes(signed: Signed) -> None:
    before = files_of(signed.folder)
    signed.make("1.0")
    assert files_of(signed.folder) == before


@pytest.mark.tools
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_openssl_checks_the_sums_and_the_envelope(signed: Signed) -> None:
    bundle, key = signed.folder / "shop-1.0", signed.folder / "keys/signing.pub"

    def says(data: Path, signature: Path) -> bool:
        argv = [
            *("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(key)),
            *("-rawin", "-in", str(data), "-sigfile", str(signature)),
        ]
        return subprocess.run(argv, capture_output=True).returncode == 0

    signature = signed.folder / "shop-1.0.SHA256SUMS.sig"
    assert says(bundle / SUMS, signature)
    assert not says(bundle / MANIFEST, signature)
    envelope = json.loads((signed.folder / "shop-1.0.intoto.jsonl").read_bytes())
    (signed.folder / "pae").write_bytes(pae(base64.b64decode(envelope["payload"])))
    (signed.folder / "sig").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    assert says(signed.folder / "pae", signed.folder / "sig")
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", str(key), "-outform", "DER"], capture_output=True, check=True
    )
    digest = subprocess.run(["sha256sum"], input=der.stdout, capture_output=True, check=True)
    assert (
        digest.stdout.decode().split()[0] == signed.public.fingerprint == envelope["signatures"][0]["keyid"]
    )


def commands(heading: str) -> list[str]:
    """The shell blocks below a heading of docs/signing.md, about our bundle."""
    text = (ROOT / "docs/signing.md").read_text("utf-8").partition(f"## {heading}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    return [block.replace("kata-containers-4.1.0", "shop-1.0") for block in blocks]


@pytest.mark.tools
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_what_the_document_tells_a_person_to_do_works_and_finds_harm(signed: Signed) -> None:
    key = signed.folder / "keys/signing.pub"
    shutil.copy(key, signed.folder / "signing.pub")
    first, second, third = commands("Verify with sha256sum and openssl")

    def says(*blocks: str, cwd: Path = signed.folder) -> subprocess.CompletedProcess[str]:
        script = "set -e -o pipefail\n" + "\n".join(blocks)
        return subprocess.run(["bash", "-c", script], cwd=cwd, capture_output=True, text=True)

    done = says(first, second)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{signed.public.fingerprint}  -\nSignature Verified Successfully\n")
    assert '"_type": "https://in-toto.io/Statement/v1"' in says(third).stdout
    (signed.folder / "shop-1.0/extra").write_bytes(b"")
    assert says(first).returncode == 0
    assert says(first, second).returncode != 0
    (signed.folder / "shop-1.0/index.html").write_bytes(b"")
    assert says(first).returncode != 0
    with (signed.folder / "shop-1.0/SHA256SUMS").open("ab") as file:
        file.write(b"\n")
    assert "Signature Verification Failure" in says(first).stdout


def test_the_encoding_that_is_signed_is_that_of_dsse() -> None:
    assert pae(b"hello") == b"DSSEv1 28 application/vnd.in-toto+json 5 hello"


def test_the_statement_says_what_was_built_from_what() -> None:
    manifest = manifest_of("1.0", files_of_release("1.0"))
    said = json.loads(make_statement(manifest, {MANIFEST: "5" * 64, SUMS: "6" * 64}))
    assert (said["_type"], said["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    assert said["subject"] == [
        {"name": SUMS, "digest": {"sha256": "6" * 64}},
        {"name": MANIFEST, "digest": {"sha256": "5" * 64}},
    ]
    definition = said["predicate"]["buildDefinition"]
    assert definition["externalParameters"] == {
        "configuration": "c",
        "edition": "public",
        "modelDigest": "3" * 64,
        "project": "shop",
        "release": "1.0",
        "sourceCommit": "1" * 40,
        "sourceModified": False,
    }
    assert definition["resolvedDependencies"] == [
        {
            "name": "source",
            "uri": "git+https://example.org/shop.git@1.0",
            "digest": {"gitCommit": "1" * 40, "threatmodelTree": "2" * 64},
        },
        {"name": "model", "uri": "urn:threatmodel:model:shop", "digest": {"sha256": "3" * 64}},
        {
            "name": "threatmodel",
            "uri": "urn:threatmodel:tool:threatmodel",
            "annotations": {"version": "0.1.0"},
        },
        {
            "name": "bandit",
            "uri": "urn:threatmodel:tool:bandit",
            "annotations": {"version": "1.9", "status": "partial"},
        },
        {"name": "bandit-rules", "uri": "urn:threatmodel:rules:bandit", "digest": {"sha256": "4" * 64}},
    ]
    assert said["predicate"]["runDetails"]["builder"]["id"] == "urn:threatmodel:builder:unnamed"


def test_a_changed_or_local_source_claims_no_commit_and_no_address() -> None:
    manifest = replace(manifest_of("1.0", {}, source_name="a local source tree at 1.0"), source_dirty=True)
    said = json.loads(make_statement(manifest, {}))
    definition = said["predicate"]["buildDefinition"]
    assert definition["resolvedDependencies"][0] == {
        "name": "source",
        "digest": {"threatmodelTree": "2" * 64},
    }
    assert definition["externalParameters"]["sourceModified"] is True


# What somebody without the private key can do to the files beside a bundle, and what is said about it.

Harm = Callable[[Signed], None]


def envelope_of(signed: Signed) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((signed.folder / "shop-1.0.intoto.jsonl").read_bytes())
    return value


def put(signed: Signed, value: Any) -> None:
    data = json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    (signed.folder / "shop-1.0.intoto.jsonl").write_bytes(data)


def put_payload(signed: Signed, payload: bytes) -> None:
    """The envelope with another payload, signed with the right key: what a mistake of the signer would be."""
    (signed.folder / "shop-1.0.intoto.jsonl").write_bytes(to_bytes(sign(payload, signed.private)))


def put_bytes(data: bytes) -> Harm:
    def harm(signed: Signed) -> None:
        (signed.folder / "shop-1.0.intoto.jsonl").write_bytes(data)

    return harm


def drop(suffix: str) -> Harm:
    return lambda signed: (signed.folder / f"shop-1.0{suffix}").unlink()


def take(suffix: str) -> Harm:
    def harm(signed: Signed) -> None:
        (signed.folder / f"shop-2.0{suffix}").replace(signed.folder / f"shop-1.0{suffix}")

    return harm


def signatures(change: Callable[[list[Any]], list[Any]]) -> Harm:
    def harm(signed: Signed) -> None:
        value = envelope_of(signed)
        put(signed, {**value, "signatures": change(value["signatures"])})

    return harm


def fields(**changes: Any) -> Harm:
    return lambda signed: put(signed, {**envelope_of(signed), **changes})


def another_statement(signed: Signed) -> None:
    put(signed, {**envelope_of(signed), "payload": base64.b64encode(b"{}").decode()})


def link_bundle(signed: Signed) -> None:
    path = signed.folder / "shop-1.0.intoto.jsonl"
    path.rename(signed.folder / "moved")
    path.symlink_to(signed.folder / "moved")


def statement_on(**subjects: str) -> Harm:
    def harm(signed: Signed) -> None:
        put_payload(signed, make_statement(manifest_of("1.0", {}), subjects))

    return harm


def whole_swap(signed: Signed) -> None:
    shutil.rmtree(signed.folder / "shop-1.0")
    for path in list(signed.folder.glob("shop-2.0*")):
        path.replace(signed.folder / path.name.replace("2.0", "1.0"))
    (signed.folder / "shop-1.0.tar.gz").unlink()  # the statement names it by its own name


def swap_folder(signed: Signed) -> None:
    shutil.rmtree(signed.folder / "shop-1.0")
    (signed.folder / "shop-2.0").rename(signed.folder / "shop-1.0")


HARMS: dict[str, tuple[Harm, list[str]]] = {
    "no-envelope": (drop(".intoto.jsonl"), [f"V007 {ENVELOPE}"]),
    "no-raw-signature": (drop(".SHA256SUMS.sig"), ["V007 shop-1.0.SHA256SUMS.sig"]),
    "envelope-of-another": (take(".intoto.jsonl"), [f"V010 {ENVELOPE}"]),
    "raw-signature-of-another": (take(".SHA256SUMS.sig"), ["V009 shop-1.0.SHA256SUMS.sig"]),
    "archive-of-another": (take(".tar.gz"), ["V010 shop-1.0.tar.gz"]),
    "folder-of-another": (swap_folder, ["V010 SHA256SUMS"]),
    "all-of-another": (whole_swap, [f"V010 {ENVELOPE}"]),
    "no-signature": (signatures(lambda _: []), [f"V008 {ENVELOPE}"]),
    "two-signatures": (signatures(lambda s: [*s, *s]), [f"V008 {ENVELOPE}"]),
    "signature-with-more": (signatures(lambda s: [{**s[0], "x": 1}]), [f"V008 {ENVELOPE}"]),
    "signature-without-key": (signatures(lambda s: [{"sig": s[0]["sig"]}]), [f"V008 {ENVELOPE}"]),
    "other-keyid": (signatures(lambda s: [{**s[0], "keyid": "0" * 64}]), [f"V009 {ENVELOPE}"]),
    "zero-signature": (signatures(lambda s: [{**s[0], "sig": "A" * 86 + "=="}]), [f"V009 {ENVELOPE}"]),
    "short-signature": (signatures(lambda s: [{**s[0], "sig": ""}]), [f"V009 {ENVELOPE}"]),
    "loose-base64": (signatures(lambda s: [{**s[0], "sig": s[0]["sig"] + "\n"}]), [f"V008 {ENVELOPE}"]),
    "payload-type": (fields(payloadType="application/json"), [f"V008 {ENVELOPE}"]),
    "payload-type-in-case": (fields(payloadType=PAYLOAD_TYPE.upper()), [f"V008 {ENVELOPE}"]),
    "more-fields": (fields(more=1), [f"V008 {ENVELOPE}"]),
    "no-base64": (fields(payload="*"), [f"V008 {ENVELOPE}"]),
    "another-statement": (another_statement, [f"V009 {ENVELOPE}"]),
    "link": (link_bundle, [f"V007 {ENVELOPE}"]),
    "nothing": (put_bytes(b""), [f"V008 {ENVELOPE}"]),
    "list": (put_bytes(b"[]\n"), [f"V008 {ENVELOPE}"]),
    "deep": (put_bytes(b"[" * 200_000), [f"V008 {ENVELOPE}"]),
    "huge": (put_bytes(b" " * (5 * 1024 * 1024)), [f"V007 {ENVELOPE}"]),
    "huge-number": (put_bytes(b"1" * 100_000), [f"V008 {ENVELOPE}"]),
    "twice-the-key": (put_bytes(b'{"payload":"","payload":""}\n'), [f"V008 {ENVELOPE}"]),
    "not-utf-8": (put_bytes(b"\xff\n"), [f"V008 {ENVELOPE}"]),
    "no-subject": (statement_on(), [f"V010 {ENVELOPE}"]),
    "one-subject": (statement_on(**{SUMS: "0" * 64}), [f"V010 {ENVELOPE}"]),
    "odd-subject": (
        statement_on(**{SUMS: "0" * 64, MANIFEST: "0" * 64, "x": "0" * 64}),
        [f"V010 {ENVELOPE}"],
    ),
    "upper-case-digest": (statement_on(**{SUMS: "A" * 64, MANIFEST: "0" * 64}), [f"V008 {ENVELOPE}"]),
    "statement-of-nothing": (lambda s: put_payload(s, b"{}"), [f"V008 {ENVELOPE}"]),
    "statement-deep": (lambda s: put_payload(s, b"[" * 200_000), [f"V008 {ENVELOPE}"]),
}


@pytest.mark.parametrize("name", HARMS)
def test_what_was_not_signed_does_not_verify(signed: Signed, name: str) -> None:
    harm, found = HARMS[name]
    harm(signed)
    assert codes(signed.folder / "shop-1.0", signed.public) == found


def test_another_key_does_not_verify(signed: Signed) -> None:
    other = new_signed(signed.folder / "third").public
    assert codes(signed.folder / "shop-1.0", other) == [f"V009 {ENVELOPE}"]


def test_a_statement_about_another_bundle_is_named_without_a_key_too(signed: Signed) -> None:
    bundle = signed.folder / "shop-1.0"
    (signed.folder / "shop-1.0.tar.gz").unlink()
    take(".intoto.jsonl")(signed)
    assert codes(bundle, None) == [f"V010 {ENVELOPE}"]
    (signed.folder / ENVELOPE).unlink()
    assert codes(bundle, None) == []


def test_a_whole_bundle_under_the_name_of_another_is_named(signed: Signed) -> None:
    bundle = signed.make("3.0", archive=False)
    for path in sorted(signed.folder.glob("shop-3.0*")):
        path.rename(signed.folder / path.name.replace("3.0", "4.0"))
    assert codes(bundle.with_name("shop-4.0"), signed.public) == ["V010 shop-4.0"]
    assert codes(signed.folder / "shop-2.0", signed.public, release="1.0") == ["V013 manifest.json"]


def test_a_bundle_that_is_built_anew_without_a_key_loses_its_signature(signed: Signed) -> None:
    signed.make("1.0", sign=False, archive=False)
    assert sorted(path.name for path in signed.folder.glob("shop-1.0*")) == ["shop-1.0"]
    assert codes(signed.folder / "shop-1.0", signed.public) == [f"V007 {ENVELOPE}"]


def test_modes_and_hard_links_do_not_matter(signed: Signed) -> None:
    bundle = signed.folder / "shop-1.0"
    (bundle / "index.html").chmod(0o755)
    os.link(bundle / "pdf/a.pdf", signed.folder / "elsewhere")
    assert codes(bundle, signed.public) == []


@pytest.mark.parametrize(
    ("path", "data", "found"),
    [
        (
            "data/threats.json",
            b'{"format": "threatmodel/threats", "version": 2}\n',
            ["V012 data/threats.json"],
        ),
        ("data/threats.json", b"[" * 200_000, ["V012 data/threats.json"]),
        ("data/threats.json", b'{"threats": "' + b"9" * 100_000 + b'"}', ["V012 data/threats.json"]),
    ],
    ids=["version", "deep", "large"],
)
def test_signed_data_that_is_not_in_its_format(
    signed: Signed, path: str, data: bytes, found: list[str]
) -> None:
    assert codes(signed.make("1.0", more={path: data}), signed.public) == found
