"""Defences of a confidential guest against its host."""

from __future__ import annotations

from threatmodel.dsl import Control, present

from .templates import each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
RS_QEMU = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"
OVMF = "tools/packaging/static-build/ovmf/build-ovmf.sh"
GO_QEMU = "src/runtime/pkg/govmm/qemu/qemu.go"

memory_encryption = Control(
    "tee-memory-encryption",
    "The processor keeps guest memory and registers from the host",
    provides=["hardware-memory-encryption"],
    claims=each_template(r"^confidential_guest = true", tees=("tdx", "snp")),
)
measured_launch = Control(
    "tee-measured-launch",
    "Firmware, kernel and kernel parameters are measured at launch",
    provides=["measured-boot"],
    description="The firmware is the TEE variant; who trusts the guest must compare the measurement",
    claims=[
        present(
            "src/runtime-rs/Makefile",
            r"^FIRMWARETDVFPATH := .*OVMF\.inteltdx\.fd",
            when={**RUST, "tee": "tdx"},
        ),
        present(
            "src/runtime-rs/config/configuration-qemu-tdx-runtime-rs.toml.in",
            r'^firmware = "@FIRMWARETDVFPATH@"',
            when={**RUST, "tee": "tdx"},
        ),
        present(OVMF, r"OVMF\.inteltdx\.fd", when={"tee": "tdx"}),
        present(OVMF, r"AMDSEV\.fd", when={"tee": "snp"}),
    ],
)
verity_rootfs = Control(
    "verity-guest-rootfs",
    "The guest root file system is verified block by block",
    provides=["verified-root-filesystem", "integrity-protection"],
    description="Root hash on the measured kernel command line",
    claims=[
        *each_template(r'^kernel_verity_params = "@KERNELVERITYPARAMS\w*@"', tees=("tdx", "snp")),
        present(
            "tools/packaging/static-build/shim-v2/build.sh",
            r"root_hash_.*KERNELVERITYPARAMS|KERNELVERITYPARAMS",
        ),
    ],
)
initdata_bound = Control(
    "initdata-bound-to-launch",
    "The digest of initdata is part of the launch measurement",
    provides=["integrity-protection"],
    description="TDX MRCONFIGID, SNP HOSTDATA; the attestation agent compares it in the guest",
    claims=[
        present(RS_QEMU, r"(?i)mr_?config_?id", when={**RUST, "tee": "tdx"}),
        present(RS_QEMU, r"host-data=", when={**RUST, "tee": "snp"}),
        present(GO_QEMU, r"mrconfigid", when={**GO, "tee": "tdx"}),
        present(GO_QEMU, r"host-data=", when={**GO, "tee": "snp"}),
    ],
)
pod_policy = Control(
    "pod-policy",
    "A policy for this pod decides on each request of the host",
    provides=["authorization-policy", "deny-by-default"],
    description="Holds where initdata brings a policy, made by genpolicy or by hand; without one the policy of the "
    "image allows every request. What a deployment brings is not visible in the source",
)
attested_guest = Control(
    "attested-guest",
    "Who relies on the guest refuses it unless its measurements are the expected ones",
    provides=["attestation"],
    description="Decided by the key broker's policy, outside this repository; covers launch, not each request",
    references=["https://www.rfc-editor.org/rfc/rfc9334"],
)
encrypted_volumes = Control(
    "encrypted-empty-dir",
    "Empty directories are block devices that the guest encrypts and checks",
    provides=["encryption-at-rest", "integrity-protection"],
    description="Other block volumes are encrypted only where the pod asks for it",
    claims=[
        present("src/runtime-rs/Makefile", r"EMPTYDIRMODE\w* :?= *block-encrypted", when=RUST),
        present("src/runtime/Makefile", r"EMPTYDIRMODE\w* :?= *block-encrypted", when=GO),
        present("src/agent/src/config.rs", r"secure_storage_integrity: true"),
    ],
)
attested_release = Control(
    "attested-secret-release",
    "Secrets are released to a guest whose evidence was appraised",
    provides=["attestation", "peer-authentication", "replay-protection"],
    description="Done by the key broker and its policy, outside this repository",
    references=["https://www.rfc-editor.org/rfc/rfc9334"],
)
broker_tls = Control(
    "key-broker-tls",
    "The channel to the key broker is bound to the attested guest",
    provides=["tls", "encryption-in-transit"],
    description="Code of the guest components, outside this repository",
)
guest_pull = Control(
    "guest-image-pull",
    "Images are pulled and checked inside the guest",
    provides=["image-verification", "tls"],
    description="Signatures are checked where the image policy of the key broker asks for it: not visible here",
)
measured_options = Control(
    "debug-options-measured",
    "Debug console and tracing are switched on by kernel parameters, which are measured at launch",
    provides=["interface-disabled", "debug-disabled-by-default"],
    description="The host decides on the parameters, so this holds only where who relies on the guest refuses others: "
    "decided outside this repository",
)
rest_resource_only = Control(
    "rest-api-resource-only",
    "The REST server in the guest offers resources only, unless the kernel parameters ask for more",
    provides=["allow-list"],
    claims=[
        present(
            "src/agent/src/config.rs", r"(?s)enum GuestComponentsFeatures \{.{0,80}#\[default\]\s+Resource"
        )
    ],
)
signed_quote = Control(
    "signed-quote",
    "A quote is signed by a key of the platform",
    provides=["integrity-protection", "attestation"],
    description="By hardware and the quoting service of the vendor: not checked here",
)
