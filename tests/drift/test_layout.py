"""Edits of Python and YAML text: what they add, that nothing else changes, and that a formatter leaves them alone."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from collateral.drift.propose import layout, records

BLOCK = ["# TODO(drift): new", '"Odd",']


def formatted(text: str) -> str:
    """The text as ruff leaves it."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()


LISTS = {
    "one-line": 'NAMES = ["Get", "Put"]\n',
    "tuple": 'NAMES = ("Get",)\n',
    "several": 'NAMES = [\n    "Get",\n    "Put",\n]\n',
    "in-a-call": 'def f():\n    Flow("T1", a, b, "Requests", operations=["Get", "Put"], data=[NOTES])\n',
    "in-a-long-call": 'Flow(\n    "T1",\n    operations=["Get", "Put"],\n    data=[NOTES],\n)\n',
    "in-a-dict": 'NAMES = {"go": ["Get"], "rust": ["Run"]}\n',
    "of-objects": 'NAMES = (Operation("Get", parses="a"), Operation("Put", parses="b", note="c",),)\n',
    "not-ascii": 'X = "ä"; NAMES = ["ö", "Put"]\n',
}


@pytest.mark.parametrize("case", LISTS)
@pytest.mark.parametrize("after", [0, -1])
def test_an_element_more(case: str, after: int) -> None:
    text = formatted(LISTS[case])
    tree = ast.parse(text)
    which = next(
        i
        for i, node in enumerate(layout.lists(tree))
        if any("Get" in ast.dump(e) or "ö" in ast.dump(e) for e in node.elts)
    )
    at = after % len(layout.lists(tree)[which].elts)
    made = layout.with_element(text, which, at, BLOCK)
    assert made is not None
    node = layout.lists(ast.parse(made))[which]
    assert [i for i, e in enumerate(node.elts) if "Odd" in ast.dump(e)] == [at + 1]
    assert made.count("TODO(drift)") == 1
    assert formatted(made) == made


def test_elements_that_share_a_line() -> None:
    text = 'NAMES = (\n    "a", "b",\n    "c", "d"\n)  # fmt: skip\n'
    made = layout.with_element(text, 0, 0, BLOCK)
    assert made == text.replace('"b",\n', '"b",\n    # TODO(drift): new\n    "Odd",\n')
    last = layout.with_element(text, 0, 3, BLOCK)
    assert last == text.replace('"d"\n', '"d",\n    # TODO(drift): new\n    "Odd",\n')
    assert formatted(made) == made


@pytest.mark.parametrize(
    "text",
    [
        'NAMES = [  # why\n    "a"]\n',
        'NAMES = "a", "b"\n',
        "NAMES = []\n",
        'X = [("a" for _ in b)]\n',
        "x = [\n",
    ],
)
def test_what_is_not_edited(text: str) -> None:
    made = layout.with_element(text, 0, 0, BLOCK)
    assert made is None or ast.dump(ast.parse(made)) != ast.dump(ast.parse(text))
    if "why" in text or "[]" in text or text.startswith("x"):
        assert made is None


def test_an_element_in_brackets_of_its_own_is_not_edited() -> None:
    """A comma behind it would stand inside the brackets and make it a tuple."""
    assert layout.with_element('NAMES = [\n    ("Get")\n]\n', 0, 0, BLOCK) is None
    assert layout.with_element('NAMES = [\n    ("Get"),\n]\n', 0, 0, BLOCK) is not None


def test_a_keyword_more() -> None:
    text = formatted('def f():\n    Flow("T1", a, b, "Requests", protocol="HTTP", data=[NOTES])\n')
    made = layout.with_keyword(
        text, 0, "operations", ["operations=[", *("    " + b for b in BLOCK), "],"], ("data",)
    )
    assert made is not None
    assert formatted(made) == made
    [call] = layout.calls(ast.parse(made))
    assert [keyword.arg for keyword in call.keywords] == ["protocol", "operations", "data"]


def test_a_comment_stands_in_no_text() -> None:
    text = 'X = """a\nb\n"""\nY = [\n    "c",\n]\n'
    assert layout.with_comment(text, 2, ["# TODO(drift): b"]) is None
    assert layout.with_comment(text, 5, ["# TODO(drift): c"]) == text.replace(
        '    "c"', '    # TODO(drift): c\n    "c"'
    )
    assert layout.with_comment(text, 99, ["# no"]) is None


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=30))
def test_quoted_texts_are_what_they_were(text: str) -> None:
    assert ast.literal_eval(layout.quoted(text)) == text
    assert yaml.safe_load(f"- {records.scalar(text)}") == [text] or not text.isprintable()


YAML = """\
# why
known:
  go:
    - fast slow   # all
    - >-
      folded
      text

  rust: [fast]
extracts:
  - id: calls
    paths: [a]
  - id: keys
    notes:
      - name: a
        says: b
# the end
"""


@pytest.mark.parametrize(
    ("route", "value", "block", "before"),
    [
        (("known", "go"), "odd", ["# TODO(drift)", "- odd"], "\n  rust:"),
        (
            ("extracts", 0, "notes"),
            {"name": "x", "says": "y"},
            ["- name: x", "  says: y"],
            "  - id: keys",
        ),
        (("extracts", 1, "notes"), {"name": "x", "says": "y"}, ["- name: x", "  says: y"], "# the end"),
    ],
)
def test_an_item_more(route: tuple[str | int, ...], value: object, block: list[str], before: str) -> None:
    made = records.with_item(YAML, route, value, block)
    assert made is not None
    found = yaml.safe_load(made)
    for step in route:
        found = found[step]
    assert found[-1] == value
    start, middle, end = YAML.partition(before)
    assert made.startswith(start)
    assert made.endswith(middle + end)
    assert [line for line in made.split("\n") if line not in YAML.split("\n")]


@pytest.mark.parametrize(
    "route", [("known", "rust"), ("known", "c", "d"), ("extracts", 5, "notes"), ("known",)]
)
def test_lists_that_are_not_edited(route: tuple[str | int, ...]) -> None:
    assert records.with_item(YAML, route, "odd", ["- odd"]) is None


def test_an_item_is_what_was_meant() -> None:
    assert records.with_item(YAML, ("known", "go"), "odd", ["- other"]) is None


def test_a_comment_stands_in_no_yaml_text() -> None:
    assert records.with_comment(YAML, 7, ["# TODO(drift)"]) is None
    made = records.with_comment(YAML, 11, ["# TODO(drift)"])
    assert made == YAML.replace("  - id: calls", "  # TODO(drift)\n  - id: calls")


@pytest.mark.parametrize("text", ["on", "1.5", "a: b", "- a", "#a", "a #b", "null", "é", ""])
def test_scalars(text: str) -> None:
    assert yaml.safe_load(f"- {records.scalar(text)}") == [text]
