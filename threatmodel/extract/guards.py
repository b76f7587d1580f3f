"""Functions that answer calls, and the checks that they make first."""

from __future__ import annotations

from dataclasses import dataclass, field

from tree_sitter import Node

from threatmodel.extract.code import FUNCTIONS, Code, Level, Visit, called, last_name
from threatmodel.extract.fact import Fact, Read, Spec

NONE = "none"
"""The detail of a function without a check."""
_PASSED = frozenset({"await_expression", "field_expression", "call_expression", "parenthesized_expression"})
_MOST = 8


@dataclass(slots=True)
class _Function:
    """A function: whether it answers calls, the checks in it, what it calls."""

    name: str
    line: int
    answers: bool
    checks: dict[str, None] = field(default_factory=dict)
    calls: set[str] = field(default_factory=set)


def guards(text: str, path: str, spec: Spec) -> Read:
    """A fact for each function of an implementation of the trait `implements`, or for each method of that type of Go.

    The detail says which of the functions `gates` it calls and what becomes of the answer (`?` in Rust), or through which
    function of the same file it calls one. What a check decides, and what stands before it, is not worked out. Raises:
    Unparsable.
    """
    code = Code(text, path)
    gates, types = frozenset(spec.gates), frozenset(spec.implements)
    functions: dict[int, _Function] = {}
    for visit in code.walk(*FUNCTIONS, "call_expression"):
        if visit.node.type in FUNCTIONS:
            name = visit.node.child_by_field_name("name")
            functions[visit.node.start_byte] = _Function(
                name=code.text(name) if name is not None else "",
                line=code.line(visit.node),
                answers=_answers(code, visit, types),
            )
        elif (inside := _inside(visit, functions)) is not None:
            name_called = called(code, visit.node)
            inside.calls.add(name_called)
            if name_called in gates:
                where = code.conditions(visit)
                shown = f"{name_called}{_answer(code, visit)}{f', if {where}' if where else ''}"
                inside.checks[shown] = None
    direct = {function.name: function for function in functions.values() if function.checks}
    return Read(
        facts=[
            Fact(kind=spec.kind, name=f.name, detail=_detail(f, direct), path=path, line=f.line)
            for f in functions.values()
            if f.answers
        ]
    )


def _detail(function: _Function, direct: dict[str, _Function]) -> str:
    through = [
        f"{check}, in {name}" for name in sorted(function.calls & {*direct}) for check in direct[name].checks
    ]
    return "; ".join(function.checks or through) or NONE


def _inside(visit: Visit, functions: dict[int, _Function]) -> _Function | None:
    holder = visit.level.holder
    return functions.get(holder.node.start_byte) if holder is not None else None


def _answers(code: Code, visit: Visit, types: frozenset[str]) -> bool:
    node: Node = visit.node
    if node.type == "method_declaration":
        receiver = node.child_by_field_name("receiver")
        names = code.syntax.nodes("type_identifier", within=receiver) if receiver is not None else ()
        return any(code.text(name) in types for name in names)
    impl = visit.level.outer
    trait = impl.node.child_by_field_name("trait") if impl is not None and impl.kind == "impl_item" else None
    return trait is not None and last_name(code, trait) in types


def _answer(code: Code, visit: Visit) -> str:
    """What becomes of the answer, where that is seen beside the call."""
    at: Level | None = visit.level
    for _ in range(_MOST):
        if at is not None and at.kind in _PASSED:
            at = at.outer
    if at is not None and at.kind == "try_expression":
        return "?"
    if at is not None and at.kind in {"if_expression", "if_statement", "unary_expression"}:
        return " in a condition"
    return "" if code.syntax.grammar == "go" else ", its answer is used otherwise"
