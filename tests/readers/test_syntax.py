"""Syntax trees of Go, Rust and C: values of texts, places that break the grammar, and input made to cost time."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.readers import syntax
from threatmodel.readers.content import Unusable
from threatmodel.readers.syntax import Syntax, parse

TEXTS = ("interpreted_string_literal", "raw_string_literal", "string_literal", "concatenated_string")


def _parsed(text: str, path: str) -> Syntax:
    found = parse(text, path)
    assert isinstance(found, Syntax)
    return found


@pytest.mark.parametrize(
    ("path", "source", "value"),
    [
        ("a.go", r"""const a = "x\t\"\\\x41\u00e9\U0001F600\101" """, 'x\t"\\AéĀ'[:-1] + "😀A"),
        ("a.go", 'const a = `x\\n"`', 'x\\n"'),
        ("a.go", 'const a = ""', ""),
        ("a.rs", r'const A: &str = "x\n\u{e9}\0\x41\\\"";', 'x\né\0A\\"'),
        ("a.rs", 'const A: &str = "x \\\n     y";', "x y"),
        ("a.rs", 'const A: &str = "x\\\\\n y";', "x\\\n y"),
        ("a.rs", 'const A: &str = r##"x"#y\\n"##;', 'x"#y\\n'),
        ("a.rs", 'const A: &str = r"";', ""),
        ("a.rs", 'const A: &[u8] = b"x";', "x"),
        (
            "a.c",
            r'char *a = "x\x41\101\?\
y";',
            "xAA?y",
        ),
        ("a.h", '#define N 1\nchar *a = "x" /* y */ "z";', "xz"),
    ],
)
def test_value_is_what_the_language_makes_of_a_text(path: str, source: str, value: str) -> None:
    found = _parsed(source, path)
    node = next(found.nodes(*TEXTS))
    assert found.value(node) == value


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("a.go", r'const a = "\xff"'),
        ("a.go", r'const a = "\q"'),
        ("a.rs", r'const A: &[u8] = b"\xff";'),
        ("a.c", 'wchar_t *a = L"x";'),
        ("a.c", 'char *a = "x" L"y";'),
        ("a.go", r'const a = "\400"'),
    ],
)
def test_text_without_a_plain_value_has_none(path: str, source: str) -> None:
    found = _parsed(source, path)
    node = next(found.nodes(*reversed(TEXTS)))
    assert found.value(node) is None


def test_other_nodes_have_no_value() -> None:
    found = _parsed("const a = 1", "a.go")
    assert [found.value(node) for node in found.nodes("int_literal", "source_file")] == [None, None]


def test_nodes_come_in_the_order_of_the_text_with_nested_ones() -> None:
    found = _parsed(
        "const A: u8 = 1;\nmod m {\n  const B: u8 = 2;\n  fn f() { const C: u8 = 3; }\n}\n", "a.rs"
    )
    assert [found.line(node) for node in found.nodes("const_item")] == [1, 3, 4]
    assert [found.text(node) for node in found.nodes("integer_literal")] == ["1", "2", "3"]
    module = next(found.nodes("mod_item"))
    assert [found.line(node) for node in found.nodes("const_item", within=module)] == [3, 4]
    assert [found.line(node) for node in found.nodes("const_item", over=frozenset({"function_item"}))] == [
        1,
        3,
    ]


def test_walk_stays_inside_the_node_it_was_given() -> None:
    found = _parsed("const a = 1\nconst b = 2\n", "a.go")
    first = next(found.nodes("int_literal"))
    assert [found.text(node) for node in found.nodes("int_literal", "const_spec", within=first)] == ["1"]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("package a\nconst b = 1\n", 0),
        ("package a\nfunc f() {\n  g( }\n}\nconst b = 1\n", 3),
        ("package a\nconst b = \nfunc f() {", 2),
        ("package a\nfunc f() {\n", 2),
    ],
)
def test_broken_tells_the_first_line_that_breaks_the_grammar(source: str, line: int) -> None:
    found = _parsed(source, "a.go")
    assert found.broken() == line


def test_a_node_beside_a_broken_place_is_whole_and_one_inside_is_not() -> None:
    found = _parsed("package a\nfunc f() { g( }\nconst b = 1\n", "a.go")
    spec = next(found.nodes("const_spec"))
    assert not found.broken(spec)
    assert not found.inside_broken(spec)
    errors = list(found.nodes("ERROR"))
    assert [found.text(error) for error in errors] == ["("]
    assert all(found.inside_broken(node) for error in errors for node in (error, error.child(0)))
    assert found.inside_broken(found.root)


@pytest.mark.parametrize("path", ["a.py", "Makefile", "go", "a.rs.in"])
def test_other_files_are_refused(path: str) -> None:
    assert parse("x = 1", path) == Unusable("the file is not named as one of Go, Rust or C")


def test_deep_nesting_overflows_nothing() -> None:
    depth = 10_000
    found = _parsed("package a\nvar x = " + "(" * depth + "1" + ")" * depth + "\n", "a.go")
    literal = next(found.nodes("int_literal"))
    assert not found.broken()
    assert not found.inside_broken(literal)
    torn = _parsed("package a\nvar x = " + "(" * depth + "1" + ")" * (depth - 1) + "\n", "a.go")
    assert torn.broken() == 2
    assert all(torn.inside_broken(node) for node in torn.nodes("int_literal"))


def test_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syntax, "MAX_SOURCE", 20)
    assert isinstance(parse("package a // 4567890", "a.go"), Unusable)
    assert isinstance(parse("package a // 456789", "a.go"), Syntax)
    assert isinstance(parse("package a // é67890", "a.go"), Unusable)  # bytes count, not characters


@pytest.mark.parametrize("path", ["a.go", "a.rs"])
def test_text_that_takes_too_many_steps_is_refused(path: str) -> None:
    found = parse('"' * 50_000, path)
    assert isinstance(found, Unusable)
    assert "steps" in found.reason


@pytest.mark.parametrize("path", ["a.go", "a.rs", "a.c"])
def test_bytes_by_chance_give_a_tree_or_a_reason(path: str) -> None:
    text = "".join(random.Random(7).choices("(){}[]<>;=abc\"'`\n,*&#/\\é\0", k=20_000))
    found = parse(text, path)
    assert isinstance(found, Unusable) or found.broken()


@given(st.text(alphabet="ab\"\\nxu{}41'\n`#r ", max_size=40), st.sampled_from(["a.go", "a.rs", "a.c"]))
def test_any_text_is_parsed_and_walked(text: str, path: str) -> None:
    found = _parsed(text, path)
    for node in found.nodes(*TEXTS, "ERROR"):
        found.value(node)
        assert found.inside_broken(node) or not node.is_error
