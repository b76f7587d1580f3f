"""A condition as a tree of its parts, each compiled by the compiler of conditions itself, for explanations.

There is no second evaluator: what a part is worth is what its own compiled code answers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from threatmodel.rules.language import Compiled, Compiler, Type, parsed
from threatmodel.system.vocabulary import Vocabulary

PartKind = Literal["and", "or", "not", "any", "all", "test", "number"]
PART_KINDS: tuple[PartKind, ...] = get_args(PartKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A value that a test or a number rests on. `holder` is the thing that has it, where it is another one."""

    code: Compiled
    holder: Compiled | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One part. `parts` are those of `and`, `or`, `not` and of sums and choices of numbers.

    `test`: a comparison, a function or an attribute that is true or false; it rests on `terms`. `any` and `all` ask
    `body` of each of the `items` for which the `guards` hold, under the name `variable`.
    """

    kind: PartKind
    code: Compiled
    parts: tuple[Outline, ...] = ()
    terms: tuple[Term, ...] = ()
    variable: str = ""
    items: Compiled | None = None
    guards: tuple[Outline, ...] = ()
    body: Outline | None = None

    @property
    def text(self) -> str:
        """The part as it stands in the rule, on one line."""
        return " ".join(self.code.text.split())

    @property
    def top(self) -> tuple[Outline, ...]:
        """The parts that all have to hold: those of an `and`, else this one alone."""
        return self.parts if self.kind == "and" else (self,)


def outline(condition: Compiled, subject: Type, vocabulary: Vocabulary) -> Outline:
    """The parts of a condition that was compiled before, about `flow` or `element`.

    Raises:
        ConditionError: the vocabulary is not the one that it was compiled with.
    """
    return _Outliner(Compiler(condition.text, vocabulary)).part(parsed(condition.text), {subject: subject})


class _Outliner:
    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler

    def part(self, node: ast.expr, names: Mapping[str, Type]) -> Outline:
        code = self._compiler.compile(node, names)
        match node:
            case ast.BoolOp(op=op, values=values):
                kind: PartKind = "and" if isinstance(op, ast.And) else "or"
                return Outline(kind=kind, code=code, parts=tuple(self.part(item, names) for item in values))
            case ast.UnaryOp(operand=operand):
                return Outline(kind="not", code=code, parts=(self.part(operand, names),))
            case ast.Call(func=ast.Name(id="any" | "all" as name), args=[ast.GeneratorExp() as loop]):
                return self._loop(code, "any" if name == "any" else "all", loop, names)
            case ast.BinOp(left=left, right=right):
                both = (self.part(left, names), self.part(right, names))
                return Outline(kind="number", code=code, parts=both)
            case ast.Call(func=ast.Name(id="min" | "max"), args=args):
                return Outline(kind="number", code=code, parts=tuple(self.part(item, names) for item in args))
        kind = "test" if code.type == "bool" else "number"
        return Outline(kind=kind, code=code, terms=tuple(self._terms(node, names)))

    def _loop(
        self, code: Compiled, kind: Literal["any", "all"], node: ast.GeneratorExp, names: Mapping[str, Type]
    ) -> Outline:
        loop = node.generators[0]
        assert isinstance(loop.target, ast.Name)  # the compiler refuses anything else
        items = self._compiler.compile(loop.iter, names)
        inside = {**names, loop.target.id: items.type[5:-1]}
        return Outline(
            kind=kind,
            code=code,
            variable=loop.target.id,
            items=items,
            guards=tuple(self.part(item, inside) for item in loop.ifs),
            body=self.part(node.elt, inside),
        )

    def _terms(self, node: ast.expr, names: Mapping[str, Type]) -> Iterator[Term]:
        """The values below a test: both sides of a comparison, the argument of a function, an attribute."""
        match node:
            case ast.Compare(left=left, comparators=[right]) | ast.BinOp(left=left, right=right):
                yield from self._terms(left, names)
                yield from self._terms(right, names)
            case ast.Constant() | ast.List() | ast.Tuple():
                return
            case ast.Call(args=[ast.Attribute() | ast.Name() as argument]):
                found = self._compiler.compile(node, names)
                about = self._compiler.compile(argument, names)
                yield Term(code=found, holder=about if about.type in {"element", "flow", "data"} else None)
            case ast.Attribute(value=holder):
                yield Term(
                    code=self._compiler.compile(node, names), holder=self._compiler.compile(holder, names)
                )
            case _:
                yield Term(code=self._compiler.compile(node, names))
