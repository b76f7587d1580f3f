"""YAML read safely, with the line of every key and item, duplicate keys refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import yaml

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_NODES = 200_000
_MAX_DEPTH = 100
_NESTING = ("[", "{", "- ", "-\t", "? ", "?\t")
_TEXT = "tag:yaml.org,2002:str"
_PLAIN_TAGS = frozenset({"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})
# what PyYAML raises for a scalar that its explicit tag does not fit
_BAD_SCALAR = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, OverflowError)
Route = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: plain values, and the line (from 1) of each route into them."""

    path: str
    value: Any
    lines: Mapping[Route, int] = field(default_factory=dict)

    def place(self, *route: str | int) -> Place:
        """The place of a route, or of the nearest part of it that is in the document."""
        for end in range(len(route), -1, -1):
            if (line := self.lines.get(tuple(route[:end]))) is not None:
                return Place(self.path, line)
        return Place(self.path)


@lru_cache(maxsize=64)
def load(data: bytes, path: str) -> Document:
    """Parse one YAML 1.1 document with the safe tags only. Some were read before and are kept: nobody changes them.

    Raises:
        InvalidInput: not UTF-8, not YAML, an unsafe tag, a duplicate key, an alias bomb, nesting without end
            or a key that is a list or a mapping.
    """
    try:
        text = data.decode("utf-8")
        _bounded(text, path)
        node = yaml.compose(text, Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise InvalidInput(_problem(path, 0, f"not UTF-8 (byte {error.start})")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InvalidInput(_problem(path, mark.line + 1 if mark else 0, f"not YAML: {what}")) from error
    lines: dict[Route, int] = {}
    value = _construct(node, (), lines, path) if node is not None else None
    return Document(path, value, lines)


def _bounded(text: str, path: str) -> None:
    """Refuse deep nesting before the tree is built: the C composer calls itself once per level."""
    marks = sum(text.count(mark) for mark in _NESTING)
    if marks <= _MAX_DEPTH and all(len(s) - len(s.lstrip(" ")) <= _MAX_DEPTH for s in text.splitlines()):
        return  # each level costs a mark or an indentation
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise InvalidInput(_problem(path, _start(event), "nested too deeply"))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _start(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _problem(path: str, line: int, message: str) -> Diagnostic:
    return Diagnostic(code="Y001", message=message, place=Place(path, line))


def _construct(node: yaml.Node, route: Route, lines: dict[Route, int], path: str) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(route, line)
    if len(lines) > _MAX_NODES:
        raise InvalidInput(_problem(path, line, f"more than {_MAX_NODES} nodes; aliases may be nested"))
    if len(route) > _MAX_DEPTH:
        raise InvalidInput(_problem(path, line, "nested too deeply; an alias may hold itself"))
    if isinstance(node, yaml.CollectionNode) and node.tag not in _PLAIN_TAGS:
        raise InvalidInput(_problem(path, line, f'the tag "{node.tag}" is not one of the safe ones'))
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            at = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise InvalidInput(_problem(path, at, "a key is a list or a mapping"))
            key = _scalar(key_node, path)
            if not isinstance(key, str):
                key = str(key_node.value)
            if key in out:
                raise InvalidInput(_problem(path, at, f'key "{key}" stands twice'))
            lines[(*route, key)] = at
            out[key] = _construct(value_node, (*route, key), lines, path)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_construct(item, (*route, i), lines, path) for i, item in enumerate(node.value)]
    return _scalar(node, path)


def _scalar(node: yaml.Node, path: str) -> Any:
    if node.tag == _TEXT and isinstance(node, yaml.ScalarNode):
        return node.value  # most scalars are texts, and making a constructor for each takes time
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except _BAD_SCALAR as error:
        raise InvalidInput(_problem(path, node.start_mark.line + 1, f"bad value: {error}")) from error
    finally:
        loader.dispose()


def as_mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: for readers that report shape errors elsewhere."""
    return value if isinstance(value, dict) else {}
