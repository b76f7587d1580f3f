"""All packs on the Kata model: places of each, what is known of the project, and what was found at a wrong place."""

from __future__ import annotations

import datetime
from collections import defaultdict
from pathlib import Path

import pytest

from threatmodel.analysis.engine import analyse
from threatmodel.analysis.threats import Threat
from threatmodel.load import Loaded, load_model
from threatmodel.rules import PACKS, load_packs, load_vocabulary
from threatmodel.system import STRIDE

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models/kata"
LATER = ("filesystem", "confidential", "supply-chain", "operations")
NOWHERE = {"FSY-017", "OPS-002", "OPS-020"}
"""Rules of the later packs for which no configuration of the model has a place."""


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_model(MODEL, "models/kata", load_vocabulary())


@pytest.fixture(scope="module")
def threats(loaded: Loaded) -> dict[str, Threat]:
    rules = load_packs(loaded.manifest.packs, load_vocabulary())
    found = analyse(loaded.project, rules, as_of=datetime.date(2026, 1, 1))
    return {threat.id: threat for threat in found}


def test_every_pack_is_enabled(loaded: Loaded) -> None:
    assert {*loaded.manifest.packs} == {*PACKS}


def test_rules_of_the_later_packs_have_places_in_the_model(threats: dict[str, Threat]) -> None:
    rules = load_packs(LATER, load_vocabulary())
    categories: defaultdict[str, set[str]] = defaultdict(set)
    for threat in threats.values():
        categories[threat.pack].add(threat.stride)
    assert {pack: categories[pack] == {*STRIDE} for pack in LATER} == dict.fromkeys(LATER, True)
    assert {rule.id for rule in rules} - {threat.rule for threat in threats.values()} == NOWHERE


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
        ("FSY-020@F42", "hostile-guest"),
        ("CC-005@F42.image", "hostile-host"),
        ("CC-014@F60.entropy", "hostile-shim"),
    ],
)
def test_what_is_known_of_the_project_is_found(
    threats: dict[str, Threat], threat: str, adversary: str
) -> None:
    assert adversary in threats[threat].adversaries


@pytest.mark.parametrize(
    "threat",
    [
        "SUP-004@K12",  # a workload runs code of others by design
        "SUP-012@K27.mount",  # what is mounted is not written
        "SUP-014@F27.image",  # an image that the administrator brings is no proposal
        "SUP-018@F71.reply",  # evidence of a platform
        "SUP-003@F97.tagged",  # one project publishes there
        "OPS-002@F75.files",  # files that the agent hands on whole
        "OPS-008@F03.reply",  # the container manager asks for fixed numbers
        "OPS-010@K57.make",  # volumes are prepared, not used
        "OPS-016@F01",  # a local socket is no account of the cluster
        "OPS-023@K20.inside",  # the agent serves no workload
        "FSY-007@K54.vmdk",  # a record that is found by its name
        "FSY-007@K53.jail.read",  # disks
    ],
)
def test_what_was_found_at_the_wrong_place_is_gone(
    loaded: Loaded, threats: dict[str, Threat], threat: str
) -> None:
    places = {flow.id for system in loaded.project.systems for flow in system.flows}
    assert threat.partition("@")[2] in places
    assert threat not in threats


@pytest.mark.parametrize(
    ("threat", "there", "elsewhere"),
    [
        ("CC-001@F73", "qemu-snp-runtime-rs", "qemu-coco-dev-runtime-rs"),
        ("CC-024@attestation-service", "qemu-snp-runtime-rs", "qemu-coco-dev-runtime-rs"),
        ("CC-026@F73", "qemu-coco-dev-runtime-rs", "qemu-snp-runtime-rs"),
        ("VIRT-010@K30.nested", "qemu-coco-dev-runtime-rs", "qemu-snp-runtime-rs"),
    ],
)
def test_a_stand_in_for_a_tee_has_other_threats_than_a_tee(
    threats: dict[str, Threat], threat: str, there: str, elsewhere: str
) -> None:
    found = threats[threat].by_configuration
    assert there in found
    assert elsewhere not in found
