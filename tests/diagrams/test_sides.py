"""Two configurations beside each other: what only one has is told apart by sign, line and shape."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.diagrams.systems import small
from threatmodel.analysis.modeldiff import compare_systems
from threatmodel.diagrams import dot
from threatmodel.diagrams.sides import side_by_side
from threatmodel.system import Configuration, Flow, SystemModel


def named(system: SystemModel, name: str) -> SystemModel:
    return replace(system, configuration=Configuration(name=name, options={}))


def test_each_side_shows_what_only_it_has_and_what_is_not_the_same() -> None:
    more = Flow(id="F08", source="api", target="state", name="Writes")
    over = tuple(replace(f, over="vsock") if f.id == "F04" else f for f in small().flows)
    one, two = named(small(), "one"), named(replace(small(), flows=(*over, more)), "two")
    marks = {change.id: change.state for change in compare_systems(one, two)}
    left, right = side_by_side(one, two, marks)
    assert left is not None
    assert right is not None
    assert (left.id, right.id) == ("side-one", "side-two")
    assert {row.flow: row.change for row in left.legend if row.change} == {"F04": "changed"}
    assert {row.flow: row.change for row in right.legend if row.change} == {"F04": "changed", "F08": "added"}
    drawn = dot.write(right, legend_columns=1)
    assert {"shape=hexagon", "style=dashed"} <= set(re.findall(r"\w+=\w+", drawn))
    assert "only in this configuration" in drawn
    assert "removed" not in drawn
    assert "Only here: flow" in right.alt
    assert "Not the same: flow" in left.alt


def test_the_same_configuration_twice_has_no_picture() -> None:
    assert side_by_side(named(small(), "one"), named(small(), "two"), {}) == (None, None)
