"""Devices, storage and memory in the Kata model: what each option changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.models.choices import Case, check_choice, tried
from threatmodel.load import broken_combinations
from threatmodel.system import Project

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models/kata"
GO = {"runtime": "go"}
CLH = {"hypervisor": "clh", "guest_image": "block"}
DRAGONBALL = {"hypervisor": "dragonball", "guest_image": "block", "shared_fs": "inline-virtio-fs"}
FC = {"hypervisor": "fc", "guest_image": "block", "shared_fs": "none", "image_source": "block"}
NONE = {"shared_fs": "none", "image_source": "block"}
DISTRUST = {
    **GO, "guest_image": "block", "shared_fs": "none", "image_source": "guest-pull", "emptydir": "block-encrypted",
}  # fmt: skip
STRATOVIRT = {"runtime": "go", "hypervisor": "stratovirt", "guest_image": "block"}

CASES: dict[str, Case] = {
    "host_hv": ({**GO, **CLH}, {"host_hv": "mshv"}, [], [
        "mshv", "mshv-zone", "K30.intercept", "K31.root", "K30.nested:nested-virtualisation-off"]),
    "nested": ({**CLH, "nested": "on"}, {"nested": "off"}, [], ["K30.nested:nested-virtualisation-off"]),
    "vhost_net": ({}, {"vhost_net": "off"}, [], ["F40.tap", "F40.tx:vhost-net-off"]),
    "dan-tap": ({}, {"net": "dan-tap"}, [], ["dan-plugin", "dan-file", "F07.dan:dan-file-typed", "F07.dan-tap"]),
    "dan-vhost-user": (DRAGONBALL, {"net": "dan-vhost-user"}, [], [
        "vhost-user-switch", "F40.setup", "K41.switch", "K41.neighbour"]),
    "l3forwarding": ({}, {"net": "l3forwarding"}, [], ["F40.route:l3forwarding-single-interface"]),
    "macvtap": (GO, {"net": "macvtap"}, ["F40.filter"], ["F40.macvtap"]),
    "physical-vfio": ({}, {"net": "physical-vfio"}, ["F40.tx", "F40.rx"], ["physical-nic", "F47.nic", "K41.nic"]),
    "no network": ({}, {"net": "none"}, ["F40.tx"], []),
    "vmm_seccomp of QEMU": ({}, {"vmm_seccomp": "on"}, [], ["vmm-qemu:qemu-seccomp"]),
    "vmm_seccomp of Cloud Hypervisor": (CLH, {"vmm_seccomp": "off"}, ["vmm-clh:clh-seccomp"], []),
    "vmm_seccomp of Firecracker": (FC, {"vmm_seccomp": "off"}, ["vmm-fc:firecracker-seccomp"], []),
    "vmm_seccomp of Dragonball": (DRAGONBALL, {"vmm_seccomp": "off"}, [
        "vmm-dragonball:dragonball-seccomp", "inline-virtiofs:dragonball-seccomp", "shim-rs:dragonball-seccomp"], []),
    "vmm_selinux": ({}, {"vmm_selinux": "off"}, ["vmm-process:vmm-label-passed-on"], []),
    "rootless": (CLH, {"rootless": "on"}, [
        "assigned-device", "F47.dma", "F22:vm-folder-mode", "sandbox-state:vm-folder-mode"], [
        "vmm-process:rootless-vmm-user"]),
    "hugepages": ({**GO, **CLH}, {"hugepages": "on"}, ["K36:huge-pages-off"], []),
    "template": (NONE, {"factory": "template"}, ["K80:vm-template-off"], []),
    "template of Go": ({**GO, **NONE}, {"factory": "template"}, ["K80:vm-template-off"], []),
    "vmcache": ({**GO, **NONE}, {"factory": "vmcache"}, ["K81:vm-cache-off"], []),
    "image_source=block": ({"shared_fs": "none", "image_source": "guest-pull"}, {"image_source": "block"},
        ["nydus-snapshotter", "K55"], ["snapshot-disks", "K53.disk", "K53.write"]),
    "image_source=erofs": (NONE, {"image_source": "erofs"}, ["snapshot-disks"], [
        "erofs-layers", "merged-disk", "K54.vmdk", "F42.layers",
        "K54.blocks:erofs-layers-read-only"]),
    "image_source=nydus": ({}, {"image_source": "nydus", "shared_fs": "virtio-fs-nydus"}, [
        "virtiofsd", "K53.block", "K34:share-read-only", "file-server-zone:share-propagation-one-way"], [
        "nydusd", "blob-cache", "nydus-snapshotter", "F44.api:nydusd-request-timeout", "K50.chunks.reply",
        "K06.nydusd:nydusd-paths-checked", "nydusd:nydusd-per-sandbox"]),
    "nydus inline": (DRAGONBALL, {"image_source": "nydus"}, [], ["nydus-snapshotter", "blob-cache", "K55.cache"]),
    "emptydir=block-plain": ({}, {"emptydir": "block-plain"}, ["emptydir-folders", "K56.bind"], [
        "emptydir-disks", "K56.make:emptydir-disk-counted", "F42.emptydir"]),
    "emptydir=block-encrypted": ({}, {"emptydir": "block-encrypted"}, ["emptydir-folders"], [
        "F42.emptydir:encrypted-empty-dir"]),
    "emptydir=guest-tmpfs": ({}, {"emptydir": "guest-tmpfs"}, ["emptydir-folders"], ["K56.tmpfs"]),
    "spdk": ({**GO, "hugepages": "on", "vhost_user_store": "on"}, {"spdk": "on"}, [], [
        "spdk", "F42.spdk", "F42.spdk-setup", "K58"]),
    "vhost_user_store": ({**GO, "hugepages": "on"}, {"vhost_user_store": "on"}, ["F42.store:vhost-user-store-off"], []),
    "dax": (DRAGONBALL, {"dax": "on"}, ["F44.dax:dax-window-off"], ["page-cache", "K72", "K72.other"]),
    "guest_image": ({}, {"guest_image": "block"}, ["F43", "page-cache"], ["F42.image"]),
    "balloon": (DRAGONBALL, {"balloon": "on"}, ["F46.balloon:dragonball-balloon-off"], []),
    "virtio_mem": ({}, {"virtio_mem": "on"}, ["F46.mem:virtio-mem-off"], []),
    "resources": (DRAGONBALL, {"resources": "dynamic"}, ["F49.resize:resources-fixed-at-start"], ["F46.mem"]),
    "viommu": ({"annotations": "none"}, {"viommu": "on"}, ["F48:virtual-iommu-off"], []),
    "memory_dump": (GO, {"memory_dump": "on"}, ["K82:memory-dump-off", "F46.pvpanic:memory-dump-off"], []),
    "extra_monitor": ({"debug": "class"}, {"extra_monitor": "on"}, ["F21:extra-monitor-off"], []),
    "debug": (CLH, {"debug": "class"}, ["F28:clh-console-off"], []),
    "vfio=cold": ({}, {"vfio": "cold"}, ["F47.cold:cold-plug-off", "F47.hot"], []),
    "vfio of Go": (GO, {"vfio": "hot"}, ["F47:vfio-ports-off"], [
        "assigned-device", "F47.dma", "F47.host", "F47.hot:one-kind-of-plugging"]),
    "vfio_mode": ({"vfio": "cold"}, {"vfio_mode": "vfio"}, ["F47.node"], ["F47.user"]),
    "pod_resources": ({"vfio": "cold"}, {"pod_resources": "on"}, [], ["cdi-specs", "F06.cdi", "F47.cdi:cdi-kinds-listed",
        "extension-images", "F42.extension:extension-image-verified"]),
    "block_rootfs": ({**GO, "block_rootfs": "off"}, {"block_rootfs": "on"}, [
        "K53.block:block-device-use-off", "F02:block-device-use-off"], []),
    "bind_mounts": ({}, {"bind_mounts": "on"}, ["K53.bind:sandbox-bind-mounts-off"], []),
    "annotations": ({}, {"annotations": "none"}, ["F02.enabled"], [
        "F60.memory:memory-agent-off", "F48:virtual-iommu-off"]),
    "tee of Go": (DISTRUST, {"tee": "tdx"}, ["F46.rng", "K37", "F46.entropy"], []),
    "tee of Rust": ({**DISTRUST, "runtime": "rust"}, {"tee": "tdx"}, ["K73"], []),
    "debug of StratoVirt": (STRATOVIRT, {"debug": "class"}, [], ["F46.console"]),
    "vhost_net of Dragonball": (DRAGONBALL, {"vhost_net": "off"}, [], ["F40.tap"]),
    "shared_fs of remote": (NONE, {"hypervisor": "remote", "image_source": "guest-pull", "net": "none",
        "guest_image": "block"}, ["K54:guest-image-read-only"], []),
    "9p": (GO, {"shared_fs": "virtio-9p"}, ["virtiofsd", "F44", "F45:virtio-9p-off"], []),
    "arch": ({"guest_image": "block"}, {"arch": "s390x"}, ["F46.rng", "K37", "F48"], []),
}  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Project:
    return tried(CASES)


@pytest.mark.parametrize("name", CASES)
def test_an_option_changes_the_model(project: Project, name: str) -> None:
    check_choice(project, name, CASES[name])


def test_each_choice_has_no_element_without_a_flow(project: Project) -> None:
    for system in project.systems:
        ends = {end for flow in system.flows for end in (flow.source, flow.target)}
        assert {element.id for element in system.elements} == ends, system.configuration


def test_a_rootless_monitor_has_the_rights_of_a_user_and_its_helpers_have_not(project: Project) -> None:
    system = project.system("rootless after")
    privileges = {item.id: item.privilege for item in system.boundaries}
    monitor = next(item for item in system.elements if item.id == "vmm-clh")
    server = next(item for item in system.elements if item.id == "virtiofsd")
    assert (privileges[monitor.boundary], monitor.runs_as) == ("user", "a user of its own, group kvm")
    assert (privileges[server.boundary], server.runs_as) == ("root", "uid 0")


@pytest.mark.parametrize(
    ("configuration", "boundaries"),
    [
        ("qemu-runtime-rs", {"node-hardware", "other-tenants", "file-server-zone"}),
        ("dragonball", {"node-hardware", "other-tenants", "shim-process"}),
        ("rs-fc", {"node-hardware", "other-tenants", "fc-jail"}),
        ("clh-azure", {"node-hardware", "other-tenants", "file-server-zone", "mshv-zone"}),
        ("remote", set()),
    ],
)
def test_boundaries_of_devices(project: Project, configuration: str, boundaries: set[str]) -> None:
    every = {"node-hardware", "other-tenants", "file-server-zone", "shim-process", "fc-jail", "mshv-zone"}
    assert {item.id for item in project.system(configuration).boundaries} & every == boundaries


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"hugepages": "on"}, "hugepages=on is read"),
        ({**GO, "vhost_user_store": "on"}, "needs hugepages=on"),
        ({"spdk": "on"}, "spdk=on needs vhost_user_store=on"),
        ({**DRAGONBALL, "spdk": "on"}, "without vhost-user-blk"),
        ({"dax": "on"}, "dax=on is read for Dragonball"),
        ({**GO, **CLH, "dax": "on"}, "dax=on is read for Dragonball"),
        ({"arch": "arm64", "viommu": "on"}, "QEMU on x86_64"),
        ({**GO, "net": "physical-vfio"}, "needs vfio=cold"),
        ({"net": "dan-vhost-user"}, "attached by Dragonball only"),
        ({"memory_dump": "on"}, "QEMU with the Go runtime"),
        ({**DRAGONBALL, "virtio_mem": "on"}, "read for QEMU only"),
        ({**CLH, "viommu": "on"}, "with Go and Cloud Hypervisor"),
        ({**GO, "factory": "template"}, "without a shared_fs"),
        ({**STRATOVIRT, "vmm_seccomp": "on"}, "vmm_seccomp is fixed"),
        ({**GO, **FC, "vmm_seccomp": "off"}, "cannot be off for Firecracker with Go"),
        ({**DRAGONBALL, "vmm_selinux": "off"}, "vmm_selinux=off is read"),
        ({**DRAGONBALL, "shared_fs": "virtio-fs-nydus"}, "not offered by this hypervisor"),
    ],
)
def test_a_choice_that_no_runtime_reads_is_refused(options: dict[str, str], sentence: str) -> None:
    (broken,) = broken_combinations(MODEL, "models/kata", [options])
    assert any(sentence in text for text in broken), broken
