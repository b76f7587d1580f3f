"""The evaluator of pytm's conditions: Python expressions about `target`, compiled once to closures.

It answers what pytm's `Threat.apply` answers. A condition that raises does not match. Nothing is handed to `eval`; what
is not on the list below is refused when the condition is compiled.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from threatmodel.rules.pytm.methods import METHODS, ClassName, call_method
from threatmodel.rules.pytm.values import WORDS, Node, Unsupported
from threatmodel.system.pytm import ENUMS

Code = Callable[[Any], Any]
"""From the object that a condition, or the body of its loop, is about to a value."""
CLASSES = frozenset(
    {
        "Actor",
        "Agent",
        "Asset",
        "Boundary",
        "Dataflow",
        "Datastore",
        "Element",
        "ExternalEntity",
        "Lambda",
        "Process",
        "Server",
        "SetOfProcesses",
    }
)
"""The classes that pytm's conditions can name."""
CALLABLE = frozenset(
    {
        "check",
        "construct",
        "copy",
        "dfd",
        "dict",
        "display_name",
        "from_orm",
        "json",
        "label",
        "parents",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "schema",
        "schema_json",
        "setup_response_relationships",
        "update_forward_refs",
        "validate",
        "validate_data",
    }
)
"""Methods of pytm's objects that are not for conditions; pytm lets a condition read them, and they are true."""
_MAX_LENGTH = 4000
_PLAIN = frozenset({bool, float, int, str, type(None)})
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, held: item in held,
    ast.NotIn: lambda item, held: item not in held,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_BUILTINS: dict[str, Callable[..., Any]] = {
    "any": any,
    "all": all,
    "len": len,
    "max": max,
    "min": min,
    "sum": sum,
}


