"""YAML read safely, with the line of every key and item, duplicate keys refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from threatmodel.core.diagnostics import Diagnostic, Place
from threatmodel.core.errors import InvalidInput

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_NODES = 200_000
_TEXT = "tag:yaml.org,2002:str"
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


def load(data: bytes, path: str) -> Document:
    """Parse one YAML 1.1 document with the safe tags only.

    Raises:
        InvalidInput: not UTF-8, not YAML, a duplicate key, an alias bomb or a key that is not text.
    """
    try:
        node = yaml.compose(data.decode("utf-8"), Loader=_LOADER)
    except UnicodeDecodeError as error:
        raise InvalidInput(_problem(path, 0, f"not UTF-8 (byte {error.start})")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        text = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InvalidInput(_problem(path, mark.line + 1 if mark else 0, f"not YAML: {text}")) from error
    except RecursionError as error:
        raise InvalidInput(_problem(path, 0, "nested too deeply")) from error
    lines: dict[Route, int] = {}
    value = _construct(node, (), lines, path) if node is not None else None
    return Document(path, value, lines)


def _problem(path: str, line: int, message: str) -> Diagnostic:
    return Diagnostic(code="Y001", message=message, place=Place(path, line))


def _construct(node: yaml.Node, route: Route, lines: dict[Route, int], path: str) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(route, line)
    if len(lines) > _MAX_NODES:
        raise InvalidInput(_problem(path, line, f"more than {_MAX_NODES} nodes; aliases may be nested"))
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node, path)
            at = key_node.start_mark.line + 1
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
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidInput(_problem(path, node.start_mark.line + 1, f"bad value: {error}")) from error
    finally:
        loader.dispose()


def as_mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one: for readers that report shape errors elsewhere."""
    return value if isinstance(value, dict) else {}


def as_sequence(value: Any) -> Sequence[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
