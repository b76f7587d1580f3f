"""The condition language of rules: a checked subset of Python expressions, compiled to closures.

Every name, attribute and word is resolved when a rule is loaded; an unknown one is an error there, never a
condition that silently does not hold. No text is evaluated at match time.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard, get_args

from threatmodel.core.diagnostics import nearest
from threatmodel.system import DataAsset, Element, Flow
from threatmodel.system.model import Authentication, ElementKind, Encryption
from threatmodel.system.vocabulary import Vocabulary

Type = str
Variables = Mapping[str, Any]


class ConditionError(Exception):
    """A condition is not in the language. `column` counts from 1."""

    def __init__(self, message: str, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.column, self.hint = message, column, hint


class World(Protocol):
    """What a condition can ask about: one system seen by one adversary."""

    def controls(self, element: Element) -> bool: ...
    def influences(self, flow: Flow) -> bool: ...
    def crosses(self, flow: Flow) -> bool: ...
    def privilege(self, element: Element) -> int: ...
    def reach(self, element: Element) -> int: ...
    def reached(self, element: Element) -> bool: ...
    def inbound(self, element: Element) -> tuple[Flow, ...]: ...
    def outbound(self, element: Element) -> tuple[Flow, ...]: ...
    def memory_safe(self, element: Element) -> bool: ...
    def confidentiality(self, subject: Element | Flow) -> int: ...
    def integrity(self, subject: Element | Flow) -> int: ...
    def availability(self, subject: Element | Flow) -> int: ...
    def sensitivity(self, subject: Element | Flow) -> int: ...
    def source(self, flow: Flow) -> Element: ...
    def target(self, flow: Flow) -> Element: ...
    def data(self, subject: Element | Flow) -> tuple[DataAsset, ...]: ...


Code = Callable[[World, Variables], Any]
_MAX_NESTED = 3
_MAX_LENGTH = 4000
_CLOSED: dict[str, tuple[str, ...]] = {
    "kind": get_args(ElementKind),
    "authentication": get_args(Authentication),
    "encryption": get_args(Encryption),
}
LEVELS = {"none": 0, "low": 1, "medium": 2, "high": 3}

# name -> (types of the argument, type of the result, does it depend on the adversary)
_FUNCTIONS: dict[str, tuple[tuple[Type, ...], Type, bool]] = {
    "controls": (("element",), "bool", True),
    "influences": (("flow",), "bool", True),
    "reach": (("element",), "int", True),
    "reached": (("element",), "bool", True),
    "crosses": (("flow",), "bool", False),
    "privilege": (("element",), "int", False),
    "memory_safe": (("element",), "bool", False),
    "inbound": (("element",), "list[flow]", False),
    "outbound": (("element",), "list[flow]", False),
    "confidentiality": (("element", "flow"), "int", False),
    "integrity": (("element", "flow"), "int", False),
    "availability": (("element", "flow"), "int", False),
    "sensitivity": (("element", "flow"), "int", False),
}
_PLAIN: dict[Type, dict[str, Type]] = {
    "element": {
        "id": "text",
        "name": "text",
        "kind": "text",
        "runs_as": "text",
        "language": "text",
        "multiple": "bool",
        "traits": "texts",
    },
    "flow": {
        "id": "text",
        "name": "text",
        "protocol": "text",
        "over": "text",
        "port": "text",
        "authentication": "text",
        "encryption": "text",
        "shares_memory": "bool",
        "traits": "texts",
        "operations": "texts",
    },
    "data": {"id": "text", "name": "text", "secret": "bool"},
}
_ASKED: dict[Type, dict[str, Type]] = {
    "element": {"data": "list[data]", "privilege": "int"},
    "flow": {"source": "element", "target": "element", "data": "list[data]"},
    "data": {"confidentiality": "int", "integrity": "int", "availability": "int"},
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition ready to be asked. `adversarial` tells whether the answer depends on the adversary."""

    text: str
    type: Type
    code: Code
    adversarial: bool
    parts: tuple[Compiled, ...] = ()


