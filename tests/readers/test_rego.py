"""Rules of Rego files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.readers.rego import rego_rules

TEXT = """\
# default A := true
package p
import future.keywords.if

default A := false # not true
default B = {"x": 1,  # one
    "y": "# no comment"}
default f(_) := 0

A if {
    # default B := 1
    x == "}"
}
A := {"ops": [1]} if { y } else := false { z }
else := true {
    z
}
B.c := 1
KEY = `raw {
`
deny contains msg if msg := "m"
f(x) := y {
    y := x
}
r[x] { x }
"""


def test_defaults_bodies_and_lines() -> None:
    read = rego_rules(TEXT)
    assert read.unread == []
    assert {name: (rule.default, len(rule.bodies), rule.line) for name, rule in read.rules.items()} == {
        "A": ("false", 2, 5),
        "B": ('{"x": 1, "y": "# no comment"}', 0, 6),
        "f": ("0", 1, 8),
        "B.c": ("", 1, 18),
        "KEY": ("", 1, 19),
        "deny": ("", 1, 21),
        "r": ("", 1, 25),
    }
    assert read.rules["A"].bodies[0] == 'A if { x == "}" }'
    assert read.rules["A"].bodies[1].endswith("else := true { z }")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("package p\ndefault A := false\ndefault A := true\n", 3, "a second one"),
        ("default := false\n", 1, "without a name"),
        ("default A false\n", 1, "without a name"),
        ("default A :=\n", 1, "without a name"),
        ("A if {\n", 1, "a bracket is not closed"),
        ("A if { x }\n}\n", 2, "closes nothing"),
        ('A := "open\n', 1, "a text does not end"),
        ("A := `open\n", 1, "a text does not end"),
        ("{ x }\n", 1, "neither a rule nor a default"),
        ('"x"\n', 1, "neither a rule nor a default"),
        ("A + 1\n", 1, "neither a rule nor a default"),
    ],
)
def test_what_is_not_understood_is_told(text: str, line: int, reason: str) -> None:
    read = rego_rules(text)
    assert any(found == line and reason in said for found, said in read.unread), read.unread


@pytest.mark.parametrize("text", ["", "# A := 1\n", "package a.b\nimport x as y\n"])
def test_quiet(text: str) -> None:
    assert rego_rules(text).rules == {}


@pytest.mark.parametrize(
    "text", ["{" * 200_000, "A[" * 100_000, '"' * 200_001, "a." * 100_000, "A " * 100_000]
)
def test_long_and_deep_text(text: str) -> None:
    assert rego_rules(text).unread


_NAMES = st.from_regex(r"[A-Z][a-z]{0,8}", fullmatch=True)


@given(st.dictionaries(_NAMES, st.tuples(st.booleans(), st.integers(0, 3))))
def test_every_rule_that_was_written_is_read(rules: dict[str, tuple[bool, int]]) -> None:
    lines = [f"default {name} := {str(value).lower()}\n" for name, (value, _) in rules.items()]
    lines += [
        f"{name} if {{\n  input.n == {n}\n}}\n" for name, (_, many) in rules.items() for n in range(many)
    ]
    read = rego_rules("package p\n" + "".join(lines))
    assert not read.unread
    assert {name: (rule.default == "true", len(rule.bodies)) for name, rule in read.rules.items()} == rules


@given(st.text('default A:=if{}[]()\n"`#\\ \t.c', max_size=200))
def test_any_text_is_read(text: str) -> None:
    read = rego_rules(text)
    assert all(1 <= line <= text.count("\n") + 1 for line, _ in read.unread)
    assert all(rule.line >= 1 for rule in read.rules.values())
