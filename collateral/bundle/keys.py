"""Ed25519 keys in PEM files: made, read, and told apart by a fingerprint. No secret reaches a message."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from collateral.bundle.contents import Unreadable, read_plain
from threatmodel.core.diagnostics import Diagnostic
from threatmodel.core.errors import UsageError
from threatmodel.core.text import fold

PRIVATE = "signing.key"
PUBLIC = "signing.pub"
_MAX_BYTES = 16 * 1024
_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER
_SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signatures are checked with. `fingerprint` is the SHA-256 (hex) of its SubjectPublicKeyInfo in DER."""

    _key: Ed25519PublicKey = field(repr=False)
    fingerprint: str

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """True where the signature over these bytes was made with this key's private half."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    @property
    def pem(self) -> bytes:
        """SubjectPublicKeyInfo as PEM."""
        return self._key.public_bytes(_PEM, _SPKI)


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs. It shows nothing of itself."""

    _key: Ed25519PrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """64 bytes, the same for the same data (RFC 8032)."""
        return self._key.sign(data)

    @property
    def public(self) -> PublicKey:
        """The half that is published."""
        return _public(self._key.public_key())

    def pem(self, passphrase: bytes | None) -> bytes:
        """PKCS#8 as PEM, encrypted where there is a passphrase."""
        how = (
            serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        )
        return self._key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, how)


def _public(key: Ed25519PublicKey) -> PublicKey:
    return PublicKey(key, hashlib.sha256(key.public_bytes(_DER, _SPKI)).hexdigest())


def _wrong(code: str, shown: str, message: str, hint: str = "") -> UsageError:
    return UsageError(Diagnostic(code=code, message=f"key {fold(shown)}: {message}", hint=hint))


def read_public(path: Path, shown: str) -> PublicKey:
    """A public key from a PEM file.

    Raises:
        UsageError: K001, there is none.
    """
    try:
        data = read_plain(path.resolve(), _MAX_BYTES)
    except Unreadable as error:
        raise _wrong("K001", shown, str(error)) from error
    if b"PRIVATE KEY" in data:
        raise _wrong("K001", shown, "this is a private key", f"name the public one, {PUBLIC}")
    try:
        key = serialization.load_pem_public_key(data)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _wrong("K001", shown, "not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _wrong("K001", shown, "not an Ed25519 key")
    return _public(key)


def read_private(path: Path, shown: str, passphrase: bytes | None = None) -> PrivateKey:
    """A private key from a PKCS#8 PEM file that nobody but its owner can read.

    Raises:
        UsageError: K001 there is none, K002 others can read it, K003 the passphrase is missing or wrong.
    """
    data = read_secret(path, shown)
    if b"ENCRYPTED" in data and not passphrase:
        raise _wrong(
            "K003", shown, "it is encrypted", "name the passphrase with --passphrase-file or --passphrase-env"
        )
    return PrivateKey(_load(data, shown, passphrase if b"ENCRYPTED" in data else None))


def read_secret(path: Path, shown: str) -> bytes:
    """The bytes of a small plain file that nobody but its owner can read.

    Raises:
        UsageError: K001 there is none, K002 others can read it.
    """
    try:
        number = os.open(
            path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
        )  # a pipe is refused, not waited for
        with os.fdopen(number, "rb") as file:
            mode = os.fstat(number).st_mode  # of the file that is read, not of the name
            if not stat.S_ISREG(mode):
                raise _wrong("K001", shown, "not a plain file")
            if mode & 0o077:
                hint = "chmod 600 it, and make a new one if others may have read it"
                raise _wrong("K002", shown, f"others can read it (mode {mode & 0o777:04o})", hint)
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise _wrong("K001", shown, f"cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise _wrong("K001", shown, f"larger than {_MAX_BYTES} bytes")
    return data


def _load(data: bytes, shown: str, passphrase: bytes | None) -> Ed25519PrivateKey:
    # What the library says about a key is not repeated and not chained: it could quote it.
    key = None
    if b"-----BEGIN" in data:
        try:
            key = serialization.load_pem_private_key(data, passphrase)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
    if key is None and passphrase:
        raise _wrong("K003", shown, "the passphrase is wrong, or the file is damaged")
    if key is None:
        raise _wrong("K001", shown, "not a private key in PEM", "make one with `threatmodel keygen`")
    if not isinstance(key, Ed25519PrivateKey):
        raise _wrong("K001", shown, "not an Ed25519 key", "make one with `threatmodel keygen`")
    return key


def make_keys(folder: Path, shown: str, passphrase: bytes | None = None) -> PublicKey:
    """A new pair in two files of `folder`: the private key with mode 0600, the public one with 0644.

    Raises:
        UsageError: K004, one of the files is there already; nothing is overwritten.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / PRIVATE, folder / PUBLIC
    for path in (private, public):
        if path.exists() or path.is_symlink():
            raise _there(shown, path.name)
    key = PrivateKey(Ed25519PrivateKey.generate())
    _create(private, key.pem(passphrase), 0o600, shown)
    try:
        _create(public, key.public.pem, 0o644, shown)
    except BaseException:
        private.unlink()
        raise
    return key.public


def _there(shown: str, name: str) -> UsageError:
    return _wrong(
        "K004", f"{shown}/{name}", "it is there already", "name another folder; no key is overwritten"
    )


def _create(path: Path, data: bytes, mode: int, shown: str) -> None:
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise _there(shown, path.name) from error
    with os.fdopen(number, "wb") as file:
        file.write(data)
        os.fchmod(number, mode)
