"""The Kata Containers model: it loads, and it holds what its users rely on by name."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest

from threatmodel.claims.ledger import Ledger, check_claims
from threatmodel.core.errors import UsageError
from threatmodel.core.globs import select
from threatmodel.diagrams.plan import OVERVIEW, overview, plan
from threatmodel.load import Loaded, broken_combinations, load_model, read_manifest
from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.source.tree import SourceTree
from threatmodel.system import Configuration, Project, SystemModel

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models/kata"
DAY = datetime.date(2026, 11, 22)
CONFIGURATIONS = tuple(found.name for found in read_manifest(MODEL, "models/kata").configurations)
FLOWS = [
    *(f"F{number:02}" for number in range(1, 11)),
    *(f"F{number}" for number in (20, 21, 22, 23, 24)),
    *(f"F{number}" for number in range(40, 48)),
    *(f"F{number}" for number in range(60, 66)),
    *(f"F{number}" for number in range(70, 77)),
]
ELEMENTS = [
    *("kubelet", "cri-containerd", "shim-go", "shim-rs", "virtiofsd", "inline-virtiofs", "kata-monitor"),
    *("vmm-qemu", "vmm-clh", "vmm-fc", "vmm-dragonball", "host-kernel", "guest-kernel", "guest-fw", "agent"),
    *(
        "guest-image",
        "policy-engine",
        "containers",
        "registry",
        "kbs",
        "kata-runtime",
        "kata-ctl",
        "kata-deploy",
    ),
    *(
        "csi-directvolume",
        "genpolicy",
        "aa",
        "cdh",
        "api-server-rest",
        "initdata-disk",
        "pod-author",
        "node-admin",
    ),
]


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_model(MODEL, "models/kata", load_vocabulary())


@pytest.fixture(scope="module")
def project(loaded: Loaded) -> Project:
    return loaded.project


class FakeTree:
    """A source tree of a few files."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def read(self, path: str) -> bytes:
        return self._files[path].encode()


def test_loads_without_a_warning(loaded: Loaded) -> None:
    assert loaded.warnings == ()


def test_configurations_are_those_of_the_file(project: Project) -> None:
    assert len(CONFIGURATIONS) == 29
    assert tuple(system.configuration.name for system in project.systems) == CONFIGURATIONS
    assert project.default_configuration == "qemu-runtime-rs"


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_size_of_each_configuration(project: Project, name: str) -> None:
    system = project.system(name)
    assert 34 <= len(system.elements) <= 120
    assert 60 <= len(system.flows) <= 360


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_every_element_has_a_flow(project: Project, name: str) -> None:
    system = project.system(name)
    ends = {end for flow in system.flows for end in (flow.source, flow.target)}
    assert {element.id for element in system.elements} == ends


def test_counts(project: Project) -> None:
    assert len(project.data) >= 15
    assert len(project.adversaries) >= 6
    assert len(project.controls) >= 36


def test_every_control_has_a_claim_wherever_it_stands(project: Project) -> None:
    claims = {control.id: control.claims for control in project.controls}
    assert [id_ for id_, found in claims.items() if not found] == []
    for system in project.systems:
        groups = (system.boundaries, system.elements, system.flows)
        used = {id_ for group in groups for item in group for id_ in item.controls}
        kinds = {
            id_: {claim.kind for claim in claims[id_] if system.configuration.matches(claim.when)}
            for id_ in used
        }
        assert {id_ for id_, found in kinds.items() if not found} == set(), system.configuration.name
        machine = sum(bool(found - {"attested", "proposed"}) for found in kinds.values())
        assert machine >= 0.9 * len(used), system.configuration.name


@pytest.mark.parametrize("flow", FLOWS)
def test_flow_of_the_fact_base_is_there(project: Project, flow: str) -> None:
    ids = {item.id for system in project.systems for item in system.flows}
    assert flow in ids or any(item.startswith(f"{flow}.") for item in ids)


@pytest.mark.parametrize("element", ELEMENTS)
def test_element_is_there(project: Project, element: str) -> None:
    assert element in {item.id for system in project.systems for item in system.elements}


