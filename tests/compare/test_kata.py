"""The Kata model: what is in one configuration and not in another, by name."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from threatmodel.analysis import analyse
from threatmodel.analysis.candidates import Candidate, candidates
from threatmodel.analysis.comparison import Comparison, Surface
from threatmodel.analysis.configdiff import compare_configurations
from threatmodel.load import Loaded, broken_combinations, load_model
from threatmodel.rules import load_packs, load_vocabulary

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models" / "kata"
NAMES = ("qemu-runtime-rs", "dragonball", "clh-runtime-rs", "fc")


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load_model(MODEL, "models/kata", load_vocabulary())


@pytest.fixture(scope="module")
def found(loaded: Loaded) -> Comparison:
    rules = load_packs(loaded.manifest.packs, load_vocabulary())
    threats = analyse(loaded.project, rules, as_of=datetime.date(2026, 3, 1), configurations=NAMES)
    return compare_configurations(loaded.project, threats, NAMES)


def surface(found: Comparison, boundary: str, id_: str) -> Surface:
    [row] = [s for g in found.groups if g.boundary == boundary for s in g.surfaces if s.id == id_]
    return row


@pytest.mark.parametrize(
    ("id_", "here"),
    [
        ("virtiofsd", {"qemu-runtime-rs", "clh-runtime-rs"}),
        ("inline-virtiofs", {"dragonball"}),
        ("vmm-process", {"qemu-runtime-rs", "clh-runtime-rs", "fc"}),
        ("shim-go", {"fc"}),
        ("shim-rs", {"qemu-runtime-rs", "dragonball", "clh-runtime-rs"}),
        ("F44", {"qemu-runtime-rs", "dragonball", "clh-runtime-rs"}),
        ("F20", {"qemu-runtime-rs"}),
        ("K05.jail", {"fc"}),
    ],
)
def test_parts_are_in_the_configurations_that_have_them(found: Comparison, id_: str, here: set[str]) -> None:
    [row] = [part for part in found.parts if part.id == id_]
    assert {*row.configurations} == here


def test_file_requests_reach_root_on_the_host_but_not_with_firecracker(found: Comparison) -> None:
    daemon = surface(found, "file-server-zone", "F44").cells
    threads = surface(found, "shim-process", "F44").cells
    assert daemon["fc"].state == "absent"
    assert all(daemon[name].counts.total > 0 for name in ("qemu-runtime-rs", "clh-runtime-rs"))
    assert (daemon["dragonball"].enters, threads["dragonball"].counts.total > 0) == ("shim-process", True)


def test_packets_enter_the_kernel_or_the_vmm(found: Comparison) -> None:
    kernel = surface(found, "host-kernel-zone", "F40.tx").cells
    vmm = surface(found, "vmm-process", "F40.tx").cells
    assert {n: kernel[n].state for n in NAMES} == {
        "qemu-runtime-rs": "open",
        "dragonball": "open",
        "clh-runtime-rs": "elsewhere",
        "fc": "elsewhere",
    }
    jail = surface(found, "fc-jail", "F40.tx").cells
    assert (jail["fc"].state, vmm["fc"].enters, vmm["dragonball"].state) == ("open", "fc-jail", "elsewhere")
    assert vmm["dragonball"].enters == "host-kernel-zone"


def test_nothing_is_mitigated_where_nothing_was_checked(found: Comparison) -> None:
    assert {column.statuses["mitigated"] for column in found.columns} == {0}
    assert not [
        s.id for g in found.groups for s in g.surfaces for c in s.cells.values() if c.state == "mitigated"
    ]


def test_local_processes_are_adversaries_with_qemu_only(found: Comparison) -> None:
    """vsock of the host kernel can be reached by any process of the node; the socket of the others cannot."""
    [row] = [a for a in found.adversaries if a.id == "local-process"]
    assert {name: row.cells[name].present for name in NAMES} == {
        "qemu-runtime-rs": True,
        "dragonball": False,
        "clh-runtime-rs": False,
        "fc": False,
    }


def across(loaded: Loaded, option: str) -> dict[str, Candidate]:
    items = candidates(
        loaded.project, option, "qemu-runtime-rs", lambda c: broken_combinations(MODEL, "models/kata", c)
    )
    return {item.value: item for item in items}


def test_across_shared_fs(loaded: Loaded) -> None:
    found = across(loaded, "shared_fs")
    inline = found["inline-virtio-fs"]
    assert inline.configuration is not None
    assert inline.configuration.name == "dragonball"
    assert "hypervisor" in {other.option for other in inline.also}
    assert inline.why == ("shared_fs=inline-virtio-fs is served by Dragonball only",)
    assert "Go runtime" in found["virtio-9p"].why[0]
    made = {value: found[value].configuration for value in ("virtio-fs-nydus", "virtio-9p")}
    assert {value: c.name for value, c in made.items() if c and not found[value].named} == {
        "virtio-fs-nydus": "qemu-runtime-rs+image_source=nydus,shared_fs=virtio-fs-nydus",
        "virtio-9p": "qemu-runtime-rs+runtime=go,shared_fs=virtio-9p",
    }


def test_across_tee_says_what_else_a_confidential_guest_needs(loaded: Loaded) -> None:
    tdx = across(loaded, "tee")["tdx"]
    assert tdx.configuration is not None
    assert tdx.configuration.options["tee"] == "tdx"
    assert ("shared_fs", "virtio-fs", "none") in {(o.option, o.start, o.here) for o in tdx.also}
    assert any("shares no file system" in rule for rule in tdx.why)


def test_across_rootless_changes_nothing_else(loaded: Loaded) -> None:
    on = across(loaded, "rootless")["on"]
    assert on.configuration is not None
    assert (on.configuration.name, on.named, on.also) == ("qemu-runtime-rs+rootless=on", False, ())
