"""Keys on the command line: made once, refused where others can read them, never shown."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from tests.bundle.signed import new_signed
from tests.bundle.support import files_of
from tests.cli.harness import Cli

WORD = "correct-horse"


@pytest.fixture
def here(tmp_path: Path) -> Cli:
    return Cli(cwd=tmp_path, environ={"WORD": WORD, "EMPTY": ""})


def write(folder: Path, name: str, data: bytes, mode: int = 0o600) -> None:
    (folder / name).write_bytes(data)
    (folder / name).chmod(mode)


def pem(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def test_keygen_writes_a_pair_once(here: Cli) -> None:
    said = here("keygen", "-o", "new/keys")
    assert (said.code, said.err) == (0, "")
    assert [line.split()[0] for line in said.out.splitlines()][:3] == [
        "new/keys/signing.key",
        "new/keys/signing.pub",
        "fingerprint",
    ]
    folder = here.cwd / "new/keys"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"signing.key": 0o600, "signing.pub": 0o644}
    secret = (folder / "signing.key").read_text().splitlines()[1]
    assert secret not in said.out
    before = files_of(folder)
    again = here("keygen", "-o", "new/keys")
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("K004  key new/keys/signing.key: it is there already")
    (folder / "signing.key").unlink()
    assert here("keygen", "-o", "new/keys").err.startswith("K004  key new/keys/signing.pub")
    assert files_of(folder) == {"signing.pub": before["signing.pub"]}


def test_sign_and_verify(here: Cli) -> None:
    signed = new_signed(here.cwd)
    signed.make("1.0", sign=False)
    said = here("verify", "shop-1.0", "--key", "keys/signing.pub")
    assert (said.code, said.err) == (13, "shop-1.0.intoto.jsonl  V007  missing\n")
    said = here("sign", "shop-1.0", "--key", "keys/signing.key", "--builder", "https://example.org/ci")
    assert (said.code, said.out) == (0, f"shop-1.0: signed by sha256:{signed.public.fingerprint}\n")
    before = files_of(here.cwd)
    signed.make("1.0")
    assert files_of(here.cwd) == before  # signed at once or later: the same bytes
    for name in ("shop-1.0", "shop-1.0/", "./x/../shop-1.0.tar.gz"):
        said = here("verify", name, "--key", "keys/signing.pub", "--require", "release=1.0")
        assert (said.code, said.err) == (0, "")
        assert said.out.splitlines()[1:] == [
            f"signed by sha256:{signed.public.fingerprint}",
            "about shop 1.0, public edition",
            "builder https://example.org/ci, says whoever signed it",
        ]


def test_what_is_not_whole_is_not_signed(here: Cli) -> None:
    signed = new_signed(here.cwd)
    bundle = signed.make("1.0")
    other = signed.make("2.0")
    (bundle / "index.html").write_bytes(b"")
    said = here("sign", "shop-1.0", "--key", "keys/signing.key")
    assert (said.code, said.err.split("  ")[:2]) == (13, ["index.html", "V003"])
    (other.parent / "shop-1.0.tar.gz").replace(other.parent / "shop-2.0.tar.gz")
    said = here("sign", "shop-2.0", "--key", "keys/signing.key")
    assert (said.code, said.err.split("  ")[:2]) == (13, ["shop-2.0.tar.gz", "V011"])
    assert sorted(path.name for path in here.cwd.glob("*.jsonl")) == []


def test_an_encrypted_key(here: Cli) -> None:
    write(here.cwd, "word", f"{WORD}\n".encode())
    assert here("keygen", "-o", "keys", "--passphrase-env", "WORD").code == 0
    assert b"ENCRYPTED" in (here.cwd / "keys/signing.key").read_bytes()
    new_signed(here.cwd / "x").make("1.0", sign=False)
    argv = ("sign", "x/shop-1.0", "--key", "keys/signing.key")
    for how in (("--passphrase-env", "WORD"), ("--passphrase-file", "word")):
        assert here(*argv, *how).code == 0
    write(here.cwd, "wrong", b"wrong\n")
    said = here(*argv, "--passphrase-file", "wrong")
    assert (said.code, said.err) == (
        2,
        "K003  key keys/signing.key: the passphrase is wrong, or the file is damaged\n",
    )
    assert here(*argv).err.startswith("K003  key keys/signing.key: it is encrypted")


@pytest.mark.parametrize("command", ["sign", "build"])
@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("none", (), "K001  key none: cannot be read: No such file or directory"),
        (".", (), "K001  key .: "),
        ("text", (), "K001  key text: not a private key in PEM; make one with `threatmodel keygen`"),
        ("curve", (), "K001  key curve: not an Ed25519 key"),
        ("public", (), "K001  key public: not a private key in PEM"),
        ("huge", (), "K001  key huge: larger than 16384 bytes"),
        ("group", (), "K002  key group: others can read it (mode 0640); chmod 600 it"),
        ("others", (), "K002  key others: others can read it (mode 0604)"),
        ("good", ("--passphrase-env", "EMPTY"), "K003  environment variable EMPTY holds no passphrase"),
        ("good", ("--passphrase-env", "NONE"), "K003  environment variable NONE holds no passphrase"),
        ("good", ("--passphrase-file", "others"), "K002  key others: others can read it"),
        ("good", ("--builder", "me and you"), "U020  --builder 'me and you' is not a URI"),
    ],
)
def test_keys_that_are_refused_before_any_work(
    here: Cli, command: str, name: str, more: tuple[str, ...], message: str
) -> None:
    key = pem(ed25519.Ed25519PrivateKey.generate())
    write(here.cwd, "good", key)
    write(here.cwd, "text", b"-----BEGIN NOTHING-----\n")
    write(here.cwd, "curve", pem(ec.generate_private_key(ec.SECP256R1())))
    write(here.cwd, "huge", key + b"\n" * 20_000)
    write(here.cwd, "group", key, 0o640)
    write(here.cwd, "others", key, 0o604)
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    write(
        here.cwd,
        "public",
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    )
    (here.cwd / "bundle").mkdir()
    argv = {
        "sign": ("sign", "bundle", "--key", name),
        "build": ("build", "nowhere", "-o", "out", "--sign", name),
    }
    said = here(*argv[command], *more)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)
    assert key.decode().splitlines()[1] not in said.err
    assert not (here.cwd / "out").exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("--key", "none"), "K001  key none: missing"),
        (
            ("--key", "keys/signing.key"),
            "K001  key keys/signing.key: this is a private key; name the public one",
        ),
        (("--key", "shop-1.0/index.html"), "K001  key shop-1.0/index.html: not a public key in PEM"),
        (("--require", "relaese=1"), "U022  --require 'relaese=1'; did you mean \"release\"?"),
        (("--require", "release"), "U022  --require 'release'"),
        (("--require", "builder=x"), "U022  --require builder needs --key"),
        (("--require", "release=1", "--require", "release=1"), "U022  --require 'release=1'"),
    ],
)
def test_a_wrong_question(here: Cli, argv: tuple[str, ...], message: str) -> None:
    new_signed(here.cwd).make("1.0")
    said = here("verify", "shop-1.0", *argv)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(message)


@pytest.mark.parametrize("option", ["--builder", "--passphrase-file", "--passphrase-env"])
def test_an_option_without_a_key_is_refused(here: Cli, option: str) -> None:
    said = here("build", "nowhere", "-o", "out", option, "x")
    assert (said.code, said.err) == (2, f"U021  {option} says nothing without --sign; add --sign\n")


def test_what_was_required_and_is_not(here: Cli) -> None:
    new_signed(here.cwd).make("1.0")
    argv = ("verify", "shop-1.0", "--key", "keys/signing.pub", "--require", "release=2.0")
    said = here(*argv, "--require", "builder=https://example.org/else")
    assert said.code == 13
    assert said.err.splitlines() == [
        "manifest.json  V013  builder is 'https://example.org/ci', and 'https://example.org/else' was required",
        "manifest.json  V013  release is '1.0', and '2.0' was required",
    ]


def test_a_format_of_another_version_is_named(here: Cli) -> None:
    signed = new_signed(here.cwd)
    more = {"schemas/threats.schema.json": b"{}\n", "data/threats.json": b"[]\n"}
    signed.make("1.0", more=more)
    said = here("verify", "shop-1.0", "--key", "keys/signing.pub")
    assert (said.code, said.err) == (
        0,
        "format not judged: data/threats.json has a schema of another version\n",
    )