def test_names_fit_a_diagram(project: Project) -> None:
    elements = {item.name for system in project.systems for item in system.elements}
    flows = {item.name for system in project.systems for item in system.flows}
    assert {name for name in elements if len(name) > 24} == set()
    assert {name for name in flows if len(name) > 40} == set()


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_views_are_small_enough_to_draw(project: Project, name: str) -> None:
    there = {element.id for element in project.system(name).elements}
    sizes = {view.id: len(there & set(view.elements)) for view in project.views}
    assert {"overview", "runtime", "agent", "shim", "hypervisor"} <= set(sizes)
    assert all(4 <= size <= 16 for size in sizes.values() if size), sizes


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_level_0_shows_who_acts_and_where_trust_ends(project: Project, name: str) -> None:
    system = project.system(name)
    first = next(view.elements for view in project.views if view.id == OVERVIEW)
    drawn = overview(system, first=first)
    assert len(drawn.nodes) + len(drawn.stacks) <= 20
    named = {node.name for node in drawn.nodes} | {n for stack in drawn.stacks for n in stack.names}
    assert {"Pod author", "Node administrator", "Contributor"} <= named
    assert {"host-kernel", "agent"} <= {node.id for node in drawn.nodes}
    assert {"node", "guest-vm"} <= {box.id for box in drawn.boundaries}
    assert all(edge.says for edge in drawn.edges)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_view_is_one_picture(project: Project, name: str) -> None:
    made = plan(project.system(name), project.views, project.name)
    parts = {item.id for item in made if item.part_of.startswith("view-") and item.part_of != item.id}
    assert parts == set()


def _boundary(system: SystemModel, element: str) -> str:
    return next(item.boundary for item in system.elements if item.id == element)


def test_dragonball_runs_in_the_boundary_of_the_shim(project: Project) -> None:
    system = project.system("dragonball")
    assert _boundary(system, "vmm-dragonball") == _boundary(system, "shim-rs")
    assert _boundary(system, "inline-virtiofs") == _boundary(system, "shim-rs")
    assert _boundary(project.system("qemu"), "vmm-qemu") != _boundary(project.system("qemu"), "shim-go")


def test_the_host_is_an_adversary_of_confidential_guests_only(project: Project) -> None:
    host = next(item for item in project.adversaries if item.id == "hostile-host")
    for system in project.systems:
        tee = system.configuration.options["tee"] in ("tdx", "snp", "se")
        assert system.configuration.matches(host.when) == tee


INVALID: list[tuple[dict[str, str], str]] = [
    ({"runtime": "go", "hypervisor": "dragonball"}, "runtime=rust"),
    ({"runtime": "go", "hypervisor": "openvmm"}, "OpenVMM is driven by the Rust runtime"),
    ({"hypervisor": "stratovirt"}, "StratoVirt is driven by the Go runtime"),
    ({"hypervisor": "fc"}, "Firecracker shares no file system"),
    ({"hypervisor": "remote"}, "the machine of hypervisor=remote is elsewhere"),
    ({"shared_fs": "inline-virtio-fs"}, "served by Dragonball only"),
    ({"shared_fs": "virtio-9p"}, "Go runtime with QEMU"),
    ({"hypervisor": "openvmm", "shared_fs": "none"}, "OpenVMM accepts"),
    ({"image_source": "nydus"}, "the other way round"),
    ({"shared_fs": "none"}, "image_source=overlay lies in a shared folder"),
    ({"tee": "tdx"}, "shares no file system with it"),
    ({"tee": "snp", "hypervisor": "clh"}, "need QEMU or remote"),
    ({"tee": "tdx", "hypervisor": "dragonball"}, "tee=tdx needs QEMU"),
    ({"tee": "se"}, "arch=s390x"),
    ({"tee": "tdx", "emptydir": "shared-fs"}, "encrypted or in the guest"),
    ({"tee": "snp", "guest_image": "pmem"}, "guest_image=block"),
    ({"hypervisor": "clh"}, "guest_image=pmem is QEMU"),
    ({"hypervisor": "fc", "vfio": "cold"}, "vfio is offered by"),
    ({"hypervisor": "fc", "rootless": "on"}, "rootless=on is offered"),
    ({"hypervisor": "dragonball", "rootless": "on"}, "rootless=on is offered"),
    ({"hypervisor": "dragonball", "viommu": "on"}, "viommu=on makes a device with QEMU"),
    ({"rootless": "on", "policy": "genpolicy"}, "exclude each other"),
    ({"runtime": "go", "host_netns": "on"}, "host_netns=on needs net=none"),
    ({"factory": "vmcache"}, "Go runtime with QEMU only"),
    ({"net": "macvtap"}, "Go runtime only"),
    ({"pprof": "on"}, "Go shim only"),
    ({"extra_monitor": "on"}, "needs debug"),
    ({"arch": "s390x", "hypervisor": "clh"}, "have QEMU and remote only"),
]


