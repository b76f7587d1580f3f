"""docs/review-of-threats.md: its tables are about this model, its figures are those of its tables."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.models.conftest import RELEASE
from tests.models.sample import DAY, MODEL, SIZE, draw
from threatmodel.analysis.engine import analyse
from threatmodel.analysis.threats import Threat
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.source.tree import SourceTree

pytestmark = pytest.mark.slow

TEXT = (Path(__file__).parents[2] / "docs/review-of-threats.md").read_text("utf-8")
VERDICTS = ("applies", "applies in part", "does not apply")
ROW = re.compile(r"^\| `([A-Z]+-\d+@[\w.-]+)` \| ([^|]+) \| ([^|]+) \| [^|]+; `([^`]+)` \|$", re.MULTILINE)
TABLES = {
    name: ROW.findall(part)
    for name, part in re.findall(r"^## [^`\n]*`([\w-]+)`\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
}


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_model(MODEL, "models/kata", load_vocabulary())


@pytest.fixture(scope="module")
def threats(loaded: Loaded) -> tuple[Threat, ...]:
    return analyse(loaded.project, load_packs(loaded.manifest.packs, load_vocabulary()), as_of=DAY)


def test_each_table_holds_a_whole_sample_with_verdicts() -> None:
    assert set(TABLES) == {"qemu-runtime-rs", "qemu-snp-runtime-rs"}
    for name, rows in TABLES.items():
        assert len({threat for threat, _, _, _ in rows}) == SIZE, name
        assert {verdict for _, _, verdict, _ in rows} <= {*VERDICTS}


def test_figures_are_those_of_the_tables() -> None:
    for name, rows in TABLES.items():
        counts = Counter(verdict for _, _, verdict, _ in rows)
        last = re.findall(
            rf"^\| `{name}`[^|]*\|[^|]*\|[^|]*\| (\d+) \| (\d+) \| (\d+) \(", TEXT, re.MULTILINE
        )[-1]
        assert [int(figure) for figure in last] == [counts[verdict] for verdict in VERDICTS]
        assert counts["does not apply"] <= SIZE // 10


def test_what_was_judged_is_in_the_model(loaded: Loaded, threats: tuple[Threat, ...]) -> None:
    """Rules change: a few rows may be about threats that are gone. With more of them a new sample is due."""
    assert f"release {RELEASE}" in TEXT
    there = {threat.id: threat for threat in threats}
    for name, rows in TABLES.items():
        system = loaded.project.system(name)
        places = {element.id: element.name for element in system.elements}
        places |= {flow.id: flow.name for flow in system.flows}
        assert {threat.partition("@")[2]: target for threat, target, _, _ in rows}.items() <= places.items()
        gone = [threat for threat, _, _, _ in rows if threat not in there]
        assert len(gone) <= SIZE // 10, gone


def test_the_paths_are_in_the_release(source: SourceTree) -> None:
    paths = set(source.paths())
    assert {path for rows in TABLES.values() for *_, path in rows} - paths == set()


def test_a_sample_does_not_depend_on_the_order_of_the_threats(threats: tuple[Threat, ...]) -> None:
    one = draw(threats, "qemu-runtime-rs", "a", 20)
    assert [threat.id for threat in draw(threats[::-1], "qemu-runtime-rs", "a", 20)] == [t.id for t in one]
    assert [threat.id for threat in draw(threats, "qemu-runtime-rs", "b", 20)] != [t.id for t in one]
    assert {threat.by_configuration["qemu-runtime-rs"].status for threat in one} <= {"open", "unverified"}
