"""Every shipped template with the options that lead to it, and claims on what a group of them must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from threatmodel.dsl import absent, present

from .templates import shipped

_RS = "src/runtime-rs/config/configuration-"
_GO = "src/runtime/config/configuration-"
_PLAIN = {"tee": "none", "guest_image": "pmem"}
_NO_GPU = {"tee": "none", "guest_image": "block", "pod_resources": "off"}
_GPU = {"tee": "none", "pod_resources": "on"}
_QEMU: tuple[tuple[str, dict[str, str]], ...] = (
    ("qemu", _PLAIN),
    ("qemu-coco-dev", {"tee": "coco-dev"}),
    ("qemu-tdx", {"tee": "tdx", "pod_resources": "off"}),
    ("qemu-snp", {"tee": "snp", "pod_resources": "off"}),
    ("qemu-se", {"tee": "se"}),
    ("qemu-nvidia-cpu", _NO_GPU),
    ("qemu-nvidia-gpu", _GPU),
    ("qemu-nvidia-gpu-tdx", {"tee": "tdx", "pod_resources": "on"}),
    ("qemu-nvidia-gpu-snp", {"tee": "snp", "pod_resources": "on"}),
)
_OTHERS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("rust", "clh", "clh-runtime-rs", {"host_hv": "kvm"}),
    ("rust", "clh", "clh-azure-runtime-rs", {"host_hv": "mshv"}),
    ("rust", "dragonball", "dragonball", {}),
    ("rust", "openvmm", "openvmm-azure-runtime-rs", {}),
    ("rust", "fc", "rs-fc", {}),
    ("go", "clh", "clh", {"host_hv": "kvm"}),
    ("go", "clh", "clh-azure", {"host_hv": "mshv"}),
    ("go", "fc", "fc", {}),
    ("go", "stratovirt", "stratovirt", {}),
)


def _all() -> list[tuple[str, str, str, str, dict[str, str]]]:
    """Runtime, hypervisor, name, path and options of each template of a virtual machine on the node."""
    rows = [
        (
            "rust",
            "qemu",
            name,
            f"{_RS}{name}-runtime-rs.toml.in",
            {"runtime": "rust", "hypervisor": "qemu", **when},
        )
        for name, when in _QEMU
    ]
    rows += [
        ("go", "qemu", name, f"{_GO}{name}.toml.in", {"runtime": "go", "hypervisor": "qemu", **when})
        for name, when in _QEMU
    ]
    rows += [
        (
            runtime,
            hypervisor,
            name,
            f"{_RS if runtime == 'rust' else _GO}{name}.toml.in",
            {"runtime": runtime, "hypervisor": hypervisor, **when},
        )
        for runtime, hypervisor, name, when in _OTHERS
    ]
    return rows


TEMPLATES = tuple(_all())


def in_templates(
    line: str = "",
    *,
    unlike: str = "",
    runtimes: tuple[str, ...] = ("rust", "go"),
    hypervisors: tuple[str, ...] = ("qemu", "clh", "dragonball", "openvmm", "fc", "stratovirt"),
    names: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> tuple[Any, ...]:
    """Claims on each of these templates, each limited to the configurations that come from it.

    `line` matches in the template, `unlike` nowhere in it. `names` keeps the templates with these names, `without`
    leaves some out.
    """
    claims: list[Any] = []
    for _, _, path, when in _selected(runtimes, hypervisors, names, without):
        claims += [present(path, line, when=when)] if line else []
        claims += [absent(path, unlike, when=when)] if unlike else []
    return tuple(claims)


def defaults_in(
    table: str,
    key: str,
    equals: str | int | bool | list[str],
    *,
    runtimes: tuple[str, ...] = ("rust", "go"),
    hypervisors: tuple[str, ...] = ("qemu", "clh", "dragonball", "openvmm", "fc", "stratovirt"),
    names: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> tuple[Any, ...]:
    """Each of these templates ships the key with this value, once the Makefile of its runtime has filled it.

    `table` is "hypervisor" for that of the template's hypervisor.
    """
    return tuple(
        shipped(runtime, hypervisor, path, table, key, equals, when)
        for runtime, hypervisor, path, when in _selected(runtimes, hypervisors, names, without)
    )


def _selected(
    runtimes: tuple[str, ...],
    hypervisors: tuple[str, ...],
    names: tuple[str, ...],
    without: tuple[str, ...],
) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """Runtime, hypervisor, path and options of templates."""
    for runtime, hypervisor, name, path, when in TEMPLATES:
        if runtime not in runtimes or hypervisor not in hypervisors or name in without:
            continue
        if not names or name in names:
            yield runtime, hypervisor, path, when