def compile_pytm(text: str) -> Code:
    """Compile a condition. The code takes a `Node`; whatever it raises, other than `Unsupported`, is "no match".

    Raises:
        Unsupported: the condition is not an expression, or has a part that is not on the list.
    """
    if len(text) > _MAX_LENGTH:
        raise Unsupported(f"longer than {_MAX_LENGTH} characters")
    try:
        return PytmCompiler("target").code(parsed_pytm(text))
    except (SyntaxError, ValueError) as error:
        raise Unsupported(f"not an expression: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise Unsupported("nested too deeply") from error


def parsed_pytm(text: str) -> ast.expr:
    """The syntax tree of a condition, of which nothing is checked yet.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: the text is no expression, or nested too deeply.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text, mode="eval").body


class PytmCompiler:
    """Compiles one scope. In it, one name stands for the object that the code is about."""

    def __init__(self, name: str, outer: Sequence[str] = (), *, generator: bool = False) -> None:
        self._name, self._outer, self._generator = name, outer, generator

    def code(self, node: ast.expr) -> Code:
        match node:
            case ast.Constant(value=bool() | int() | float() | str() | None as value):
                return lambda _: value
            case ast.Name(id=name):
                return self._named(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.BoolOp():
                return self._bool(node)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                apply, inner = _UNARY[type(op)], self.code(operand)
                return lambda t: apply(inner(t))
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
                both, one, other = _ARITHMETIC[type(op)], self.code(left), self.code(right)
                return lambda t: both(one(t), other(t))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                asked, yes, no = self.code(test), self.code(body), self.code(orelse)
                return lambda t: yes(t) if asked(t) else no(t)
            case ast.List(elts=items):
                return self._sequence(items, list)
            case ast.Tuple(elts=items):
                return self._sequence(items, tuple)
            case ast.Set(elts=items):
                return self._sequence(items, set)
            case ast.Compare():
                return self._compare(node)
            case ast.Call():
                return self._call(node)
            case ast.GeneratorExp() | ast.ListComp():
                return self._loop(node)
            case _:
                raise Unsupported(f"{type(node).__name__} is not evaluated")

    def _named(self, name: str) -> Code:
        if name == self._name:
            return lambda t: t
        if name == "target" and self._generator:
            return _nothing  # pytm hands `target` over as a local name, which the body of a loop does not see
        if name in CLASSES:
            raise Unsupported(f"the class {name} outside of a test that takes one")
        raise Unsupported(f'the name "{name}"')

    def _attribute(self, node: ast.Attribute) -> Code:
        name = node.attr
        if name in METHODS or name in CALLABLE or name.startswith(("_", "model_")):
            raise Unsupported(f'the method "{name}" as a value')
        match node.value:
            case ast.Name(id=enum) if enum in ENUMS:
                if name not in ENUMS[enum]:
                    raise Unsupported(f"{enum} has no {name}")
                word = WORDS[enum, name]
                return lambda _: word
            case ast.Name(id=found) if found == self._name == "target":
                return lambda t: t[name]
            case ast.Attribute(value=ast.Name(id=found), attr="controls") if found == self._name == "target":
                return lambda t: t["controls"][name]
        holder = self.code(node.value)

        def read(t: Any) -> Any:
            held = holder(t)
            if held.__class__ is Node:
                return held[name]
            if held.__class__ in _PLAIN:
                return getattr(held, name)
            raise Unsupported(f'the attribute "{name}" of a {type(held).__name__}')

        return read

    def _bool(self, node: ast.BoolOp) -> Code:
        first, *rest = (self.code(value) for value in node.values)
        if isinstance(node.op, ast.And):
            for code in rest:
                first = _and(first, code)
        else:
            for code in rest:
                first = _or(first, code)
        return first

    def _sequence(self, items: Sequence[ast.expr], kind: Callable[[Any], Any]) -> Code:
        codes = [self.code(item) for item in items]
        if all(isinstance(item, ast.Constant) or _is_word(item) for item in items):
            whole = kind(code(None) for code in codes)
            return lambda _: whole
        return lambda t: kind(code(t) for code in codes)

    def _compare(self, node: ast.Compare) -> Code:
        sides = [node.left, *node.comparators]
        steps: list[Callable[[Any, Any], Any]] = []
        for op, left, right in zip(node.ops, sides[:-1], sides[1:], strict=True):
            steps.append(_identity(op, left, right) or _COMPARE[type(op)])
        if len(steps) == 1:
            return _single(node.ops[0], steps[0], self.code(sides[0]), self.code(sides[1]), sides[1])
        codes = [self.code(side) for side in sides]

        def chain(t: Any) -> Any:
            left = codes[0](t)
            result: Any = True
            for step, code in zip(steps, codes[1:], strict=True):
                right = code(t)
                result = step(left, right)
                if not result:
                    return result
                left = right
            return result

        return chain

    def _call(self, node: ast.Call) -> Code:
        if node.keywords:
            raise Unsupported("a named argument")
        match node.func:
            case ast.Name(id=name) if name in _BUILTINS:
                if name in {"any", "all"} and len(node.args) == 1:
                    match node.args[0]:
                        case ast.GeneratorExp(elt=elt, generators=[ast.comprehension(ifs=[]) as loop]):
                            return self._quantified(name, elt, loop)
                apply = _BUILTINS[name]
                codes = [self.code(argument) for argument in node.args]
                return lambda t: apply(*(code(t) for code in codes))
            case ast.Attribute(value=holder, attr=name) if name in METHODS and _plain_chain(holder):
                of, arguments = self.code(holder), [self._argument(argument) for argument in node.args]
                return lambda t: call_method(name, of(t), [argument(t) for argument in arguments])
            case _:
                raise Unsupported(f"a call of {ast.unparse(node.func)[:60]}")

    def _argument(self, node: ast.expr) -> Code:
        """Of a method: a class, or anything else."""
        match node:
            case ast.Name(id=name) if name in CLASSES and name != self._name:
                named = ClassName(name)
                return lambda _: named
            case _:
                return self.code(node)

    def _inside(self, loop: ast.comprehension, *, generator: bool) -> tuple[Code, PytmCompiler]:
        """The list that a loop goes over, and the compiler of its body."""
        match loop:
            case ast.comprehension(target=ast.Name(id=name), is_async=0):
                return self.code(loop.iter), PytmCompiler(
                    name, (*self._outer, self._name), generator=generator
                )
            case _:
                raise Unsupported("a loop with more than one variable")

    def _quantified(self, name: str, elt: ast.expr, loop: ast.comprehension) -> Code:
        items, inner = self._inside(loop, generator=True)
        body = inner.code(elt)
        wanted = name == "any"

        def run(t: Any) -> bool:
            for item in items(t):
                if bool(body(item)) is wanted:
                    return wanted
            return not wanted

        return run

    def _loop(self, node: ast.GeneratorExp | ast.ListComp) -> Code:
        if len(node.generators) != 1:
            raise Unsupported("a loop inside a loop")
        loop = node.generators[0]
        generator = isinstance(node, ast.GeneratorExp)
        items, inner = self._inside(loop, generator=generator)
        body, tests = inner.code(node.elt), [inner.code(test) for test in loop.ifs]

        def run(held: Any) -> Any:
            return (body(item) for item in held if all(test(item) for test in tests))

        # what is looped over is read at once, as Python does
        return (lambda t: run(iter(items(t)))) if generator else (lambda t: list(run(items(t))))


def _nothing(_: Any) -> Any:
    raise NameError("target")


def _and(one: Code, other: Code) -> Code:
    return lambda t: one(t) and other(t)


def _or(one: Code, other: Code) -> Code:
    return lambda t: one(t) or other(t)


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ENUMS


def _plain_chain(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


def _identity(op: ast.cmpop, left: ast.expr, right: ast.expr) -> Callable[[Any, Any], Any] | None:
    """`is` between values, which means something for objects, None, True and False only."""
    if not isinstance(op, ast.Is | ast.IsNot):
        return None
    for side in (left, right):
        if isinstance(side, ast.Constant):
            if not (side.value is None or isinstance(side.value, bool)):
                raise Unsupported("identity of a number or text")
            return None
    positive = isinstance(op, ast.Is)

    def same(one: Any, other: Any) -> bool:
        if type(one) in (int, float, str) or type(other) in (int, float, str):
            raise Unsupported("identity of a number or text")
        return (one is other) is positive

    return same


def _single(op: ast.cmpop, step: Callable[[Any, Any], Any], one: Code, other: Code, right: ast.expr) -> Code:
    """One comparison; most are with a word that the condition names."""
    if isinstance(right, ast.Constant):
        value = right.value
        match op:
            case ast.Is():
                return lambda t: one(t) is value
            case ast.Eq():
                return lambda t: one(t) == value
            case ast.NotEq():
                return lambda t: one(t) != value
    return lambda t: step(one(t), other(t))
