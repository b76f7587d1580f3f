"""Defences of a confidential guest against its host."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, present, proposed

from .templates import GO_NVIDIA_TEE, NVIDIA_TEE, assigned_once, default_in_each, each_template

RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
RS_QEMU = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"
SHIM_BUILD = "tools/packaging/static-build/shim-v2/build.sh"
BINARIES = "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh"
TEES = ("tdx", "snp")
OVMF = "tools/packaging/static-build/ovmf/build-ovmf.sh"
GO_QEMU = "src/runtime/pkg/govmm/qemu/qemu.go"
RS_SANDBOX = "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs"

memory_encryption = Control(
    "tee-memory-encryption",
    "The processor keeps guest memory and registers from the host",
    provides=["hardware-memory-encryption"],
    claims=default_in_each("hypervisor", "confidential_guest", True, tees=("tdx", "snp", "se")),
)
measured_launch = Control(
    "tee-measured-launch",
    "Firmware, kernel and kernel parameters are measured at launch",
    provides=["measured-boot"],
    description="The firmware is the TEE variant: with TDX it measures kernel and parameters, with SNP it is given their "
    "hashes; who trusts the guest must compare",
    claims=[
        *(
            present(path, rf"^{name} := .*{file}$", when={**when, "tee": tee})
            for path, when, snp in (
                ("src/runtime-rs/Makefile", RUST, "FIRMWARE_SNP_PATH"),
                ("src/runtime/Makefile", GO, "FIRMWARESNPPATH"),
            )
            for name, file, tee in (
                ("FIRMWARETDVFPATH", r"OVMF\.inteltdx\.fd", "tdx"),
                (snp, r"AMDSEV\.fd", "snp"),
            )
        ),
        *each_template(r'^firmware = "@FIRMWARETDVFPATH(_NV)?@"$', tees=("tdx",)),
        *each_template(r'^firmware = "@FIRMWARE(SNP|_SNP_)PATH(_NV)?@"$', tees=("snp",)),
        present(
            RS_QEMU, r"(?s)fn new\(is_snp: bool.{0,400}kernel_hashes: true,", when={**RUST, "tee": "snp"}
        ),
        present(GO_QEMU, r'(?s)case SNPGuest:\n.{0,400}"kernel-hashes=on"', when={**GO, "tee": "snp"}),
        present(OVMF, r"OVMF\.inteltdx\.fd", when={"tee": "tdx"}),
        present(OVMF, r"AMDSEV\.fd", when={"tee": "snp"}),
    ],
)
verity_rootfs = Control(
    "verity-guest-rootfs",
    "The build puts the root hash of the guest image into the configuration of confidential guests",
    provides=["verified-root-filesystem"],
    description="KERNELVERITYPARAMS is empty unless the build of the image left a root hash, and the host can take it "
    "away: worth something only with a measured launch that somebody compares",
    claims=[
        *each_template(
            r'^kernel_verity_params = "@KERNELVERITYPARAMS@"$', tees=TEES, but=(*NVIDIA_TEE, *GO_NVIDIA_TEE)
        ),
        *each_template(r'^kernel_verity_params = "@KERNELVERITYPARAMS_NV@"$', only=NVIDIA_TEE),
        *each_template(
            r'^kernel_verity_params = "@KERNELVERITYPARAMS_CONFIDENTIAL_NV@"$', only=GO_NVIDIA_TEE
        ),
        present(
            SHIM_BUILD, r'^RUST_EXTRA_OPTS="\$\(read_verity_param "base" "KERNELVERITYPARAMS"\)"$', when=RUST
        ),
        present(
            SHIM_BUILD,
            r'^GO_EXTRA_OPTS="\$\(read_verity_param "confidential" "KERNELVERITYPARAMS"\)"$',
            when=GO,
        ),
        present(SHIM_BUILD, r"printf ' %s=%s' \"\$\{param_var\}\" \"\$\{root_measure_config\}\"$"),
        present(SHIM_BUILD, r"make PREFIX=.*\$\{EXTRA_OPTS\}\$\{RUST_EXTRA_OPTS\}\"$", when=RUST),
        present(SHIM_BUILD, r"make PREFIX=.*\$\{EXTRA_OPTS\}\$\{GO_EXTRA_OPTS\}\"$", when=GO),
        *(
            present(
                BINARIES,
                rf'(?s){name}\(\) \{{.{{0,160}}else\s*export MEASURED_ROOTFS="yes"\s*fi\s*install_image',
                when=when,
            )
            for name, when in (("install_image_base", RUST), ("install_image_confidential", GO))
        ),
        present(
            RS_QEMU,
            r"(?s)KernelParams::new_rootfs_kernel_params\(\s*&config\.boot_info\.kernel_verity_params,",
            when=RUST,
        ),
    ],
)
initdata_bound = Control(
    "initdata-bound-to-launch",
    "The digest of initdata is part of the launch measurement",
    provides=["integrity-protection"],
    description="TDX MRCONFIGID, SNP HOSTDATA; the attestation agent compares it in the guest. Not with Secure Execution",
    claims=[
        present(RS_SANDBOX, r"^\s*mrconfigid: init_data,$", when={**RUST, "tee": "tdx"}),
        present(RS_QEMU, r"ObjectTdxGuest::new\(id, mrconfigid\.clone\(\), ", when={**RUST, "tee": "tdx"}),
        present(RS_SANDBOX, r"^\s*host_data: init_data,$", when={**RUST, "tee": "snp"}),
        present(
            RS_QEMU, r'params\.push\(format!\("host-data=\{host_data\}"\)\)', when={**RUST, "tee": "snp"}
        ),
        present(
            GO_QEMU,
            r"(?s)if len\(object\.InitdataDigest\) > 0 \{\s*"
            r"mrconfigidSlice := adjustProperLength\(object\.InitdataDigest, 48\)\s*"
            r"mrconfigid = base64\.StdEncoding\.EncodeToString\(mrconfigidSlice\)",
            when={**GO, "tee": "tdx"},
        ),
        present(
            GO_QEMU,
            r"(?s)if len\(object\.InitdataDigest\) > 0 \{\s*"
            r"hostdataSlice := adjustProperLength\(object\.InitdataDigest, 32\)\s*"
            r"hostdata := base64\.StdEncoding\.EncodeToString\(hostdataSlice\)\s*"
            r'objectParams = append\(objectParams, fmt\.Sprintf\("host-data=%s", hostdata\)\)',
            when={**GO, "tee": "snp"},
        ),
    ],
)
pod_policy = Control(
    "pod-policy",
    "A policy for this pod decides on each request of the host",
    provides=["authorization-policy", "deny-by-default"],
    description="Holds where initdata brings a policy, made by genpolicy or by hand; without one the policy of the "
    "image allows every request. What a deployment brings is not visible in the source",
    claims=[
        present(
            "tools/packaging/kata-deploy/local-build/kata-deploy-binaries.sh",
            r'AGENT_POLICY="\$\{AGENT_POLICY:-yes\}"',
        ),
        present(
            "src/agent/src/main.rs",
            r"(?s)if let Some\(policy\) = &initdata_return_value\._policy \{.{0,200}\.set_policy\(policy\)\s*\.await\s*"
            r"\.context\([^)]*\)\?;",
        ),
        proposed(
            "The pod brings a policy of its own in initdata",
            evidence="https://github.com/kata-containers/kata-containers/blob/4.1.0/docs/how-to/"
            "how-to-use-the-kata-agent-policy.md",
        ),
    ],
)
attested_guest = Control(
    "attested-guest",
    "Who relies on the guest refuses it unless its measurements are the expected ones",
    provides=["attestation"],
    description="Decided by the key broker's policy, outside this repository; covers launch, not each request",
    claims=[
        proposed(
            "Whoever relies on the guest compares its measurements with the expected ones",
            evidence="https://github.com/confidential-containers/trustee/blob/258ea4acb7b9bd865fce5c63a539f2120dba8298/"
            "attestation-service/docs/policy.md",
        ),
    ],
    references=["https://www.rfc-editor.org/rfc/rfc9334"],
)
encrypted_volumes = Control(
    "encrypted-empty-dir",
    "Empty directories are block devices that the guest encrypts and checks",
    provides=["encryption-at-rest", "integrity-protection"],
    description="Other block volumes are encrypted only where the pod asks for it",
    claims=[
        *assigned_once("rust", "DEFEMPTYDIRMODE_COCO", "block-encrypted"),
        *assigned_once("go", "DEFEMPTYDIRMODE_COCO", "block-encrypted"),
        *default_in_each("runtime", "emptydir_mode", "block-encrypted", tees=TEES),
        present("src/agent/src/config.rs", r"secure_storage_integrity: true"),
    ],
)
attested_release = Control(
    "attested-secret-release",
    "Secrets are released to a guest whose evidence was appraised",
    provides=["attestation", "channel-binding", "peer-authentication", "replay-protection"],
    description="Done by the key broker and its policy, outside this repository. The evidence holds a key of the guest, "
    "and what is released is encrypted to it",
    claims=[
        proposed(
            "The key broker releases secrets after it appraised the evidence of the guest, which holds its nonce and the "
            "key that it encrypts them to",
            evidence="https://github.com/confidential-containers/trustee/blob/258ea4acb7b9bd865fce5c63a539f2120dba8298/"
            "kbs/docs/kbs_attestation_protocol.md",
        ),
    ],
    references=["https://www.rfc-editor.org/rfc/rfc9334"],
)
broker_tls = Control(
    "key-broker-tls",
    "The key broker is reached over TLS where its address says so",
    provides=["tls", "encryption-in-transit"],
    description="Address and certificate come with initdata; code of the guest components, outside this repository",
    claims=[
        present(
            "attestation-agent/kbs_protocol/src/builder.rs",
            r"(?s)pub fn build\(self\)[^{]*\{.{0,700}"
            r"http_client_builder = http_client_builder\.add_root_certificate\(cert\);",
            source="guest-components",
        ),
        absent(
            "attestation-agent/**/*.rs",
            r"danger_accept_invalid_(certs|hostnames)|tls_danger_accept|dangerous\(\)",
            source="guest-components",
        ),
    ],
    references=["https://github.com/confidential-containers/guest-components"],
)
guest_pull = Control(
    "guest-image-pull",
    "The guest pulls images over TLS, and checks their signatures where its image policy asks for it",
    provides=["image-verification", "tls"],
    description="Code of the data hub and policy of the guest's owner: not visible here",
    claims=[
        present(
            "image-rs/src/image.rs",
            r"(?s)let mut client_config = ClientConfig::default\(\);\s*if task\.use_http \{\s*"
            r"client_config\.protocol = ClientProtocol::Http;\s*\}",
            source="guest-components",
        ),
        present(
            "image-rs/src/image.rs",
            r"(?s)if let Some\(signature_validator\) = &self\.signature_validator \{\s*signature_validator\s*"
            r"\.check_image_signature\([^;]*\)\s*\.await\?;",
            source="guest-components",
        ),
        present(
            "image-rs/Cargo.toml", r'(?s)^kata-cc-rustls-tls = \[[^\]]*"signature-', source="guest-components"
        ),
    ],
    references=["https://github.com/confidential-containers/guest-components"],
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
    claims=[
        proposed(
            "The quoting service of the platform signs what the processor reports of a TDX guest",
            evidence="https://docs.kernel.org/arch/x86/tdx.html",
            when={"tee": "tdx"},
        ),
        proposed(
            "The firmware of the processor signs the report of a SEV-SNP guest",
            evidence="https://docs.kernel.org/virt/coco/sev-guest.html",
            when={"tee": "snp"},
        ),
        proposed(
            "The ultravisor answers a request for attestation under a key that the requester chose",
            evidence="https://github.com/confidential-containers/trustee/blob/258ea4acb7b9bd865fce5c63a539f2120dba8298/"
            "deps/verifier/src/se/README.md",
            when={"tee": "se"},
        ),
    ],
)
