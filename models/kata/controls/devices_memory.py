"""Defences of memory that a guest shares with a file, with other guests or with a device."""

from __future__ import annotations

from threatmodel.dsl import Control, present

from .devices_templates import defaults_in, in_templates
from .templates import assigned_once

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
GO_QEMU = "src/runtime/virtcontainers/qemu.go"
GO_CLH = "src/runtime/virtcontainers/clh.go"
FACTORY = "src/runtime/virtcontainers/factory"
TEMPLATE_RS = "src/runtime-rs/crates/runtimes/virt_container/src/factory/template.rs"
CACHE = "src/runtime/cmd/kata-runtime/factory.go"

template_off = Control(
    "vm-template-off",
    "Sandboxes do not start from the memory of a template",
    provides=["interface-disabled"],
    description="enable_template is false",
    claims=[
        *defaults_in(
            "hypervisor",
            "factory.enable_template",
            False,
            runtimes=("rust",),
            names=(
                "qemu",
                "qemu-coco-dev",
                "qemu-snp",
                "qemu-tdx",
                "qemu-se",
            ),
        ),
        *defaults_in(
            "hypervisor",
            "factory.enable_template",
            False,
            runtimes=("rust",),
            names=("clh-runtime-rs", "clh-azure-runtime-rs", "dragonball"),
        ),
        present(
            "src/libs/kata-types/src/config/hypervisor/mod.rs",
            r'#\[serde\(default, rename = "enable_template"\)\]\s*pub enable_template: bool,',
            when={"runtime": "rust"},
        ),
        *defaults_in(
            "factory",
            "enable_template",
            False,
            runtimes=("go",),
            hypervisors=("qemu",),
        ),
        *in_templates(
            unlike=r"^\s*enable_template = true",
            names=("clh", "clh-azure", "qemu-nvidia-cpu", "qemu-nvidia-gpu"),
        ),
    ],
)
template_private = Control(
    "vm-template-mapped-privately",
    "A sandbox that starts from a template maps its memory privately",
    provides=["private-mapping"],
    description="What it writes goes to pages of its own. The Go runtime refuses templates together with virtio-fs, "
    "which would need shared memory",
    claims=[
        present(
            GO_QEMU,
            r"(?s)if q\.config\.BootToBeTemplate \{\s*knobs\.MemShared = true\s*\}\s*if q\.config\.BootFromTemplate",
            when={**GO, "hypervisor": "qemu"},
        ),
        present(
            GO_QEMU,
            r'errors\.New\("VM templating has been enabled with (?:either )?virtio-fs '
            r'[^"]*this configuration will not work"\)',
            when={**GO, "hypervisor": "qemu"},
        ),
        present(
            GO_CLH,
            r"(?s)\} else \{[^{}]*memoryZoneConfig\.SetShared\(false\)",
            when={**GO, "hypervisor": "clh"},
        ),
    ],
)
template_mount = Control(
    "vm-template-mount-flags",
    "The file system of a template holds no devices and no programs with other rights",
    provides=["no-new-privileges"],
    claims=[
        present(
            f"{FACTORY}/template/template_linux.go",
            r"uintptr\(syscall\.MS_NOSUID \| syscall\.MS_NODEV\)",
            when=GO,
        ),
        present(TEMPLATE_RS, r"MsFlags::MS_NOSUID \| MsFlags::MS_NODEV", when=RUST),
    ],
)
template_reseed = Control(
    "vm-template-reseeded",
    "A guest that starts from a template gets fresh random numbers and the time before it is used",
    provides=["reset-between-tenants"],
    description="In the Go runtime. Addresses of its kernel and agent stay those of the template",
    claims=[
        present(
            f"{FACTORY}/factory_linux.go",
            r"(?s)err = vm\.ReseedRNG\(ctx\)\s*if err != nil \{\s*return nil, err",
            when=GO,
        )
    ],
)
cache_off = Control(
    "vm-cache-off",
    "No sandboxes are kept in store by a cache server",
    provides=["interface-disabled"],
    description="vm_cache_number is 0",
    claims=[
        *defaults_in(
            "factory",
            "vm_cache_number",
            0,
            runtimes=("go",),
            hypervisors=("qemu",),
        ),
        present(CACHE, r"if runtimeConfig\.FactoryConfig\.VMCacheNumber > 0 \{", when=GO),
    ],
)
cache_socket = Control(
    "vm-cache-socket-mode",
    "Only root can open the socket of the cache server",
    provides=["access-control-file-permissions", "access-limited-to-host-root"],
    claims=[
        present(
            CACHE,
            r"(?s)if err = os\.Chmod\(path, 0600\); err != nil \{\s*l\.Close\(\)\s*return nil, err",
            when=GO,
        )
    ],
)
hugepages_off = Control(
    "huge-pages-off",
    "Guest memory does not come from the node's reserve of huge pages",
    provides=["interface-disabled"],
    description="enable_hugepages is false",
    claims=[
        *defaults_in(
            "hypervisor",
            "enable_hugepages",
            False,
            hypervisors=("qemu", "clh", "dragonball"),
        ),
    ],
)
balloon_off_dragonball = Control(
    "dragonball-balloon-off",
    "Dragonball plugs no balloon for free memory",
    provides=["device-not-exposed", "interface-disabled"],
    description="reclaim_guest_freed_memory is false. Resizing of memory uses a balloon of its own",
    claims=[
        *defaults_in(
            "hypervisor",
            "reclaim_guest_freed_memory",
            False,
            hypervisors=("dragonball",),
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/dragonball/mod.rs",
            r"if ret\.is_ok\(\) && inner\.config\.device_info\.reclaim_guest_freed_memory \{",
            when={"hypervisor": "dragonball"},
        ),
    ],
)
viommu_off = Control(
    "virtual-iommu-off",
    "The guest has no virtual IOMMU",
    provides=["device-not-exposed", "interface-disabled"],
    description="enable_iommu is false. Where the list of enabled annotations names it, a pod can switch it on",
    claims=[
        *defaults_in("hypervisor", "enable_iommu", False, hypervisors=("qemu",)),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs",
            r"(?s)if config\.device_info\.enable_iommu \{\s*qemu_cmd_line\.add_iommu\(\);",
            when={**RUST, "hypervisor": "qemu"},
        ),
        present(
            GO_QEMU,
            r"(?s)if q\.config\.IOMMU \{\s*devices, err = q\.arch\.appendIOMMU\(",
            when={**GO, "hypervisor": "qemu"},
        ),
        *assigned_once("rust", "DEFENABLEANNOTATIONS_NVIDIA", r"\[\]"),
        *assigned_once("rust", "DEFENABLEANNOTATIONS_COCO_NVIDIA", r'\[\\"cc_init_data\\"\]'),
    ],
)
entropy_source = Control(
    "entropy-from-the-kernel",
    "Random numbers for the guest come from the kernel's generator",
    provides=["allow-list"],
    description="Hard-coded in the Rust runtime; in the Go runtime the source is one of a list",
    claims=[
        present(
            "src/runtime/pkg/oci/utils.go",
            r"(?s)if !checkPathIsInGlobs\(runtime\.HypervisorConfig\.EntropySourceList, value\) \{\s*"
            r"return fmt\.Errorf\(",
            when=GO,
        ),
        *defaults_in(
            "hypervisor",
            "entropy_source",
            "/dev/urandom",
            runtimes=("go",),
            hypervisors=("qemu", "stratovirt"),
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs",
            r'(?s)fn new\(\) -> ObjectRngRandom \{\s*ObjectRngRandom \{[^}]*filename: "/dev/urandom"',
            when={**RUST, "hypervisor": "qemu"},
        ),
        *assigned_once("go", "DEFENTROPYSOURCE", "/dev/urandom"),
        *assigned_once("go", "DEFVALIDENTROPYSOURCES", r'\[\\"/dev/urandom\\",\\"/dev/random\\",\\"\\"\]'),
    ],
)
