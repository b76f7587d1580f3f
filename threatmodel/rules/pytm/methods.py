"""The methods of pytm's objects that a condition may call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from threatmodel.rules.pytm.values import Node, Unsupported


@dataclass(frozen=True, slots=True)
class ClassName:
    """A class of pytm, as an argument of a method."""

    name: str


def call_method(name: str, node: Any, arguments: Sequence[Any]) -> Any:
    """What the method answers.

    Raises:
        Unsupported: the model has a method of its own in its place.
        AttributeError: the object has no such method.
        TypeError: it takes other arguments.
    """
    if node.__class__ is not Node:
        raise AttributeError(name)
    if name in node.opaque:
        raise Unsupported(f'the model\'s own method "{name}"')
    owner, method = METHODS[name]
    if owner not in node.classes:
        raise AttributeError(name)
    return method(node, *arguments)


def _is(node: Any, cls: ClassName) -> bool:
    return isinstance(node, Node) and cls.name in node.classes


def _one_of(node: Node, *others: Any) -> bool:
    return any(_is(node, other) if isinstance(other, ClassName) else node is other for other in others)


def _inside(node: Node, *boundaries: Any) -> bool:
    around = node["inBoundary"]
    return any(
        _is(around, wanted) if isinstance(wanted, ClassName) else around is wanted for wanted in boundaries
    )


def _has_ends(node: Node) -> bool:
    return dict.__contains__(node, "source") and dict.__contains__(node, "sink")


def _crosses(node: Node, *boundaries: Any) -> bool:
    if not _has_ends(node):
        return False
    source, sink = node["source"], node["sink"]
    if source["inBoundary"] is sink["inBoundary"]:
        return False
    # for a class, pytm asks no more than whether the two boundaries differ
    return any(
        isinstance(wanted, ClassName) or _inside(source, wanted) != _inside(sink, wanted)
        for wanted in boundaries
    )


def _enters(node: Node, *boundaries: Any) -> bool:
    return _has_ends(node) and node["source"]["inBoundary"] is None and _inside(node["sink"], *boundaries)


def _exits(node: Node, *boundaries: Any) -> bool:
    return _has_ends(node) and _inside(node["source"], *boundaries) and node["sink"]["inBoundary"] is None


def _check_tls_version(node: Node, flows: Any) -> bool:
    return any(flow["tlsVersion"] < node["minTLSVersion"] for flow in flows)


def _has_data_leaks(node: Node) -> bool:
    for datum in node["data"]:
        classification = datum["classification"]
        if (
            classification > node["source"]["maxClassification"]
            or classification > node["sink"]["maxClassification"]
            or classification > node["maxClassification"]
        ):
            return True
    return False


METHODS: dict[str, tuple[str, Callable[..., Any]]] = {
    "checkTLSVersion": ("Element", _check_tls_version),
    "crosses": ("Element", _crosses),
    "enters": ("Element", _enters),
    "exits": ("Element", _exits),
    "hasDataLeaks": ("Dataflow", _has_data_leaks),
    "inside": ("Element", _inside),
    "oneOf": ("Element", _one_of),
}
"""name -> (the class that has it, what it does)"""
