"""The shipped configuration templates, and claims on a line that each of them must hold."""

from __future__ import annotations

from typing import Any

from threatmodel.dsl import present

_RS = "src/runtime-rs/config/configuration-"
_GO = "src/runtime/config/configuration-"
_TEMPLATES = {
    ("rust", "qemu", "none"): f"{_RS}qemu-runtime-rs.toml.in",
    ("rust", "clh", "none"): f"{_RS}clh-runtime-rs.toml.in",
    ("rust", "dragonball", "none"): f"{_RS}dragonball.toml.in",
    ("rust", "fc", "none"): f"{_RS}rs-fc.toml.in",
    ("rust", "qemu", "tdx"): f"{_RS}qemu-tdx-runtime-rs.toml.in",
    ("rust", "qemu", "snp"): f"{_RS}qemu-snp-runtime-rs.toml.in",
    ("go", "qemu", "none"): f"{_GO}qemu.toml.in",
    ("go", "clh", "none"): f"{_GO}clh.toml.in",
    ("go", "fc", "none"): f"{_GO}fc.toml.in",
    ("go", "qemu", "tdx"): f"{_GO}qemu-tdx.toml.in",
    ("go", "qemu", "snp"): f"{_GO}qemu-snp.toml.in",
}
ALL_VMMS = ("qemu", "clh", "dragonball", "fc")


def each_template(
    line: str,
    *,
    runtimes: tuple[str, ...] = ("rust", "go"),
    hypervisors: tuple[str, ...] = ALL_VMMS,
    tees: tuple[str, ...] = ("none", "tdx", "snp"),
) -> tuple[Any, ...]:
    """One claim per template with these options: the pattern matches in it. It limits itself to that configuration."""
    return tuple(
        present(path, line, when={"runtime": runtime, "hypervisor": hypervisor, "tee": tee})
        for (runtime, hypervisor, tee), path in _TEMPLATES.items()
        if runtime in runtimes and hypervisor in hypervisors and tee in tees
    )
