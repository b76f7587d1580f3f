"""Canonical JSON: the same bytes as the standard library's, whole or in pieces."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.core.canonical import compact_bytes, dump_bytes, dump_pieces
from threatmodel.core.plain import OMIT_NONE, to_plain
from threatmodel.core.text import fold


def standard(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS | st.sampled_from([0.5, 1.0, 9.3, 1e16]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_those_of_the_standard_library(value: Any) -> None:
    assert dump_bytes(value) == standard(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    b: str
    a: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    z: tuple[Inner, ...] = ()
    mapping: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gone: str | None = field(default=None, metadata=OMIT_NONE)
    there: str | None = None
    text: str = ""


INNER = st.builds(Inner, b=TEXTS, a=st.lists(TEXTS, max_size=3).map(tuple))


@given(
    st.builds(
        Outer,
        z=st.lists(INNER, max_size=3).map(tuple),
        mapping=st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2).map(tuple), max_size=3),
        gone=st.none() | TEXTS,
        there=st.none() | TEXTS,
        text=TEXTS,
    )
)
def test_pieces_make_the_whole(value: Outer) -> None:
    assert b"".join(dump_pieces(value)) == dump_bytes(to_plain(value)) == standard(to_plain(value))


@dataclass(frozen=True)
class Many:
    items: tuple[Any, ...]


@pytest.mark.parametrize("number", [1, 63, 64, 65, 128, 130])
@pytest.mark.parametrize("last", [Inner(b="a null: null\n  null"), None, [None], {"a": None}, 1 << 70])
def test_pieces_of_a_long_list(number: int, last: Any) -> None:
    value = Many((*(Inner(b=str(n)) for n in range(number - 1)), last))
    assert b"".join(dump_pieces(value)) == standard(to_plain(value))


@pytest.mark.parametrize("bad", [float("nan"), [float("inf")], {"a": float("-inf")}])
def test_pieces_refuse_a_number_that_is_not_finite(bad: Any) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        list(dump_pieces(Many((Inner(b="x"), bad))))


@given(st.builds(Outer, z=st.lists(INNER, max_size=3).map(tuple), gone=st.none() | TEXTS, text=TEXTS))
def test_one_line_says_the_same(value: Outer) -> None:
    line = compact_bytes({"value": value, "set": frozenset({"b", "a"})})
    assert b"\n" not in line
    assert json.loads(line) == json.loads(json.dumps({"value": to_plain(value), "set": ["a", "b"]}))


@dataclass(frozen=True)
class Empty:
    """No field."""


@pytest.mark.parametrize("value", [Empty(), {"a": [1]}, [1, "x"], "x"])
def test_pieces_of_other_values(value: Any) -> None:
    assert b"".join(dump_pieces(value)) == dump_bytes(to_plain(value))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("other", [{}, {"big": 1 << 70}])
def test_a_number_that_is_not_finite_is_refused(number: float, other: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        dump_bytes({"a": [None, {"b": number}], **other})


@pytest.mark.parametrize("value", [object(), {1, 2}, Inner(b="x"), b"bytes"])
def test_what_has_no_json_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        dump_bytes([value])


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_folding_is_the_same_with_all_glyphs(text: str) -> None:
    assert fold(text) == fold(text, range(0x110000))
    assert fold(fold(text)) == fold(text)
