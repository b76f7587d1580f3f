"""`drift --self-test`: it finds a gate that does not stop, and says what it could not try."""

from __future__ import annotations

from pathlib import Path

import pytest

from collateral.drift import load_extracts
from collateral.drift.files import DriftFile
from collateral.drift.mentions import mentions
from collateral.drift.selftest import MUTATIONS, Tried, self_test
from collateral.drift.verdict import judged
from tests.cli.harness import Cli
from tests.collateral.support import write_files
from tests.drift.support import NEW, OLD, drift, make_shop
from threatmodel.core.errors import Exit
from threatmodel.load import load_model
from threatmodel.rules import load_vocabulary
from threatmodel.source import DirectoryTree

pytestmark = pytest.mark.slow

EXTRACTS = ("calls", "names", "keys", "pins", "flows")


@pytest.fixture(name="shop", scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return make_shop(tmp_path_factory.mktemp("selftest"))


def tried(shop: Cli, source: Path, judge: object = None) -> Tried:
    model = shop.cwd / "model"
    project = load_model(model, "model", load_vocabulary()).project
    extracts = load_extracts(model, project)
    assert extracts
    more = {"judge": judge} if judge else {}
    return self_test(project, extracts, mentions(project, None), DirectoryTree(source), **more)  # type: ignore[arg-type]


def test_every_change_stops(shop: Cli) -> None:
    said = shop("drift", "model", "--source", "source@2.0", "--self-test")
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0].split("  ")[0] == "extract"
    assert [line.split()[0] for line in lines[1:6]] == list(EXTRACTS)
    assert "PASSES" not in said.out
    assert "pins, removed: the model names none of its facts, so it need not follow one that goes" in lines
    assert lines[-1] == (
        "36 of 36 changes stop: 5 extracts, 8 kinds of change, 4 that cannot be made; 5 unchanged extracts pass"
    )


@pytest.mark.parametrize(
    ("blind", "passes"),
    [
        (lambda file: Exit.CLEAN, set(MUTATIONS)),
        (lambda file: judged(file, enforce=False), set(MUTATIONS)),
        (
            lambda file: Exit.GATE_THREATS if file.not_checked else Exit.CLEAN,
            {"added", "changed", "removed", "line gone", "waiver over"},
        ),
        (
            lambda file: Exit.GATE_THREATS if file.edits.needed else Exit.CLEAN,
            {"unreadable", "files gone", "line gone", "nothing told"},
        ),
        (
            lambda file: Exit.GATE_THREATS if any(row.unnamed for row in file.changes) else Exit.CLEAN,
            {"removed", "line gone", "nothing told", "unreadable", "files gone", "waiver over"},
        ),
    ],
    ids=["all-pass", "advice", "no-edits", "no-blind-spots", "no-removed-and-no-waivers"],
)
def test_a_gate_that_does_not_stop_is_found(
    shop: Cli, tmp_path: Path, blind: object, passes: set[str]
) -> None:
    found = tried(shop, write_files(tmp_path, NEW), blind)
    assert found.exit is Exit.OUR_FAULT
    missed = {trial.mutation for trial in found.trials if trial.stopped is False}
    assert missed
    assert missed <= passes
    assert missed >= passes - {"line gone", "nothing told"}


def test_a_gate_that_always_stops_proves_nothing(shop: Cli, tmp_path: Path) -> None:
    def always(file: DriftFile) -> Exit:
        return Exit.GATE_THREATS

    found = tried(shop, write_files(tmp_path, NEW), always)
    assert found.exit is Exit.INCOMPLETE
    assert found.unclean == tuple((extract, "it stops") for extract in EXTRACTS)


def test_a_source_that_cannot_be_read_proves_nothing(shop: Cli, tmp_path: Path) -> None:
    write_files(tmp_path, {**OLD, "versions.yaml": ""})
    said = shop("drift", "model", "--source", str(tmp_path), "--self-test")
    assert said.code == 3
    assert (
        "pins: nothing is proven, the unchanged source is not clean: versions.yaml: the file is empty"
        in said.out
    )


def test_without_a_baseline(shop: Cli) -> None:
    said = shop("drift", "model", "--source", "source@2.0")
    assert (said.code, said.err[:28]) == (2, "U013  --baseline is missing;")
    assert shop(*drift("--self-test")).code == 0
