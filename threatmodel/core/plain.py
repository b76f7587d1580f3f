"""Domain values as plain JSON values: dataclasses to objects, tuples to lists, sets to sorted lists."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence, Set
from enum import Enum
from functools import cache
from types import MappingProxyType
from typing import Any

OMIT_NONE: Mapping[str, bool] = MappingProxyType({"omit_none": True})
"""Metadata of a dataclass's field that is left out where it is None."""
_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def to_plain(value: Any) -> Any:
    """The value with nothing but dict, list, str, int, float, bool and None in it.

    Raises:
        TypeError: a value has no plain form.
    """
    kind: Any = type(value)
    if kind in _AS_IT_IS:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, int | float):
        return value
    if (names := field_names(kind)) is not None:
        plain = {name: to_plain(getattr(value, name)) for name in names}
        for name in _left_out(kind):
            if plain[name] is None:
                del plain[name]
        return plain
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no plain form")


@cache
def field_names(cls: type) -> tuple[str, ...] | None:
    """The names of a dataclass's fields; None for a class that is none."""
    return tuple(field.name for field in dataclasses.fields(cls)) if dataclasses.is_dataclass(cls) else None


@cache
def _left_out(cls: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls) if "omit_none" in field.metadata)
