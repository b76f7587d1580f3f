"""The shipped configuration templates and Makefiles, and claims on what each of them must hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from threatmodel.dsl import absent, config_default, present

_RS = "src/runtime-rs/config/configuration-"
_GO = "src/runtime/config/configuration-"
_RS_MAKE = "src/runtime-rs/Makefile"
_MAKE = {"rust": _RS_MAKE, "go": "src/runtime/Makefile"}
_TABLES = {"fc": "firecracker"}
"""Tables of templates that are not called like the hypervisor."""
_TEMPLATES = (
    ("rust", "qemu", "none", f"{_RS}qemu-runtime-rs.toml.in"),
    ("rust", "clh", "none", f"{_RS}clh-runtime-rs.toml.in"),
    ("rust", "clh", "none", f"{_RS}clh-azure-runtime-rs.toml.in"),
    ("rust", "dragonball", "none", f"{_RS}dragonball.toml.in"),
    ("rust", "openvmm", "none", f"{_RS}openvmm-azure-runtime-rs.toml.in"),
    ("rust", "fc", "none", f"{_RS}rs-fc.toml.in"),
    ("rust", "remote", "none", f"{_RS}remote.toml.in"),
    ("rust", "qemu", "coco-dev", f"{_RS}qemu-coco-dev-runtime-rs.toml.in"),
    ("rust", "qemu", "tdx", f"{_RS}qemu-tdx-runtime-rs.toml.in"),
    ("rust", "qemu", "snp", f"{_RS}qemu-snp-runtime-rs.toml.in"),
    ("rust", "qemu", "se", f"{_RS}qemu-se-runtime-rs.toml.in"),
    ("rust", "qemu", "none", f"{_RS}qemu-nvidia-cpu-runtime-rs.toml.in"),
    ("rust", "qemu", "none", f"{_RS}qemu-nvidia-gpu-runtime-rs.toml.in"),
    ("rust", "qemu", "tdx", f"{_RS}qemu-nvidia-gpu-tdx-runtime-rs.toml.in"),
    ("rust", "qemu", "snp", f"{_RS}qemu-nvidia-gpu-snp-runtime-rs.toml.in"),
    ("go", "qemu", "none", f"{_GO}qemu.toml.in"),
    ("go", "clh", "none", f"{_GO}clh.toml.in"),
    ("go", "clh", "none", f"{_GO}clh-azure.toml.in"),
    ("go", "fc", "none", f"{_GO}fc.toml.in"),
    ("go", "stratovirt", "none", f"{_GO}stratovirt.toml.in"),
    ("go", "remote", "none", f"{_GO}remote.toml.in"),
    ("go", "qemu", "coco-dev", f"{_GO}qemu-coco-dev.toml.in"),
    ("go", "qemu", "tdx", f"{_GO}qemu-tdx.toml.in"),
    ("go", "qemu", "snp", f"{_GO}qemu-snp.toml.in"),
    ("go", "qemu", "se", f"{_GO}qemu-se.toml.in"),
    ("go", "qemu", "none", f"{_GO}qemu-nvidia-cpu.toml.in"),
    ("go", "qemu", "none", f"{_GO}qemu-nvidia-gpu.toml.in"),
    ("go", "qemu", "tdx", f"{_GO}qemu-nvidia-gpu-tdx.toml.in"),
    ("go", "qemu", "snp", f"{_GO}qemu-nvidia-gpu-snp.toml.in"),
)
NVIDIA_PLAIN = ("rust:qemu-nvidia-cpu-runtime-rs", "rust:qemu-nvidia-gpu-runtime-rs")
NVIDIA_TEE = ("rust:qemu-nvidia-gpu-tdx-runtime-rs", "rust:qemu-nvidia-gpu-snp-runtime-rs")
GO_NVIDIA = (
    "go:qemu-nvidia-cpu",
    "go:qemu-nvidia-gpu",
    "go:qemu-nvidia-gpu-tdx",
    "go:qemu-nvidia-gpu-snp",
)
GO_NVIDIA_TEE = ("go:qemu-nvidia-gpu-tdx", "go:qemu-nvidia-gpu-snp")
REMOTE = ("rust:remote", "go:remote")
ALL_VMMS = ("qemu", "clh", "dragonball", "fc", "stratovirt", "openvmm", "remote")


def each_template(
    line: str,
    *,
    unlike: str = "",
    runtimes: tuple[str, ...] = ("rust", "go"),
    hypervisors: tuple[str, ...] = ALL_VMMS,
    tees: tuple[str, ...] = ("none", "tdx", "snp", "se", "coco-dev"),
    but: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> tuple[Any, ...]:
    """Claims on each template with these options, each limited to the configuration that this template ships.

    `line` matches in the template, `unlike` matches nowhere in it; an empty pattern claims nothing. `but` and `only` are
    templates by the end of their names.
    """
    claims: list[Any] = []
    for _, _, path in _selected(runtimes, hypervisors, tees, but, only):
        when = {"template": path}
        claims += [present(path, line, when=when)] if line else []
        claims += [absent(path, unlike, when=when)] if unlike else []
    return tuple(claims)


def default_in_each(
    table: str,
    key: str,
    equals: str | int | bool | list[str],
    *,
    runtimes: tuple[str, ...] = ("rust", "go"),
    hypervisors: tuple[str, ...] = ALL_VMMS,
    tees: tuple[str, ...] = ("none", "tdx", "snp", "se", "coco-dev"),
    but: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> tuple[Any, ...]:
    """Each template with these options ships the key with this value, once the Makefile of its runtime has filled it.

    `table` is "hypervisor" for that of the template's hypervisor. `but` and `only` are as in `each_template`.
    """
    return tuple(
        shipped(runtime, hypervisor, path, table, key, equals, {"template": path})
        for runtime, hypervisor, path in _selected(runtimes, hypervisors, tees, but, only)
    )


def shipped(
    runtime: str,
    hypervisor: str,
    path: str,
    table: str,
    key: str,
    equals: str | int | bool | list[str],
    when: dict[str, str],
) -> Any:
    """A claim on one template. Built for x86_64, but for the machines that only s390x has."""
    where = f"hypervisor.{_TABLES.get(hypervisor, hypervisor)}" if table == "hypervisor" else table
    return config_default(
        path,
        f"{where}.{key}",
        equals=equals,
        makefile=_MAKE[runtime],
        given={"ARCH": "s390x" if "qemu-se" in path else "x86_64"},
        when=when,
    )


def _selected(
    runtimes: tuple[str, ...],
    hypervisors: tuple[str, ...],
    tees: tuple[str, ...],
    but: tuple[str, ...],
    only: tuple[str, ...],
) -> Iterator[tuple[str, str, str]]:
    """Runtime, hypervisor and path of templates with these options."""
    for runtime, hypervisor, tee, path in _TEMPLATES:
        name = path.rpartition("/configuration-")[2].removesuffix(".toml.in")
        if f"{runtime}:{name}" in but or (only and f"{runtime}:{name}" not in only):
            continue
        if runtime in runtimes and hypervisor in hypervisors and tee in tees:
            yield runtime, hypervisor, path


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
    names = ["enable_iommu", "kernel_params", "kernel_verity_params"]
    both = ["default_vcpus", "default_memory"]
    sizes = r', \\"default_vcpus\\", \\"default_memory\\"'
    plain = always + (sizes if runtime == "rust" else "") + r"\]"
    confidential = always + sizes + r', \\"cc_init_data\\"\]'
    return (
        *assigned_once(runtime, "DEFENABLEANNOTATIONS", plain),
        *assigned_once(runtime, "DEFENABLEANNOTATIONS_COCO", confidential),
        *default_in_each(
            "hypervisor",
            "enable_annotations",
            [*names, *(both if runtime == "rust" else [])],
            runtimes=(runtime,),
            tees=("none",),
            but=(*NVIDIA_PLAIN, *REMOTE),
        ),
        *default_in_each(
            "hypervisor",
            "enable_annotations",
            [*names, *both, "cc_init_data"],
            runtimes=(runtime,),
            tees=("tdx", "snp", "se", "coco-dev"),
            but=NVIDIA_TEE,
        ),
        *_nvidia_annotations(runtime),
        *each_template(
            r'^enable_annotations = \["machine_type", "default_memory", "default_vcpus", ("image", )?"default_gpus", '
            r'"(default_)?gpu_model", "cc_init_data"\]$',
            runtimes=(runtime,),
            only=REMOTE,
        ),
        absent(
            "tools/packaging/static-build/shim-v2/build.sh",
            "DEFENABLEANNOTATIONS",
            when={"runtime": runtime},
        ),
    )


def _nvidia_annotations(runtime: str) -> tuple[Any, ...]:
    """The lists of the Rust templates for NVIDIA, which are shorter."""
    if runtime != "rust":
        return ()
    limits = {"runtime": runtime}
    return (
        # a release may give these templates the longer list
        absent(_RS_MAKE, r"^\s*DEFENABLEANNOTATIONS_NVIDIA\s*[:?+!]*=\s*(?:[^\[\s]|\[[^\]])", when=limits),
        absent(
            _RS_MAKE,
            r'^\s*DEFENABLEANNOTATIONS_COCO_NVIDIA\s*[:?+!]*=\s*(?:[^\[\s]|\[(?:[^\\]|\\"[^c]|\\"cc_init_data\\"[^\]]))',
            when=limits,
        ),
        *each_template(r"^enable_annotations = @DEFENABLEANNOTATIONS(_NVIDIA)?@$", only=NVIDIA_PLAIN),
        *each_template(r"^enable_annotations = @DEFENABLEANNOTATIONS_COCO(_NVIDIA)?@$", only=NVIDIA_TEE),
    )
