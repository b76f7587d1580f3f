"""Where Go and Rust files declare constants, and the walk that finds declarations with their scopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tree_sitter import Node

from threatmodel.readers import declarations_c
from threatmodel.readers.scopes import Declared, Scope
from threatmodel.readers.syntax import Grammar, Syntax, parse

_SCOPES: Mapping[Grammar, frozenset[str]] = {
    "go": frozenset({"function_declaration", "method_declaration", "block"}),
    "rust": frozenset({"mod_item", "impl_item", "trait_item", "function_item", "block", "macro_invocation"}),
    "c": frozenset({"function_definition", "compound_statement"}),
}
_DECLARATIONS: Mapping[Grammar, frozenset[str]] = {
    "go": frozenset({"const_declaration"}),
    "rust": frozenset({"const_item", "static_item", "token_tree"}),
    "c": frozenset({"preproc_def", "preproc_call", "enumerator_list", "declaration"}),
}
_MAX_SCOPES = 64
_MAX_DECLARATOR = 8
_MAX_MACROS = 3
_MAX_TYPE = 5
_TRANSPARENT = frozenset({"cfg_if", "cfg_if::cfg_if"})
"""Macros that leave the items in them as they are."""


def declared(syntax: Syntax) -> list[Declared]:
    """The constants of a file in its order; what stands in a place that breaks the grammar has a reason, no value."""
    return list(_declared(syntax, Scope("", "", None), 0))


def _declared(syntax: Syntax, scope: Scope, macros: int) -> Iterator[Declared]:
    for node, at, broken in _walk(syntax, scope):
        if node.type == "token_tree":
            yield from _in_macro(syntax, node, at, macros)
            continue
        if at.depth > _MAX_SCOPES:
            reason = "is nested too deeply"
        else:
            reason = "stands in a text that breaks the grammar" if broken or node.has_error else ""
        for item in _FINDERS[syntax.grammar](syntax, node, at):
            item.reason = reason or item.reason
            item.scope.names.setdefault(item.name, []).append(item)
            yield item


def _walk(syntax: Syntax, scope: Scope) -> Iterator[tuple[Node, Scope, bool]]:
    """Declarations with the scope they stand in, and whether that is inside of a broken place."""
    wanted, scopes = _DECLARATIONS[syntax.grammar], _SCOPES[syntax.grammar]
    cursor, depth = syntax.root.walk(), 0
    opened: list[tuple[int, Scope]] = []
    error_at = -1
    while (node := cursor.node) is not None:
        kind = node.type
        found = kind in wanted and (kind != "token_tree" or bool(_names_in(node)))
        if found:
            yield node, scope, error_at >= 0
        if node.is_error and error_at < 0:
            error_at = depth
        if kind in scopes:
            opened.append((depth, scope))
            scope = _opened(syntax, node, scope)
        if not (found and kind == "token_tree") and cursor.goto_first_child():
            depth += 1
            continue
        while True:
            if opened and opened[-1][0] == depth:
                scope = opened.pop()[1]
            if error_at == depth:
                error_at = -1
            if cursor.goto_next_sibling():
                break
            if not cursor.goto_parent():
                return
            depth -= 1


def _names_in(tree: Node) -> list[Node]:
    """The names of `const NAME:` and `static NAME:` that stand in the tokens of a macro, not deeper."""
    tokens = tree.children
    return [
        tokens[at + 1]
        for at in range(1, len(tokens) - 2)
        if tokens[at].type in {"const", "static"}
        and tokens[at - 1].type != "'"
        and tokens[at + 1].type == "identifier"
        and tokens[at + 2].type == ":"
    ]


def _in_macro(syntax: Syntax, tree: Node, scope: Scope, macros: int) -> Iterator[Declared]:
    """The tokens of a macro, read as items. Most macros may make anything of them, so only names are known."""
    at = scope
    while at.kind != "macro_invocation" and at.parent is not None:
        at = at.parent
    around = at.parent if at.parent is not None else scope
    start, end = tree.start_byte + 1, tree.end_byte - 1
    inner = parse(syntax.source[start:end].decode("utf-8"), syntax.path, first_line=syntax.line(tree))
    readable = isinstance(inner, Syntax) and not inner.broken() and macros < _MAX_MACROS
    if isinstance(inner, Syntax) and readable:
        for item in _declared(inner, around, macros + 1):
            if at.macro not in _TRANSPARENT:
                item.reason = f"stands in the macro {at.macro}!"
            yield item
        return
    for at_name in _names_in(tree):
        yield Declared(
            name=syntax.text(at_name),
            scope=around,
            line=syntax.line(at_name),
            syntax=syntax,
            reason=f"stands in the macro {at.macro}!",
            text=_is_text(syntax, at_name),
        )


def _is_text(syntax: Syntax, name: Node) -> bool:
    """Whether the tokens after a name are `: &str`, with a lifetime or without."""
    token, kinds = name.next_sibling, list[str]()
    while token is not None and token.type != "=" and len(kinds) < _MAX_TYPE:
        kinds.append(syntax.text(token))
        token = token.next_sibling
    return kinds[:2] == [":", "&"] and kinds[-1] == "str"


def _opened(syntax: Syntax, node: Node, scope: Scope) -> Scope:
    label = _label(syntax, node)
    known = scope.inner.get((node.type, label)) if node.type == "impl_item" else None
    if known is None:
        known = Scope(node.type, label, scope, scope.depth + 1)
        if node.type == "macro_invocation":
            known.label, known.macro = "", label
        scope.inner[node.type, label] = known
    return known


def _label(syntax: Syntax, node: Node) -> str:
    if node.type in {"block", "compound_statement"}:
        return ""
    name = node.child_by_field_name(
        {"impl_item": "type", "function_definition": "declarator", "macro_invocation": "macro"}.get(
            node.type, "name"
        )
    )
    if name is not None and name.type == "generic_type":
        name = name.child_by_field_name("type")
    for _ in range(_MAX_DECLARATOR):
        inner = name.child_by_field_name("declarator") if name is not None else None
        name = inner or name
    return syntax.text(name) if name is not None else ""


def _go(syntax: Syntax, node: Node, scope: Scope) -> Iterator[Declared]:
    """`const A, B = 1, 2`; in a block a constant without values has the expressions before it, with the next iota."""
    before: list[Node] = []
    for iota, spec in enumerate(child for child in node.named_children if child.type == "const_spec"):
        names = [name for name in spec.children_by_field_name("name") if name.type == "identifier"]
        values = spec.child_by_field_name("value")
        if values is not None:
            before = [value for value in values.named_children if value.type != "comment"]
        for index, name in enumerate(names):
            if (shown := syntax.text(name)) == "_":
                continue
            yield Declared(
                name=shown,
                scope=scope,
                line=syntax.line(name),
                syntax=syntax,
                expression=before[index] if len(before) == len(names) else None,
                iota=iota,
                reason="" if len(before) == len(names) else "is not given beside its name",
            )


def _rust(syntax: Syntax, node: Node, scope: Scope) -> Iterator[Declared]:
    name, into = node.child_by_field_name("name"), node.child_by_field_name("type")
    if name is None:
        return
    value = node.child_by_field_name("value")
    reason = "" if value is not None else "is not given beside its name"
    if any(child.type == "mutable_specifier" for child in node.named_children):
        reason = "can change"
    inner = into.child_by_field_name("type") if into is not None and into.type == "reference_type" else None
    yield Declared(
        name=syntax.text(name),
        scope=scope,
        line=syntax.line(name),
        syntax=syntax,
        expression=value,
        reason=reason,
        text=inner is not None and syntax.text(inner) == "str",
    )


_FINDERS = {"go": _go, "rust": _rust, "c": declarations_c.find}
