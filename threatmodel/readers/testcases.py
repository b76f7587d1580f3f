"""Tests by their names in Go, Rust, bats and Python files, and whether they are always skipped.

Nothing is run. A test that is skipped under a condition counts as one that is there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from threatmodel.readers.content import Unusable
from threatmodel.readers.syntax import Syntax, grammar_of, parse

MAX_BYTES = 512 * 1024
"""Most bytes of a file that is parsed."""
_BATS = re.compile(r"[ \t]*@test[ \t]+(\"[^\"\n]*\"|'[^'\n]*'|[^\s{\"']+)[ \t]*\{[ \t]*(.*)")
_BATS_SETUP = re.compile(r"[ \t]*(?:function[ \t]+)?(setup|setup_file)[ \t]*\(\)[ \t]*\{[ \t]*(.*)")
_BATS_SKIP = re.compile(r"[ \t]*skip(?:[ \t]+[^|&]*)?[ \t]*")
_GO_SKIP = re.compile(r"[A-Za-z_]\w*\.Skip(?:f|Now)?\(")
_GO_TEST = re.compile(r"(?:Test|Fuzz)(?:[^a-z].*)?", re.DOTALL)
_RUST_TEST = re.compile(r"#\[(?:[\w:]*::)?(?:test|rstest|test_case|test_log)\b")
_RUST_IGNORE = re.compile(r"#\[ignore\b")
_MARKS = ("pytest.mark.skip", "unittest.skip", "skip")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTest:
    """A test that is there. `skipped` says how it is switched off for good; empty where it is not."""

    name: str
    line: int
    skipped: str = ""


def named_tests(text: str, path: str, name: str) -> tuple[NamedTest, ...] | Unusable:
    """The tests of this name in the text of a file, or why they cannot be looked for."""
    if len(text) > MAX_BYTES:
        return Unusable(f"the file has more than the {MAX_BYTES} bytes that are parsed")
    if path.endswith(".bats"):
        return tuple(case for case in _bats(text) if case.name == name)
    if path.endswith(".py"):
        return _python(text, name)
    if grammar_of(path) not in {"go", "rust"}:
        return Unusable("tests are known in Go, Rust, bats and Python files only")
    syntax = parse(text, path)
    if isinstance(syntax, Unusable):
        return syntax
    finder = _go if syntax.grammar == "go" else _rust
    found = tuple(finder(syntax, name))
    line = syntax.broken()
    if not found and line:
        return Unusable(f"the file breaks its grammar on line {line}")
    return found


def _go(syntax: Syntax, name: str) -> Iterator[NamedTest]:
    if not _GO_TEST.fullmatch(name) or not syntax.path.endswith("_test.go"):
        return
    for node in syntax.root.named_children:
        at, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if node.type != "function_declaration" or at is None or syntax.text(at) != name:
            continue
        statements = body.named_children if body else []
        if len(statements) == 1 and statements[0].type == "statement_list":
            statements = statements[0].named_children
        skips = [s for s in statements if _GO_SKIP.match(syntax.text(s))]
        why = f"skipped on line {syntax.line(skips[0])}" if skips else ""
        if not syntax.inside_broken(node):
            yield NamedTest(name=name, line=syntax.line(node), skipped=why)


def _rust(syntax: Syntax, name: str) -> Iterator[NamedTest]:
    for node in syntax.nodes("function_item"):
        at = node.child_by_field_name("name")
        if at is None or syntax.text(at) != name or syntax.inside_broken(node):
            continue
        attributes = list(_attributes(syntax, node))
        if any(_RUST_TEST.match(text) for text in attributes):
            ignored = any(_RUST_IGNORE.match(text) for text in attributes)
            yield NamedTest(
                name=name, line=syntax.line(node), skipped="ignored by its attribute" if ignored else ""
            )


def _attributes(syntax: Syntax, node: Node) -> Iterator[str]:
    before = node.prev_sibling
    while before is not None and before.type in {"attribute_item", "line_comment", "block_comment"}:
        if before.type == "attribute_item":
            yield re.sub(r"\s+", "", syntax.text(before))
        before = before.prev_sibling


def _bats(text: str) -> Iterator[NamedTest]:
    lines = text.split("\n")
    everywhere = ""
    for number, line in enumerate(lines, 1):
        if (found := _BATS_SETUP.match(line)) and _skips(lines, number, found[2]):
            everywhere = f"skipped by {found[1]} on line {number}"
    for number, line in enumerate(lines, 1):
        if found := _BATS.match(line):
            name = found[1][1:-1] if found[1][0] in "\"'" else found[1]
            own = "skipped by its first command" if _skips(lines, number, found[2]) else ""
            yield NamedTest(name=name, line=number, skipped=own or everywhere)


def _skips(lines: list[str], number: int, rest: str) -> bool:
    """Whether the first command after the line that opens a body (and in the rest of it) is `skip`."""
    for line in (rest, *lines[number : number + 50]):
        command = line.strip()
        if command and not command.startswith("#"):
            return _BATS_SKIP.fullmatch(command) is not None
    return False


def _python(text: str, name: str) -> tuple[NamedTest, ...] | Unusable:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Unusable(f"the file is not Python: {type(error).__name__}")
    module = _skip_mark(tree.body)
    found = []
    bodies: list[tuple[list[ast.stmt], str]] = [(tree.body, module)]
    while bodies:
        body, outer = bodies.pop()
        for node in body:
            if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                bodies.append((node.body, outer or _decorated(node)))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
                skipped = outer or _decorated(node) or _first_skips(node.body)
                found.append(NamedTest(name=name, line=node.lineno, skipped=skipped))
    return tuple(sorted(found, key=lambda case: case.line)) if name.startswith("test") else ()


def _decorated(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    names = (_dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list)
    return next((f"skipped by @{name}" for name in names if name in _MARKS), "")


def _skip_mark(body: list[ast.stmt]) -> str:
    for node in body:
        if isinstance(node, ast.Assign) and [_dotted(target) for target in node.targets] == ["pytestmark"]:
            listed = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            names = [_dotted(item.func if isinstance(item, ast.Call) else item) for item in listed]
            if any(name in _MARKS for name in names):
                return "skipped by pytestmark"
    return ""


def _first_skips(body: list[ast.stmt]) -> str:
    for node in body:
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and _dotted(call.func) in {"pytest.skip", "self.skipTest"}:
            return f"skipped on line {node.lineno}"
    return ""


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""
