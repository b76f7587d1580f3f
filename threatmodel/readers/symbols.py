"""The function, type or constant that a line of Go, Rust or Python stands in, by its qualified name."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tree_sitter import Node

from threatmodel.core.text import fold
from threatmodel.readers.content import Unusable
from threatmodel.readers.syntax import MAX_SOURCE, Syntax, grammar_of, parse

_LONGEST = 200
_GO = frozenset(
    {"function_declaration", "method_declaration", "type_spec", "type_alias", "const_spec", "var_spec"}
)
_RUST = frozenset(
    {
        "function_item", "function_signature_item", "impl_item", "trait_item", "mod_item", "struct_item", "enum_item",
        "union_item", "const_item", "static_item", "type_item", "macro_definition",
    }
)  # fmt: skip
_BEFORE = frozenset({"attribute_item", "inner_attribute_item"})
_FUNCTIONS = frozenset({"function_declaration", "method_declaration", "function_item"})
"""What is inside of them has no name of its own but for functions in functions, which are told apart by lines alone."""


@dataclass(frozen=True, slots=True)
class _Span:
    first: int
    last: int
    name: str


def symbols_at(path: str, data: bytes, lines: Iterable[int]) -> Mapping[int, str]:
    """The symbols that these lines (from 1) stand in, the innermost ones: `Type.Method` in Go, `module::Type::function`
    in Rust, `Class.method` in Python. A line outside of all symbols is left out, and so is every line of a file that is
    of another language, too large or not to be parsed."""
    wanted = sorted(set(lines))
    spans = list(_spans(path, data)) if wanted else []
    spans.sort(key=lambda span: (span.first, -span.last))
    out: dict[int, str] = {}
    open_spans: list[_Span] = []
    at = 0
    for line in wanted:
        while at < len(spans) and spans[at].first <= line:
            while open_spans and open_spans[-1].last < spans[at].first:
                open_spans.pop()
            open_spans.append(spans[at])
            at += 1
        while open_spans and open_spans[-1].last < line:
            open_spans.pop()
        if open_spans:
            out[line] = open_spans[-1].name
    return out


def _spans(path: str, data: bytes) -> Iterator[_Span]:
    if len(data) > MAX_SOURCE:
        return
    text = data.decode("utf-8", "replace")
    if path.endswith(".py"):
        yield from _python(text)
    elif grammar_of(path) in {"go", "rust"}:
        syntax = parse(text, path)
        if not isinstance(syntax, Unusable):
            yield from _tree(syntax)


def _tree(syntax: Syntax) -> Iterator[_Span]:
    """The symbols of a file in the order of the text, without recursion: hostile text nests."""
    wanted = _GO if syntax.grammar == "go" else _RUST
    sign = "." if syntax.grammar == "go" else "::"
    cursor = syntax.root.walk()
    outer: list[tuple[int, str, bool]] = []
    """Depth, qualified name, and whether it is a function, of the symbols around."""
    depth = 0
    start = 0
    while (node := cursor.node) is not None:
        kind = node.type
        while outer and outer[-1][0] >= depth:
            outer.pop()
        if kind in _BEFORE:
            start = start or syntax.line(node)
        elif kind in wanted and not (outer and outer[-1][2]):
            if name := _name(syntax, node):
                before = f"{outer[-1][1]}{sign}" if outer else ""
                qualified = fold(before + name)[:_LONGEST]
                yield _Span(start or syntax.line(node), node.end_point[0] + syntax.first_line, qualified)
                outer.append((depth, qualified, kind in _FUNCTIONS))
            start = 0
        elif kind not in {"line_comment", "block_comment"}:
            start = 0
        if kind not in _BEFORE and cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= 1


def _name(syntax: Syntax, node: Node) -> str:
    match node.type:
        case "impl_item":
            return _bare(syntax, node.child_by_field_name("type"))
        case "method_declaration":
            receiver = node.child_by_field_name("receiver")
            types = list(syntax.nodes("type_identifier", within=receiver)) if receiver else []
            name = _bare(syntax, node.child_by_field_name("name"))
            return f"{syntax.text(types[0])}.{name}" if types and name else name
        case _:
            return _bare(syntax, node.child_by_field_name("name"))


def _bare(syntax: Syntax, node: Node | None) -> str:
    """The text of a name, without parameters of types."""
    if node is None:
        return ""
    if node.type == "generic_type":
        node = node.child_by_field_name("type") or node
    return " ".join(syntax.text(node).split())[:_LONGEST]


def _python(text: str) -> Iterator[_Span]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    bodies: list[tuple[list[ast.stmt], str]] = [(tree.body, "")]
    while bodies:
        body, before = bodies.pop()
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{before}{node.name}"
                first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
                yield _Span(first, node.end_lineno or node.lineno, fold(name)[:_LONGEST])
                if isinstance(node, ast.ClassDef):
                    bodies.append((node.body, f"{name}."))
