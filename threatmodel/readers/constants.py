"""Constants of Go, Rust and C files with their values, or with the reason why the file does not tell a value."""

from __future__ import annotations

from dataclasses import dataclass

from threatmodel.readers.declarations import declared
from threatmodel.readers.expressions import Evaluation, Scalar, Unknown
from threatmodel.readers.scopes import Declared, Scope
from threatmodel.readers.syntax import Syntax

_TEXTS = ("interpreted_string_literal", "raw_string_literal", "string_literal")
_NAMES = ("identifier", "scoped_identifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A constant and its line (from 1). `value` is None where the file does not tell it; `reason` then says why, in words
    that follow "its value".

    `name`: with the modules, types and functions that it stands in, `module::NAME` in Rust, `function.name` in Go.
    `text`: it is a text, or would be one.
    """

    name: str
    value: Scalar | None
    line: int
    reason: str = ""
    text: bool = False


def constants(syntax: Syntax) -> tuple[Constant, ...]:
    """The constants of a file in its order. One that is declared several times, under conditions, is there each time.

    Not seen: constants that a macro makes, and in C macros with parameters or without a value.
    """
    return tuple(_constant(syntax, item) for item in declared(syntax))


def _constant(syntax: Syntax, item: Declared) -> Constant:
    _work_out(item)
    found = item.known
    reason = found.reason if isinstance(found, Unknown) else ""
    value = None if isinstance(found, Unknown) else found
    parting = "::" if syntax.grammar == "rust" else "."
    return Constant(
        name=parting.join((*item.scope.path(), item.name)),
        value=value,
        line=item.line,
        reason=reason,
        text=isinstance(value, str) or item.text or (value is None and _holds_text(item)),
    )


def _holds_text(item: Declared) -> bool:
    """Whether texts are put together: of a Rust constant its type says it."""
    if item.syntax.grammar == "rust" or item.expression is None:
        return False
    return next(item.syntax.nodes(*_TEXTS, within=item.expression), None) is not None


def _work_out(item: Declared) -> None:
    """Work out a value and, before it, all that it is made of. Kept in a list: long chains cost no stack."""
    open_items = [item]
    while open_items:
        at = open_items[-1]
        if at.known is None and not at.begun:
            at.begun = True
            open_items += [other for other in _made_of(at) if other.known is None and not other.begun]
            continue
        open_items.pop()
        if at.known is None:
            try:
                at.known = _value(at)
            except Unknown as unknown:
                at.known = unknown


def _made_of(item: Declared) -> list[Declared]:
    if item.reason:
        return []
    if item.expression is None:
        return [item.after] if item.after is not None else []
    names = {
        item.syntax.text(node)
        for node in item.syntax.nodes(*_NAMES, within=item.expression, over=frozenset({"scoped_identifier"}))
    }
    return [other for name in sorted(names) for other in _found(name, item.scope)]


def _value(item: Declared) -> Scalar:
    """Raises: Unknown."""
    if item.reason:
        raise Unknown(item.reason)
    if item.expression is not None:
        evaluation = Evaluation(
            syntax=item.syntax, lookup=lambda name: _lookup(name, item.scope), iota=item.iota
        )
        return evaluation.value(item.expression)
    if item.after is None:
        return 0  # the first of an enum
    if isinstance(item.after.known, bool) or not isinstance(item.after.known, int):
        raise Unknown(f"follows {item.after.name}, whose value is not known")
    return item.after.known + 1


def _lookup(name: str, scope: Scope) -> Scalar:
    """The value of a name, which was worked out before. Raises: Unknown."""
    found = {_key(other.known) for other in _found(name, scope)}
    shown = name[:40]
    if not found:
        raise Unknown(f"is made of {shown}, which is no constant of this file")
    if len(found) > 1:
        raise Unknown(f"is made of {shown}, which is declared with several values")
    [(_, value)] = found
    if value is None:
        raise Unknown(f"is made of {shown}, whose value is not known")
    return value


def _key(value: Scalar | Unknown | None) -> tuple[str, Scalar | None]:
    """What tells values apart: 1 is not true. What is made of itself has none."""
    plain = None if isinstance(value, Unknown) else value
    return (type(plain).__name__, plain)


def _found(name: str, scope: Scope) -> list[Declared]:
    """What a name means in a scope. In Rust a module hides what is around it, and constants of a type need its name."""
    *path, last = name.split("::")
    at: Scope | None = scope
    if path:
        at = _start(path[0], scope)
        for part in path[1:]:
            at = _inner(at, part)
        return at.names.get(last, []) if at is not None else []
    while at is not None:
        if last in at.names and at.kind not in {"impl_item", "trait_item"}:
            return at.names[last]
        at = at.parent if at.kind != "mod_item" else None
    return []


def _start(name: str, scope: Scope) -> Scope | None:
    """The scope that a path begins with: `Self`, `self`, `super`, `crate`, a module or a type of the same module."""
    at: Scope | None = scope
    if name == "Self":
        while at is not None and at.kind not in {"impl_item", "trait_item"}:
            at = at.parent
        return at
    module = _module(scope)
    if name == "self":
        return module
    if name == "super":
        return _module(module.parent) if module.parent is not None else None
    return _inner(module, name)


def _module(scope: Scope) -> Scope:
    while scope.kind != "mod_item" and scope.parent is not None:
        scope = scope.parent
    return scope


def _inner(scope: Scope | None, name: str) -> Scope | None:
    if scope is None:
        return None
    return next(
        (scope.inner[key] for key in ((k, name) for k in ("mod_item", "impl_item")) if key in scope.inner),
        None,
    )