def compile_condition(text: str, subject: Type, wanted: Type, vocabulary: Vocabulary) -> Compiled:
    """Compile a condition about `flow` or `element` whose result has the type `bool` or `int`.

    The parts of a top-level `and` are kept apart in `parts`, so that an engine can ask those that do not
    depend on the adversary once, and an explanation can tell which part held.

    Raises:
        ConditionError: the text is not in the language, or has another type.
    """
    if len(text) > _MAX_LENGTH:
        raise ConditionError(f"longer than {_MAX_LENGTH} characters", 1)
    try:
        whole = Compiler(text, vocabulary).compile(parsed(text), {subject: subject})
    except (SyntaxError, ValueError) as error:
        raise ConditionError(f"not an expression: {error}", getattr(error, "offset", None) or 1) from error
    except (RecursionError, MemoryError) as error:
        raise ConditionError("nested too deeply", 1) from error
    if whole.type != wanted:
        raise ConditionError(f"gives {whole.type}, {wanted} is needed", 1)
    return whole


def parsed(text: str) -> ast.expr:
    """The syntax tree of a condition, of which nothing is checked yet.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: the text is no expression, or nested too deeply.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a doubtful literal is refused by the compiler or harmless
        return ast.parse(text.strip(), mode="eval").body


def _is_closed(node: ast.expr) -> TypeGuard[ast.Attribute]:
    return isinstance(node, ast.Attribute) and node.attr in _CLOSED


class Compiler:
    """Compiles the nodes of one condition. `names` are the names that a node may use, with their types."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text = text.strip()
        # places are counted in bytes of a line; almost every condition is one line of ASCII
        self._plain = self._text.isascii() and "\n" not in self._text
        self._words = {"element": vocabulary.element_traits, "flow": vocabulary.flow_traits}

    def compile(self, node: ast.expr, names: Mapping[str, Type]) -> Compiled:
        match node:
            case ast.BoolOp():
                return self._bool(node, names)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._typed(operand, names, "bool")
                return self._made(node, "bool", lambda w, v: not inner.code(w, v), inner)
            case ast.BinOp(op=ast.Add() | ast.Sub()):
                return self._arithmetic(node, names)
            case ast.Compare():
                return self._compare(node, names)
            case ast.Call():
                return self._call(node, names)
            case ast.Attribute():
                return self._attribute(node, names)
            case ast.Name(id=name):
                if name not in names:
                    known = [*names, *_FUNCTIONS]
                    raise ConditionError(f'unknown name "{name}"', node.col_offset + 1, nearest(name, known))
                return self._made(node, names[name], lambda _, v: v[name])
            case ast.Constant(value=bool() | int() | str() as value):
                kind = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "text"
                return self._made(node, kind, lambda _w, _v: value)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                parts = [self._typed(item, names, "text") for item in items]
                return self._made(
                    node, "texts", lambda w, v: frozenset(part.code(w, v) for part in parts), *parts
                )
            case _:
                raise ConditionError(
                    f"{type(node).__name__} is not part of the language", node.col_offset + 1
                )

    def _made(self, node: ast.expr, kind: Type, code: Code, *inner: Compiled) -> Compiled:
        if self._plain:
            text = self._text[node.col_offset : node.end_col_offset]
        else:
            text = ast.get_source_segment(self._text, node) or self._text
        return Compiled(text, kind, code, any(part.adversarial for part in inner))

    def _typed(self, node: ast.expr, names: Mapping[str, Type], kind: Type) -> Compiled:
        made = self.compile(node, names)
        if made.type != kind:
            raise ConditionError(f'"{made.text}" is {made.type}, {kind} is needed', node.col_offset + 1)
        return made

    def _bool(self, node: ast.BoolOp, names: Mapping[str, Type]) -> Compiled:
        parts = tuple(self._typed(value, names, "bool") for value in node.values)
        codes = tuple(part.code for part in parts)
        if isinstance(node.op, ast.And):
            made = self._made(node, "bool", lambda w, v: all(code(w, v) for code in codes), *parts)
            return Compiled(made.text, made.type, made.code, made.adversarial, parts)
        return self._made(node, "bool", lambda w, v: any(code(w, v) for code in codes), *parts)

    def _arithmetic(self, node: ast.BinOp, names: Mapping[str, Type]) -> Compiled:
        left, right = self._typed(node.left, names, "int"), self._typed(node.right, names, "int")
        apply = operator.add if isinstance(node.op, ast.Add) else operator.sub
        return self._made(node, "int", lambda w, v: apply(left.code(w, v), right.code(w, v)), left, right)

    def _compare(self, node: ast.Compare, names: Mapping[str, Type]) -> Compiled:
        if len(node.ops) != 1:
            raise ConditionError("compare two values at a time", node.col_offset + 1)
        left = self.compile(node.left, names)
        right = self.compile(node.comparators[0], names)
        op = node.ops[0]
        if isinstance(op, ast.In | ast.NotIn):
            return self._member(node, left, right, names, isinstance(op, ast.In))
        if type(op) not in _COMPARE:
            raise ConditionError(f"{type(op).__name__} is not part of the language", node.col_offset + 1)
        if left.type != right.type:
            raise ConditionError(f"{left.type} cannot be compared with {right.type}", node.col_offset + 1)
        if not isinstance(op, ast.Eq | ast.NotEq) and left.type != "int":
            raise ConditionError(f"{left.type} has no order", node.col_offset + 1)
        self._known_words(node)
        apply = _COMPARE[type(op)]
        return self._made(node, "bool", lambda w, v: apply(left.code(w, v), right.code(w, v)), left, right)

    def _member(
        self, node: ast.Compare, left: Compiled, right: Compiled, names: Mapping[str, Type], positive: bool
    ) -> Compiled:
        if left.type != "text" or right.type != "texts":
            raise ConditionError(
                f"{left.type} in {right.type}: text in a list is needed", node.col_offset + 1
            )
        self._known_trait(node, names)
        self._known_words(node)
        one, many = left.code, right.code
        if isinstance(node.left, ast.Constant):  # most conditions ask for a word that they name
            word = node.left.value
            return self._made(node, "bool", lambda w, v: (word in many(w, v)) is positive, left, right)
        return self._made(node, "bool", lambda w, v: (one(w, v) in many(w, v)) is positive, left, right)

    def _known_trait(self, node: ast.Compare, names: Mapping[str, Type]) -> None:
        match node.left, node.comparators[0]:
            case ast.Constant(value=str() as word), ast.Attribute(attr="traits", value=holder):
                kind = self.compile(holder, names).type
                if word not in self._words[kind]:
                    hint = nearest(word, self._words[kind])
                    raise ConditionError(f'unknown trait of a {kind} "{word}"', node.col_offset + 1, hint)

    @staticmethod
    def _known_words(node: ast.Compare) -> None:
        """An attribute with a closed set of words is compared with one of them, else it would never hold."""
        sides = (node.left, node.comparators[0])
        closed = {side.attr: _CLOSED[side.attr] for side in sides if _is_closed(side)}
        for side in sides:
            items = side.elts if isinstance(side, ast.List | ast.Tuple) else [side]
            words = [
                str(item.value)
                for item in items
                if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
            for name, known in closed.items():
                for word in words:
                    if word not in known:
                        hint = nearest(word, known) or f"one of {', '.join(known)}"
                        raise ConditionError(f'{name} is never "{word}"', node.col_offset + 1, hint)

    def _attribute(self, node: ast.Attribute, names: Mapping[str, Type]) -> Compiled:
        holder = self.compile(node.value, names)
        name = node.attr
        get = holder.code
        if kind := _PLAIN.get(holder.type, {}).get(name):
            return self._made(node, kind, lambda w, v: getattr(get(w, v), name), holder)
        if kind := _ASKED.get(holder.type, {}).get(name):
            if holder.type == "data":
                return self._made(node, kind, lambda w, v: LEVELS[getattr(get(w, v), name)], holder)
            return self._made(node, kind, lambda w, v: getattr(w, name)(get(w, v)), holder)
        known = [*_PLAIN.get(holder.type, {}), *_ASKED.get(holder.type, {})]
        raise ConditionError(
            f'{holder.type} has no attribute "{name}"', node.col_offset + 1, nearest(name, known)
        )

    def _call(self, node: ast.Call, names: Mapping[str, Type]) -> Compiled:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise ConditionError("only the functions of the language can be called", node.col_offset + 1)
        name = node.func.id
        if name in {"any", "all", "len"}:
            return self._over(node, name, names)
        if name in {"min", "max"}:
            parts = [self._typed(arg, names, "int") for arg in node.args]
            if len(parts) < 2:
                raise ConditionError(f"{name} takes two numbers or more", node.col_offset + 1)
            best = min if name == "min" else max
            return self._made(node, "int", lambda w, v: best(p.code(w, v) for p in parts), *parts)
        if name not in _FUNCTIONS:
            known = [*_FUNCTIONS, "any", "all", "len", "min", "max"]
            raise ConditionError(f'unknown function "{name}"', node.col_offset + 1, nearest(name, known))
        wanted, result, adversarial = _FUNCTIONS[name]
        if len(node.args) != 1:
            raise ConditionError(f"{name} takes one value", node.col_offset + 1)
        inner = self.compile(node.args[0], names)
        if inner.type not in wanted:
            needed = " or ".join(wanted)
            raise ConditionError(f"{name} of {inner.type}: {needed} is needed", node.col_offset + 1)
        get = inner.code
        made = self._made(node, result, lambda w, v: getattr(w, name)(get(w, v)), inner)
        return Compiled(made.text, made.type, made.code, made.adversarial or adversarial)

    def _over(self, node: ast.Call, name: str, names: Mapping[str, Type]) -> Compiled:
        if len(node.args) != 1:
            raise ConditionError(f"{name} takes one value", node.col_offset + 1)
        if name == "len":
            inner = self.compile(node.args[0], names)
            if not (inner.type.startswith("list[") or inner.type == "texts"):
                raise ConditionError(f"len of {inner.type}: a list is needed", node.col_offset + 1)
            return self._made(node, "int", lambda w, v: len(inner.code(w, v)), inner)
        match node.args[0]:
            case ast.GeneratorExp(elt=test, generators=[ast.comprehension(is_async=0) as loop]) if isinstance(
                loop.target, ast.Name
            ):
                pass
            case _:
                raise ConditionError(f"write {name}(test for item in list)", node.col_offset + 1)
        items = self.compile(loop.iter, names)
        if not items.type.startswith("list["):
            raise ConditionError(f"{items.type} is not a list", node.col_offset + 1)
        variable = loop.target.id
        if len(names) > _MAX_NESTED:
            message = f"lists are asked inside each other at most {_MAX_NESTED} deep"
            raise ConditionError(message, node.col_offset + 1)
        inside = {**names, variable: items.type[5:-1]}
        checks = [self._typed(part, inside, "bool") for part in (*loop.ifs, test)]
        body, guards = checks[-1].code, [check.code for check in checks[:-1]]
        quantifier = any if name == "any" else all

        def run(w: World, v: Variables) -> bool:
            scopes = ({**v, variable: item} for item in items.code(w, v))
            return quantifier(body(w, s) for s in scopes if all(guard(w, s) for guard in guards))

        return self._made(node, "bool", run, items, *checks)
