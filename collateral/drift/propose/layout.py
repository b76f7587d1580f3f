"""Minimal edits of Python text: an element more in a list, a keyword more in a call, a comment above a line.

Each edit is checked: the syntax is that of before with exactly the new part, or nothing is edited. What stands on one
line is put on several first, one item each with a comma behind it, the form that formatters keep.
"""

from __future__ import annotations

import ast
import copy
import io
import itertools
import textwrap
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from collateral.drift.propose.files import parsed

Items = ast.List | ast.Tuple | ast.Set
_STEP = "    "
_MOST = 12
"""Most brackets around a place that are put on several lines."""
_WIDTH = 96


def lists(tree: ast.Module) -> list[Items]:
    """The lists, tuples and sets in an order that depends on the syntax alone."""
    return [node for node in ast.walk(tree) if isinstance(node, Items)]


def calls(tree: ast.Module) -> list[ast.Call]:
    """The calls, likewise."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def quoted(text: str) -> str:
    """A text as Python writes it, in double quotes unless single ones need no escapes."""
    if '"' in text and "'" not in text:
        return "'" + text.replace("\\", "\\\\") + "'"
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def comment(text: str, indent: int = 8) -> list[str]:
    """A comment of as many lines as it needs. The first one holds the start of the text."""
    lines = textwrap.wrap(text, _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]


def with_element(text: str, which: int, after: int, block: Sequence[str]) -> str | None:
    """The text with an element behind element number `after` of list number `which`, or behind those on its line.

    `block` are lines without indentation, comments and the element with a comma. None where it cannot be done.
    """
    element = _expression(block)
    for _ in range(_MOST):
        source = _Source.of(text)
        if source is None or element is None:
            return None
        node = lists(source.tree)[which]
        pair = source.pair_at(source.offset(node.lineno, node.col_offset))
        if pair is None or pair[1] + 1 != source.offset(node.end_lineno or 0, node.end_col_offset or 0):
            return None
        if source.spread(pair, [(n.lineno, n.end_lineno or 0) for n in node.elts]):
            at = after
            while at + 1 < len(node.elts) and node.elts[at + 1].lineno == node.elts[at].end_lineno:
                at += 1
            expected = copy.deepcopy(source.tree)
            lists(expected)[which].elts.insert(at + 1, element)
            return source.inserted(node.elts[at], pair, block, expected)
        if (wider := source.exploded(pair)) is None:
            return None
        text = wider
    return None


def with_keyword(text: str, which: int, name: str, block: Sequence[str], before: Sequence[str]) -> str | None:
    """The text with a keyword more in call number `which`, before the first of the keywords `before` or at the end.

    `block` are the lines of `name=[…],` without indentation. None where it cannot be done.
    """
    value = _expression([line.removeprefix(f"{name}=") for line in block])
    for _ in range(_MOST):
        source = _Source.of(text)
        if source is None or value is None:
            return None
        node = calls(source.tree)[which]
        pair = source.pair_to(source.offset(node.end_lineno or 0, node.end_col_offset or 0) - 1)
        parts: list[ast.expr | ast.keyword] = sorted([*node.args, *node.keywords], key=lambda n: n.lineno)
        if pair is None or not parts:
            return None
        if source.spread(pair, [(n.lineno, n.end_lineno or 0) for n in parts]):
            names = [part.arg if isinstance(part, ast.keyword) else "" for part in parts]
            at = next((i for i, found in enumerate(names) if found in before and i), len(parts)) - 1
            expected = copy.deepcopy(source.tree)
            keywords = calls(expected)[which].keywords
            place = sum(isinstance(part, ast.keyword) for part in parts[: at + 1])
            keywords.insert(place, ast.keyword(arg=name, value=value))
            return source.inserted(parts[at], pair, block, expected)
        if (wider := source.exploded(pair)) is None:
            return None
        text = wider
    return None


def with_comment(text: str, line: int, block: Sequence[str]) -> str | None:
    """The text with a comment above a line, indented as it is. None where no comment can stand there."""
    tree, lines = parsed(text), text.split("\n")
    if tree is None or not 1 <= line <= len(lines):
        return None
    indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
    made = "\n".join([*lines[: line - 1], *(indent + one for one in block), *lines[line - 1 :]])
    after = parsed(made)
    return made if after is not None and ast.dump(after) == ast.dump(tree) else None


def _expression(block: Sequence[str]) -> ast.expr | None:
    """The one element that the lines of a block hold."""
    tree = parsed("[\n" + "\n".join(block) + "\n]")
    if tree is None or len(tree.body) != 1 or not isinstance(statement := tree.body[0], ast.Expr):
        return None
    value = statement.value
    return value.elts[0] if isinstance(value, ast.List) and len(value.elts) == 1 else None


@dataclass(frozen=True, slots=True)
class _Source:
    """A text with its syntax, its brackets and where its lines start."""

    text: str
    lines: list[str]
    tree: ast.Module
    pairs: list[tuple[int, int]]
    commas: dict[tuple[int, int], list[int]]
    comments: list[int]

    @classmethod
    def of(cls, text: str) -> _Source | None:
        """None where the text is no Python."""
        tree = parsed(text)
        if tree is None:
            return None
        lines = text.split("\n")
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        opened: list[int] = []
        within: dict[int, list[int]] = {}
        pairs: list[tuple[int, int]] = []
        commas: dict[tuple[int, int], list[int]] = {}
        comments: list[int] = []
        try:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                at = starts[token.start[0] - 1] + token.start[1]
                if token.type == tokenize.COMMENT:
                    comments.append(at)
                elif token.type == tokenize.OP and token.string in "([{":
                    opened.append(at)
                elif token.type == tokenize.OP and token.string in ")]}":
                    start = opened.pop()
                    pairs.append((start, at))
                    commas[start, at] = within.pop(start, [])
                elif token.type == tokenize.OP and token.string == "," and opened:
                    within.setdefault(opened[-1], []).append(at)
        except (tokenize.TokenError, IndexError):
            return None
        return cls(text, lines, tree, pairs, commas, comments)

    def offset(self, line: int, column: int) -> int:
        """Where a position of the syntax is; its columns count bytes."""
        before = sum(len(one) + 1 for one in self.lines[: line - 1])
        return before + len(self.lines[line - 1].encode()[:column].decode("utf-8", "replace"))

    def line_of(self, at: int) -> int:
        """The number of the line, from 1."""
        return self.text.count("\n", 0, at) + 1

    def indent_of(self, line: int) -> str:
        """What a line starts with."""
        found = self.lines[line - 1]
        return found[: len(found) - len(found.lstrip())]

    def pair_at(self, start: int) -> tuple[int, int] | None:
        """The brackets that open here."""
        return next((pair for pair in self.pairs if pair[0] == start), None)

    def pair_to(self, end: int) -> tuple[int, int] | None:
        """The brackets that close here."""
        return next((pair for pair in self.pairs if pair[1] == end), None)

    def spread(self, pair: tuple[int, int], parts: Sequence[tuple[int, int]]) -> bool:
        """Whether the brackets stand on other lines than what is in them."""
        first, last = self.line_of(pair[0]), self.line_of(pair[1])
        return bool(parts) and parts[0][0] > first and max(end for _, end in parts) < last

    def exploded(self, pair: tuple[int, int]) -> str | None:
        """The text with the outermost brackets that open on the line of these put on several lines."""
        line = self.line_of(pair[0])
        start, end = min(
            (p for p in self.pairs if p[0] <= pair[0] and p[1] >= pair[1] and self.line_of(p[0]) == line),
            default=pair,
        )
        marks = [start, *self.commas[start, end], end]
        parts = [self.text[a + 1 : b].strip() for a, b in itertools.pairwise(marks)]
        parts = [part for part in parts if part]
        if not parts or any(start < at < end for at in self.comments):
            return None
        indent = self.indent_of(line)
        for comma in (",", ""):
            body = ",\n".join(f"{indent}{_STEP}{part}" for part in parts)
            made = f"{self.text[: start + 1]}\n{body}{comma}\n{indent}{self.text[end:]}"
            tree = parsed(made)
            if tree is not None and ast.dump(tree) == ast.dump(self.tree) and made != self.text:
                return made
        return None

    def inserted(
        self, part: ast.expr | ast.keyword, pair: tuple[int, int], block: Sequence[str], expected: ast.Module
    ) -> str | None:
        """The text with the block on lines of its own behind the line on which a part ends."""
        end = part.end_lineno or 0
        stop = self.offset(end, part.end_col_offset or 0)
        lines = list(self.lines)
        behind = [at for at in self.commas[pair] if at >= stop]
        if not behind:
            column = stop - (self.offset(end, 0))
            lines[end - 1] = f"{lines[end - 1][:column]},{lines[end - 1][column:]}"
        indent = self.indent_of(part.lineno)
        lines[end:end] = [indent + one for one in block]
        made = "\n".join(lines)
        tree = parsed(made)
        return made if tree is not None and ast.dump(tree) == ast.dump(expected) else None
