"""The symbol of a line: the innermost one, in three languages, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.readers.symbols import symbols_at
from threatmodel.readers.syntax import MAX_SOURCE

GO = """package a

import "os"

const limit = 3

type Box struct {
\tsize int
}

func (b *Box) Open(path string) {
\tgo func() {
\t\tos.Open(path)
\t}()
}

func (l List[T]) Len() int { return 0 }

func plain() {}
"""
RUST = """use std::fs;

const LIMIT: usize = 3;

#[derive(Debug)]
struct Box {
    size: usize,
}

impl<T> Open for Box<T> {
    // a comment
    #[inline]
    fn open(&self) {
        fn inner() {}
        let f = || 1;
    }
}

mod tests {
    mod deep {
        fn check() {
        }
    }
}

macro_rules! made { () => {} }
"""
PYTHON = """import os

LIMIT = 3


class Box:
    size = 1

    @property
    def open(self):
        def inner():
            pass
        return inner


async def plain():
    pass
"""


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        (
            "a.go",
            GO,
            {3: "", 5: "limit", 7: "Box", 8: "Box", 11: "Box.Open", 13: "Box.Open", 17: "List.Len", 19: "plain"},
        ),
        (
            "a.rs",
            RUST,
            {
                1: "", 3: "LIMIT", 5: "Box", 7: "Box", 10: "Box", 12: "Box::open", 14: "Box::open", 15: "Box::open",
                21: "tests::deep::check", 26: "made",
            },
        ),
        ("a.py", PYTHON, {1: "", 3: "", 7: "Box", 9: "Box.open", 12: "Box.open", 16: "plain", 17: "plain"}),
        ("a.sh", "f() {\n  true\n}\n", {2: ""}),
        ("a.py", "def f(:\n  pass\n", {1: ""}),
        ("a.go", "package a\n//" + "x" * MAX_SOURCE + "\nfunc f() {}\n", {3: ""}),
        ("a.rs", "fn f() {", {1: ""}),
        ("a.rs", "fn f() {}", {1: "f"}),
    ],
)  # fmt: skip
def test_symbols(path: str, text: str, wanted: dict[int, str]) -> None:
    found = symbols_at(path, text.encode(), wanted)
    assert {line: found.get(line, "") for line in wanted} == wanted


@given(
    st.sampled_from(["a.go", "a.rs", "a.py"]),
    st.lists(
        st.sampled_from(
            ["func f() {", "}", "fn g() {", "impl A {", "mod m {", "class C:", " def f(): pass", "\0", "\xff"]
        )
    ),
)
def test_any_text_gives_names_to_lines_that_were_asked_for(path: str, lines: list[str]) -> None:
    asked = range(1, len(lines) + 2)
    found = symbols_at(path, "\n".join(lines).encode("latin-1"), asked)
    assert set(found) <= set(asked)
    assert all(found.values())


def test_nothing_is_parsed_where_nothing_is_asked() -> None:
    assert symbols_at("a.go", GO.encode(), ()) == {}
