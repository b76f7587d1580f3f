"""Canonical JSON: the same value gives the same bytes on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def dump_bytes(value: Any) -> bytes:
    """JSON with sorted keys, two-space indent, UTF-8, one final newline. NaN and infinities are refused.

    Raises:
        TypeError: a value has no JSON form.
        ValueError: a number is not finite.
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def digest(value: Any) -> str:
    """SHA-256 (hex) of the value's canonical form."""
    return hashlib.sha256(dump_bytes(value)).hexdigest()


def sha256(data: bytes) -> str:
    """SHA-256 (hex) of bytes."""
    return hashlib.sha256(data).hexdigest()
