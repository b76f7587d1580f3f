"""Canonical JSON: the same value gives the same bytes on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import is_dataclass
from typing import Any

import orjson

from threatmodel.core.plain import field_names, kept, to_plain

_PASSED = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS
_TOGETHER = 64
_AROUND = (b'{\n  "": [\n    ', b"\n  ]\n}")
"""What stands around the items of a list that is the only thing in an object."""
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | _PASSED


def dump_bytes(value: Any) -> bytes:
    """JSON with sorted keys, two-space indent, UTF-8, one final newline. NaN and infinities are refused.

    Raises:
        TypeError: a value has no JSON form.
        ValueError: a number is not finite.
    """
    return _dump(value) + b"\n"


def dump_pieces(value: Any) -> Iterator[bytes]:
    """What `dump_bytes(to_plain(value))` gives, in pieces. The items of the lists of a dataclass are made plain a few at
    a time, so that a list of many thousands is never held twice.

    Raises:
        TypeError: a value has no JSON form.
        ValueError: a number is not finite.
    """
    if not is_dataclass(value):
        yield dump_bytes(to_plain(value))
        return
    shallow = _Shallow()
    opening = b"{\n"
    for name, held in sorted(kept(value).items()):
        yield opening + f'  "{name}": '.encode()
        opening = b",\n"
        if isinstance(held, tuple) and held:
            between = b"[\n    "
            for start in range(0, len(held), _TOGETHER):
                items = held[start : start + _TOGETHER]
                some = _dump_value({"": items}, shallow)
                shallow.forget(items)
                yield between + some[len(_AROUND[0]) : -len(_AROUND[1])]
                between = b",\n    "
            yield b"\n  ]"
        else:
            yield _dump_value(held, shallow).replace(b"\n", b"\n  ")
    yield b"\n}\n" if opening != b"{\n" else b"{}\n"


class _Shallow:
    """`_shallow`, asked once for a value that stands in many places."""

    def __init__(self) -> None:
        self._known: dict[int, Any] = {}

    def __call__(self, value: Any) -> Any:
        found = self._known.get(id(value))
        if found is None:
            found = self._known[id(value)] = _shallow(value)
        return found

    def forget(self, values: Iterable[Any]) -> None:
        """Values that come once only: to keep what they hold would double it."""
        for value in values:
            self._known.pop(id(value), None)


def _dump_value(value: Any, shallow: Callable[[Any], Any]) -> bytes:
    """`_dump(to_plain(value))`, without the plain values in between where they are not needed."""
    try:
        data = orjson.dumps(value, default=shallow, option=_OPTIONS)
    except TypeError:
        return _dump(to_plain(value))
    return _dump(to_plain(value)) if b": null" in data or b"  null" in data else data


def _shallow(value: Any) -> Any:
    kind: Any = type(value)
    return kept(value) if field_names(kind) is not None else to_plain(value)


def _dump(value: Any) -> bytes:
    try:
        data = orjson.dumps(value, option=_OPTIONS)
    except (
        TypeError
    ):  # a number of more than 64 bits, a lone surrogate, a key that is no text, or no JSON at all
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
        return text.encode("utf-8", "backslashreplace")
    if b"null" in data:  # which stands for numbers that are not finite, too
        json.dumps(value, allow_nan=False)
    return data


def compact_bytes(value: Any) -> bytes:
    """A domain value as JSON on one line, for a reader that is a program. Keys stand in the order of the fields.

    Raises:
        TypeError: a value has no JSON form.
    """
    try:
        return orjson.dumps(value, default=_shallow, option=_PASSED)
    except TypeError:
        return json.dumps(to_plain(value)).encode()


def digest(value: Any) -> str:
    """SHA-256 (hex) of the value's canonical form."""
    return hashlib.sha256(dump_bytes(value)).hexdigest()


def sha256(data: bytes) -> str:
    """SHA-256 (hex) of bytes."""
    return hashlib.sha256(data).hexdigest()