def test_invalid_combinations_name_their_rule() -> None:
    found = broken_combinations(MODEL, "models/kata", [options for options, _ in INVALID])
    for (options, sentence), broken in zip(INVALID, found, strict=True):
        assert any(sentence in text for text in broken), (options, broken)


VALID: list[dict[str, str]] = [
    {"runtime": "go", "shared_fs": "virtio-9p"},
    {"runtime": "go", "hypervisor": "clh", "guest_image": "block"},
    {"hypervisor": "dragonball", "guest_image": "block"},
    {"hypervisor": "clh", "guest_image": "block", "rootless": "on"},
    {"shared_fs": "none", "image_source": "erofs"},
    {"hypervisor": "remote", "tee": "snp", "shared_fs": "none", "image_source": "guest-pull", "net": "none",
     "guest_image": "block", "emptydir": "guest-tmpfs"},
]  # fmt: skip


def test_other_valid_combinations_build() -> None:
    assert broken_combinations(MODEL, "models/kata", VALID) == ((),) * len(VALID)
    extra = [Configuration(name=f"tried-{n}", options=options) for n, options in enumerate(VALID)]
    loaded = load_model(MODEL, "models/kata", load_vocabulary(), extra=extra)
    assert all(loaded.project.system(found.name).flows for found in extra)


def test_an_invalid_combination_of_the_command_line_is_a_usage_error() -> None:
    extra = [Configuration(name="tried", options={"hypervisor": "fc"})]
    with pytest.raises(UsageError, match="Firecracker shares no file system"):
        load_model(MODEL, "models/kata", load_vocabulary(), extra=extra)


SHARE = "src/runtime-rs/crates/resource/src/share_fs/share_virtio_fs_standalone.rs"


@pytest.mark.parametrize(
    "text",
    [
        'vec![String::from("--sandbox"),\n    String::from("none")];',
        'vec![String::from("--seccomp=none")];',
        'args.push(format!("--sandbox={}", mode));',
        'vec![String::from("--cache")];',
    ],
    ids=["sandbox", "seccomp", "format", "other arguments"],
)
def test_virtiofsd_sandbox_follows_the_arguments_of_the_rust_shim(project: Project, text: str) -> None:
    ledger = check_claims(project, {"": FakeTree({SHARE: text})}, as_of=DAY)
    assert ledger.states["qemu-runtime-rs", "virtiofsd-sandbox"] == "contradicted"
    assert ledger.states["qemu", "virtiofsd-sandbox"] == "not-found"


@pytest.fixture(scope="module")
def ledger(project: Project, source: SourceTree) -> Ledger:
    return check_claims(project, {"": source}, as_of=DAY)


def test_every_claim_holds_at_the_modelled_release(ledger: Ledger) -> None:
    own = [check for check in ledger.checks if not check.source and check.kind != "proposed"]
    assert [(check.control, check.text) for check in own if check.state != "verified"] == []


