"""What the views of all documents share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from threatmodel.core.text import fold

_FRONT = (
    "title",
    "release",
    "date",
    "edition",
    "embargoed",
    "status",
    "notice",
    "headline",
    "tool",
    "model_digest",
    "source",
    "configuration",
)


def front(view: Mapping[str, Any], *more: str) -> dict[str, Any]:
    """What cover and document control of every document say, from the view of the threat model, and `more` of it."""
    return {key: view[key] for key in (*_FRONT, *more)}


def fold_all(value: Any) -> Any:
    """Every text with control and bidirectional code points made visible."""
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, dict):
        return {key: fold_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fold_all(item) for item in value]
    return value
