"""What the Kata model records of the earlier threat model, of needs for storage and of proposed decisions."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
import yaml

from collateral.predecessor import Predecessor, load_predecessor, predecessor_schema
from collateral.storage import StorageNeeds, beyond, exposures, load_storage, storage_schema, widen
from threatmodel.analysis import Disposition, Threat, analyse, overdue, read_dispositions
from threatmodel.load import Loaded, broken_combinations, load_model
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.source import SourceTree

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models/kata"
DAY = datetime.date(2026, 11, 25)
AT_THE_TAG = "https://github.com/kata-containers/kata-containers/blob/4.1.0/"


@pytest.fixture(name="loaded", scope="module")
def _loaded() -> Loaded:
    return load_model(MODEL, "models/kata", load_vocabulary())


@pytest.fixture(name="decisions", scope="module")
def _decisions() -> tuple[Disposition, ...]:
    return read_dispositions((MODEL / "dispositions.yaml").read_bytes(), "dispositions.yaml")


def _threats(loaded: Loaded, decisions: tuple[Disposition, ...] = ()) -> tuple[Threat, ...]:
    rules = load_packs(loaded.manifest.packs, load_vocabulary())
    return analyse(loaded.project, rules, dispositions=decisions, as_of=DAY)


@pytest.fixture(name="threats", scope="module")
def _all_threats(loaded: Loaded) -> tuple[Threat, ...]:
    return _threats(loaded)


@pytest.fixture(name="earlier", scope="module")
def _earlier(loaded: Loaded, threats: tuple[Threat, ...]) -> Predecessor:
    found = load_predecessor(MODEL, loaded.project, threats={threat.id for threat in threats})
    assert found is not None
    return found


@pytest.fixture(name="needs", scope="module")
def _needs(loaded: Loaded) -> StorageNeeds:
    found = load_storage(MODEL, loaded.project)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "schema"),
    [("predecessor.yaml", predecessor_schema()), ("storage-needs.yaml", storage_schema())],
)
def test_files_are_what_their_schemas_say(name: str, schema: dict[str, object]) -> None:
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load((MODEL / name).read_bytes()))


def test_67_of_67_statements_are_answered(earlier: Predecessor) -> None:
    assert [found.id for found in earlier.statements] == [f"TM-{number:02}" for number in range(1, 68)]
    assert earlier.unanswered == ()
    assert Counter(found.verdict for found in earlier.statements) == {
        "holds": 12,
        "holds-incomplete": 20,
        "generic": 17,
        "stale": 7,
        "wrong": 4,
        "judgement": 5,
        "external": 2,
    }


def test_every_verdict_names_a_place(earlier: Predecessor) -> None:
    assert earlier.document.source.startswith(AT_THE_TAG)
    assert [found.id for found in earlier.statements if not found.seen] == []
    assert all(1 <= found.line <= 271 for found in earlier.statements)


def test_needs_have_public_places_and_no_way_stands_idle(needs: StorageNeeds) -> None:
    assert all(origin.source.startswith("https://") for need in needs.needs for origin in need.stated_by)
    used = {service.way for need in needs.needs for service in need.served_by}
    assert used == {way.id for way in needs.ways}


def test_every_way_is_judged_in_a_configuration(needs: StorageNeeds, loaded: Loaded) -> None:
    wider = widen(
        needs,
        loaded.project,
        broken=lambda combinations: broken_combinations(MODEL, "", combinations),
        load=lambda extra: load_model(MODEL, "", load_vocabulary(), extra=extra).project,
    )
    named = {found.way.id for found in exposures(needs, loaded.project, ()) if found.configurations}
    changed = {found.way.id: found.configurations[0] for found in beyond(needs, wider, ())}
    assert named | changed.keys() == {way.id for way in needs.ways}
    assert changed.keys() == {"virtio-fs-nydus", "virtio-9p", "nydus", "spdk"}
    for way in needs.ways:
        if way.id in changed:
            shown = changed[way.id]
            assert {*way.exposure} - {*shown.flows, *shown.elements} <= {"F44.dax"}, way.id


def test_decisions_are_proposals_with_evidence_at_the_tag(decisions: tuple[Disposition, ...]) -> None:
    assert 8 <= len(decisions) <= 25
    for found in decisions:
        assert found.proposed, found.threat
        assert found.evidence, found.threat
        assert all(address.startswith(AT_THE_TAG) for address in found.evidence), found.threat
        assert found.owner in {"Keeper of the threat model", "Operator of the cluster"}
        assert DAY.isoformat() < found.review < found.expires
    assert overdue(decisions, DAY) == ()


def test_proposals_change_no_status(
    loaded: Loaded, threats: tuple[Threat, ...], decisions: tuple[Disposition, ...]
) -> None:
    decided = _threats(loaded, decisions)
    assert tuple(replace(threat, disposition="") for threat in decided) == threats
    assert sum(threat.disposition.startswith("proposed: ") for threat in decided) == len(decisions)


def test_every_place_is_in_the_tree_of_the_release(
    source: SourceTree, earlier: Predecessor, needs: StorageNeeds, decisions: tuple[Disposition, ...]
) -> None:
    places = {place for found in earlier.statements for place in found.seen}
    places |= {s.seen for need in needs.needs for s in need.served_by if "://" not in s.seen}
    addresses = [address for found in decisions for address in found.evidence]
    addresses += [way.source for way in needs.ways] + [earlier.document.source]
    for address in addresses:
        matched = re.fullmatch(re.escape(AT_THE_TAG) + r"([^?#]+)(?:\?plain=1)?(?:#L(\d+))?", address)
        assert matched is not None, address
        places.add(f"{matched[1]}:{matched[2]}" if matched[2] else matched[1])
    there = set(source.paths())
    for place in sorted(places):
        path, _, line = place.partition(":")
        assert path in there, place
        if line:
            text = source.read(path).decode("utf-8", "replace").splitlines()
            assert text[int(line) - 1].strip(), place
