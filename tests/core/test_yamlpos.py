"""YAML with positions: what is refused, and where the lines point."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.core.diagnostics import Place
from threatmodel.core.errors import Exit, InvalidInput
from threatmodel.core.yamlpos import as_mapping, load

BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b", ".join([b"*%c" % (97 + n)] * 10)) for n in range(7)
)


@pytest.mark.parametrize(
    ("data", "line", "text"),
    [
        pytest.param(b"a: 1\nb: 2\na: 3\n", 3, 'key "a" stands twice', id="duplicate key"),
        pytest.param(b'1: x\n"1": y\n', 2, 'key "1" stands twice', id="duplicate after reading"),
        pytest.param(b"a:\n  b: 1\n  b: 2\n", 3, 'key "b" stands twice', id="duplicate inside"),
        pytest.param(BOMB, None, "aliases may be nested", id="alias bomb"),
        pytest.param(b"a: &a [*a]\n", 1, "hold itself", id="list in itself"),
        pytest.param(b"a: &a\n  b: *a\n", None, "hold itself", id="mapping in itself"),
        pytest.param(b"x: 1\ny: " + b"[" * 100_000, 2, "nested too deeply", id="brackets"),
        pytest.param(b"- " * 5000 + b"x", 1, "nested too deeply", id="dashes"),
        pytest.param(b'a: !!python/object/apply:os.system ["true"]', 1, "python/object", id="tag on a list"),
        pytest.param(
            b"a: 1\nb: !!python/object:os.stat_result {}", 2, "python/object", id="tag on a mapping"
        ),
        pytest.param(b"a: !!python/name:os.system x", 1, "python/name", id="tag on text"),
        pytest.param(b"a: !mine x", 1, "!mine", id="own tag"),
        pytest.param(b"a: !!set {x}", 1, "set", id="set"),
        pytest.param(b'a: !!int ""', 1, "bad value", id="empty number"),
        pytest.param(b"a: !!bool maybe", 1, "bad value", id="no truth value"),
        pytest.param(b"a: !!timestamp soon", 1, "bad value", id="no date"),
        pytest.param(b"a: 2001-13-44", 1, "bad value", id="no such day"),
        pytest.param(b"a: " + b"9" * 5000, 1, "bad value", id="long number"),
        pytest.param(b"? [a, b]\n: 1\n", 1, "key is a list", id="list as key"),
        pytest.param(b"a: 1\n? {b: 1}\n: 1\n", 2, "key is a list or a mapping", id="mapping as key"),
        pytest.param(b"a: \xff\n", None, "not UTF-8 (byte 3)", id="not UTF-8"),
        pytest.param(b"a: [1\nb: 2\n", 2, "not YAML", id="open list"),
        pytest.param(b"a: 1\n--- \nb: 2\n", 2, "another document", id="two documents"),
        pytest.param(b"a: *b\n", 1, "undefined alias", id="unknown alias"),
        pytest.param(b"a: \x01\n", None, "not YAML", id="control character"),
        pytest.param(b"a:\n\t- b\n", 2, "not YAML", id="tabulator"),
    ],
)
def test_refused(data: bytes, line: int | None, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(data, "x/f.yaml")
    (found,) = caught.value.diagnostics
    assert caught.value.exit is Exit.INVALID
    assert (found.code, text in found.message) == ("Y001", True), found.message
    assert found.place is not None
    assert found.place.path == "x/f.yaml"
    assert line is None or found.place.line == line


def test_lines() -> None:
    document = load(b"a: 1\nb:\n  - x\n  - c: y\n    d: z\n", "f.yaml")
    assert document.value == {"a": 1, "b": ["x", {"c": "y", "d": "z"}]}
    routes: list[tuple[str | int, ...]] = [
        (), ("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "d"), ("b", 1, "none"), ("none",)
    ]  # fmt: skip
    assert [document.place(*route).line for route in routes] == [1, 1, 2, 3, 4, 5, 4, 1]
    assert document.place("a") == Place("f.yaml", 1)


@pytest.mark.parametrize("data", [b"", b"# only a comment\n", b"---\n"])
def test_an_empty_document_is_none(data: bytes) -> None:
    assert load(data, "f.yaml").value is None


def test_aliases_within_bounds_and_plain_types() -> None:
    document = load(b"a: &x {k: [1, 2.5, true, null, 2027-06-30, text]}\nb: *x\n", "f.yaml")
    inner = [1, 2.5, True, None, datetime.date(2027, 6, 30), "text"]
    assert document.value == {"a": {"k": inner}, "b": {"k": inner}}


@pytest.mark.parametrize(("value", "mapping"), [({"a": 1}, {"a": 1}), ([1], {}), ("x", {})])
def test_shapes(value: Any, mapping: Any) -> None:
    assert as_mapping(value) == mapping


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz", min_size=1), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_reads_what_was_written(value: Any) -> None:
    assert load(yaml.safe_dump(value, allow_unicode=False).encode(), "f").value == value


@given(st.binary(max_size=60) | st.text("-?:[]{}&*!|>'\"% #\n\tab10", max_size=60).map(str.encode))
def test_any_bytes_give_a_value_or_a_diagnostic(data: bytes) -> None:
    codes: set[str] = set()
    try:
        load(data, "f")
    except InvalidInput as error:
        codes = {found.code for found in error.diagnostics}
    assert codes <= {"Y001"}
