"""Code made to break its readers: whatever a file holds, it is read or told, and soon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.extract.support import MemoryTree, tell
from threatmodel.extract import Known, Spec, extract

SPECS = (
    Spec(kind="arguments", paths=("**",), pattern=r"--?[a-z]+"),
    Spec(kind="names", paths=("**",), pattern=r"\w+::\w+|SYS_\w+"),
    Spec(kind="values", paths=("**",), pattern=r"\w+"),
    Spec(kind="guards", paths=("**",), implements=("S",), gates=("g",)),
    Spec(kind="implementations", paths=("**",), implements=("S",), returns="d", registry="H", pattern=r"\w+"),
    Spec(kind="gated-keys", paths=("**",), pattern=r"k.*", gates=("g",), checks=r"c\w*"),
)
EACH = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.kind))
MANY = 12_000
LONG = {
    "list": ("a.go", "package p\nvar x = []string{" + '"--a", ' * MANY + "}\n"),
    "constants": ("a.rs", 'const A: &str = "k.a";\n' * MANY),
    "conditions": ("a.rs", "fn f() { " + "if " * MANY + "g(k)" + " {}" * MANY + " }"),
    "modules": ("a.rs", "mod a { " * MANY + "}" * MANY),
    "path": ("a.rs", "fn f() { " + "SYS_a::" * MANY + "b }"),
    "attributes": ("a.rs", "#[cfg(a)] mod a { " * 3000 + 'fn f() { SYS_a::b; "--a"; }' + "}" * 3000),
    "implementations": ("a.rs", 'impl S for X { fn d(&self) -> &[&str] { &["a"] } }\n' * 4000),
    "imports": ("a.go", "package p\nimport (" + 'a "b/c"\n' * MANY + ")\n"),
    "text": ("a.rs", 'fn f() { "' + "--a," * MANY + '" }'),
    "calls": ("a.rs", "fn f() { " + "g(" * MANY + ")" * MANY + " }"),
    "macro": ("a.rs", "static H: X = x![" + "#[cfg(a)] S {}, " * MANY + "];"),
}


@EACH
@pytest.mark.parametrize("name", LONG)
def test_long_and_deep_code(spec: Spec, name: str) -> None:
    path, text = LONG[name]
    found = tell(spec, text, path)
    assert found.files or found.unread
    assert all(len(fact.detail) < 1000 for fact in found.facts)


@EACH
@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("a.c", b"int S = g(k);", "Go and Rust files only"),
        ("a.txt", b"S H g k", "not named as one of Go"),
        ("a.rs", b"impl S for H { A g( k", "breaks the grammar"),
        ("a.go", b"package p\nfunc S( H A g k", "breaks the grammar"),
        ("a.rs", b"\0", "NUL"),
        ("a.rs", b"\xff", "not UTF-8"),
    ],
)
def test_what_is_no_code_is_told(spec: Spec, path: str, data: bytes, reason: str) -> None:
    found = tell(spec, data, path)
    assert found.facts == ()
    assert reason in found.unread[0].reason or "constants are read of" in found.unread[0].reason


def test_too_many_keys_and_checks_are_told() -> None:
    text = 'const A: &str = "k.a";\n' + "fn f() { x(A); c(); }\n" * 2000
    assert "too many" in tell(SPECS[-1], text, "a.rs").unread[0].reason


@EACH
@given(st.text("implS fordHg(k){};:&\"'#[]!ucst=/*\n-A", max_size=120), st.sampled_from(["a.go", "a.rs"]))
def test_any_text_is_read_or_told(spec: Spec, text: str, path: str) -> None:
    found = tell(spec, text, path)
    assert found.files or found.unread


@EACH
def test_a_file_that_is_the_same_is_not_read_again(spec: Spec) -> None:
    tree = MemoryTree({"a.rs": b'const A: &str = "--a"; fn f() { libc::SYS_b; g(A); }'})
    known: Known = {}
    first = extract(tree, spec, known)
    assert len(known) == 1
    assert extract(tree, spec, known) == first
    other = MemoryTree({"a.rs": b'const A: &str = "--b";'})
    assert extract(other, spec, known) == extract(other, spec)
