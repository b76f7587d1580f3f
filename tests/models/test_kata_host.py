"""Node, installation, observation and pipeline in the Kata model: what is there, and what each option changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.choices import Case, check_choice, tried
from threatmodel.system import Flow, Project, SystemModel

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models/kata"
GO = {"runtime": "go"}
DRAGONBALL = {"hypervisor": "dragonball", "guest_image": "block", "shared_fs": "inline-virtio-fs"}
PEER = {
    "hypervisor": "remote", "shared_fs": "none", "image_source": "guest-pull", "guest_image": "block", "net": "none",
    "annotations": "remote",
}  # fmt: skip

CASES: dict[str, Case] = {
    "runtime": ({}, {"runtime": "go"}, [
        "F04.reply", "F02.parts", "F90.ctl", "F91.ctl", "shim-ctl", "K07", "F02.hooks:hook-limits",
        "F08.policy:management-routes-listed", "F09:state-path-checked", "F02.boot:unlisted-annotation-ignored"], [
        "F91.profiles", "F09:state-owner-only", "F02.boot:unlisted-annotation-refused",
        "F02.modes:network-and-vfio-modes-known"]),
    "deploy": ({}, {"deploy": "job"}, ["F94", "K64", "K64.any", "F94.settings:installer-role-narrow"], [
        "F94.templates",
        "deploy-dispatcher", "deploy-dispatcher:dispatcher-confined", "F94.job:node-jobs-without-token",
        "F94.dispatch:dispatcher-role-narrow", "F94.job:installation-deadline"]),
    "cri=cri-o": ({}, {"cri": "cri-o"}, ["K63.read:passed-annotations-listed", "F04.reply", "F02.cores"], []),
    "cri=docker": ({}, {"cri": "docker"}, [
        "K63.read:no-host-devices-for-privileged", "F02:no-host-devices-for-privileged", "kubelet", "kube-apiserver",
        "pod-author", "kata-deploy", "csi-directvolume", "kata-webhook", "genpolicy", "systemd", "F01", "F06", "F94",
        "F95", "F96", "K60", "F91.cri", "F91.watch:monitor-mounts-read-only", "monitor-pod:monitor-limits"], [
        "docker-user", "F01.docker"]),
    "monitor": ({}, {"monitor": "on"}, [
        "F90:kata-monitor-off", "F90:kata-monitor-loopback", "F90.any:kata-monitor-off", "F91.cri:kata-monitor-off"], []),
    "tracing": ({}, {"tracing": "on"}, ["K03.collector:tracing-off"], []),
    "pprof": (GO, {"pprof": "on"}, ["F91.profiles:profiling-off"], []),
    "pod_resources": ({"vfio": "cold"}, {"pod_resources": "on"}, ["F06:pod-resources-off"], [
        "device-plugin", "F06.devices", "F06:pod-resources-timeout"]),
    "annotations": ({}, {"annotations": "kernel"}, ["F02.enabled:processors-bounded"], []),
    "image_source": ({"shared_fs": "none", "image_source": "block"}, {"image_source": "guest-pull"}, [], [
        "K61.snapshotter:snapshotter-restarted"]),
    "image_source=nydus": (
        {"shared_fs": "none", "image_source": "guest-pull"}, {"shared_fs": "virtio-fs-nydus", "image_source": "nydus"},
        ["K61.snapshotter:snapshotter-restarted"], []),
    "hypervisor": (PEER, {**DRAGONBALL, "image_source": "overlay", "net": "tcfilter", "annotations": "none"}, [], [
        "shim-ctl", "K07", "trace-forwarder:trace-forwarder-drops-root"]),
    "hypervisor=clh": ({}, {"hypervisor": "clh", "guest_image": "block"}, ["F90.local", "local-user"], [
        "trace-forwarder:trace-forwarder-drops-root"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return tried(CASES)


def _flow(system: SystemModel, name: str) -> Flow:
    return next(flow for flow in system.flows if flow.id == name)


@pytest.mark.parametrize("name", CASES)
def test_an_option_changes_the_model(project: Project, name: str) -> None:
    check_choice(project, name, CASES[name])


def test_each_choice_has_no_element_without_a_flow(project: Project) -> None:
    for system in project.systems:
        ends = {end for flow in system.flows for end in (flow.source, flow.target)}
        assert {element.id for element in system.elements} == ends, system.configuration


@pytest.mark.parametrize(
    ("element", "boundary"),
    [
        ("kata-deploy", "installer-pod"),
        ("kata-monitor", "monitor-pod"),
        ("csi-directvolume", "volume-pod"),
        ("genpolicy", "workstation"),
        ("own-runners", "own-machines"),
        ("release-workflow", "release-jobs"),
        ("kata-registry", "artefact-registries"),
    ],
)
def test_what_runs_apart_has_a_boundary_of_its_own(project: Project, element: str, boundary: str) -> None:
    system = project.system("qemu-runtime-rs")
    assert next(item.boundary for item in system.elements if item.id == element) == boundary


@pytest.mark.parametrize("name", ["qemu", "qemu-runtime-rs"])
def test_management_is_modelled_by_method_and_path(project: Project, name: str) -> None:
    system = project.system(name)
    found = [call for flow in system.flows if flow.id.startswith("F08") for call in flow.operations]
    paths = [
        "/metrics",
        "/agent-url",
        "/iptables",
        "/ip6tables",
        "/direct-volume/stats",
        "/direct-volume/resize",
        "/policy",
    ]
    assert {call.rpartition(" ")[2] for call in found if " " in call} == set(paths)
    assert len(found) == len(set(found))


def test_a_checkpoint_is_no_call_of_the_task_api(project: Project) -> None:
    for name in ("qemu", "qemu-runtime-rs"):
        system = project.system(name)
        assert "Checkpoint" not in _flow(system, "F03").operations
        assert _flow(system, "F03.checkpoint").controls[0] == "checkpoint-not-implemented"


def test_annotations_outside_the_list_are_those_of_the_runtime(project: Project) -> None:
    go, rust = (
        {
            call
            for flow in ("F02.runtime", "F02.agent", "F02.modes")
            for call in _flow(project.system(name), flow).operations
        }
        for name in ("qemu", "qemu-runtime-rs")
    )
    assert go - rust == {"experimental_force_guest_pull", "policy"}
    assert rust - go == {"shared_mounts", "cdh_api_timeout_ms"}


def test_an_allow_list_of_two_keys_says_nothing_of_the_others(project: Project) -> None:
    provided = {control.id: set(control.provides) for control in project.controls}
    for name in ("qemu", "qemu-runtime-rs"):
        controls = _flow(project.system(name), "F02.runtime").controls
        assert not any({"allow-list", "configuration-validation"} & provided[item] for item in controls)


def test_each_supply_adversary_starts_in_a_zone_of_its_own(project: Project) -> None:
    starts = [item.controls for item in project.adversaries if item.family == "supply-chain"]
    assert len(starts) == len({tuple(start) for start in starts}) == 5
    zones = {boundary.id for boundary in project.system("qemu-runtime-rs").boundaries}
    assert {start[0] for start in starts} - zones == {"kata-releases"}


@pytest.mark.parametrize(("when", "holds"), [("before", True), ("after", False)])
def test_the_installer_holds_a_token_only_where_its_pod_stays(
    project: Project, when: str, holds: bool
) -> None:
    system = project.system(f"deploy {when}")
    installer = next(element for element in system.elements if element.id == "kata-deploy")
    assert ("cluster-credentials" in installer.data) is ("stores-secrets" in installer.traits) is holds
    sends = [
        flow for flow in system.flows if flow.source == "kata-deploy" and flow.target == "kube-apiserver"
    ]
    assert bool(sends) is holds


def test_what_docker_starts_names_no_part_of_kubernetes(project: Project) -> None:
    system = project.system("cri=docker after")
    ends = {end for flow in system.flows for end in (flow.source, flow.target)}
    assert not {end for end in ends if end.startswith(("kube", "csi-", "chart-", "deploy-"))}
    assert {flow.id for flow in system.flows if flow.source == "node-admin"} >= {
        "K61",
        "K61.programs",
        "K62",
        "K63",
    }


def test_profiles_and_a_new_policy_are_asked_for_by_what_can_ask(project: Project) -> None:
    for name in ("qemu", "qemu-runtime-rs"):
        assert _flow(project.system(name), "F08.policy").source == "kata-runtime"
    assert "F91.profiles" not in {flow.id for flow in project.system("qemu-runtime-rs").flows}