def test_every_template_of_the_source_has_its_configuration(source: SourceTree) -> None:
    named = sorted(found.template for found in read_manifest(MODEL, "models/kata").configurations)
    paths = source.paths()
    shipped = [
        *select(paths, "src/runtime/config/configuration-*.toml.in"),
        *select(paths, "src/runtime-rs/config/configuration-*.toml.in"),
    ]
    assert named == sorted(shipped)


def test_virtiofsd_sandbox_at_the_source(ledger: Ledger, source: SourceTree) -> None:
    release = tuple(int(part) for part in source.read("VERSION").decode().strip().split("-")[0].split("."))
    expected = "contradicted" if release < (3, 31, 0) else "verified"
    assert ledger.states["qemu-runtime-rs", "virtiofsd-sandbox"] == expected
    assert ledger.states["qemu", "virtiofsd-sandbox"] == "verified"


def test_nearly_every_file_belongs_to_a_component(project: Project, source: SourceTree) -> None:
    paths = source.paths()
    mapped = {path for item in project.components for glob in item.globs for path in select(paths, glob)}
    assert len(mapped) >= 0.99 * len(paths)


def test_components_reach_an_element_or_have_a_role(project: Project) -> None:
    elements = {item.id for system in project.systems for item in system.elements}
    assert [c.id for c in project.components if not c.role and not set(c.runs_in) <= elements] == []


@pytest.mark.parametrize(
    ("option", "on", "flow", "control"),
    [
        ("pod_resources", "on", "F06", "pod-resources-off"),
        ("monitor", "on", "F90", "kata-monitor-off"),
        ("monitor", "on", "F90", "kata-monitor-loopback"),  # the chart listens on all addresses
    ],
)
def test_a_control_that_says_off_is_not_there_where_the_option_says_on(
    option: str, on: str, flow: str, control: str
) -> None:
    extra = [
        Configuration(name="off", options={option: "off"}),
        Configuration(
            name="on", options={option: on, **({"vfio": "cold"} if option == "pod_resources" else {})}
        ),
    ]
    project = load_model(MODEL, "models/kata", load_vocabulary(), extra=extra).project
    there = {
        name: {c for f in project.system(name).flows if f.id == flow for c in f.controls}
        for name in ("off", "on")
    }
    assert (control in there["off"], control in there["on"]) == (True, False)


CHART = "tools/packaging/kata-deploy/helm-chart/kata-deploy/templates"
GOOD_CHART = {
    f"{CHART}/kata-deploy.yaml": "securityContext:\n  privileged: false\n  readOnlyRootFilesystem: true\n",
    f"{CHART}/_helpers.tpl": "securityContext:\n  privileged: {{ .privileged }}\n  readOnlyRootFilesystem: true\n",
}
DISPATCHER = {
    f"{CHART}/kata-deploy-install-job.yaml": "- name: dispatcher\n  allowPrivilegeEscalation: false\n"
    "  readOnlyRootFilesystem: true\n"
}


@pytest.fixture(scope="module")
def both_installers() -> Project:
    extra = [Configuration(name=mode, options={"deploy": mode}) for mode in ("daemonset", "job")]
    return load_model(MODEL, "models/kata", load_vocabulary(), extra=extra).project


@pytest.mark.parametrize(
    ("files", "daemonset", "job"),
    [
        (GOOD_CHART, True, True),
        (DISPATCHER, False, False),
        ({**GOOD_CHART, f"{CHART}/kata-deploy.yaml": "privileged: true\n"}, False, False),
        (
            {
                **GOOD_CHART,
                f"{CHART}/_helpers.tpl": 'include "kata-deploy.stageContainer" (dict "privileged" true)\n',
            },
            True,
            False,
        ),
    ],
    ids=["installer", "dispatcher alone", "privileged", "stage privileged"],
)
def test_the_installer_is_judged_by_its_own_container(
    both_installers: Project, files: dict[str, str], daemonset: bool, job: bool
) -> None:
    ledger = check_claims(both_installers, {"": FakeTree(files)}, as_of=DAY)
    states = [ledger.states[mode, "installer-not-privileged"] == "verified" for mode in ("daemonset", "job")]
    assert states == [daemonset, job]
