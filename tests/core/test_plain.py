"""Plain forms of dataclasses, and copies of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from threatmodel.core.plain import OMIT_NONE, copier, to_plain


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thing:
    id: str
    size: int = 3
    more: str | None = field(default=None, metadata=OMIT_NONE)
    less: str | None = None


def test_a_field_may_be_left_out_where_it_is_none() -> None:
    assert to_plain(_Thing(id="a")) == {"id": "a", "size": 3, "less": None}
    assert to_plain(_Thing(id="a", more="")) == {"id": "a", "size": 3, "more": "", "less": None}


def test_a_copy_is_what_replace_makes() -> None:
    thing = _Thing(id="a", size=4)
    copy = copier(thing, "less", "id")
    made = copy("x", "b")
    assert made == replace(thing, less="x", id="b")
    assert made is not copy("x", "b")
    assert (thing.id, hash(made)) == ("a", hash(replace(thing, less="x", id="b")))


def test_a_copy_takes_all_its_values() -> None:
    with pytest.raises(ValueError, match="zip"):
        copier(_Thing(id="a"), "id")()
    with pytest.raises(AttributeError):
        copier(_Thing(id="a"), "name")
