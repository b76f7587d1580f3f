"""A project that is too large is told so and not looked at further."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatmodel.load.limits import MAX_COUNT, MAX_TEXT, only_short, over_limits
from threatmodel.system import (
    Adversary,
    Boundary,
    Configuration,
    Control,
    Element,
    FileExists,
    Flow,
    Project,
    SystemModel,
)


def project(what: str, count: int) -> Project:
    """A project with so many of one kind of thing."""
    names = [f"n{index}" for index in range(count)]
    system = SystemModel(
        configuration=Configuration(name="x", options={}),
        boundaries=tuple(Boundary(id=n, name=n, privilege="none") for n in names if what == "boundaries"),
        elements=tuple(
            Element(id=n, name=n, kind="process", boundary="b") for n in names if what == "elements"
        ),
        flows=tuple(Flow(id=n, source="a", target="b", name=n) for n in names if what == "flows"),
    )
    claims = tuple(FileExists(paths=("a",)) for _ in names if what == "claims")
    controls = [Control(id=n, title=n, provides=()) for n in names if what == "controls"]
    if claims:
        controls = [Control(id="c", title="C", provides=(), claims=claims)]
    return Project(
        id="p",
        name="P",
        default_configuration="x",
        controls=tuple(controls),
        adversaries=tuple(Adversary(id=n, name=n) for n in names if what == "adversaries"),
        systems=(system,) * (count if what == "configurations" else 2),
    )


@pytest.mark.parametrize("what", sorted(MAX_COUNT))
def test_counts(what: str) -> None:
    assert over_limits(project(what, MAX_COUNT[what])) == ()
    found = over_limits(project(what, MAX_COUNT[what] + 1))
    assert [(item.code, item.message) for item in found] == [
        ("M027", f"the model has {MAX_COUNT[what] + 1} {what}, at most {MAX_COUNT[what]} are read")
    ]


def test_an_id_that_stands_often_counts_each_time() -> None:
    small = project("elements", 1)
    system = small.systems[0]
    many = dataclasses.replace(system, elements=system.elements * (MAX_COUNT["elements"] + 1))
    assert [item.code for item in over_limits(dataclasses.replace(small, systems=(many,)))] == ["M027"]


def test_long_texts() -> None:
    def found(length: int) -> list[str]:
        adversary = Adversary(id="a", name="A", goals=("x" * length,))
        made = dataclasses.replace(project("flows", 0), adversaries=(adversary,))
        return [item.message for item in over_limits(made)]

    assert found(MAX_TEXT) == []
    assert found(MAX_TEXT + 1) == [f"goals has {MAX_TEXT + 1} characters, at most {MAX_TEXT} are read"]


@given(st.lists(st.text(alphabet='a"\\\\\u20ac', max_size=12)), st.integers(0, 30))
def test_what_is_called_short_is_short(texts: list[str], more: int) -> None:
    data = json.dumps({"a": texts, "b": ["x" * (MAX_TEXT - 15 + more)]}).encode()
    assert only_short(data) == (more <= 15)
    quoted = '"' * (MAX_TEXT + 1)
    assert not only_short(json.dumps([*texts, quoted]).encode())
    assert not only_short(json.dumps([*texts, quoted + "\\"]).encode())
