"""ScanResult to and from plain JSON values."""

from __future__ import annotations

from typing import Any

from scanners.finding import ScanResult
from threatmodel.core.plain import to_plain


def to_wire(result: ScanResult) -> dict[str, Any]:
    """The result as plain values."""
    value: dict[str, Any] = to_plain(result)
    return value


def from_wire(value: object) -> ScanResult:
    """The result that the values describe.

    Raises:
        ValueError: they describe none.
    """
    from pydantic import TypeAdapter  # costs more time to import than most commands take

    return TypeAdapter(ScanResult).validate_python(value)
