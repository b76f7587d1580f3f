"""Configurations of a file of their own, derived ones, changed ones; and the lines of TOML."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.support import HEAD, VOCABULARY, write
from threatmodel.core.errors import InvalidInput, UsageError
from threatmodel.core.plain import to_plain
from threatmodel.inside.wire import to_wire
from threatmodel.load import broken_combinations, load_model, read_manifest

OWN = """\
[project]
default-configuration = "plain"
[configurations.plain]
options = {}
"""
BESIDE = """\
[configurations.fast]
description = "Fast"
template = "conf/fast.toml"
[configurations.fast.options]
speed = "high"

[derived.debug]
description = "with a log"
options = { log = "on" }
"""
MODEL = """\
from typing import Literal
from threatmodel.dsl import *

class O(Options):
    speed: Literal["low", "high"] = "low"
    log: Literal["off", "on"] = "off"

    @rule("speed=high writes no log")
    def _quiet(self) -> bool:
        return self.speed == "low" or self.log == "off"

def build(o):
    host = Boundary("host", name="Host", privilege="root")
    Process("shim", inside=host)
    if o.speed == "high":
        Process("turbo", inside=host)

MODEL = Model("m", name="M", options=O, build=build)
"""
FILES = {"threatmodel.toml": OWN, "configurations.toml": BESIDE, "__init__.py": MODEL}


def test_both_files_are_read_in_order(tmp_path: Path) -> None:
    found = read_manifest(write(tmp_path, FILES), "m")
    assert [item.name for item in found.configurations] == ["plain", "fast"]
    assert found.configurations[1].template == "conf/fast.toml"
    assert [str(place) for place in found.known.places.values()] == [
        "m/threatmodel.toml:3",
        "m/configurations.toml:1",
    ]


@pytest.mark.parametrize(
    ("name", "changes", "selected", "options"),
    [
        (None, [], None, {}),
        ("fast", [], None, {}),
        ("plain-debug", [], "plain-debug", {"log": "on"}),
        ("fast-debug", [], "fast-debug", {"speed": "high", "log": "on"}),
        (None, ["speed=high"], "plain+speed=high", {"speed": "high"}),
        ("fast", ["log=on", "speed=low"], "fast+log=on,speed=low", {"speed": "low", "log": "on"}),
        ("plain-debug", ["log=off"], "plain-debug+log=off", {"log": "off"}),
    ],
)
def test_what_a_command_line_selects(
    tmp_path: Path, name: str | None, changes: list[str], selected: str | None, options: dict[str, str]
) -> None:
    known = read_manifest(write(tmp_path, FILES), "m").known
    found = known.select(name, changes, "plain")
    assert (found and found.name) == selected
    assert (dict(found.options) if found else {}) == options


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("fest", [], 'U003  no configuration "fest"; did you mean "fast"?'),
        ("zzz", [], 'U003  no configuration "zzz"; configurations are plain, fast'),
        ("plain-debugg", [], 'did you mean "plain-debug"?'),
        ("-debug", [], "U003"),
        (None, ["speed"], 'U015  "speed" is no change of an option; write --set option=value'),
        (None, ["=x"], "U015"),
        (None, ["speed="], "U015"),
    ],
)
def test_a_selection_that_is_wrong(tmp_path: Path, name: str | None, changes: list[str], said: str) -> None:
    known = read_manifest(write(tmp_path, FILES), "m").known
    with pytest.raises(UsageError) as caught:
        known.select(name, changes, "plain")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[project]\n", "configurations.toml:1  M024  unknown section [project]"),
        ("[configurations.plain]\noptions = {}\n", ':1  M024  configuration "plain" stands in m/threatmodel.toml:3'),
        ("[derived.x]\ntemplate = 'a'\noptions = {}\n", ':2  M024  derived "x": unknown key "template"'),
        ("[derived.x]\n", 'M024  derived "x" needs options'),
        ("derived = 3\n", "M024  [derived] must be a table"),
        ('[configurations."../x"]\noptions = {}\n', ':1  M024  configuration "../x": a name has letters, digits'),
        ('[configurations."a b"]\noptions = {}\n', ':1  M024  configuration "a b": a name has letters, digits'),
        ('[derived."-x"]\noptions = {}\n', ':1  M024  derived "-x": a name has letters, digits'),
        ("[configurations.x]\noptions = 3\n", 'M024  configuration "x" needs options'),
        ("[\n", "configurations.toml:1  M024  not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file(tmp_path: Path, text: str, said: str) -> None:
    root = write(tmp_path, {**FILES, "configurations.toml": text})
    with pytest.raises(InvalidInput) as caught:
        read_manifest(root, "m")
    assert said in str(caught.value)


def test_places_of_both_files_reach_the_user(tmp_path: Path) -> None:
    files = {**FILES, "configurations.toml": BESIDE + "[configurations.bad]\noptions = { speed = 'hihg' }\n"}
    with pytest.raises(
        InvalidInput, match=r"model/configurations.toml:10  M014  option speed cannot be"
    ) as caught:
        load_model(write(tmp_path, files), "model", VOCABULARY)
    assert len(caught.value.diagnostics) == 1


def test_combinations_are_judged_without_a_build(tmp_path: Path) -> None:
    root = write(tmp_path, {**FILES, "__init__.py": MODEL.replace("host = ", "raise OSError\n    host = ")})
    assert broken_combinations(
        root, "m", [{}, {"speed": "high", "log": "on"}, {"sped": "high"}, {"speed": "x"}]
    ) == ((), ("speed=high writes no log",), ('no option "sped"',), ('option speed cannot be "x"',))
    assert broken_combinations(root, "m", []) == ()


@pytest.mark.parametrize("text", ["raise ValueError\n", "import os; os._exit(0)\n", "MODEL = 3\n"])
def test_a_model_that_cannot_judge(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput):
        broken_combinations(write(tmp_path, {"__init__.py": text}), "m", [{}])


def test_shared_parts_travel_once_and_arrive_whole(tmp_path: Path) -> None:
    root = write(tmp_path, FILES)
    project = load_model(root, "m", VOCABULARY).project
    wire = to_wire(project)
    assert [element.id for element in wire["parts"]["elements"]] == ["shim", "turbo"]
    assert [system["elements"] for system in wire["systems"]] == [[0], [0, 1]]
    alone = write(tmp_path / "alone", {**FILES, "configurations.toml": ""})
    assert to_plain(load_model(alone, "m", VOCABULARY).project.systems[0]) == to_plain(project.systems[0])
    assert project.systems[0].elements[0] is project.systems[1].elements[0]


def test_head_is_a_model_without_options(tmp_path: Path) -> None:
    root = write(tmp_path, {"__init__.py": HEAD + 'MODEL = Model("m", name="M", build=build)\n'})
    assert broken_combinations(root, "m", [{}, {"speed": "low"}]) == ((), ('no option "speed"',))
