"""Constants of Go, Rust and C: values, names with their scopes, and the reasons why a value is not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.readers.constants import Constant, constants
from threatmodel.readers.expressions import Scalar
from threatmodel.readers.syntax import Syntax, parse


def _all(text: str, path: str) -> tuple[Constant, ...]:
    syntax = parse(text, path)
    assert isinstance(syntax, Syntax)
    return constants(syntax)


def _values(text: str, path: str) -> dict[str, Scalar | None]:
    return {constant.name: constant.value for constant in _all(text, path)}


def _one(text: str, path: str) -> Constant:
    return next(constant for constant in _all(text, path) if constant.name == "A")


GO = """package p
const Port = 1024
const (
\tFirst Kind = iota
\tSecond
\t_
\tFourth // iota
)
const (
\tKiB = 1 << (10 * (iota + 1))
\tMiB
\tName, Number = "a" + `b`, uint32(0x1F)
\tOctal, On, Off = 0o17 + 010, true, -7 / 2
)
func f() { const Inner = Port + 1; { const Deep = Inner &^ 1 } }
func (t *T) m() { const Inner = "m" }
var Variable = "no"
"""
RUST = """
pub const PORT: u32 = 1_024u32;
const NAME: &str = "x";
static OTHER: &'static str = concat!("a", /* b */ 1, true,);
const SUM: i64 = (PORT as i64 + 1) * -2;
const NOT: bool = !true;
const ANY: u32 = u32::MAX;
mod m {
    const NAME: &str = "y";
    const UP: &str = super::NAME;
    const HERE: &str = self::NAME;
}
impl<T> Kind<T> { const SIZE: usize = 1 << 4; }
impl<T> Trait for Kind<T> { const TWICE: usize = Self::SIZE * 2; }
const SIZE: usize = Kind::SIZE;
fn f() { const INNER: u8 = 0xffu8; }
"""
C = """
#ifndef GUARD_H
#define GUARD_H
#define PORT 1024U
#define SHIFT (1UL << 3) /* eight */
#define NAME "a" "b"
#define TWICE (PORT * 2)
#define MACRO(x) x
enum kind { FIRST, SECOND = 5, THIRD };
static const int LIMIT = 010, *other = 0;
const char text[] = "t";
static const char *const fixed = "f";
static const char *moving = "no";
int plain = 1;
#endif
"""


def test_go() -> None:
    assert _values(GO, "a.go") == {
        "Port": 1024,
        "First": 0,
        "Second": 1,
        "Fourth": 3,
        "KiB": 1024,
        "MiB": 1 << 20,
        "Name": "ab",
        "Number": 31,
        "Octal": 23,
        "On": True,
        "Off": -3,
        "f.Inner": 1025,
        "f.Deep": 1024,
        "m.Inner": "m",
    }


def test_rust() -> None:
    assert _values(RUST, "a.rs") == {
        "PORT": 1024,
        "NAME": "x",
        "OTHER": "a1true",
        "SUM": -2050,
        "NOT": False,
        "ANY": 2**32 - 1,
        "m::NAME": "y",
        "m::UP": "x",
        "m::HERE": "y",
        "Kind::SIZE": 16,
        "Kind::TWICE": 32,
        "SIZE": 16,
        "f::INNER": 255,
    }


def test_c() -> None:
    assert _values(C, "a.h") == {
        "PORT": 1024,
        "SHIFT": 8,
        "NAME": "ab",
        "TWICE": 2048,
        "FIRST": 0,
        "SECOND": 5,
        "THIRD": 6,
        "LIMIT": 8,
        "text": "t",
        "fixed": "f",
    }


def test_lines_and_repeated_names() -> None:
    found = _all("#[cfg(a)]\nconst A: u8 = 1;\n#[cfg(not(a))]\nconst A: u8 = 2;\n", "a.rs")
    assert [(item.name, item.value, item.line) for item in found] == [("A", 1, 2), ("A", 2, 4)]


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("const A = time.Second * 5", "a.go", "is made of time.Second, which is no constant of this file"),
        ("const A = B", "a.go", "is made of B, which is no constant of this file"),
        ("const A = 1.5", "a.go", "is made by 1.5"),
        ("const A = A + 1", "a.go", "is made of A, whose value is not known"),
        ("const A = 1 / 0", "a.go", "takes the sign /"),
        ("const A = 1 << 5000", "a.go", "takes the sign <<"),
        ("const A = 1 << 255 << 255", "a.go", "has more than 256 bits"),
        ('const A = "x" * 2', "a.go", "takes the sign * of what is no number"),
        ("const A = ^0", "a.go", "takes the sign ^"),
        ("const A = Kind(1)", "a.go", "is made by Kind()"),
        ("const A, B = f()", "a.go", "is not given beside its name"),
        ("const A = " + "9" * 100, "a.go", "is a number that is too long"),
        ("const A = (1 + ) \nconst B = 1\n", "a.go", "stands in a text that breaks the grammar"),
        ("static mut A: u8 = 1;", "a.rs", "can change"),
        ("trait T { const A: u8; } impl T for X { const B: u8 = A; } const A: u8 = f();", "a.rs", "is made by f()"),
        ('const A: &[u8] = b"x";', "a.rs", "is made of bytes"),
        ('const A: &str = concat!("x", env!("Y"));', "a.rs", "is made by concat! of what is no literal"),
        ("const A: u8 = 300 as u8;", "a.rs", "is made into u8"),
        ("const A: u8 = u7::MAX;", "a.rs", "is made into u7"),
        ("bitflags! { const A: u8 = 1; }", "a.rs", "stands in the macro bitflags!"),
        ("const A: u8 = B; const B: u8 = 1; const B: u8 = 2;", "a.rs", "is made of B, which is declared with several"),
        ("#define A sizeof(int)", "a.h", "is made by sizeof(int)"),
        ("#define A do { } while (0)", "a.h", "is no expression"),
        ("#define A 1; int y = 2", "a.h", "is no expression"),
        ("#ifndef A\n#define A 1\n#endif", "a.h", "is a default that may be defined elsewhere"),
        ("enum e { B = x, A };", "a.h", "follows B, whose value is not known"),
        ("enum e { B,\n#ifdef X\nC,\n#endif\nA };", "a.h", "depends on conditions"),
        ("#define A 'x'", "a.h", "is made by 'x'"),
    ],
)  # fmt: skip
def test_a_value_that_the_text_does_not_tell_has_a_reason(text: str, path: str, reason: str) -> None:
    found = _one(text, path)
    assert found.value is None
    assert found.reason.startswith(reason)


def test_a_macro_that_is_undefined_has_a_second_place_without_a_value() -> None:
    found = _all("#define A 1\n#undef A\n#undef B\n", "a.h")
    assert [(item.value, item.reason) for item in found] == [(1, ""), (None, "is undefined again")]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/* const A = 1 */ var A = 1", "a.go"),
        ("fn f() { let a = 1; } // const A: u8 = 1;", "a.rs"),
        ("fn f(x: *const u8) {} macro_rules! m { () => { const $a: u8 = 1; } }", "a.rs"),
        ("#define A\n#define F(x) 1\nint a = 1;", "a.c"),
        ("extern const int a; int f(const int a);", "a.c"),
    ],
)
def test_what_is_no_constant(text: str, path: str) -> None:
    assert _all(text, path) == ()


def test_names_in_rust_end_at_their_module() -> None:
    found = _values(
        "const A: u8 = 1; mod m { const B: u8 = A; } impl T { const C: u8 = A; const D: u8 = C; }", "a.rs"
    )
    assert found == {"A": 1, "m::B": None, "T::C": 1, "T::D": None}


def test_inner_scopes_of_go_hide_outer_ones() -> None:
    text = 'package p\nconst A = "x"\nfunc f() { const A = "y"; const B = A }\nconst B = A\n'
    assert _values(text, "a.go") == {"A": "x", "f.A": "y", "f.B": "y", "B": "x"}


@pytest.mark.parametrize("size", [2, 5000])
def test_long_chains_cost_no_stack(size: int) -> None:
    chain = "".join(f"const A{i}: u32 = A{i + 1} + 1;\n" for i in range(size)) + f"const A{size}: u32 = 0;\n"
    assert _values(chain, "a.rs")["A0"] == size
    enum = "enum e {" + "".join(f"B{i}," for i in range(size)) + "};"
    assert _values(enum, "a.c")[f"B{size - 1}"] == size - 1


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("const A = " + "(" * 5000 + "1" + ")" * 5000, "a.go"),
        ("const A = " + "1 + " * 5000 + "1", "a.go"),
        ("mod m { " * 5000 + "const A: u8 = 1;" + "}" * 5000, "a.rs"),
        ("{" * 5000 + "const int A = 1;" + "}" * 5000, "a.c"),
    ],
)
def test_deep_text_is_not_guessed(text: str, path: str) -> None:
    assert [constant.value for constant in _all(text, path)] == [None]


def test_macros_in_macros_are_read_to_a_depth() -> None:
    found = _all("cfg_if! { const A: u8 = 1; " * 500 + "}" * 500, "a.rs")
    assert [constant.value for constant in found] == [1, 1, 1, None]
    assert found[-1].reason == "stands in the macro cfg_if!"


def test_texts_that_double_stay_small() -> None:
    text = 'package p\nconst A0 = "a"\n' + "".join(f"const A{i + 1} = A{i} + A{i}\n" for i in range(100))
    found = _all(text, "a.go")
    assert max(len(item.value) for item in found if isinstance(item.value, str)) == 4096
    assert found[13].reason == "has more than 4096 characters"


@given(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40).filter(bool), st.sampled_from("+-*/%&|^"))
def test_calculation_is_that_of_the_languages(left: int, right: int, sign: str) -> None:
    found = _values(f"package p\nconst A = ({left}) {sign} ({right})\n", "a.go")["A"]
    quotient = int(abs(left) // abs(right)) * (1 if (left < 0) == (right < 0) else -1)
    expected = {
        "+": left + right,
        "-": left - right,
        "*": left * right,
        "/": quotient,
        "%": left - quotient * right,
        "&": left & right,
        "|": left | right,
        "^": left ^ right,
    }
    assert found == expected[sign]


@given(
    st.text("const A=:&str+\"'`/*\\\n();,r#!{}enum1 ", max_size=120), st.sampled_from(["a.go", "a.rs", "a.c"])
)
def test_any_text_is_read(text: str, path: str) -> None:
    for constant in _all(text, path):
        assert (constant.value is None) == bool(constant.reason)
