"""Signatures of a bundle: a DSSE envelope over an in-toto statement, and a raw one over `SHA256SUMS`.

https://github.com/secure-systems-lab/dsse
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from collateral.bundle.keys import PrivateKey, PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_ENVELOPE = 4 * 1024 * 1024


class Malformed(Exception):
    """Bytes that are no envelope of ours; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A DSSE envelope with one signature. The payload is bytes, and nothing about it is known yet."""

    payload: bytes
    keyid: str
    signature: bytes


def pae(payload: bytes) -> bytes:
    """What is signed: type and payload with their lengths (DSSE pre-authentication encoding)."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, key: PrivateKey) -> Envelope:
    """The payload, signed."""
    return Envelope(payload=payload, keyid=key.public.fingerprint, signature=key.sign(pae(payload)))


def is_signed(envelope: Envelope, key: PublicKey) -> bool:
    """True where this key signed the payload and the envelope names no other."""
    return envelope.keyid == key.fingerprint and key.verifies(envelope.signature, pae(envelope.payload))


def to_bytes(envelope: Envelope) -> bytes:
    """The envelope as one line of JSON."""
    value = {
        "payload": base64.b64encode(envelope.payload).decode(),
        "payloadType": PAYLOAD_TYPE,
        "signatures": [{"keyid": envelope.keyid, "sig": base64.b64encode(envelope.signature).decode()}],
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def from_bytes(data: bytes) -> Envelope:
    """The envelope in these bytes.

    An envelope has one form: what reads the same and is written otherwise was changed after it was signed.

    Raises:
        Malformed: they are none.
    """
    if len(data) > MAX_ENVELOPE:
        raise Malformed("too large")
    value = read_json(data)
    match value:
        case {"payload": str(payload), "payloadType": str(kind), "signatures": [*signatures]}:
            pass
        case _:
            raise Malformed("not a DSSE envelope")
    if kind != PAYLOAD_TYPE:
        raise Malformed("its payload is no in-toto statement")
    if len(signatures) != 1:
        raise Malformed(f"{len(signatures)} signatures where one is expected")
    match signatures[0]:
        case {"keyid": str(keyid), "sig": str(signature)}:
            pass
        case _:
            raise Malformed("not a DSSE signature")
    try:
        envelope = Envelope(
            payload=base64.b64decode(payload, validate=True),
            keyid=keyid,
            signature=base64.b64decode(signature, validate=True),
        )
    except (binascii.Error, ValueError) as error:
        raise Malformed("not base64") from error
    if to_bytes(envelope) != data:
        raise Malformed("not in the form in which it was written")
    return envelope


def read_json(data: bytes) -> Any:
    """A JSON value without a key that stands twice.

    Raises:
        Malformed: not JSON, nested too deeply, or a key stands twice.
    """
    try:
        return json.loads(data, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise Malformed("not JSON, or not such JSON as is written here") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key stands twice")
    return made
