"""Constants by name, with their values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import re2
from tree_sitter import Node

from threatmodel.extract.code import Code, shortened
from threatmodel.extract.fact import Fact, Read, Spec

_CONSTANTS = ("const_item", "static_item", "const_spec")
_ANCHORS = re.compile(r"[\^$]|\\[AzbB]")


def values(text: str, path: str, spec: Spec) -> Read:
    """A fact for each constant of Go or Rust whose name the pattern of the settings matches whole.

    The detail is the value where it is a text, and otherwise the expression as written. Raises: Unparsable.
    """
    pattern = re2.compile(spec.pattern)
    if not _ANCHORS.search(spec.pattern) and not pattern.search(text):
        return Read(facts=())  # a name that matches would be found in the text
    code = Code(text, path)
    details: dict[str, set[str]] = {}
    lines: dict[str, int] = {}
    for visit in code.walk(*_CONSTANTS):
        for name, value in _declared(visit.node):
            shown = code.text(name)
            if not pattern.fullmatch(shown):
                continue
            said, where = code.syntax.value(value), code.conditions(visit)
            detail = json.dumps(said, ensure_ascii=False) if said is not None else code.text(value)
            details.setdefault(shown, set()).add(f"{shortened(detail)}{where and f', if {where}'}")
            lines.setdefault(shown, code.line(name))
    return Read(
        facts=[
            Fact(kind=spec.kind, name=name, detail="; ".join(sorted(said)), path=path, line=lines[name])
            for name, said in details.items()
        ]
    )


def _declared(node: Node) -> Iterator[tuple[Node, Node]]:
    """Names and values of a declaration; `const A, B = 1, 2` of Go has several."""
    value = node.child_by_field_name("value")
    if value is None:
        return
    names = [name for name in node.children_by_field_name("name") if name.type == "identifier"]
    listed = value.type == "expression_list"
    given = [child for child in value.named_children if child.type != "comment"] if listed else [value]
    yield from zip(names, given, strict=False)
