"""Promises of docs/versioning.md: what is recorded is kept, or its version changes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests import contract
from threatmodel import DSL_VERSION
from threatmodel.analysis.dispositions import orphans, read_dispositions
from threatmodel.core.errors import InvalidInput
from threatmodel.load import read_manifest
from threatmodel.rules import PACKS, load_packs, load_vocabulary
from threatmodel.rules.retired import RETIRED, Retired

TEXT = (contract.ROOT / "docs" / "versioning.md").read_text("utf-8")


@pytest.fixture(name="recorded", scope="module")
def _recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(contract.FILE.read_bytes())
    return found


def test_nothing_that_is_recorded_was_broken(recorded: dict[str, Any]) -> None:
    assert contract.broken(recorded, contract.current()) == []


def test_the_record_is_complete(recorded: dict[str, Any]) -> None:
    assert recorded == contract.current(), "`make golden` writes it; look at the difference"


BREAKS: dict[str, tuple[Any, str]] = {
    "rule": (lambda c: c["rules"].remove("CORE-001"), "rules: CORE-001 is gone and not retired"),
    "reused": (lambda c: c["retired-rules"].append("CORE-001"), "rules: CORE-001 is retired and there"),
    "claim": (lambda c: c["claim-kinds"].remove("present"), "claim-kinds: present is gone"),
    "code": (lambda c: c["diagnostics"].remove("M001"), "diagnostics: M001 is gone"),
    "exit": (lambda c: c["exit-codes"].update(INVALID=5), "exit-codes: INVALID is no longer 4"),
    "schema": (
        lambda c: c["schemas"].update({"urn:threatmodel:schema:model:1": "0"}),
        "schemas: urn:threatmodel:schema:model:1 changed, and its version did not",
    ),
    "no-schema": (
        lambda c: c["schemas"].pop("urn:threatmodel:schema:model:1"),
        "schemas: urn:threatmodel:schema:model:1 is gone",
    ),
    "class": (lambda c: c["dsl"]["names"].pop("View"), "dsl: View is gone"),
    "lost": (lambda c: c["dsl"]["names"]["View"].remove("elements"), "dsl: View lost elements"),
    "needs": (lambda c: c["dsl"]["names"]["View"].append("owner"), "dsl: View needs owner"),
    "stricter": (lambda c: _require(c["dsl"]["names"]["Flow"], "port"), "dsl: Flow needs port"),
}


def _require(parameters: list[str], name: str) -> None:
    parameters[parameters.index(f"{name}?")] = name


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_a_promise_is_found(recorded: dict[str, Any], name: str) -> None:
    change, told = BREAKS[name]
    after = copy.deepcopy(recorded)
    change(after)
    assert contract.broken(recorded, after) == [told]


@pytest.mark.parametrize(
    "change",
    [
        lambda c: (c["rules"].remove("CORE-001"), c["retired-rules"].append("CORE-001")),
        lambda c: c["rules"].append("CORE-999"),
        lambda c: c["schemas"].update(
            {"urn:threatmodel:schema:model:2": c["schemas"].pop("urn:threatmodel:schema:model:1")}
        ),
        lambda c: c["dsl"]["names"]["View"].append("owner?"),
        lambda c: (c["dsl"].update(version="2"), c["dsl"]["names"].pop("View")),
    ],
    ids=["retired", "added", "versioned", "optional", "dsl-2"],
)
def test_what_keeps_a_promise_is_none(recorded: dict[str, Any], change: Any) -> None:
    after = copy.deepcopy(recorded)
    change(after)
    assert contract.broken(recorded, after) == []


def test_retired_rules_have_successors_that_are_there() -> None:
    known = {rule.id for rule in load_packs(PACKS, load_vocabulary())}
    assert {name for entry in RETIRED for name in entry.successors} <= known
    assert not known & {entry.id for entry in RETIRED}


@pytest.mark.parametrize(
    ("successors", "hint"),
    [
        (("CORE-018", "IPC-002"), "decide anew on CORE-018@F02, IPC-002@F02"),
        ((), "remove the decision"),
    ],
)
def test_a_decision_on_a_retired_rule_names_its_successors(successors: tuple[str, ...], hint: str) -> None:
    data = b"dispositions:\n  - {threat: OLD-001@F02, decision: accepted, reason: r, owner: o, expires: 2027-01-01}\n"
    table = (Retired(id="OLD-001", since="0.2.0", why="split in two", successors=successors),)
    [told] = orphans(read_dispositions(data, "d.yaml"), ["CORE-001@F02"], table)
    assert told.hint == f"rule OLD-001 is retired since 0.2.0: split in two; {hint}"


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("1", ""),
        ("2", "M029  the model is written in version 2 of the authoring language, this program reads 1"),
        ("0", 'M024  dsl cannot be "0"; write dsl = "1"'),
        ("one", 'M024  dsl cannot be "one"; write dsl = "1"'),
        ("9" * 30, 'M024  dsl cannot be "'),
    ],
)
def test_a_model_states_its_version(tmp_path: Path, version: str, told: str) -> None:
    (tmp_path / "threatmodel.toml").write_text(f'[project]\ndsl = "{version}"\n')
    if not told:
        assert read_manifest(tmp_path, "m").project["dsl"] == version
        return
    with pytest.raises(InvalidInput) as caught:
        read_manifest(tmp_path, "m")
    assert str(caught.value).startswith(f"m/threatmodel.toml:2  {told}")


def test_the_document_names_the_versions_that_hold() -> None:
    assert f'`dsl = "{DSL_VERSION}"`' in TEXT
    sections = (
        "authoring language",
        "JSON Schemas",
        "rule ids",
        "kinds of claims",
        "exit codes",
        "diagnostic codes",
    )
    assert [name for name in sections if f"| {name} |" not in TEXT] == []
