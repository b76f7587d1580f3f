"""Packs that the Kata model does not enable: what they add to it, and that they change nothing else."""

from __future__ import annotations

import datetime
from collections import defaultdict
from pathlib import Path

import pytest

from threatmodel.analysis.engine import analyse
from threatmodel.analysis.threats import Threat
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.system import STRIDE

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models/kata"
MORE = ("supply-chain", "operations")
NOWHERE = {"OPS-020"}
"""Rules of these packs for which no configuration of the model has a place."""


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_model(MODEL, "models/kata", load_vocabulary())


def threats(loaded: Loaded, packs: tuple[str, ...]) -> dict[str, Threat]:
    rules = load_packs(packs, load_vocabulary())
    found = analyse(loaded.project, rules, as_of=datetime.date(2026, 1, 1))
    return {threat.id: threat for threat in found}


def test_two_more_packs_add_threats_and_change_none(loaded: Loaded) -> None:
    enabled = loaded.manifest.packs
    assert not {*MORE} & {*enabled}
    before, after = threats(loaded, enabled), threats(loaded, (*enabled, *MORE))
    assert {id_: after[id_] for id_ in before} == before
    assert {after[id_].pack for id_ in after.keys() - before.keys()} == {*MORE}


def test_rules_of_both_packs_have_places_in_the_model(loaded: Loaded) -> None:
    rules = load_packs(MORE, load_vocabulary())
    found = threats(loaded, MORE)
    categories: defaultdict[str, set[str]] = defaultdict(set)
    for threat in found.values():
        categories[threat.pack].add(threat.stride)
    assert {pack: words == {*STRIDE} for pack, words in categories.items()} == dict.fromkeys(MORE, True)
    assert {rule.id for rule in rules} - {threat.rule for threat in found.values()} == NOWHERE


@pytest.mark.parametrize(
    ("threat", "adversary"),
    [
        ("SUP-004@F97.tested", "malicious-contributor"),
        ("SUP-019@gatekeeper", "malicious-contributor"),
        ("SUP-001@F97.builder", "compromised-registry"),
        ("SUP-016@K60", "compromised-registry"),
        ("SUP-017@K54", "supply-chain"),
        ("OPS-003@shim-rs", "malicious-pod-author"),
        ("OPS-014@K91", "hostile-container"),
        ("OPS-018@vmm-qemu", "hostile-guest"),
    ],
)
def test_what_is_known_of_the_project_is_found(loaded: Loaded, threat: str, adversary: str) -> None:
    assert adversary in threats(loaded, MORE)[threat].adversaries


@pytest.mark.parametrize(
    "threat",
    [
        "SUP-004@K12",  # a workload runs code of others by design
        "SUP-012@K27.mount",  # what is mounted is not written
        "SUP-014@F27.image",  # an image that the administrator brings is no proposal
        "SUP-018@F71.reply",  # evidence of a platform
        "OPS-010@K57.make",  # volumes are prepared, not used
        "OPS-016@F01",  # a local socket is no account of the cluster
        "OPS-023@K20.inside",  # the agent serves no workload
    ],
)
def test_what_was_found_at_the_wrong_place_is_gone(loaded: Loaded, threat: str) -> None:
    places = {flow.id for system in loaded.project.systems for flow in system.flows}
    assert threat.partition("@")[2] in places
    assert threat not in threats(loaded, MORE)
