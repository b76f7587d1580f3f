"""Defences of networks and of devices that a guest is given."""

from __future__ import annotations

from threatmodel.dsl import Control, present

from .devices_templates import defaults_in

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
DIRECT = {"net": ("dan-tap", "dan-vhost-user")}
DAN = "src/runtime-rs/crates/resource/src/network/dan.rs"
NETNS = "src/runtime-rs/crates/resource/src/network/network_with_netns.rs"
CDI = "src/runtime-rs/crates/resource/src/cdi_devices/mod.rs"
OPENVMM = "src/runtime-rs/crates/hypervisor/src/openvmm"

vhost_net_off = Control(
    "vhost-net-off",
    "Packets are handled in the process of QEMU, not in the host kernel",
    provides=["process-isolation"],
    description="disable_vhost_net is true. For interfaces that are there at the start: the Rust runtime gives "
    "one that is plugged later to the host kernel all the same",
    claims=[
        *defaults_in("hypervisor", "disable_vhost_net", True, runtimes=("rust",), names=("qemu-se",)),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs",
            r'(?s)if !self\.disable_vhost_net \{\s*params\.push\("vhost=on"',
            when={**RUST, "hypervisor": "qemu"},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs",
            r"(?s)if config\.network_info\.disable_vhost_net \{\s*netdev\.set_disable_vhost_net\(true\);",
            when={**RUST, "hypervisor": "qemu"},
        ),
        present(
            "src/runtime/virtcontainers/network_linux.go",
            r"(?s)func setupTCFiltering\(.{0,900}if !disableVhostNet \{\s*vhostFds",
            when={**GO, "hypervisor": "qemu"},
        ),
        present(
            "src/runtime/virtcontainers/qemu.go",
            r"(?s)if !q\.config\.DisableVhostNet \{\s*q\.arch\.enableVhostNet\(\)\s*\} else \{[^}]*"
            r"q\.arch\.disableVhostNet\(\)",
            when={**GO, "hypervisor": "qemu"},
        ),
    ],
)
dan_typed = Control(
    "dan-file-typed",
    "The file of the network plugin is parsed into types; an unknown kind of device is refused",
    provides=["type-safe-parser"],
    claims=[
        present(DAN, r'serde_json::from_str\(&json_str\)\.context\("Invalid DAN config"\)\?', when=DIRECT),
        present(DAN, r'(?s)#\[serde\(tag = "type"\)\]\s*pub\(crate\) enum Device \{', when=DIRECT),
    ],
)
l3_single = Control(
    "l3forwarding-single-interface",
    "Forwarding is set up for one interface and refused for a second",
    provides=["configuration-validation"],
    claims=[
        present(
            NETNS,
            r"(?s)network_model::L3_FORWARDING_NET_MODEL_STR\s*&& entity_list\.len\(\) > 1\s*\{\s*return Err\(",
            when={"net": "l3forwarding"},
        )
    ],
)
cold_plug_off = Control(
    "cold-plug-off",
    "The Rust runtime attaches no physical device before the guest boots",
    provides=["interface-disabled"],
    description="cold_plug_vfio is no-port. Says nothing about devices that are plugged into the running guest, nor "
    "about a physical interface in the namespace of the pod",
    claims=[
        *defaults_in(
            "hypervisor",
            "cold_plug_vfio",
            "no-port",
            runtimes=("rust",),
            names=("qemu", "qemu-nvidia-cpu"),
        ),
        present(
            "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs",
            r"(?s)fn prepare_coldplug_cdi_devices\(.{0,600}if cold_plug_vfio\.is_empty\(\) \|\| cold_plug_vfio == "
            r'"no-port" \{[^}]*return Ok\(',
            when={**RUST, "hypervisor": "qemu"},
        ),
        present(
            "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs",
            r"(?s)fn prepare_coldplug_raw_vfio_devices\(.{0,600}if cold_plug_vfio\.is_empty\(\) \|\| cold_plug_vfio == "
            r'"no-port" \{[^}]*return Ok\(',
            when={**RUST, "hypervisor": "qemu"},
        ),
    ],
)
one_plug_kind = Control(
    "one-kind-of-plugging",
    "Ports for cold and for hot plugging exclude each other",
    provides=["configuration-validation"],
    claims=[
        present(
            "src/runtime/pkg/katautils/config.go",
            r"(?s)if coldPlug != config\.NoPort && hotPlug != config\.NoPort \{\s*return fmt\.Errorf\(",
            when=GO,
        )
    ],
)
iommufd_for_tee = Control(
    "iommufd-for-confidential-guests",
    "A confidential guest gets a device only through the newer interface of VFIO",
    provides=["configuration-validation"],
    claims=[
        present(
            "src/runtime/virtcontainers/qemu.go",
            r"(?s)if q\.config\.ConfidentialGuest \{\s*return fmt\.Errorf\(\"ConfidentialGuest needs IOMMUFD",
            when={**GO, "hypervisor": "qemu"},
        )
    ],
)
cdi_kinds = Control(
    "cdi-kinds-listed",
    "Only devices of a known vendor and class are named to the guest for its containers",
    provides=["allow-list"],
    claims=[
        present(CDI, r"CDI_DEVICE_KIND_TABLE\.get\(&vendor_class\[\.\.12\]\)", when=RUST),
        present(CDI, r'm\.insert\("0x10de-0x030", "nvidia\.com/gpu"\);', when=RUST),
    ],
)
openvmm_no_vfio = Control(
    "openvmm-no-physical-devices",
    "OpenVMM's driver refuses physical devices",
    provides=["device-not-exposed", "interface-disabled"],
    claims=[
        present(
            f"{OPENVMM}/inner_hypervisor.rs",
            r"(?s)DeviceType::Vfio\(_\) => \{\s*return Err\(",
            when={"hypervisor": "openvmm"},
        ),
        present(
            f"{OPENVMM}/inner_device.rs",
            r"(?s)if matches!\(other, DeviceType::Vfio\(_\)\) \{\s*return Err\(",
            when={"hypervisor": "openvmm"},
        ),
    ],
)
openvmm_block_only = Control(
    "openvmm-plugs-disks-only",
    "Into a running guest of OpenVMM only disks are plugged, each at a port that was made before",
    provides=["allow-list", "input-validation"],
    claims=[
        present(
            f"{OPENVMM}/inner_device.rs",
            r"(?s)if driver_option != KATA_BLK_DEV_TYPE \{\s*return Err\(",
            when={"hypervisor": "openvmm"},
        ),
        present(
            f"{OPENVMM}/inner_device.rs",
            r"self\.reserve_block_hotplug_port\(&device_id\)\?",
            when={"hypervisor": "openvmm"},
        ),
    ],
)
fc_no_devices = Control(
    "firecracker-no-physical-devices",
    "The drivers of Firecracker refuse physical devices",
    provides=["device-not-exposed"],
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/firecracker/inner_device.rs",
            r'(?s)DeviceType::Vsock\(vsock\) => [^\n]*\n\s*_ => Err\(anyhow!\("unhandled device',
            when={**RUST, "hypervisor": "fc"},
        ),
        present(
            "src/runtime/virtcontainers/fc.go",
            r"(?s)case BlockDev:\s*return fc\.hotplugBlockDevice\([^\n]*AddDevice\)\s*default:[^}]*\}[^}]*"
            r"return nil, fmt\.Errorf\(",
            when={**GO, "hypervisor": "fc"},
        ),
    ],
)
stratovirt_disks_only = Control(
    "stratovirt-plugs-disks-only",
    "Into a running guest of StratoVirt only disks are plugged",
    provides=["allow-list", "input-validation"],
    claims=[
        present(
            "src/runtime/virtcontainers/stratovirt.go",
            r"(?s)case BlockDev:\s*return nil, s\.hotplugBlk\([^\n]*AddDevice\)\s*default:\s*return nil, fmt\.Errorf\(",
            when={"hypervisor": "stratovirt"},
        )
    ],
)
