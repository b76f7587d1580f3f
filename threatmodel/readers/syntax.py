"""Go, Rust and C files as syntax trees, by the grammars of tree-sitter.

A tree is made of any text: where the text breaks the grammar, it has nodes of the type ERROR, or nodes that are MISSING.
What is looked for may stand inside such a place, so "not there" holds only in a tree without one: `Syntax.broken` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

import tree_sitter_c
import tree_sitter_go
import tree_sitter_rust
from tree_sitter import Language, Node, Parser, Point

from threatmodel.readers.content import Unusable

Grammar = Literal["go", "rust", "c"]
MAX_SOURCE = 512 * 1024
"""Most bytes of a file that is parsed: on hostile text the parser takes time by the square of its length."""
_BLOCK = 64 * 1024
_STEPS = 500
_STEPS_PER_BYTE = 0.02
"""Most steps of the parser, as it counts them: about twice what a real file takes."""
_SUFFIXES: dict[str, Grammar] = {".go": "go", ".rs": "rust", ".c": "c", ".h": "c"}
_ESCAPE = re.compile(
    rb"\\(?:x([0-9A-Fa-f]{2})|([0-7]{1,3})|u\{([0-9A-Fa-f_]{1,8})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.|\n))",
    re.DOTALL,
)
_RAW = re.compile(r"""(`|[bc]?r#{0,255}")(.*?)(?:`|"#{0,255})""", re.DOTALL)
_PLAIN = {
    b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v",
    b"\\": b"\\", b"'": b"'", b'"': b'"', b"?": b"?",
}  # fmt: skip
_TEXTS = frozenset(
    {"interpreted_string_literal", "string_literal", "raw_string_literal", "concatenated_string"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """The syntax tree of one file, or of a part of it that begins on `first_line`. Lines count from 1."""

    path: str
    grammar: Grammar
    source: bytes
    root: Node
    first_line: int = 1

    def nodes(
        self, *types: str, within: Node | None = None, over: frozenset[str] = frozenset()
    ) -> Iterator[Node]:
        """The nodes of these types in the order of the text, nested ones too; `over`: types that are not entered.

        The walk keeps no stack of its own: nesting costs nothing.
        """
        cursor = (within or self.root).walk()
        depth, wanted = 0, frozenset(types)
        while True:
            node = cursor.node
            if node is not None and node.type in wanted:
                yield node
            if (node is None or node.type not in over) and cursor.goto_first_child():
                depth += 1
                continue
            while not cursor.goto_next_sibling():
                if not depth or not cursor.goto_parent():
                    return
                depth -= 1
            if not depth:
                return

    def text(self, node: Node) -> str:
        """The text of a node as the file has it."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def line(self, node: Node) -> int:
        """The line on which a node begins."""
        return node.start_point[0] + self.first_line

    def broken(self, node: Node | None = None) -> int:
        """The line of the first place in a node (the whole file) that breaks the grammar, 0 where none does."""
        cursor = (node or self.root).walk()
        while (here := cursor.node) is not None and here.has_error:
            if here.is_error or here.is_missing or not cursor.goto_first_child():
                return self.line(here)
            while (child := cursor.node) is not None and not child.has_error:
                if not cursor.goto_next_sibling():
                    return self.line(here)
        return 0

    def inside_broken(self, node: Node) -> bool:
        """Whether a node is, holds, or stands inside a place that breaks the grammar."""
        if node.has_error:
            return True
        at = self.root
        while at.id != node.id:
            if at.is_error:
                return True
            child = at.child_with_descendant(node)
            if child is None:
                return True
            at = child
        return False

    def value(self, node: Node) -> str | None:
        """What a string literal stands for, or C literals side by side; None for any other node.

        None too for text that is not UTF-8 when its escapes are resolved, and for wide literals of C.
        """
        if node.type not in _TEXTS or node.has_error:
            return None
        if node.type == "concatenated_string":
            parts = [self.value(child) for child in node.named_children if child.type != "comment"]
            return "".join(part for part in parts if part is not None) if None not in parts else None
        if node.type == "raw_string_literal":
            return self._raw(node)
        first, last = node.child(0), node.child(node.child_count - 1)
        if self.text(first) not in {'"', 'b"', 'c"', 'u8"'}:
            return None
        try:
            return self._plain(self.source[first.end_byte : last.start_byte]).decode("utf-8")
        except ValueError:  # not UTF-8, or an escape that this language does not have
            return None

    def _raw(self, node: Node) -> str | None:
        """`...` of Go, r#"..."# of Rust. The tree of Rust leaves blanks out where the text begins."""
        found = _RAW.fullmatch(self.text(node))
        return found[2] if found else None

    def _plain(self, inner: bytes) -> bytes:
        if self.grammar == "rust":
            inner = re.sub(rb"(?<!\\)((?:\\\\)*)\\\n[ \t\n\r]*", rb"\1", inner)
        return _ESCAPE.sub(self._escape, inner)

    def _escape(self, match: re.Match[bytes]) -> bytes:
        pair, octal, braces, four, eight, sign = match.groups()
        if pair:
            return bytes([int(pair, 16)])
        if octal:
            if self.grammar == "rust" and octal[:1] != b"0":
                raise ValueError(octal)
            return b"\0" + octal[1:] if self.grammar == "rust" else bytes([int(octal, 8)])
        if braces or four or eight:
            return chr(int((braces or four or eight).replace(b"_", b""), 16)).encode("utf-8")
        if sign == b"\n" and self.grammar == "c":
            return b""
        if sign not in _PLAIN:
            raise ValueError(sign)
        return _PLAIN[sign]


def grammar_of(path: str) -> Grammar | None:
    """The grammar that the name of a file stands for, None for other files."""
    return next((found for suffix, found in _SUFFIXES.items() if path.endswith(suffix)), None)


def parse(text: str, path: str, *, first_line: int = 1) -> Syntax | Unusable:
    """The syntax tree of the text of a file, or why there is none. The text may break the grammar: see `broken`."""
    grammar = grammar_of(path)
    if grammar is None:
        return Unusable("the file is not named as one of Go, Rust or C")
    source = text.encode("utf-8") + (b"" if text.endswith("\n") else b"\n")  # C wants it after a macro
    if len(source) > MAX_SOURCE:
        return Unusable(f"the file has {len(source)} bytes, more than the {MAX_SOURCE} that are parsed")
    steps, most = 0, _STEPS + int(len(source) * _STEPS_PER_BYTE)

    def read(at: int, _: Point) -> bytes:
        return source[at : at + _BLOCK]

    def enough(_: int, __: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > most

    try:
        tree = Parser(_language(grammar)).parse(read, progress_callback=enough)
    except ValueError:
        return Unusable("parsing the file takes more steps than files of its length do")
    return Syntax(path=path, grammar=grammar, source=source, root=tree.root_node, first_line=first_line)


@cache
def _language(grammar: Grammar) -> Language:
    match grammar:
        case "go":
            return Language(tree_sitter_go.language())
        case "rust":
            return Language(tree_sitter_rust.language())
        case "c":
            return Language(tree_sitter_c.language())
