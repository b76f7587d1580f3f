"""Types that implement something, such as devices and handlers, and what they answer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import re2
from tree_sitter import Node

from threatmodel.extract.code import TEXTS, Code, Level, Visit, last_name
from threatmodel.extract.constants import texts_of
from threatmodel.extract.fact import Fact, Read, Spec, Unread

_NAMES = frozenset({"identifier", "scoped_identifier", "selector_expression"})
_WRAPS = frozenset({"block", "statement_list", "return_statement", "expression_list", "reference_expression"})
_LISTS = frozenset({"array_expression", "literal_value"})
_DECLARES = frozenset({"static", "ref"})
_COMMENTS = frozenset({"line_comment", "block_comment", "comment"})
_MOST = 16


@dataclass(slots=True)
class _Found:
    """What a file tells so far: details and the first line of each name."""

    details: dict[str, set[str]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    unread: list[tuple[int, str]] = field(default_factory=list)

    def add(self, name: str, detail: str, line: int) -> None:
        """Note a fact."""
        self.details.setdefault(name, set()).add(detail)
        self.lines.setdefault(name, line)


def implementations(text: str, path: str, spec: Spec) -> Read:
    """A fact for each type with one of the traits (Rust) or methods (Go) `implements`, whose name `pattern` matches whole
    where there is one.

    With `returns`: a fact for each text that the method of this name returns, with the type; names of constants are
    looked up in this file and in `lookup`. What is returned otherwise is told as a place that was not read. With
    `registry`: a fact for each name in the value of that static of Rust, also one of `lazy_static!`, that `pattern`
    matches. All with the `cfg` attributes they are compiled under. Raises: Unparsable.
    """
    if not any(word in text for word in (*spec.implements, spec.registry) if word):
        return Read(facts=())
    code = Code(text, path)
    known = texts_of((*spec.around.files, (path, text))) if spec.returns else {}
    found = _Found()
    counts = re2.compile(spec.pattern).fullmatch if spec.pattern else None
    for visit in code.walk("impl_item", "method_declaration"):
        if (named := _implemented(code, visit, spec)) is None:
            continue
        type_name, trait, function = named
        if counts is not None and not counts(type_name):
            continue
        where = code.conditions(visit)
        if not spec.returns:
            detail = f"{trait} in {'/'.join(path.rpartition('.')[0].split('/')[-2:])}"
            found.add(type_name, f"{detail}{where and f', if {where}'}", code.line(visit.node))
        elif function is None:
            found.unread.append((code.line(visit.node), f"{type_name} has no method {spec.returns}"))
        else:
            _returned(code, function, known, f"{type_name}{where and f', if {where}'}", found)
    if spec.registry:
        _registered(code, spec, found)
    return Read(
        facts=[
            Fact(kind=spec.kind, name=name, detail="; ".join(sorted(said)), path=path, line=found.lines[name])
            for name, said in found.details.items()
        ],
        unread=[Unread(path=path, line=line, reason=reason) for line, reason in found.unread],
    )


def _implemented(code: Code, visit: Visit, spec: Spec) -> tuple[str, str, Node | None] | None:
    """The type, what it implements, and the method that is asked for."""
    node = visit.node
    if node.type == "method_declaration":
        name, receiver = node.child_by_field_name("name"), node.child_by_field_name("receiver")
        method = code.text(name) if name is not None else ""
        types = code.syntax.nodes("type_identifier", within=receiver) if receiver is not None else ()
        type_name = next((code.text(found) for found in types), "")
        return (type_name, method, node) if method in spec.implements else None
    trait, of = node.child_by_field_name("trait"), node.child_by_field_name("type")
    if trait is None or of is None or last_name(code, trait) not in spec.implements:
        return None
    body = node.child_by_field_name("body")
    methods = (
        [child for child in body.named_children if child.type == "function_item"] if body is not None else []
    )
    wanted = (each for each in methods if code.text(each.child_by_field_name("name") or each) == spec.returns)
    return last_name(code, of), last_name(code, trait), next(wanted, None)


def _returned(
    code: Code, function: Node, known: Mapping[str, str | None], detail: str, found: _Found
) -> None:
    for node in _values(function.child_by_field_name("body")):
        if node.type in TEXTS:
            value = code.syntax.value(node)
        elif node.type in _NAMES:
            value = known.get(code.text(node).rpartition(":")[2].rpartition(".")[2])
        else:
            value = None
        if value is None:
            shown = code.text(node)[:80]
            found.unread.append((code.line(node), f"what is returned is no text that is known: {shown}"))
        else:
            found.add(value, detail, code.line(node))


def _values(body: Node | None) -> Iterator[Node]:
    """The elements of a list that a function returns, or the one value; what it is in other ways stands for itself."""
    at = body
    for _ in range(_MOST):
        inner = (
            [child for child in at.named_children if child.type not in _COMMENTS] if at is not None else []
        )
        if at is not None and at.type == "composite_literal":
            at = at.child_by_field_name("body")
        elif at is not None and at.type in _LISTS:
            yield from (child.named_child(0) if child.type == "literal_element" else child for child in inner)
            return
        elif at is not None and at.type in _WRAPS and len(inner) == 1:
            at = inner[0]
    if at is not None:
        yield at


def _registered(code: Code, spec: Spec, found: _Found) -> None:
    matches = re2.compile(spec.pattern).fullmatch
    for visit in code.walk("identifier", "type_identifier"):
        name = code.text(visit.node)
        before = visit.level.before[0]
        if name == spec.registry and before is not None and code.text(before) in _DECLARES:
            visit.level.mark = (0, name)
        elif matches(name) and name not in spec.implements and _inside_of(visit.level, spec.registry):
            where = code.conditions(visit)
            found.add(f"{spec.registry}: {name}", where and f"if {where}", code.line(visit.node))


def _inside_of(level: Level, registry: str) -> bool:
    at: Level | None = level
    for _ in range(_MOST):
        if at is None or at.mark[1] == registry:
            return at is not None
        at = at.outer
    return False
