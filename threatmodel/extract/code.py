"""What readers of Go and Rust code share: a walk over a file without its tests, that knows what each node stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from threatmodel.core.canonical import sha256
from threatmodel.readers.content import Unparsable, Unusable
from threatmodel.readers.syntax import Syntax, parse

TEXTS = frozenset({"interpreted_string_literal", "raw_string_literal", "string_literal"})
"""Types of nodes that are texts, in Go and Rust."""
FUNCTIONS = frozenset({"function_item", "method_declaration", "function_declaration"})
"""Types of nodes that are functions."""
HOLDERS = FUNCTIONS | {"const_item", "static_item", "const_spec", "var_spec"}
"""Types of nodes that hold what is asked about."""
_TEST = re.compile(r"(?:\w+::)?(?:test|rstest|bench|cfg\(test\))(?:\(.*\))?", re.ASCII | re.DOTALL)
_CFG = re.compile(r"cfg\((.*)\)", re.DOTALL)
_COMMENTS = frozenset({"line_comment", "block_comment", "comment"})
_NO_ELEMENT = _COMMENTS | {"(", "[", "{"}
_MOST = 8
_LONGEST = 200
_MAX_TEXT = 2000


@dataclass(slots=True)
class Level:
    """A node that is open during a walk. The counts are of its children so far.

    `commas` parts a list into elements, `start` is where its current element begins; `before` are the last children, the
    youngest first. `cfg` is the condition right before the node. `outer` is the level around it, `holder` the nearest
    function or constant, `conditional` the nearest level with a condition. `next_cfg` and `next_test` are what attributes
    say of the next child. `mark` is for the reader.
    """

    node: Node
    kind: str
    outer: Level | None
    cfg: tuple[str, ...] = ()
    holder: Level | None = None
    conditional: Level | None = None
    commas: int = 0
    start: int = -1
    before: tuple[Node | None, Node | None, Node | None] = (None, None, None)
    next_cfg: tuple[str, ...] = ()
    next_test: bool = False
    mark: tuple[int, str] = (-1, "")

    def __post_init__(self) -> None:
        outer = self.outer
        self.holder = self if self.kind in HOLDERS else outer.holder if outer else None
        self.conditional = self if self.cfg else outer.conditional if outer else None

    def take(self, child: Node, kind: str) -> None:
        """Count a child before it is entered."""
        if kind == ",":
            self.commas, self.start = self.commas + 1, -1
        elif self.start < 0 and kind not in _NO_ELEMENT:
            self.start = child.start_byte


@dataclass(slots=True)
class Visit:
    """A node of the wanted types and the level that it stands in, which changes as the walk goes on."""

    node: Node
    level: Level
    cfg: tuple[str, ...]


class Code:
    """A file of Go or Rust. Raises: Unparsable for other files, and where the text breaks the grammar."""

    def __init__(self, text: str, path: str) -> None:
        syntax = parse(text, path)
        if isinstance(syntax, Unusable):
            raise Unparsable(syntax.reason)
        if syntax.grammar == "c":
            raise Unparsable("code is read of Go and Rust files only")
        if line := syntax.broken():
            raise Unparsable("the text breaks the grammar of its language", line)
        self.syntax: Syntax = syntax
        self._is_test = path.endswith("_test.go")

    def text(self, node: Node) -> str:
        """The text of a node in one line, its beginning where it is very long: nodes nest, and each may be asked for."""
        end = min(node.end_byte, node.start_byte + _MAX_TEXT)
        return " ".join(self.syntax.source[node.start_byte : end].decode("utf-8", "replace").split())

    def line(self, node: Node) -> int:
        """The line on which a node begins."""
        return self.syntax.line(node)

    def walk(self, *types: str) -> Iterator[Visit]:
        """The nodes of these types that are no part of a test, in the order of the text. In one pass, with a stack of its
        own: asking a node for what is around it takes time by the length of the file."""
        if self._is_test:
            return
        wanted = frozenset(types)
        cursor = self.syntax.root.walk()
        level = Level(self.syntax.root, "", None)
        entered = cursor.goto_first_child()
        while entered:
            node = cursor.node
            if node is None:
                return
            kind = node.type
            level.take(node, kind)
            said = self._attribute(level, node, kind)
            if not said and not level.next_test:
                if kind in wanted:
                    yield Visit(node, level, level.next_cfg)
                if cursor.goto_first_child():
                    level = Level(node, kind, level, level.next_cfg)
                    continue
            while True:
                self._behind(level, node, kind, said=said)
                if cursor.goto_next_sibling():
                    break
                if level.outer is None or not cursor.goto_parent():
                    return
                node, kind, level, said = level.node, level.kind, level.outer, False

    def conditions(self, visit: Visit) -> str:
        """The `cfg` attributes of what a node stands in, from the inside; empty without one."""
        found = list(visit.cfg)
        at = visit.level.conditional
        while at is not None and len(found) < _MOST:
            found += at.cfg
            at = at.outer.conditional if at.outer is not None else None
        return shortened(" and ".join(" ".join(each.split()) for each in found))

    def qualified(self, visit: Visit) -> str:
        """A name with the name before it: `SeccompAction::Trap`; itself where none is."""
        sign, before, _ = visit.level.before
        name = self.text(visit.node)
        if sign is None or before is None or sign.type not in {"::", "."}:
            return name
        start = max(before.start_byte, before.end_byte - _LONGEST)
        end = self.syntax.source[start : before.end_byte].decode("utf-8", "replace")
        return f"{re.split(r'::|[.]', end)[-1].strip()}{sign.type}{name}"

    def _attribute(self, level: Level, node: Node, kind: str) -> bool:
        """Whether a node is a part of an attribute, which is kept. In a macro it is a `#` and what stands in brackets."""
        if kind == "attribute_item":
            self._keep(level, self.text(node)[2:-1])
            return True
        if level.kind != "token_tree":
            return False
        if kind == "token_tree" and level.before[0] is not None and level.before[0].type == "#":
            self._keep(level, self.text(node)[1:-1])
            return True
        return kind == "#"

    def _keep(self, level: Level, attribute: str) -> None:
        said = attribute.strip()
        level.next_test |= _TEST.fullmatch(said) is not None
        if (match := _CFG.fullmatch(said)) and len(level.next_cfg) < _MOST:
            level.next_cfg = (*level.next_cfg, match[1])

    def _behind(self, level: Level, node: Node, kind: str, *, said: bool) -> None:
        if kind in _COMMENTS:
            return
        if not said and (level.kind != "token_tree" or kind in {",", ";"}):
            level.next_cfg, level.next_test = (), False
        level.before = (node, *level.before[:2])


def shortened(text: str) -> str:
    """A text of the source as a detail: not longer than a line."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def last_name(code: Code, node: Node) -> str:
    """The name of a type without what it is in and what it is made for: `S` of `a::S<T>`."""
    if node.type == "generic_type":
        node = node.child_by_field_name("type") or node
    if node.type in {"scoped_type_identifier", "scoped_identifier", "qualified_type"}:
        node = node.child_by_field_name("name") or node
    return code.text(node)


def called(code: Code, call: Node) -> str:
    """The name of the function or method that a call calls."""
    function = call.child_by_field_name("function")
    if function is None:
        return ""
    name = function.child_by_field_name("field") or function.child_by_field_name("name") or function
    return code.text(name) if name.type in {"identifier", "field_identifier"} else ""


def body_digest(code: Code, node: Node) -> str:
    """A digest of the words and signs of a node, without comments and blanks."""
    parts: list[bytes] = []
    cursor, depth = node.walk(), 0
    while (at := cursor.node) is not None:
        comment = at.type in _COMMENTS
        if not at.child_count and not comment:
            parts.append(code.syntax.source[at.start_byte : at.end_byte])
        if not comment and cursor.goto_first_child():
            depth += 1
            continue
        while depth and not cursor.goto_next_sibling():
            cursor.goto_parent()
            depth -= 1
        if not depth:
            break
    return f"sha256 {sha256(b' '.join(parts))[:12]}"
