"""The policy of each model that ships names what there is: elements of the model, files of the source."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from collateral.policy import GATE_RULES, Policy, read_policy, strangers, unreachable
from threatmodel.core.globs import select
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_vocabulary
from threatmodel.source import open_source

ROOT = Path(__file__).parents[2]
SOURCE = os.environ.get("KATA_SOURCE", "")


@pytest.fixture(scope="module", params=["kata", "self"])
def loaded(request: pytest.FixtureRequest) -> Loaded:
    return load_model(ROOT / "models" / request.param, request.param, load_vocabulary())


@pytest.fixture(scope="module")
def policy(loaded: Loaded) -> Policy:
    return read_policy(loaded.manifest)


def test_boundary_paths_name_elements_of_the_model(loaded: Loaded, policy: Policy) -> None:
    known = {element.id for system in loaded.project.systems for element in system.elements}
    entries = policy.gate.boundary_paths
    assert len({entry.name for entry in entries}) == len(entries) > 2
    assert {id_ for entry in entries for id_ in entry.elements} - known == set()


def test_every_criterion_can_decide_and_names_what_there_is(loaded: Loaded, policy: Policy) -> None:
    adversaries = loaded.project.adversaries
    known = {"adversary": {a.id for a in adversaries}, "family": {a.family for a in adversaries}}
    assert unreachable(policy.criteria) == strangers(policy.criteria, known) == ()


def test_every_subject_has_criteria_and_each_gives_its_reason(policy: Policy) -> None:
    assert {criterion.about for criterion in policy.criteria} == {"threat", "claim", "finding"}
    assert all(len(criterion.because.split()) >= 3 for criterion in policy.criteria)
    assert set(policy.gate.levels) == set(GATE_RULES)


def test_nobody_is_named_as_waiving_anything(policy: Policy) -> None:
    assert policy.gate.waivers == ()


def dead(policy: Policy, files: tuple[str, ...]) -> list[str]:
    """The globs that match no file."""
    entries = policy.gate.boundary_paths
    return [g for e in entries for g in (*e.paths, *e.documents) if not select(files, g)]


@pytest.mark.slow
def test_every_glob_of_the_own_model_matches_a_file() -> None:
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    found = load_model(ROOT / "models/self", "self", load_vocabulary())
    assert dead(read_policy(found.manifest), tuple(files.splitlines())) == []


@pytest.mark.slow
@pytest.mark.skipif(not SOURCE, reason="KATA_SOURCE does not name a git repository of Kata Containers")
def test_every_glob_of_the_kata_model_matches_a_file_of_its_release(tmp_path: Path) -> None:
    found = load_model(ROOT / "models/kata", "kata", load_vocabulary())
    with open_source(f"{SOURCE.partition('@')[0]}@4.1.0", cache=tmp_path, base=ROOT) as tree:
        assert dead(read_policy(found.manifest), tree.paths()) == []
