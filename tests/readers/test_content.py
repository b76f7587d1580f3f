"""Files that prove nothing, and the place that a match is reported at."""

from __future__ import annotations

import pytest

from tests.claims.test_ledger import Files, check
from threatmodel.readers.content import MAX_BYTES
from threatmodel.system import Absent, ArgumentsAbsent, Claim, FileExists, Present, Value

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
SEARCHES: list[Claim] = [
    Present(paths=("a.toml",), pattern="a"),
    Absent(paths=("a.toml",), pattern="zzz"),
    ArgumentsAbsent(paths=("a.toml",), arguments=("--zzz", "none")),
    Value(paths=("a.toml",), key="a", equals=1),
]


@pytest.mark.parametrize("claim", SEARCHES, ids=lambda claim: claim.kind)
@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (POINTER, "LFS"),
        ("a = 1".encode("utf-16"), "NUL"),
        (b"a = '\xe9'\n", ""),
        (b"a = 1\n#" + b"x" * MAX_BYTES, str(MAX_BYTES + 7)),
    ],
)
def test_a_file_that_is_not_read_verifies_nothing(claim: Claim, data: bytes, word: str) -> None:
    found = check(claim, Files({"a.toml": data}))
    assert (found.state, found.path) == ("not-checked", "a.toml")
    assert found.detail
    assert word in found.detail


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"a.rs": b""}, "not-checked"),
        ({"a.rs": POINTER}, "not-checked"),
        ({"a.rs": b"", "b.rs": b"x"}, "verified"),
        ({"a.rs": b"\x00"}, "verified"),
        ({"b.txt": b"x"}, "contradicted"),
    ],
)
def test_a_file_exists_where_it_holds_something(files: dict[str, bytes | None], state: str) -> None:
    assert check(FileExists(paths=("*.rs",)), Files(files)).state == state


@pytest.mark.parametrize("good", [b"seccomp_enable();", b"/* x */ seccomp_enable(); // y"])
def test_comments_verify_nothing(good: bytes) -> None:
    claim = Present(paths=("a.rs",), pattern="seccomp_enable")
    assert check(claim, Files({"a.rs": good})).state == "verified"
    assert check(claim, Files({"a.rs": b"// seccomp_enable(); was removed\n"})).state == "contradicted"


def test_comments_contradict_nothing() -> None:
    claim = Absent(paths=("a.*",), pattern="debug = true")
    assert check(claim, Files({"a.toml": b"a = 1 # debug = true\n"})).state == "verified"
    assert check(claim, Files({"a.txt": b"# debug = true\n"})).state == "contradicted"


def test_a_file_that_is_not_read_does_not_hide_a_contradiction() -> None:
    files = Files({"a.rs": b"", "b.rs": b"unsafe"})
    assert check(Absent(paths=("*.rs",), pattern="unsafe"), files).state == "contradicted"
    assert check(Absent(paths=("*.rs",), pattern="other"), files).state == "not-checked"
    assert check(Present(paths=("*.rs",), pattern="unsafe"), files).state == "verified"


@pytest.mark.parametrize("source", [b"/* a\nunsafe", b"a\runsafe", b'r#"'])
def test_source_that_cannot_be_told_apart(source: bytes) -> None:
    assert check(Absent(paths=("a.rs",), pattern="^unsafe"), Files({"a.rs": source})).state == "not-checked"


def test_a_value_that_is_not_a_literal() -> None:
    claim = ArgumentsAbsent(paths=("a.rs",), arguments=("--sandbox", "none"))
    found = check(claim, Files({"a.rs": b'\nc.arg("--sandbox").arg(mode);'}))
    assert (found.state, found.line, found.seen) == ("not-checked", 2, 'c.arg("--sandbox").arg(mode);')
    assert found.detail == "passed with a value that is not a literal"


def test_a_match_is_reported_at_its_first_line_with_text() -> None:
    claim = Present(paths=("a.mk",), pattern=r"^\s*X := 1")
    found = check(claim, Files({"a.mk": b"A := 1\n\n# why\n  X := 1\n"}))
    assert (found.line, found.seen) == (4, "X := 1")
