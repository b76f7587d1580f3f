"""What an expression of constants is worth in Go, Rust and C, where the text alone tells it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeGuard

from tree_sitter import Node

from threatmodel.readers.syntax import Syntax

Scalar = str | int | bool
Lookup = Callable[[str], Scalar]
"""From a name, with its path where it has one, to its value. Raises: Unknown."""
MAX_TEXT = 4096
_MAX_BITS = 256
_MAX_DIGITS = 80
_MAX_DEPTH = 64
_SHOWN = 40
_GO_TYPES = frozenset(
    {
        "byte",
        "int",
        "int8",
        "int16",
        "int32",
        "int64",
        "rune",
        "string",
        "uint",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
    }
)
_RUST_TYPE = re.compile(r"([iu])(8|16|32|64|128)")
_RUST_SUFFIX = re.compile(r"_*[iu](?:8|16|32|64|128|size)\Z")
_C_SUFFIX = re.compile(r"[uUlL]{1,3}\Z")
_OCTAL = re.compile(r"0[0-7]+")
_NUMBERS = frozenset({"int_literal", "integer_literal", "number_literal"})
_TEXTS = frozenset(
    {"interpreted_string_literal", "raw_string_literal", "string_literal", "concatenated_string"}
)
_LITERALS = _NUMBERS | _TEXTS | {"boolean_literal"}


class Unknown(Exception):
    """The text does not tell the value. `reason` says why, in words that follow "its value"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Expressions of one file. `iota`: the number of a constant in its block of Go, None elsewhere."""

    syntax: Syntax
    lookup: Lookup
    iota: int | None = None

    def value(self, node: Node, depth: int = 0) -> Scalar:
        """The value of an expression. Raises: Unknown."""
        if depth > _MAX_DEPTH:
            raise Unknown("is nested too deeply")
        found = self._value(node, depth + 1)
        if isinstance(found, str) and len(found) > MAX_TEXT:
            raise Unknown(f"has more than {MAX_TEXT} characters")
        if isinstance(found, int) and found.bit_length() > _MAX_BITS:
            raise Unknown(f"has more than {_MAX_BITS} bits")
        return found

    def _value(self, node: Node, depth: int) -> Scalar:
        kind, text = node.type, self.syntax.text(node)
        if kind in _NUMBERS:
            return self._number(text)
        if kind in _TEXTS:
            return self._text(node)
        if kind in {"true", "false", "boolean_literal"}:
            return text == "true"
        if kind == "iota" and self.iota is not None:
            return self.iota
        if kind == "identifier":
            return self.lookup(text)
        if kind == "scoped_identifier":
            return _limit(text) if text.endswith(("::MAX", "::MIN")) else self.lookup(text)
        if kind == "parenthesized_expression" and node.named_child_count == 1:
            return self.value(node.named_child(0), depth)
        if kind == "unary_expression":
            return self._unary(node, depth)
        if kind == "binary_expression":
            return self._binary(node, depth)
        if kind == "type_cast_expression":
            return self._cast(node, depth)
        if kind == "call_expression":
            return self._conversion(node, depth)
        if kind == "macro_invocation":
            return self._concat(node, depth)
        if kind == "selector_expression":
            return self.lookup(text)
        raise Unknown(f"is made by {_shown(text)}")

    def _number(self, text: str) -> int:
        digits = text
        if self.syntax.grammar == "rust":
            digits = _RUST_SUFFIX.sub("", digits)
        elif self.syntax.grammar == "c":
            digits = _C_SUFFIX.sub("", digits).replace("'", "_")
        plain = digits.replace("_", "")
        if len(plain) > _MAX_DIGITS:
            raise Unknown("is a number that is too long")
        try:
            if _OCTAL.fullmatch(plain) and self.syntax.grammar != "rust":
                return int(plain, 8)
            return (
                int(plain, 0) if plain[:1] != "0" or (len(plain) > 1 and plain[1] in "xXoObB") else int(plain)
            )
        except ValueError:
            raise Unknown(f"is the number {_shown(text)}") from None

    def _text(self, node: Node) -> str:
        if self.syntax.text(node).startswith("b"):
            raise Unknown("is made of bytes")
        value = self.syntax.value(node)
        if value is None:
            raise Unknown("is a text with escapes that are not read")
        return value

    def _unary(self, node: Node, depth: int) -> Scalar:
        sign = self.syntax.text(node.child(0))
        value = self.value(node.child(node.child_count - 1), depth)
        if sign == "-" and _is_number(value):
            return -value
        if sign == "+" and _is_number(value):
            return value
        if sign == "!" and isinstance(value, bool):
            return not value
        raise Unknown(f"takes the sign {sign}")

    def _binary(self, node: Node, depth: int) -> Scalar:
        left_node, right_node = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign_node = node.child_by_field_name("operator")
        if left_node is None or right_node is None or sign_node is None:
            raise Unknown("is not whole")
        sign = self.syntax.text(sign_node)
        left, right = self.value(left_node, depth), self.value(right_node, depth)
        if isinstance(left, str) and isinstance(right, str) and sign == "+" and self.syntax.grammar == "go":
            return left + right
        if not _is_number(left) or not _is_number(right):
            raise Unknown(f"takes the sign {sign} of what is no number")
        return _calculated(left, sign, right)

    def _cast(self, node: Node, depth: int) -> Scalar:
        """`1 as u32`, where the number fits."""
        inner, into = node.child_by_field_name("value"), node.child_by_field_name("type")
        if inner is None or into is None:
            raise Unknown("is not whole")
        value, name = self.value(inner, depth), self.syntax.text(into)
        if _is_number(value) and _fits(value, name):
            return value
        raise Unknown(f"is made into {_shown(name)}")

    def _conversion(self, node: Node, depth: int) -> Scalar:
        """`uint32(1)` of Go."""
        into, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        name = self.syntax.text(into) if into is not None else ""
        if (
            self.syntax.grammar == "go"
            and name in _GO_TYPES
            and given is not None
            and given.named_child_count == 1
        ):
            value = self.value(given.named_child(0), depth)
            if isinstance(value, str) == (name == "string"):
                return value
        raise Unknown(f"is made by {_shown(name)}()")

    def _concat(self, node: Node, depth: int) -> str:
        """`concat!("a", 1, true)` of Rust."""
        name = node.child_by_field_name("macro")
        shown = self.syntax.text(name) if name is not None else ""
        tree = node.child(node.child_count - 1)
        if shown != "concat" or tree.type != "token_tree":
            raise Unknown(f"is made by {_shown(shown)}!")
        parts = [part for part in tree.children[1:-1] if "comment" not in part.type]
        if any(part.type not in _LITERALS for part in parts[::2]) or any(
            part.type != "," for part in parts[1::2]
        ):
            raise Unknown("is made by concat! of what is no literal")
        values = [self.value(part, depth) for part in parts[::2]]
        return "".join(str(value).lower() if isinstance(value, bool) else str(value) for value in values)


def _is_number(value: Scalar) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _calculated(left: int, sign: str, right: int) -> int:
    """Integers as Go, Rust and C calculate: division goes towards zero."""
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "&":
            return left & right
        case "|":
            return left | right
        case "^":
            return left ^ right
        case "&^":
            return left & ~right
        case "<<" | ">>" if 0 <= right <= _MAX_BITS:
            return left << right if sign == "<<" else left >> right
        case "/" | "%" if right:
            whole = abs(left) // abs(right)
            quotient = whole if (left < 0) == (right < 0) else -whole
            return quotient if sign == "/" else left - quotient * right
    raise Unknown(f"takes the sign {sign}")


def _fits(value: int, name: str) -> bool:
    if name in {"usize", "isize"}:
        name = f"{name[0]}32"
    low, high = _bounds(name)
    return low <= value <= high


def _bounds(name: str) -> tuple[int, int]:
    """The least and the greatest number of a type of Rust. Raises: Unknown."""
    found = _RUST_TYPE.fullmatch(name)
    if not found:
        raise Unknown(f"is made into {_shown(name)}")
    bits = int(found[2])
    return (0, 2**bits - 1) if found[1] == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _limit(text: str) -> int:
    """`u32::MAX` of Rust. Raises: Unknown."""
    name, _, end = text.rpartition("::")
    return _bounds(name)[end == "MAX"]


def _shown(text: str) -> str:
    return " ".join(text[: _SHOWN + 1].split())[:_SHOWN] + ("…" if len(text) > _SHOWN else "")
