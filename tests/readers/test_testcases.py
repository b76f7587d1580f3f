"""Tests found by name and syntax, and whether they are switched off for good."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.readers.content import Unusable
from threatmodel.readers.testcases import named_tests

GO = """package a
func TestThere(t *testing.T) {
	if short() { t.Skip("slow") }
	t.Log("TestNowhere")
}
func TestSkipped(t *testing.T) {
	assert := assert.New(t)
	t.Skip("broken")
}
// func TestComment(t *testing.T) {}
func (s *Suite) TestMethod(t *testing.T) {}
func Testing(t *testing.T) {}
func helper() { _ = `func TestText(t *testing.T) {}` }
"""
RUST = """
#[cfg(test)]
mod tests {
    #[test]
    fn test_there() {}

    #[tokio::test(flavor = "multi_thread")]
    // a word
    async fn test_async() {}

    #[test]
    #[ignore = "slow"]
    fn test_ignored() {}

    #[rstest]
    #[case(1)]
    fn test_cases(#[case] n: u8) {}

    fn test_plain() {}
    const TEXT: &str = "#[test] fn test_text() {}";
}
"""
BATS = """#!/usr/bin/env bats
setup() {
	[ -n "$X" ] && skip "not here"
}
@test "it is there" {
	run true
}
@test 'it is skipped' {
	# why

	skip "broken"
}
@test bare { skip
}
# @test "a comment" {
@test "skipped under a condition" {
	skip_if_root
	[ 1 ] || skip
}
"""
PYTHON = '''
import pytest
def test_there():
    if x:
        pytest.skip("here not")
@pytest.mark.skip(reason="x")
def test_marked(): pass
@pytest.mark.skipif(True, reason="x")
def test_condition(): pass
async def test_first():
    """Words."""
    pytest.skip("x")
class TestGroup:
    def test_inside(self): pass
class Other:
    def test_other(self): pass
def helper(): pass
TEXT = "def test_text(): pass"
'''


@pytest.mark.parametrize(
    ("path", "text", "name", "line", "skipped"),
    [
        ("a_test.go", GO, "TestThere", 2, ""),
        ("a_test.go", GO, "TestSkipped", 6, "skipped on line 8"),
        ("a.rs", RUST, "test_there", 5, ""),
        ("a.rs", RUST, "test_async", 9, ""),
        ("a.rs", RUST, "test_ignored", 13, "ignored by its attribute"),
        ("a.rs", RUST, "test_cases", 17, ""),
        ("a.bats", BATS, "it is there", 5, ""),
        ("a.bats", BATS, "it is skipped", 8, "skipped by its first command"),
        ("a.bats", BATS, "bare", 13, "skipped by its first command"),
        ("a.bats", BATS, "skipped under a condition", 16, ""),
        ("a.bats", 'setup() {\n  skip "x"\n}\n@test "a" {\n}\n', "a", 4, "skipped by setup on line 1"),
        ("test_a.py", PYTHON, "test_there", 3, ""),
        ("test_a.py", PYTHON, "test_marked", 7, "skipped by @pytest.mark.skip"),
        ("test_a.py", PYTHON, "test_condition", 9, ""),
        ("test_a.py", PYTHON, "test_first", 10, "skipped on line 12"),
        ("test_a.py", PYTHON, "test_inside", 14, ""),
        (
            "test_a.py",
            "pytestmark = [pytest.mark.skip]\ndef test_a(): pass\n",
            "test_a",
            2,
            "skipped by pytestmark",
        ),
    ],
)
def test_found(path: str, text: str, name: str, line: int, skipped: str) -> None:
    found = named_tests(text, path, name)
    assert not isinstance(found, Unusable)
    assert [(case.name, case.line, case.skipped) for case in found] == [(name, line, skipped)]


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a_test.go", GO, ["TestNowhere", "TestComment", "TestMethod", "Testing", "TestText", "helper"]),
        ("a.go", GO, ["TestThere"]),
        ("a.rs", RUST, ["test_plain", "test_text"]),
        ("a.bats", BATS, ["a comment", "it"]),
        ("test_a.py", PYTHON, ["test_other", "helper", "test_text"]),
    ],
)
def test_no_test(path: str, text: str, names: list[str]) -> None:
    assert [name for name in names if named_tests(text, path, name)] == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.c", "int test_a(void);"),
        ("test_a.py", "def test_a(:"),
        ("test_a.py", "x = " + "(" * 100_000),
        ("a.rs", "#[test]\nfn test_b( {"),
        ("test_a.py", "x" * 600_000),
    ],
)
def test_what_cannot_be_read_says_so(path: str, text: str) -> None:
    assert isinstance(named_tests(text, path, "test_a"), Unusable)


@given(
    st.text("@test \"'{}\nskip#fnTestx()[]:=", max_size=60),
    st.sampled_from(["a_test.go", "a.rs", "a.bats", "a.py"]),
)
def test_any_text_ends(text: str, path: str) -> None:
    named_tests(text, path, "test_x")
