"""Values of keys in TOML, YAML and JSON files, read with the parsers of those formats."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import load


class Unreadable(Exception):
    """The file cannot be parsed, so its value is not known."""


@dataclass(frozen=True, slots=True)
class Found:
    """A value and its line; 0 where the format gives none."""

    value: Any
    line: int


def value_at(data: bytes, path: str, key: str) -> Found | None:
    """The value at a dotted key, or None where the file has no such key.

    Raises:
        Unreadable: not the format that its name says, or not one of the three formats.
    """
    route = tuple(key.split("."))
    if path.endswith((".yaml", ".yml")):
        try:
            document = load(data, path)
        except InvalidInput as error:
            raise Unreadable(str(error)) from error
        found = _descend(document.value, route)
        return None if found is _MISSING else Found(found, document.place(*route).line)
    try:
        if path.endswith(".json"):
            value = json.loads(data)
        elif path.endswith((".toml", ".lock")):
            value = tomllib.loads(data.decode("utf-8"))
        else:
            raise Unreadable(f"{path} is not TOML, YAML or JSON")
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{path}: {error}") from error
    found = _descend(value, route)
    if found is _MISSING:
        return None
    return Found(found, _line(data.decode("utf-8", "replace"), route[-1]))


_MISSING: Any = object()


def _descend(value: Any, route: tuple[str, ...]) -> Any:
    for part in route:
        if isinstance(value, dict) and part in value:
            value = value[part]
        else:
            return _MISSING
    return value


def _line(text: str, key: str) -> int:
    """The line of the key where it stands once; TOML and JSON parsers give no lines."""
    pattern = re.compile(rf'[ \t]*"?{re.escape(key)}"?[ \t]*[=:]')
    found = [number for number, line in enumerate(text.split("\n"), 1) if pattern.match(line)]
    return found[0] if len(found) == 1 else 0
