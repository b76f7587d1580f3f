"""Claims of the Kata model on other projects, each at the version that Kata pins."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from collateral.named_sources import NamedSources, Opening
from tests.models import outside
from threatmodel.claims import Ledger, check_claims
from threatmodel.load.loader import Loaded
from threatmodel.source import SourceTree

pytestmark = pytest.mark.slow

VARIABLES = {
    "firecracker": "FIRECRACKER_SOURCE",
    "cloud-hypervisor": "CLOUD_HYPERVISOR_SOURCE",
    "guest-components": "GUEST_COMPONENTS_SOURCE",
}


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return outside.load("kata")


def opened(
    loaded: Loaded, own: SourceTree, specs: dict[str, str], cache: Path, stack: ExitStack
) -> NamedSources:
    opening = Opening(specs=specs, cache=cache, base=outside.ROOT, environ=os.environ, stack=stack)
    return opening(loaded.manifest.sources, own)


def checked(loaded: Loaded, own: SourceTree, named: NamedSources) -> Ledger:
    return check_claims(loaded.project, named.beside(own), as_of=outside.DAY, missing=named.missing)


def test_each_declared_source_has_claims_and_a_variable(loaded: Loaded) -> None:
    declared = {source.name for source in loaded.manifest.sources}
    claimed = {claim.source for control in loaded.project.controls for claim in control.claims} - {""}
    assert declared == claimed == set(VARIABLES)


def test_a_claim_on_another_project_stands_in_a_control_of_its_own(loaded: Loaded) -> None:
    """So that whoever lacks the other source loses nothing that Kata's own proves."""
    mixed = [c.id for c in loaded.project.controls if len({claim.source for claim in c.claims}) > 1]
    assert mixed == []


@pytest.mark.parametrize("name", VARIABLES)
def test_every_claim_holds_at_the_pinned_version(
    loaded: Loaded, source: SourceTree, name: str, tmp_path: Path
) -> None:
    spec = os.environ.get(VARIABLES[name])
    if not spec:
        pytest.skip(f"{VARIABLES[name]} names no repository")
    with ExitStack() as stack:
        named = opened(loaded, source, {name: spec.partition("@")[0]}, tmp_path, stack)
        if name in named.missing:
            pytest.skip(named.missing[name])
        found = [check for check in checked(loaded, source, named).checks if check.source == name]
    assert found != []
    assert [(check.control, check.text) for check in found if check.state != "verified"] == []


def test_without_them_only_their_own_controls_are_not_checked(loaded: Loaded, source: SourceTree) -> None:
    with ExitStack() as stack:
        named = opened(loaded, source, {}, Path(), stack)
    assert set(named.missing) == set(VARIABLES)
    theirs = {c.id for c in loaded.project.controls if any(claim.source for claim in c.claims)}
    ledger = checked(loaded, source, named)
    assert {record.control for record in ledger.records if record.state == "not-checked"} == theirs
    assert {record.state for record in ledger.records} == {"verified", "proposed", "not-checked"}
