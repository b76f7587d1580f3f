"""Where C files declare constants: macros without parameters, enums and variables that are const."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from threatmodel.readers.content import Unusable
from threatmodel.readers.scopes import Declared, Scope
from threatmodel.readers.syntax import Syntax, parse


def find(syntax: Syntax, node: Node, scope: Scope) -> Iterator[Declared]:
    """The constants that a node declares."""
    top = scope
    while top.parent is not None:
        top = top.parent
    match node.type:
        case "preproc_def":
            yield from _macro(syntax, node, top)
        case "preproc_call":
            yield from _undefined(syntax, node, top)
        case "enumerator_list":
            yield from _enumerators(syntax, node, scope)
        case _:
            yield from _variables(syntax, node, scope)


def _macro(syntax: Syntax, node: Node, scope: Scope) -> Iterator[Declared]:
    """`#define NAME 1`; its text is parsed as the value of a variable."""
    name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    if name is None or value is None:
        return
    item = Declared(name=syntax.text(name), scope=scope, line=syntax.line(name), syntax=syntax)
    inner = parse(f"int x = {syntax.text(value)}\n;", "macro.c")
    found = None if isinstance(inner, Unusable) else next(inner.nodes("init_declarator"), None)
    if (
        isinstance(inner, Unusable)
        or found is None
        or inner.root.has_error
        or inner.root.named_child_count != 1
    ):
        item.reason = "is no expression"
    else:
        item.syntax, item.expression = inner, found.child_by_field_name("value")
    around = node.parent
    if around is not None and around.type == "preproc_ifdef":
        guard, sign = around.child_by_field_name("name"), around.child(0)
        if guard is not None and sign.type == "#ifndef" and syntax.text(guard) == item.name:
            item.reason = "is a default that may be defined elsewhere"
    yield item


def _undefined(syntax: Syntax, node: Node, scope: Scope) -> Iterator[Declared]:
    directive, name = node.child_by_field_name("directive"), node.child_by_field_name("argument")
    if directive is not None and name is not None and syntax.text(directive) == "#undef":
        shown = syntax.text(name).strip()
        if shown in scope.names:
            yield Declared(
                name=shown, scope=scope, line=syntax.line(node), syntax=syntax, reason="is undefined again"
            )


def _enumerators(syntax: Syntax, node: Node, scope: Scope) -> Iterator[Declared]:
    before: Declared | None = None
    conditional = any(child.type.startswith("preproc") for child in node.named_children)
    for child in syntax.nodes("enumerator", within=node, over=frozenset({"enumerator"})):
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        if name is None:
            continue
        item = Declared(
            name=syntax.text(name), scope=scope, line=syntax.line(name), syntax=syntax, expression=value
        )
        if value is None:
            item.after, item.reason = before, "depends on conditions" if conditional else ""
        before = item
        yield item


def _variables(syntax: Syntax, node: Node, scope: Scope) -> Iterator[Declared]:
    """`static const int x = 1;`, `const char name[] = "a";`."""
    if not _is_const(syntax, node.children):
        return
    for child in node.children_by_field_name("declarator"):
        name, value = child.child_by_field_name("declarator"), child.child_by_field_name("value")
        if child.type != "init_declarator" or name is None or value is None:
            continue
        if (name.type == "pointer_declarator" and _is_const(syntax, name.children)) or (
            name.type == "array_declarator" and value.type != "initializer_list"
        ):
            name = name.child_by_field_name("declarator")
        if name is not None and name.type == "identifier":
            yield Declared(
                name=syntax.text(name), scope=scope, line=syntax.line(name), syntax=syntax, expression=value
            )


def _is_const(syntax: Syntax, nodes: Iterable[Node]) -> bool:
    return any(node.type == "type_qualifier" and syntax.text(node) == "const" for node in nodes)
