"""`storage-needs.yaml`: what it takes, what it refuses and where, and what a way opens."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.storage import exposures, load_storage, read_storage, storage_schema
from tests.collateral.support import assessment, load_tiny
from threatmodel.core.errors import InvalidInput
from threatmodel.system import Project

GOOD = """\
release: "1.0"
ways:
  - id: disk
    group: kept
    name: A disk
    source: https://example.org/disk
    when: { auth: [token] }
    exposure: [T1, T2, store]
  - id: cloud
    group: kept
    name: A cloud
    source: https://example.org/cloud
    when: {}
    exposure: []
    unmodelled: the cloud
  - id: memory
    group: lost
    name: Memory
    source: https://example.org/memory
    when: { auth: [none] }
    exposure: [T3]
needs:
  - id: survives
    need: Notes survive a restart.
    stated_by:
      - who: an issue
        source: https://example.org/1
    served_by:
      - way: disk
        serves: serves
        because: It is kept.
        seen: app/service.py:1
      - way: cloud
        serves: partly
        because: Slowly.
        seen: https://example.org/slow
"""


@pytest.fixture(name="project", scope="module")
def _project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return load_tiny(tmp_path_factory.mktemp("storage")).project


def problems(text: str, project: Project) -> list[str]:
    try:
        read_storage(text.encode(), "s.yaml", project)
    except InvalidInput as error:
        return [found.render() for found in error.diagnostics]
    return []


def test_a_good_file(project: Project) -> None:
    needs = read_storage(GOOD.encode(), "s.yaml", project)
    assert [str(way.place) for way in needs.ways] == ["s.yaml:3", "s.yaml:9", "s.yaml:16"]
    (need,) = needs.needs
    assert str(need.place) == "s.yaml:23"
    assert need.by("memory") is None
    jsonschema.Draft202012Validator(storage_schema()).validate(yaml.safe_load(GOOD))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("group: kept", "grup: kept", 's.yaml:4  D041  unknown key "grup"; did you mean "group"?'),
        ("id: cloud", "id: disk", 's.yaml:9  D043  "disk" stands twice'),
        ("id: disk", "id: A Disk", "s.yaml:3  D042  id 'A Disk' is not an id; lower-case letters"),
        (
            "[T1, T2, store]",
            "[T1, stor]",
            's.yaml:8  D043  exposure: the model has no "stor"; did you mean "store"?',
        ),
        (
            "auth: [token]",
            "auht: [token]",
            's.yaml:7  D043  when: the model has no option "auht"; did you mean',
        ),
        (
            "auth: [token]",
            "auth: [tokn]",
            's.yaml:7  D043  when: option "auth" has no "tokn"; did you mean "token"?',
        ),
        ("https://example.org/1", "hearsay", "s.yaml:27  D042  source is not public"),
        (
            "seen: app/service.py:1",
            "seen: ~/x",
            "s.yaml:32  D042  seen '~/x' is not a path of the source tree",
        ),
        (
            "seen: app/service.py:1",
            "seen: ../x",
            "s.yaml:32  D042  seen '../x' is not a path of the source tree",
        ),
        ("serves: partly", "serves: maybe", 's.yaml:34  D041  "serves" has another word; one of '),
        (
            "      - way: cloud\n",
            "      - way: clowd\n",
            's.yaml:33  D043  served_by: the model has no "clowd"',
        ),
        ("way: cloud", "way: disk", 's.yaml:33  D043  "disk" is judged twice'),
    ],
)
def test_each_mistake_has_a_line(project: Project, old: str, new: str, expected: str) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1), project)
    assert any(text.startswith(expected) for text in found), found


def test_a_need_judges_a_whole_group(project: Project) -> None:
    text = GOOD[: GOOD.index("      - way: cloud")]
    assert problems(text, project) == [
        's.yaml:28  D044  "survives": way "cloud" is not judged; a need that names one way of kept names all'
    ]


@pytest.mark.parametrize(
    ("cut", "put", "expected"),
    [
        ("    stated_by:\n", "    stated_by: []\n", "s.yaml:25  D040  nobody states the need; name a source"),
        ("    served_by:\n", "    served_by: []\n", "s.yaml:28  D040  no way is judged"),
    ],
)
def test_a_need_is_stated_and_judged(project: Project, cut: str, put: str, expected: str) -> None:
    ends = {"    stated_by:\n": "    served_by:\n", "    served_by:\n": ""}
    start, end = GOOD.index(cut), GOOD.index(ends[cut]) if ends[cut] else len(GOOD)
    assert problems(GOOD[:start] + put + GOOD[end:], project) == [expected]


def test_a_model_without_the_file_has_none(project: Project, tmp_path: Path) -> None:
    assert load_storage(tmp_path, project) is None


def test_what_a_way_opens(tmp_path: Path) -> None:
    a = assessment(load_tiny(tmp_path))
    disk, cloud, memory = exposures(read_storage(GOOD.encode(), "s.yaml", a.project), a.project, a.threats)
    (here,) = disk.configurations
    assert (here.configuration, here.flows, here.elements, here.crossing) == (
        "guarded",
        ("T1", "T2"),
        ("store",),
        ("T1",),
    )
    expected = sorted(
        t.id
        for t in a.threats
        if t.target.id in {"T1", "T2", "store"}
        and t.by_configuration.get("guarded")
        and t.by_configuration["guarded"].status in {"open", "unverified", "contradicted"}
    )
    assert list(here.unsettled) == expected
    assert expected
    assert sum(here.threats.values()) >= len(expected)
    assert cloud.configurations == ()
    assert cloud.shown("guarded") is None
    assert [found.configuration for found in memory.configurations] == ["bare"]
    shown = memory.shown("guarded")
    assert shown is not None
    assert shown.configuration == "bare"
