"""Minimal edits of YAML text: an item more in a list, a comment above a line. Each edit is checked by reading it back."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

import yaml

from threatmodel.core.errors import InvalidInput
from threatmodel.core.yamlpos import Route, load

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def scalar(text: str) -> str:
    """A text as YAML writes it on one line, in double quotes where it would be read as something else."""
    try:
        plain = yaml.safe_load(f"- {text}") == [text] and text == text.strip()
    except yaml.YAMLError:
        plain = False
    return text if plain else json.dumps(text, ensure_ascii=False)


def with_item(text: str, route: Route, value: Any, block: Sequence[str]) -> str | None:
    """The text with an item more at the end of the list at a route. Where the mapping around it has no such list, it gets
    one. `block` are the lines of the item without indentation, comments among them. None where it cannot be done."""
    plain = _plain(text)
    if plain is None:
        return None
    expected = copy.deepcopy(plain)
    parent = _step(expected, route[:-1])
    if not isinstance(parent, dict) or not isinstance(parent.setdefault(str(route[-1]), []), list):
        return None
    parent[str(route[-1])].append(value)
    node = _node(text, route)
    around = _node(text, route[:-1])
    lines = text.split("\n")
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        indent, end, added = node.start_mark.column, _last_line(node), list(block)
    elif node is None and isinstance(around, yaml.MappingNode) and around.value and not around.flow_style:
        indent, end = around.value[0][0].start_mark.column, _last_line(around)
        added = [f"{route[-1]}:", *("  " + line for line in block)]
    else:
        return None
    lines[end + 1 : end + 1] = [" " * indent + line for line in added]
    made = "\n".join(lines)
    return made if _plain(made) == expected else None


def with_comment(text: str, line: int, block: Sequence[str]) -> str | None:
    """The text with a comment above a line. None where no comment can stand there."""
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return None
    indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
    made = "\n".join([*lines[: line - 1], *(indent + one for one in block), *lines[line - 1 :]])
    return made if (plain := _plain(made)) is not None and plain == _plain(text) else None


def _plain(text: str) -> Any:
    try:
        return load(text.encode(), "").value
    except InvalidInput:
        return None


def _step(value: Any, route: Route) -> Any:
    for step in route:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _node(text: str, route: Route) -> yaml.Node | None:
    """The node at a route; `load` has bounded the text before."""
    node = yaml.compose(text, Loader=_LOADER)
    for step in route:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
        if found is None:
            return None
        node = found
    return node


def _last_line(node: yaml.Node) -> int:
    """The line, from 0, on which a node ends. A collection in block style ends where its last item does."""
    while isinstance(node, yaml.CollectionNode) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    mark = node.end_mark
    return mark.line - (1 if mark.column == 0 and mark.line > node.start_mark.line else 0)
