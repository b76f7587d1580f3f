"""The Firecracker model: it loads, and its claims hold at the release that it names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.models import outside
from threatmodel.load.loader import Loaded
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow

CONFIGURATIONS = ("production", "no-jailer", "snapshot-restore")
ELEMENTS = [
    *("orchestrator", "jailer", "api-client", "api-thread", "vmm-thread", "vcpu-threads", "mmds"),
    *("host-kernel", "guest-kernel", "guest-workload", "kernel-image", "rootfs-image", "snapshot-files"),
    *("uffd-handler", "log-files", "collector", "vsock-peer", "network-peer", "image-supplier", "local-user"),
]
OPERATOR = {
    *("dedicated-user", "cgroup-limits", "network-namespace", "egress-filter", "device-rate-limiters"),
    *("bounded-output-files", "host-hardening", "one-tenant-per-process", "protected-paths"),
    *("protected-snapshots", "page-fault-socket"),
}


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return outside.load("firecracker")


@pytest.fixture(scope="module")
def project(loaded: Loaded) -> Project:
    return loaded.project


def test_loads_without_a_warning(loaded: Loaded) -> None:
    assert loaded.warnings == ()


def test_configurations(project: Project) -> None:
    assert tuple(system.configuration.name for system in project.systems) == CONFIGURATIONS
    assert project.default_configuration == "production"


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_size(project: Project, name: str) -> None:
    system = project.system(name)
    assert len(system.elements) >= 15
    assert len(system.flows) >= 30
    assert len(system.boundaries) >= 6


def test_counts(project: Project) -> None:
    assert len(project.adversaries) == 5
    assert len(project.controls) >= 25
    assert sum(bool(control.claims) for control in project.controls) >= 25


@pytest.mark.parametrize("element", ELEMENTS)
def test_element_is_there(project: Project, element: str) -> None:
    assert element in {item.id for system in project.systems for item in system.elements}


def test_every_element_has_a_flow(project: Project) -> None:
    outside.check_every_element_has_a_flow(project)


def test_names_fit_a_diagram(project: Project) -> None:
    outside.check_names_fit_a_diagram(project)


def test_control_classes(project: Project) -> None:
    outside.check_control_classes(project)


def test_what_kata_has_too_is_the_same_there(project: Project) -> None:
    kata = outside.load("kata").project
    names = {item.id: item.name for item in kata.adversaries}
    shared = {item.id: item.name for item in project.adversaries if item.id in names}
    assert shared == {id_: names[id_] for id_ in ("hostile-guest", "local-process", "network-attacker")}
    levels = {d.id: (d.confidentiality, d.integrity, d.availability) for d in kata.data}
    ours = {d.id: (d.confidentiality, d.integrity, d.availability) for d in project.data if d.id in levels}
    assert len(ours) >= 8
    assert ours == {id_: levels[id_] for id_ in ours}


def test_what_only_the_operator_can_do_has_no_claim(project: Project) -> None:
    assert {control.id for control in project.controls if not control.claims} == OPERATOR


def test_without_a_jailer_nothing_counts_on_the_operator(project: Project) -> None:
    system = project.system("no-jailer")
    attached = {
        *(control for boundary in system.boundaries for control in boundary.controls),
        *(control for element in system.elements for control in element.controls),
        *(control for flow in system.flows for control in flow.controls),
    }
    assert attached & OPERATOR == set()
    assert not any(control.startswith("jail") for control in attached)


def test_nothing_but_the_jail_stands_at_paths_that_the_api_names(project: Project) -> None:
    flow = next(item for item in project.system("production").flows if item.id == "C10.paths")
    assert flow.controls == ()


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceTree]:
    with outside.source("FIRECRACKER_SOURCE", "v1.16.1", tmp_path_factory.mktemp("cache")) as opened:
        if 'version = "1.16.1"' not in opened.read("src/firecracker/Cargo.toml").decode():
            pytest.skip("FIRECRACKER_SOURCE is another release; the model describes 1.16.1")
        yield opened


def test_every_claim_holds_at_the_modelled_release(project: Project, tree: SourceTree) -> None:
    outside.check_claims_hold(project, tree)


def test_nearly_every_file_belongs_to_a_component(project: Project, tree: SourceTree) -> None:
    outside.check_components(project, tree)
