"""The shipped configuration templates and Makefiles, and claims on what each of them must hold."""

from __future__ import annotations

from typing import Any

from threatmodel.dsl import absent, present

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
    unlike: str = "",
    runtimes: tuple[str, ...] = ("rust", "go"),
    hypervisors: tuple[str, ...] = ALL_VMMS,
    tees: tuple[str, ...] = ("none", "tdx", "snp"),
) -> tuple[Any, ...]:
    """Claims on each template with these options, each limited to its configuration.

    `line` matches in the template, `unlike` matches nowhere in it; an empty pattern claims nothing.
    """
    claims: list[Any] = []
    for (runtime, hypervisor, tee), path in _TEMPLATES.items():
        if runtime in runtimes and hypervisor in hypervisors and tee in tees:
            when = {"runtime": runtime, "hypervisor": hypervisor, "tee": tee}
            claims += [present(path, line, when=when)] if line else []
            claims += [absent(path, unlike, when=when)] if unlike else []
    return tuple(claims)


def assigned_once(runtime: str, name: str, value: str, **when: str) -> tuple[Any, ...]:
    """The runtime's Makefile gives `name` the value (a pattern), and assigns to it at no other place."""
    path = {"rust": "src/runtime-rs/Makefile", "go": "src/runtime/Makefile"}[runtime]
    limits = {"runtime": runtime, **when}
    assignment = rf"^\s*(?:override\s+|export\s+|define\s+)*{name}\s*(?:[:?+!]*=|$)"
    return (
        present(path, rf"^\s*{name} [:?]?= {value}$", when=limits),
        absent(path, rf"(?s){assignment}.*{assignment}", when=limits),
    )


def default_annotations(runtime: str) -> tuple[Any, ...]:
    """The list of annotations that a pod may use is the known one, at each place that could change it."""
    always = r'\[\\"enable_iommu\\", \\"kernel_params\\", \\"kernel_verity_params\\"'
    sizes = r', \\"default_vcpus\\", \\"default_memory\\"'
    plain = always + (sizes if runtime == "rust" else "") + r"\]"
    confidential = always + sizes + r', \\"cc_init_data\\"\]'
    return (
        *assigned_once(runtime, "DEFENABLEANNOTATIONS", plain),
        *assigned_once(runtime, "DEFENABLEANNOTATIONS_COCO", confidential),
        *each_template(r"^enable_annotations = @DEFENABLEANNOTATIONS@$", runtimes=(runtime,), tees=("none",)),
        *each_template(
            r"^enable_annotations = @DEFENABLEANNOTATIONS_COCO@$", runtimes=(runtime,), tees=("tdx", "snp")
        ),
        absent(
            "tools/packaging/static-build/shim-v2/build.sh",
            "DEFENABLEANNOTATIONS",
            when={"runtime": runtime},
        ),
    )
