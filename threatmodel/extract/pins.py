"""Versions that a YAML file pins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Document, Route, load
from threatmodel.extract.fact import Fact, Read, Spec
from threatmodel.readers.content import Unparsable

KEYS = ("branch", "commit", "digest", "release", "sha256", "tag", "version")
"""Keys that pin, where the settings name none."""


def document_of(text: str, path: str) -> Document:
    """The YAML of a file. Raises: Unparsable."""
    try:
        return load(text.encode(), path)
    except InvalidInput as error:
        found = error.diagnostics[0]
        raise Unparsable(found.message, found.place.line if found.place else 0) from error


def pins(text: str, path: str, spec: Spec) -> Read:
    """A fact for each key that pins, named by its dotted route; its detail is the value. Raises: Unparsable."""
    document = document_of(text, path)
    keys = frozenset(spec.keys or KEYS)
    return Read(
        facts=[
            Fact(
                kind=spec.kind,
                name=".".join(str(step) for step in route),
                detail=_detail(value),
                path=path,
                line=document.place(*route).line,
            )
            for route, value in _leaves(document.value, ())
            if route and route[-1] in keys
        ]
    )


def _leaves(value: Any, route: Route) -> Iterator[tuple[Route, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*route, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*route, index))
    else:
        yield route, value


def _detail(value: Any) -> str:
    """A text as it is. A number is told as one: YAML reads 1.10 as 1.1."""
    if isinstance(value, str):
        return value
    return "nothing" if value is None else f"{value} ({type(value).__name__}, not a text)"
