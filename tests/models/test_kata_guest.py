"""The guest of the Kata model: its calls are those of the source, and each option changes what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.models.choices import Case, check_choice, names, tried
from threatmodel.load import read_manifest
from threatmodel.source.tree import SourceTree
from threatmodel.system import Flow, Project, SystemModel

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models/kata"
CONFIGURATIONS = tuple(found.name for found in read_manifest(MODEL, "models/kata").configurations)
PROTOS = "src/libs/protocols/protos"
SERVICE = "ttrpc (AgentService)"
REMOTE = {
    "hypervisor": "remote", "shared_fs": "none", "image_source": "guest-pull", "guest_image": "block", "net": "none",
    "annotations": "remote",
}  # fmt: skip
TDX = {
    "tee": "tdx", "shared_fs": "none", "image_source": "guest-pull", "guest_image": "block",
    "emptydir": "block-encrypted",
}  # fmt: skip
DRAGONBALL = {"hypervisor": "dragonball", "guest_image": "block", "shared_fs": "inline-virtio-fs"}

CASES: dict[str, Case] = {
    "debug_console": ({}, {"debug_console": "on"}, ["F62:debug-console-not-default"], [
        "debug-shell", "debug-session", "K26"]),
    "guest_hooks": ({}, {"guest_hooks": "on"}, ["F79.hooks:guest-hooks-off"], [
        "hook-runs", "K25", "hook-runs:hooks-are-plain-files"]),
    "kernel_modules": ({}, {"kernel_modules": "on"}, [
        "F60.modules:configured-modules-off", "K11.modules:configured-modules-off"], []),
    "mem_agent": ({"annotations": "none"}, {"mem_agent": "on"}, ["F60.memory:memory-agent-off"], [
        "mem-agent", "K24", "K24.kernel"]),
    "passfd": (DRAGONBALL, {"passfd": "on"}, [], ["F63", "F63.reply"]),
    "tracing": ({}, {"tracing": "on"}, ["F64:trace-forwarder-not-started"], ["F64.span"]),
    "guest_seccomp": ({}, {"guest_seccomp": "on"}, [], ["K10:container-seccomp-profile"]),
    "guest_selinux": ({}, {"guest_selinux": "on"}, [], ["K10:container-selinux-label"]),
    "policy=genpolicy": ({}, {"policy": "genpolicy"}, [], [
        "F60:generated-policy-refuses", "F60:generated-policy-binds-mounts", "F60.exec:generated-policy-refuses",
        "F60:pod-policy"]),
    "policy=custom": ({}, {"policy": "custom"}, [], [
        "F60:pod-policy", "F60.reply:output-withheld-by-policy"]),
    "policy=off": ({}, {"policy": "off"}, [
        "F60:policy-fails-closed", "F60.policy:policy-size-limits", "F60.policy", "F60.copy:policy-sees-links",
        "K15.image"], []),
    "pod_resources": ({"shared_fs": "none", "image_source": "erofs", "vfio": "cold"}, {"pod_resources": "on"}, [
        "K21.agent:agent-failure-stops-the-guest"], ["guest-extensions", "extension-mounter", "K27"]),
    "coco-dev": ({"shared_fs": "none", "image_source": "guest-pull"}, {"tee": "coco-dev"}, [], [
        "trustee", "guest-components", "aa", "cdh", "F70.unseal:sealed-secrets-marked", "kbs-client",
        "F75:initdata-form-checked", "F70.pull:image-pull-timeout"]),
    "a TEE": ({**TDX, "tee": "coco-dev"}, {"tee": "tdx"}, [], [
        "tee-module", "vendors", "F65", "F65.launch:tdx-debugging-off", "F65.exceptions", "F73.chain",
        "F75:initdata-bound-to-launch", "F75.aa:initdata-passed-to-attestation", "F73:attested-secret-release",
        "K14:verity-guest-rootfs", "F76:tee-measured-launch"]),
    "SNP for TDX": (TDX, {"tee": "snp"}, ["F51", "F65.exceptions"], ["F65.launch:snp-debugging-refused"]),
    "a TEE in the cloud": ({**REMOTE, "emptydir": "guest-tmpfs"}, {"tee": "snp"}, [], [
        "tee-module", "F27.boot:attested-guest"]),
}  # fmt: skip
PEER = [
    "agent-forwarder", "adaptor-secrets", "pod-vm-image", "cloud-metadata", "cloud-peer", "cloud-network",
    "adaptor-zone", "F27.tunnel:tunnel-mutual-tls", "F27.any", "F27.packets", "F27:machine-request-listed",
    "F27.reply:machine-needs-a-tunnel", "F75.machine", "F75", "trustee", "cdh", "F70.pull",
]  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return tried(CASES)


@pytest.mark.parametrize("name", CASES)
def test_an_option_changes_the_model(project: Project, name: str) -> None:
    check_choice(project, name, CASES[name])


def test_a_peer_pod_has_its_machine_elsewhere(project: Project) -> None:
    local = names(project.system("qemu-runtime-rs"))
    for name in ("remote-runtime-rs", "remote"):
        assert set(PEER) <= names(project.system(name)) - local
    assert "initdata-disk" not in names(project.system("remote"))


def test_attackers_of_a_guest_differ_by_reach(project: Project) -> None:
    reach = {a.id: a for a in project.adversaries if a.family == "guest-protecting"}
    assert set(reach) == {
        "hostile-host", "hostile-vmm", "hostile-shim", "hostile-worker", "hostile-cloud", "malicious-broker-client",
    }  # fmt: skip
    assert len({a.controls for a in reach.values()}) == len(reach)
    active = {
        name: {a.id for a in reach.values() if project.system(name).configuration.matches(a.when)}
        for name in ("qemu", "qemu-tdx", "qemu-coco-dev", "remote", "a TEE in the cloud after")
    }
    assert active["qemu"] == set()
    assert active["qemu-tdx"] == {"hostile-host", "hostile-vmm", "hostile-shim", "malicious-broker-client"}
    assert active["qemu-coco-dev"] == {"malicious-broker-client"}
    assert active["remote"] == {"hostile-worker"}
    assert active["a TEE in the cloud after"] == set(reach) - {"hostile-vmm"}


def _served(system: SystemModel) -> list[Flow]:
    """The flows that split up the service of the agent between them."""
    found = [f for f in system.flows if f.protocol == SERVICE and f.source.startswith("shim-")]
    assert {f.target for f in found} == {"agent"}
    return found


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_each_call_of_the_agent_is_in_one_flow_with_its_rule(project: Project, name: str) -> None:
    facts = [fact for flow in _served(project.system(name)) for fact in flow.operation_facts]
    calls = [fact.name for fact in facts if ":" not in fact.name]
    assert len(calls) == len(set(calls)) == 42
    assert all(fact.policy for fact in facts)


def test_an_agent_without_policies_has_no_rules(project: Project) -> None:
    facts = [fact for flow in _served(project.system("policy=off after")) for fact in flow.operation_facts]
    assert len([fact for fact in facts if ":" not in fact.name]) == 41
    assert {fact.policy for fact in facts if ":" not in fact.name} == {""}


def _provided(project: Project, system: SystemModel) -> set[str]:
    used = {name.partition(":")[2] for name in names(system)}
    return {kind for control in project.controls if control.id in used for kind in control.provides}


@pytest.mark.parametrize("name", ["qemu-coco-dev-runtime-rs", "qemu-coco-dev", "remote-runtime-rs", "remote"])
def test_without_a_tee_nothing_is_attested(project: Project, name: str) -> None:
    system = project.system(name)
    hardware = {"attestation", "measured-boot", "hardware-memory-encryption", "verified-root-filesystem"}
    allowed = {"verified-root-filesystem"} if name == "qemu-coco-dev-runtime-rs" else set()
    assert _provided(project, system) & hardware <= allowed
    assert not [f.id for f in system.flows if f.authentication == "attestation"]


@pytest.mark.parametrize("name", ["qemu-se-runtime-rs", "qemu-se"])
def test_secure_execution_is_one_encrypted_image(project: Project, name: str) -> None:
    present = names(project.system(name))
    assert {
        "F76:secure-execution-image",
        "guest-kernel:secure-execution-image",
        "debug-shell",
        "K26",
    } <= present
    others = {"tee-measured-launch", "verity-guest-rootfs", "initdata-bound-to-launch"}
    assert not [item for item in present if item.partition(":")[2] in others]
    assert not [item for item in present if item.startswith(("F62:", "F62.any:"))]


@pytest.mark.parametrize("flow", ["K20", "K20.inside"])
def test_whoever_reaches_the_port_has_every_call(project: Project, flow: str) -> None:
    system = project.system("qemu")
    every = {name for f in _served(system) for name in f.operations if ":" not in name}
    assert set(next(f for f in system.flows if f.id == flow).operations) == every


def _calls(source: SourceTree, path: str) -> dict[str, dict[str, str]]:
    """The message that each call of each service of a file takes."""
    text = re.sub(r"//[^\n]*", "", source.read(path).decode())
    return {
        service: dict(re.findall(r"rpc (\w+)\s*\(([\w.]+)\)", body))
        for service, body in re.findall(r"(?ms)^service (\w+) \{(.*?)^\}", text)
    }


def test_calls_and_rules_are_those_of_the_source(project: Project, source: SourceTree) -> None:
    facts = [fact for flow in _served(project.system("qemu")) for fact in flow.operation_facts]
    modelled = {fact.name: fact.policy for fact in facts if ":" not in fact.name}
    assert modelled == _calls(source, f"{PROTOS}/agent.proto")["AgentService"]


@pytest.mark.parametrize(
    ("proto", "configuration", "flows"),
    [
        (f"{PROTOS}/health.proto", "qemu", ["F60.health"]),
        (f"{PROTOS}/remote.proto", "remote-runtime-rs", ["F27"]),
        ("src/runtime/protocols/hypervisor/hypervisor.proto", "remote", ["F27"]),
        (
            "src/runtime-rs/crates/hypervisor/src/openvmm/protos/vmservice.proto",
            "openvmm-azure-runtime-rs",
            ["F26"],
        ),
        (
            f"{PROTOS}/confidential_data_hub.proto",
            "qemu-tdx",
            ["F70.unseal", "F70.mount", "F70.resource", "F70.pull"],
        ),
    ],
)
def test_calls_of_other_services(
    project: Project, source: SourceTree, proto: str, configuration: str, flows: list[str]
) -> None:
    found = {f.id: f for f in project.system(configuration).flows}
    modelled = sorted(name for flow in flows for name in found[flow].operations)
    assert modelled == sorted(name for calls in _calls(source, proto).values() for name in calls)


def test_no_other_definition_has_a_service(source: SourceTree) -> None:
    """Those of the container manager are for a client of it, and no part of Kata answers them."""
    files = [path for path in source.paths() if path.startswith(f"{PROTOS}/") and path.endswith(".proto")]
    serving = {path.removeprefix(f"{PROTOS}/") for path in files if _calls(source, path)}
    ours = {"agent.proto", "health.proto", "remote.proto", "confidential_data_hub.proto"}
    assert serving == ours | {"cri-api/api.proto"}


def test_the_data_hub_as_a_whole_has_the_calls_of_its_services(project: Project, source: SourceTree) -> None:
    whole = next(f for f in project.system("qemu-tdx").flows if f.id == "F70")
    services = _calls(source, f"{PROTOS}/confidential_data_hub.proto")
    assert sorted(whole.operations) == sorted(name for calls in services.values() for name in calls)


def test_options_of_the_command_line_are_those_of_the_source(project: Project, source: SourceTree) -> None:
    text = source.read("src/agent/src/config.rs").decode()
    named = re.findall(r'(?m)^const [A-Z0-9_]+: &str =\s*"((?:agent\.|cgroup_no_v1|systemd\.)[\w.]*)";', text)
    flow = next(f for f in project.system("qemu").flows if f.id == "F76")
    assert sorted(flow.operations) == sorted(named)
    assert sum(name.startswith("agent.") for name in flow.operations) == 37


def test_drivers_of_storage_are_those_of_the_source(project: Project, source: SourceTree) -> None:
    flows = [f for f in project.system("qemu").flows if f.id in ("K11.storage", "K11.disks", "K11.layers")]
    modelled = [name for flow in flows for name in flow.operations]
    assert sorted(modelled) == sorted(_handled(source, "src/agent/src/storage/"))


def test_types_of_devices_are_those_of_the_source(project: Project, source: SourceTree) -> None:
    flow = next(f for f in project.system("qemu").flows if f.id == "F78.wait")
    assert sorted(flow.operations) == sorted(_handled(source, "src/agent/src/device/"))


def _handled(source: SourceTree, folder: str) -> set[str]:
    """What the handlers below a folder of the agent are named by in a request."""
    erofs = "src/agent/src/storage/multi_layer_erofs.rs"
    named = ("src/libs/kata-types/src/device.rs", "src/libs/kata-types/src/mount.rs", erofs)
    text = "".join(source.read(path).decode() for path in named)
    known = dict(re.findall(r'pub const (\w+): &str = "([\w.-]+)";', text))
    served = set()
    for path in source.paths():
        if path.startswith(folder) and path.endswith(".rs"):
            body = source.read(path).decode()
            for names in re.findall(r"fn driver_types\(&self\) -> &\[&str\] \{\s*&\[([^\]]*)\]", body):
                served |= {known[name.strip()] for name in names.split(",") if name.strip()}
    return served
