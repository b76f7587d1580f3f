"""Texts of constants in source files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.support import tell
from threatmodel.extract import Extract, Spec

SPEC = Spec(kind="constants", paths=("**",), pattern=r"k\..*[^.]")


def names(found: Extract) -> list[str]:
    return [fact.name for fact in found.facts]


GO = """package p
const (
\tprefix = "k."
\tconf   = prefix + "config."

\t// A = prefix + "comment"
\tA = prefix + "a" // prefix + "no"
\tB string = conf +
\t\t"b"
\tC, D = "k.c", `k.d\\`
\tN = 1 << (2 + 3)
\tI = iota
\tJ
)
const E = "k.e"; var V = "k.variable"
func f() { x := "k.local"; const F = "k." + "f" }
"""
RUST = """
pub const PREFIX: &str = "k.";
/// const DOC: &str = "k.doc";
pub const A: &str =
    "k.a";
const B: &'static str = "k.\\
    b";
static C: &str = r#"k."c""#;
const D: &str = concat!("k.", "d",);
pub(crate) const E: &str = A2;
const A2: &str = "k.e";
const N: usize = 3; const LIST: &[&str] = &["k.listed"];
const fn f() -> &'static str { "k.local" }
fn g(x: &'a str) { let y = "k.let"; let c = '"'; }
"""


def test_go() -> None:
    found = tell(SPEC, GO, "a.go")
    assert names(found) == ["k.a", "k.c", "k.config.b", "k.d\\", "k.e", "k.f"]
    assert {fact.name: fact.line for fact in found.facts}["k.config.b"] == 8
    assert not found.unread


def test_rust() -> None:
    found = tell(SPEC, RUST, "a.rs")
    assert names(found) == ['k."c"', "k.a", "k.b", "k.d", "k.e", "k.e"]
    assert not found.unread


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('package p\nvar A = "k.a"\n', "a.go"),
        ('package p\nconst A = "j.a"\n', "a.go"),
        ('package p\n/* const A = "k.a" */', "a.go"),
        ('fn f() { let a: &str = "k.a"; }', "a.rs"),
        ('const A: u8 = b"k.a"[0];', "a.rs"),
        ("thread_local! { static A: u8 = 1 }", "a.rs"),
    ],
)
def test_quiet(text: str, path: str) -> None:
    found = tell(SPEC, text, path)
    assert (found.facts, found.unread) == ((), ())


@pytest.mark.parametrize(
    ("text", "path", "line", "reason"),
    [
        (
            'package p\nconst A = other.P + "a"\n',
            "a.go",
            2,
            "A is made of other.P, which is no constant of this file",
        ),
        ('package p\nconst A = "k.\\xff"\n', "a.go", 2, "A is a text with escapes that are not read"),
        ('const A: &str = env!("A");', "a.rs", 1, "A is made by env!"),
        ('\nconst A: &str = if X { "k.a" } else { "k.b" };', "a.rs", 2, "A is made by if X"),
        ('package p\nconst A = B + "x"\nconst B = A + "x"\n', "a.go", 2, "A is made of B, whose value"),
        ('mk! { const A: &\'static str = "k.a"; }', "a.rs", 1, "A stands in the macro mk!"),
        ('mk! { x => const A: &str = "k.a" }', "a.rs", 1, "A stands in the macro mk!"),
    ],
)
def test_a_constant_that_cannot_be_worked_out_is_told(text: str, path: str, line: int, reason: str) -> None:
    found = tell(SPEC, text, path)
    assert found.facts == ()
    assert found.unread[0].line == line
    assert found.unread[0].reason.startswith(f"the constant {reason}")


def test_a_file_that_breaks_the_grammar_is_not_read() -> None:
    found = tell(SPEC, 'const A: &str = "k.a";\nfn f( {\n', "a.rs")
    assert (found.facts, found.files, found.unread[0].line) == ((), (), 2)


def test_a_macro_that_keeps_its_items_is_read() -> None:
    text = 'cfg_if! { if #[cfg(a)] {\n const A: &str = "k.a"; } else { const A: &str = "k.b"; } }'
    assert [(fact.name, fact.line) for fact in tell(SPEC, text, "a.rs").facts] == [("k.a", 2), ("k.b", 2)]


def test_constants_that_double_stay_small() -> None:
    doubling = "".join(f'const A{i + 1} = A{i} + A{i} + "x"\n' for i in range(200))
    found = tell(SPEC, 'package p\nconst A0 = "k.a"\n' + doubling, "a.go")
    assert found.unread
    assert max(len(fact.name) for fact in found.facts) <= 4096


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"const A = 1", "a.py"),
        (b'const A: &str = "open', "a.rs"),
        (b"\xff", "a.go"),
        (b"/* " * 1000, "a.rs"),
        (b"\0", "a.go"),
    ],
)
def test_hostile_files_are_told(data: bytes, path: str) -> None:
    found = tell(SPEC, data, path)
    assert len(found.unread) == 1
    assert not found.files


@pytest.mark.parametrize(
    "text", ["const (" * 50_000, "const A = " + "(" * 100_000, "const A = " + "A + " * 100_000]
)
def test_deep_and_long_code(text: str) -> None:
    assert tell(SPEC, text, "a.go").facts == ()


_KEYS = st.lists(st.from_regex(r"k\.[a-z_]{1,10}", fullmatch=True), unique=True)


@given(_KEYS)
def test_every_constant_that_was_written_is_read(keys: list[str]) -> None:
    go = "package p\nconst (\n" + "".join(f'\tC{i} = "{key}"\n' for i, key in enumerate(keys)) + ")\n"
    rust = "// x\n" + "".join(f'const C{i}: &str = "{key}";\n' for i, key in enumerate(keys))
    assert names(tell(SPEC, go, "a.go")) == names(tell(SPEC, rust, "a.rs")) == sorted(keys)


@given(st.text("const A=:&str+\"'`/*\\\n();,r#!", max_size=200), st.sampled_from(["a.go", "a.rs"]))
def test_any_text_is_read_or_told(text: str, path: str) -> None:
    found = tell(SPEC, text, path)
    assert found.files or found.unread
