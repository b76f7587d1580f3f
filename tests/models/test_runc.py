"""The baseline of runc: it loads, its claims hold, and it can be put beside the model of Kata Containers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models import outside
from threatmodel.claims.ledger import check_claims
from threatmodel.load.loader import Loaded
from threatmodel.source.spec import open_source
from threatmodel.source.tree import SourceTree
from threatmodel.system import Project

pytestmark = pytest.mark.slow

CONFIGURATIONS = ("default", "restricted", "userns")
ADVERSARIES = {
    *("hostile-container", "malicious-pod-author", "malicious-registry", "network-attacker", "local-process"),
    "supply-chain",
}
DATA = {
    *(
        "workload-data",
        "workload-secrets",
        "workload-output",
        "workload-input",
        "host-files",
        "host-resources",
    ),
    *("pod-spec", "image-layers", "network-config", "network-packets", "release-artefacts"),
    *("runtime-configuration", "sandbox-state-data"),
}
BOUNDARIES = {
    *("tenant", "control-plane", "external", "node", "host-userspace", "local-users", "host-kernel-zone"),
}
ELEMENTS = {
    *("pod-author", "node-admin", "kube-apiserver", "registry", "image-author", "network-peer", "kubelet"),
    *("cri-containerd", "cni-plugin", "configuration", "sandbox-state", "image-store", "host-kernel"),
    *("containers", "container-rootfs", "local-user"),
}
FLOWS = {"K01", "K02", "F01", "F02", "F03", "K10", "K16", "K40", "K41", "K50", "K50.reply", "K51", "K52"}


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return outside.load("runc")


@pytest.fixture(scope="module")
def project(loaded: Loaded) -> Project:
    return loaded.project


@pytest.fixture(scope="module")
def kata() -> Project:
    return outside.load("kata").project


def test_loads_without_a_warning(loaded: Loaded) -> None:
    assert loaded.warnings == ()


def test_configurations(project: Project) -> None:
    assert tuple(system.configuration.name for system in project.systems) == CONFIGURATIONS
    assert project.default_configuration == "default"


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_size(project: Project, name: str) -> None:
    system = project.system(name)
    assert len(system.elements) >= 20
    assert len(system.flows) >= 35
    assert len(system.boundaries) >= 8


def test_counts(project: Project) -> None:
    assert len(project.controls) >= 30
    assert sum(bool(control.claims) for control in project.controls) >= 18


def test_every_element_has_a_flow(project: Project) -> None:
    outside.check_every_element_has_a_flow(project)


def test_names_fit_a_diagram(project: Project) -> None:
    outside.check_names_fit_a_diagram(project)


def test_control_classes(project: Project) -> None:
    outside.check_control_classes(project)


def test_adversaries_are_those_of_kata(project: Project, kata: Project) -> None:
    assert {item.id for item in project.adversaries} == ADVERSARIES
    ours = {item.id: (item.name, item.family) for item in project.adversaries}
    theirs = {item.id: (item.name, item.family) for item in kata.adversaries}
    assert {id_: theirs.get(id_) for id_ in ours} == ours


def test_assets_are_those_of_kata(project: Project, kata: Project) -> None:
    def levels(of: Project) -> dict[str, tuple[str, str, str, bool]]:
        return {d.id: (d.confidentiality, d.integrity, d.availability, d.secret) for d in of.data}

    assert {item.id for item in project.data} == DATA
    theirs = levels(kata)
    assert {id_: theirs.get(id_) for id_ in DATA} == levels(project)


def test_places_are_those_of_kata(project: Project, kata: Project) -> None:
    def boundaries(of: Project) -> set[tuple[str, str]]:
        return {(b.id, b.privilege) for s in of.systems for b in s.boundaries}

    def elements(of: Project) -> set[tuple[str, str, str]]:
        return {(e.id, e.kind, e.boundary) for s in of.systems for e in s.elements}

    def flows(of: Project) -> set[str]:
        return {f.id for s in of.systems for f in s.flows}

    guest = {"containers", "container-rootfs"}  # in Kata Containers they lie in the guest
    assert {b[0] for b in boundaries(project) & boundaries(kata)} == BOUNDARIES
    assert {e[0] for e in elements(project) & elements(kata)} == ELEMENTS - guest
    assert guest <= {e[0] for e in elements(kata)}
    assert flows(project) & flows(kata) >= FLOWS


def test_the_container_calls_the_kernel_of_the_node(project: Project) -> None:
    for system in project.systems:
        flow = next(item for item in system.flows if item.id == "K10")
        assert (flow.source, flow.target) == ("containers", "host-kernel")


@pytest.mark.parametrize(
    ("name", "there", "gone"),
    [
        (
            "default",
            {"default-capabilities"},
            {"seccomp-runtime-default", "user-namespace", "no-new-privileges"},
        ),
        (
            "restricted",
            {"seccomp-runtime-default", "drop-all-capabilities", "no-new-privileges", "ordinary-user"},
            {"default-capabilities", "user-namespace"},
        ),
        ("userns", {"user-namespace", "default-capabilities"}, {"seccomp-runtime-default", "ordinary-user"}),
    ],
)
def test_what_stands_at_the_system_calls(
    project: Project, name: str, there: set[str], gone: set[str]
) -> None:
    flow = next(item for item in project.system(name).flows if item.id == "K10")
    assert there <= set(flow.controls)
    assert gone & set(flow.controls) == set()


def test_what_a_profile_lets_through_is_not_claimed(project: Project) -> None:
    controls = {control.id: control for control in project.controls}
    assert controls["seccomp-runtime-default"].claims == ()
    assert controls["default-apparmor-profile"].claims == ()
    assert "syscall-filter" not in {p for c in controls.values() if c.claims for p in c.provides}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceTree]:
    with outside.source("RUNC_SOURCE", "v1.5.1", tmp_path_factory.mktemp("cache")) as opened:
        if opened.read("VERSION").decode().strip() != "1.5.1":
            pytest.skip("RUNC_SOURCE is another release; the model describes 1.5.1")
        yield opened


def test_every_claim_holds_at_the_modelled_release(project: Project, tree: SourceTree) -> None:
    outside.check_claims_hold(project, tree)


def test_nearly_every_file_belongs_to_a_component(project: Project, tree: SourceTree) -> None:
    outside.check_components(project, tree)


def test_claims_fail_at_the_last_release_before_the_fixes(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    spec = os.environ.get("RUNC_SOURCE", "").split("@")[0]
    if not any((Path(spec) / name).exists() for name in ("HEAD", ".git") if spec):
        pytest.skip("RUNC_SOURCE names no git repository: 1.3.2 cannot be read")
    with open_source(f"{spec}@v1.3.2", cache=tmp_path_factory.mktemp("cache"), base=outside.ROOT) as old:
        states = check_claims(project, {"": old}, as_of=outside.DAY).states
    fixed_later = ("runc-masked-paths", "runc-procfs-handles", "runc-confined-paths")
    assert {states["default", control] for control in fixed_later} == {"contradicted"}
    assert states["default", "runc-closed-descriptors"] == "verified"
