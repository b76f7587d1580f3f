"""The models that ship: they load, give what the commands promise, and hold against the real source."""

from __future__ import annotations

import datetime
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from collateral.attribution import ComponentMap
from collateral.cli.main import main
from collateral.cli.surroundings import Surroundings
from threatmodel.analysis import STATUSES, analyse
from threatmodel.claims import Ledger, check_claims
from threatmodel.core.diagnostics import Severity
from threatmodel.load import Loaded, load_model
from threatmodel.rules import load_packs, load_vocabulary
from threatmodel.source import SourceTree, open_source
from threatmodel.system import STRIDE

ROOT = Path(__file__).parents[2]
SOURCE = os.environ.get("KATA_SOURCE", "")
NEEDS_SOURCE = pytest.mark.skipif(
    not SOURCE, reason="KATA_SOURCE does not name a git repository of Kata Containers"
)
VOCABULARY = load_vocabulary()
DAY = datetime.date(2026, 6, 1)


@pytest.fixture(scope="module")
def kata() -> Loaded:
    return load_model(ROOT / "models" / "kata", "models/kata", VOCABULARY)


@pytest.fixture(scope="module", params=["self", "kata"])
def model(request: pytest.FixtureRequest, kata: Loaded) -> Loaded:
    return (
        kata if request.param == "kata" else load_model(ROOT / "models" / "self", "models/self", VOCABULARY)
    )


def test_models_load(model: Loaded) -> None:
    assert [found.render() for found in model.warnings if found.severity is Severity.ERROR] == []
    assert load_packs(model.manifest.packs, VOCABULARY)
    assert not model.manifest.adopted
    assert model.manifest.notice


@pytest.mark.slow
def test_every_threat_has_an_adversary_that_is_present(model: Loaded) -> None:
    project = model.project
    threats = analyse(project, load_packs(model.manifest.packs, VOCABULARY), as_of=DAY)
    adversaries = {adversary.id: adversary for adversary in project.adversaries}
    for system in project.systems:
        nodes = {element.id for element in system.elements} | {boundary.id for boundary in system.boundaries}
        present = {
            id_
            for id_, adversary in adversaries.items()
            if system.configuration.matches(adversary.when) and not nodes.isdisjoint(adversary.controls)
        }
        for threat in threats:
            found = threat.by_configuration.get(system.configuration.name)
            assert found is None or set(found.adversaries) <= present
            assert found is None or found.status in {"open", "unverified"}  # nothing was checked


def test_kata_holds_the_fact_base(kata: Loaded) -> None:
    project = kata.project
    flows = {flow.id.split(".")[0] for system in project.systems for flow in system.flows}
    wanted = [*range(1, 11), *range(20, 29), *range(40, 52), *range(60, 66), *range(70, 81), *range(90, 98)]
    assert {f"F{number:02}" for number in wanted} - flows == set()
    assert len(project.systems) == 29
    assert project.default_configuration == "qemu-runtime-rs"
    elements = {element.id for system in project.systems for element in system.elements}
    boundaries = {boundary.id for system in project.systems for boundary in system.boundaries}
    all_flows = {flow.id for system in project.systems for flow in system.flows}
    assert (len(elements) >= 55, len(all_flows) >= 110, len(boundaries) >= 20) == (True, True, True)
    assert (len(project.controls) >= 150, len(project.data) >= 40) == (True, True)
    assert {view.id for view in project.views} >= {"runtime", "agent", "shim", "hypervisor"}


def run(*argv: str) -> Any:
    out, err = io.StringIO(), io.StringIO()
    now = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    around = Surroundings(environ={"PATH": os.environ["PATH"]}, cwd=ROOT, now=now, stdout=out, stderr=err)
    assert main(argv, around) == 0, err.getvalue()
    return json.loads(out.getvalue())


@pytest.mark.slow
@pytest.mark.parametrize("which", [["--all-configs"], [], ["--config", "fc"]])
def test_threats_as_json(which: list[str]) -> None:
    threats = run("threats", "models/kata", "--format", "json", *which)["threats"]
    assert [threat["id"] for threat in threats] == sorted(f"{t['rule']}@{t['target']['id']}" for t in threats)
    names = set()
    for threat in threats:
        assert threat["target"]["kind"] in {"element", "flow"}
        assert threat["stride"] in STRIDE
        assert all(cwe.startswith("CWE-") for cwe in threat["cwe"])
        assert threat["status"] in STATUSES
        assert threat["risk"] in {"low", "medium", "high", "critical"}
        assert threat["adversaries"]
        assert all(
            {"status", "risk", "controls"} <= set(found) for found in threat["by_configuration"].values()
        )
        names |= set(threat["by_configuration"])
    assert names == {"fc"} if "fc" in which else len(names) in {1, 29}


def ledger(kata: Loaded, tag: str, folder: Path) -> tuple[Ledger, SourceTree]:
    tree = open_source(f"{SOURCE}@{tag}", cache=folder, base=ROOT)
    return check_claims(kata.project, {"": tree}, as_of=DAY), tree


@NEEDS_SOURCE
@pytest.mark.slow
@pytest.mark.parametrize(("tag", "rust"), [("3.30.0", "contradicted"), ("3.31.0", "verified")])
def test_the_file_server_of_the_rust_runtime_was_not_sandboxed(
    kata: Loaded, tmp_path: Path, tag: str, rust: str
) -> None:
    states = ledger(kata, tag, tmp_path)[0].states
    options = {system.configuration.name: system.configuration.options for system in kata.project.systems}
    found = {
        (options[name]["runtime"], state)
        for (name, control), state in states.items()
        if control == "virtiofsd-sandbox" and name in ("qemu-runtime-rs", "clh-runtime-rs", "qemu", "clh")
    }
    assert found == {("rust", rust), ("go", "verified")}


@NEEDS_SOURCE
@pytest.mark.slow
def test_kata_against_its_release(kata: Loaded, tmp_path: Path) -> None:
    found, tree = ledger(kata, "4.1.0", tmp_path)
    machine = {
        check.control for check in found.checks if check.state == "verified" and check.kind != "attested"
    }
    assert len(machine) >= 15
    components = ComponentMap.of(kata.project)
    coverage = components.coverage(tree.paths())
    assert coverage.mapped >= 0.99 * coverage.files, coverage.unmapped[:20]
    elements = {element.id for system in kata.project.systems for element in system.elements}
    lost = [
        path
        for path in tree.paths()
        if (component := components.component(path))
        and not component.role
        and elements.isdisjoint(component.runs_in)
    ]
    assert lost == []
