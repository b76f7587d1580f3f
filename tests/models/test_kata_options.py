"""An option of the Kata model that changes nothing would be a lie: each valid change of one makes another system."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from threatmodel.load import broken_combinations, load_model
from threatmodel.rules.catalogue import load_vocabulary
from threatmodel.system import Boundary, Configuration, Element, Flow, Project, SystemModel

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parents[2] / "models/kata"
AT_ONCE = 170
GO = {"runtime": "go"}
CLH = {"hypervisor": "clh", "guest_image": "block"}
FC = {"hypervisor": "fc", "guest_image": "block", "shared_fs": "none", "image_source": "block"}
NONE = {"shared_fs": "none", "image_source": "guest-pull"}
REMOTE = {**NONE, "hypervisor": "remote", "guest_image": "block", "net": "none"}

# Bases beside the shipped ones, for values that one change of those does not reach.
OTHERS: dict[str, dict[str, str]] = {
    "debugged": {"debug": "class"},
    "huge-pages-go": {**GO, "hugepages": "on"},
    "nydus": {"shared_fs": "virtio-fs-nydus", "image_source": "nydus"},
    "socket-store": {**GO, "hugepages": "on", "vhost_user_store": "on"},
}


class Change(NamedTuple):
    """One option of a base put to another value."""

    base: str
    option: str
    value: str


class Tried(NamedTuple):
    """The model, its bases by name, the valid changes, and those of them that make the same system."""

    project: Project
    bases: dict[str, SystemModel]
    valid: tuple[Change, ...]
    same: tuple[Change, ...]


Item = Boundary | Element | Flow


def _items(system: SystemModel) -> dict[str, Item]:
    parts: tuple[Item, ...] = (*system.boundaries, *system.elements, *system.flows)
    return {f"{type(part).__name__} {part.id}": part for part in parts}


def _same(one: Mapping[str, Item], other: Mapping[str, Item]) -> bool:
    """True where nothing differs but the line of the model that made a part."""
    return one.keys() == other.keys() and all(
        part is other[key] or dataclasses.replace(part, place=other[key].place) == other[key]
        for key, part in one.items()
    )


@pytest.fixture(scope="module")
def tried() -> Tried:
    vocabulary = load_vocabulary()
    extra = [Configuration(name=name, options=options) for name, options in OTHERS.items()]
    project = load_model(MODEL, "models/kata", vocabulary, extra=extra).project
    bases = {system.configuration.name: system for system in project.systems}
    changes = {
        Change(name, option.name, value): {**system.configuration.options, option.name: value}
        for name, system in bases.items()
        for option in project.options
        for value in option.values
        if value != system.configuration.options[option.name]
    }
    broken = broken_combinations(MODEL, "models/kata", list(changes.values()))
    valid = tuple(change for change, sentences in zip(changes, broken, strict=True) if not sentences)
    before = {name: _items(system) for name, system in bases.items()}
    same: list[Change] = []
    for first in range(0, len(valid), AT_ONCE):
        part = valid[first : first + AT_ONCE]
        made = [Configuration(name=f"made-{n}", options=changes[change]) for n, change in enumerate(part)]
        loaded = load_model(MODEL, "models/kata", vocabulary, extra=made).project
        systems = {system.configuration.name: system for system in loaded.systems}
        same += [
            change
            for number, change in enumerate(part)
            if _same(before[change.base], _items(systems[f"made-{number}"]))
        ]
    return Tried(project, bases, valid, tuple(same))


def test_each_valid_change_of_one_option_makes_another_system(tried: Tried) -> None:
    assert tried.same == ()


def test_each_value_of_each_option_was_tried(tried: Tried) -> None:
    wanted = {(option.name, value) for option in tried.project.options for value in option.values}
    changed = {(change.option, change.value) for change in tried.valid}
    started = {pair for system in tried.bases.values() for pair in system.configuration.options.items()}
    assert wanted == changed | started
    assert {option.name for option in tried.project.options} == {change.option for change in tried.valid}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({**CLH, "vhost_net": "off"}, "vhost_net=off is read for QEMU and Dragonball"),
        ({**FC, "vfio_mode": "vfio"}, "vfio_mode=vfio needs a device"),
        ({**GO, "vfio_mode": "vfio"}, "with Go a vfio"),
        ({"rootless": "on", "vfio_mode": "vfio"}, "not rootless"),
        ({**NONE, "bind_mounts": "on"}, "needs a shared_fs"),
        ({**GO, **FC, "block_rootfs": "off"}, "not read for Firecracker"),
        (
            {"hypervisor": "dragonball", "guest_image": "block", "block_rootfs": "off"},
            "does not boot with it",
        ),
        ({**NONE, "block_rootfs": "off"}, "needs image_source=overlay"),
        ({"vmm_seccomp": "off"}, "vmm_seccomp=default is off for QEMU"),
        ({**CLH, "vmm_seccomp": "on"}, "on for Cloud Hypervisor"),
        ({**CLH, "host_hv": "mshv", "nested": "on"}, "with host_hv=mshv it is always off"),
        ({"arch": "arm64", "viommu": "on"}, "with QEMU on x86_64"),
        ({**REMOTE, "host_netns": "on"}, "the Rust runtime puts it to off"),
        ({**GO, **REMOTE}, "needs host_netns=on with Go"),
        ({**REMOTE, "arch": "arm64"}, "not for arch=arm64"),
    ],
)
def test_a_value_that_changes_nothing_there_is_refused(options: dict[str, str], sentence: str) -> None:
    (broken,) = broken_combinations(MODEL, "models/kata", [options])
    assert [text for text in broken if sentence in text], broken


@pytest.mark.parametrize(
    "options",
    [
        {"vhost_net": "off", "vfio_mode": "vfio", "bind_mounts": "on", "block_rootfs": "off", "viommu": "on"},
        {**GO, **CLH, "vmm_seccomp": "off", "block_rootfs": "off"},
        {**CLH, "nested": "on"},
        {**GO, **REMOTE, "host_netns": "on", "arch": "s390x"},
        {**GO, **NONE, "block_rootfs": "off", "vfio": "cold", "vfio_mode": "vfio"},
    ],
)
def test_a_value_that_is_read_is_allowed(options: dict[str, str]) -> None:
    assert broken_combinations(MODEL, "models/kata", [options]) == ((),)


# What is chosen, what of it is changed, and where the controls of a part then differ: part, control, before, afterwards.
CONTROLS: list[tuple[dict[str, str], dict[str, str], str, str, tuple[bool, bool]]] = [
    ({**GO, "net": "none"}, {"host_netns": "on"}, "vmm-process", "pod-network-namespace", (True, False)),
    ({}, {"net": "dan-tap"}, "vmm-process", "pod-network-namespace", (True, False)),
    ({}, {"net": "dan-tap"}, "F40.tx", "pod-network-namespace", (True, False)),
    ({}, {"block_rootfs": "off"}, "K53.block", "block-device-use-off", (False, True)),
    ({**GO, **NONE, "tee": "coco-dev"}, {"factory": "vmcache"}, "K81", "vm-cache-off", (True, False)),
]


def test_what_an_option_does_to_controls() -> None:
    choices = [options for before, change, *_ in CONTROLS for options in (before, {**before, **change})]
    extra = [Configuration(name=f"made-{n}", options=options) for n, options in enumerate(choices)]
    project = load_model(MODEL, "models/kata", load_vocabulary(), extra=extra).project
    for number, (_, _, part, control, wanted) in enumerate(CONTROLS):
        found = [
            any(
                item.id == part and control in item.controls for item in _items(project.system(name)).values()
            )
            for name in (f"made-{2 * number}", f"made-{2 * number + 1}")
        ]
        assert found == [*wanted], (part, control)


def test_a_processor_without_nested_virtualisation_and_its_devices() -> None:
    extra = [
        Configuration(name=f"{name}-{arch}", options={**options, "arch": arch})
        for name, options in (("clh", {**GO, **CLH}), ("fc", FC))
        for arch in ("x86_64", "arm64")
    ]
    project = load_model(MODEL, "models/kata", load_vocabulary(), extra=extra).project
    flows = {made.name: {flow.id: flow for flow in project.system(made.name).flows} for made in extra}
    assert [name for name, found in flows.items() if "K30.nested" in found] == ["clh-x86_64"]
    assert {name: found["F50"].protocol for name, found in flows.items()} == {
        "clh-x86_64": "serial, CMOS, i8042",
        "clh-arm64": "serial, PL031 clock, GPIO",
        "fc-x86_64": "serial, i8042",
        "fc-arm64": "serial, PL031 clock",
    }
