"""A condition of pytm as a tree of its parts, each compiled by the evaluator of these conditions, for explanations."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from threatmodel.rules.pytm.condition import Code, PytmCompiler, parsed_pytm


@dataclass(frozen=True, slots=True, kw_only=True)
class PytmOutline:
    """One part. A `test` is not taken apart further; `seen` are the values that it compares, `loop`: it asks the items of
    a list, and which of them decide is not told."""

    kind: Literal["and", "or", "not", "test"]
    text: str
    code: Code
    parts: tuple[PytmOutline, ...] = ()
    seen: tuple[tuple[str, Code], ...] = ()
    loop: bool = False

    @property
    def top(self) -> tuple[PytmOutline, ...]:
        """The parts that all have to hold: those of an `and`, else this one alone."""
        return self.parts if self.kind == "and" else (self,)


def pytm_outline(text: str) -> PytmOutline:
    """The parts of a condition that can be evaluated.

    Raises:
        Unsupported: it cannot.
    """
    return _part(parsed_pytm(text), PytmCompiler("target"))


def _part(node: ast.expr, compiler: PytmCompiler) -> PytmOutline:
    code, text = compiler.code(node), ast.unparse(node)
    match node:
        case ast.BoolOp(op=op, values=values):
            parts = tuple(_part(item, compiler) for item in values)
            return PytmOutline(
                kind="and" if isinstance(op, ast.And) else "or", text=text, code=code, parts=parts
            )
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return PytmOutline(kind="not", text=text, code=code, parts=(_part(operand, compiler),))
    loop = any(isinstance(inner, ast.GeneratorExp | ast.ListComp) for inner in ast.walk(node))
    sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) and not loop else []
    seen = tuple(
        (ast.unparse(side), compiler.code(side))
        for side in sides
        if isinstance(side, ast.Attribute | ast.Call)
    )
    return PytmOutline(kind="test", text=text, code=code, seen=seen, loop=loop)
