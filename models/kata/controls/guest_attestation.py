"""Defences of attestation and of secrets in the guest. What other projects do is named and not checked."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, constant, present, proposed

from .templates import default_in_each, each_template

RPC = "src/agent/src/rpc.rs"
MAIN = "src/agent/src/main.rs"
CONFIG = "src/agent/src/config.rs"
CDH = "src/agent/src/confidential_data_hub/mod.rs"
IMAGE = "src/agent/src/confidential_data_hub/image.rs"
PULL = "src/agent/src/storage/image_pull_handler.rs"
INITDATA = "src/agent/src/initdata.rs"
INITDATA_LIB = "src/libs/kata-types/src/initdata.rs"
SE_BUILD = "tools/packaging/guest-image/lib_se.sh"
RS_QEMU = "src/runtime-rs/crates/hypervisor/src/qemu/cmdline_generator.rs"
GO_QEMU = "src/runtime/pkg/govmm/qemu/qemu.go"
RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
TRUSTEE = "https://github.com/confidential-containers/trustee"
COMPONENTS = "https://github.com/confidential-containers/guest-components"
ADAPTOR = "https://github.com/confidential-containers/cloud-api-adaptor"

component_timeouts = Control(
    "component-call-timeouts",
    "Calls to the data hub end after a set time",
    provides=["timeout"],
    claims=[
        present(CONFIG, r"^const DEFAULT_CDH_API_TIMEOUT: time::Duration = time::Duration::from_secs\(50\);"),
        *(
            present(
                CDH,
                rf"(?s)\.{call}\(\s*ttrpc::context::with_timeout\(AGENT_CONFIG\.cdh_api_timeout\.as_nanos\(\) as i64\)",
            )
            for call in ("unseal_secret", "secure_mount", "get_resource")
        ),
    ],
)
pull_timeout = Control(
    "image-pull-timeout",
    "A pull in the guest ends after a set time",
    provides=["timeout"],
    claims=[
        present(
            CDH,
            r"(?s)\.pull_image\(\s*ttrpc::context::with_timeout\(AGENT_CONFIG\.image_pull_timeout\.as_nanos\(\) as i64\)",
        )
    ],
)
pull_confined = Control(
    "image-bundle-confined",
    "The folder that the agent names for an image lies below that of its container",
    provides=["path-resolution-confined"],
    description="What the data hub unpacks there is up to its own code",
    claims=[
        present(PULL, r"let bundle_path = scoped_join\(CONTAINER_BASE, &cid\)\?;"),
        present(CDH, r'let image_bundle_path = scoped_join\(&bundle_path, "rootfs"\)\?;'),
    ],
)
pause_from_guest = Control(
    "pause-program-of-the-guest",
    "Where the guest pulls images, the sandbox container runs the pause program of the guest image",
    provides=["fixed-executable-paths"],
    description="Which container is the sandbox's says the request",
    claims=[
        present(
            PULL,
            r"(?s)if is_sandbox\(&image_pull_volume\.metadata\) \{\s*let mount_path = unpack_pause_image\(&cid\)\?;",
        ),
        present(IMAGE, r"(?s)if is_sandbox\(a\) \{\s*return get_pause_image_process\(\);"),
        present(RPC, r"confidential_data_hub::image::get_process\(p, &oci, req\.storages\.clone\(\)\)\?;"),
    ],
)
sealed_places = Control(
    "sealed-secret-places",
    "Only mounts whose source starts with the shared folder are searched for sealed secrets, five names excepted",
    provides=["allow-list"],
    description="A comparison of texts: links in the folder are followed, and the opened secret is written beside the "
    "file that a link leads to",
    claims=[
        present(
            RPC,
            r'(?s)fn is_sealed_secret_path\(.{0,200}let base_path = "/run/kata-containers/shared/containers";',
        ),
        present(
            RPC,
            r'(?s)"resolv\.conf",\s*"termination-log",\s*"hostname",\s*"hosts",\s*"serviceaccount",',
        ),
        present(
            RPC,
            r"(?s)fn is_sealed_secret_path\(.{0,600}source_path\.starts_with\(base_path\)\s*&& !excluded_suffixes",
        ),
        present(RPC, r"(?s)if is_sealed_secret_path\(source_path\) \{"),
    ],
)
sealed_marked = Control(
    "sealed-secrets-marked",
    "Only values with the mark of a sealed secret are handed to the data hub",
    provides=["allow-list"],
    description="A mark of seven letters: the agent looks at nothing else of the secret",
    claims=[
        constant(CDH, "SEALED_SECRET_PREFIX", equals="sealed."),
        present(CDH, r"if value\.starts_with\(SEALED_SECRET_PREFIX\) \{"),
        present(CDH, r"if content_starts_with_prefix\(&target_path, SEALED_SECRET_PREFIX\)\.await\? \{"),
    ],
)
encrypted_mounts = Control(
    "volumes-encrypted-and-checked",
    "The guest asks for LUKS2 with integrity where it sets up a volume of its own",
    provides=["encryption-at-rest", "integrity-protection"],
    description="Done by the data hub; where none runs, the agent goes on without. Integrity unless the option of the "
    "agent says otherwise; rollback of a whole disk is not noticed by it",
    claims=[
        present(RPC, r'\("encryptionType"\.to_string\(\), encrypt_type\.to_string\(\)\),'),
        present(RPC, r'\("dataIntegrity"\.to_string\(\), integrity\),'),
        present(RPC, r'(?s)cdh_secure_mount\(\s*"block-device",\s*&dev_major_minor,\s*"luks2",'),
        present(
            "src/agent/src/storage/block_handler.rs",
            r'(?s)cdh_secure_mount\(\s*"block-device",\s*dev_num,\s*"luks2",',
        ),
        present(RPC, r"let integrity = AGENT_CONFIG\.secure_storage_integrity\.to_string\(\);"),
        present(
            CONFIG,
            r'secure_storage_integrity: true,\s*#\[cfg\(feature = "agent-policy"\)\]\s*'
            r'policy_file: String::from\(""\),\s*'
            r"mem_agent: None,\s*\}\s*\}\s*\}",
        ),
    ],
)
initdata_form = Control(
    "initdata-form-checked",
    "Initdata of another version or with another digest than SHA-2 ends the start",
    provides=["configuration-validation"],
    claims=[
        present(INITDATA, r"^\s*initdata\.validate\(\)\?;"),
        present(MAIN, r"let initdata_return_value = initdata::initialize_initdata\(logger\)\.await\?;"),
        present(INITDATA_LIB, r"(?s)if self\.version != INITDATA_VERSION \{\s*return Err\("),
        present(
            INITDATA_LIB, r'^const SUPPORTED_ALGORITHMS: \[&str; 3\] = \["sha256", "sha384", "sha512"\];'
        ),
        present(INITDATA, r'others => bail!\("Unsupported hash algorithm \{others\}"\)'),
    ],
)
initdata_passed = Control(
    "initdata-passed-to-attestation",
    "The attestation agent gets initdata as the guest read it",
    provides=["integrity-protection"],
    description="With TDX and SNP it compares the digest with what the platform recorded at launch, and ends if they "
    "differ: code of another project. On other platforms it goes on without",
    references=[f"{COMPONENTS}/tree/main/attestation-agent"],
    claims=[
        present(
            MAIN,
            r"(?s)if initdata_return_value\.is_some\(\) \{\s*"
            r'(?:aa_)?args\.push\("--initdata-toml"(?:\.to_string\(\))?\);\s*'
            r"(?:aa_)?args\.push\(initdata::INITDATA_TOML_PATH(?:\.to_string\(\))?\);",
        ),
        present(INITDATA, r"tokio::fs::write\(INITDATA_TOML_PATH, &initdata_content\)"),
    ],
)
components_or_panic = Control(
    "component-check-ends-the-guest",
    "An error of the disk while the agent looks for attestation components ends the agent",
    provides=["fail-closed"],
    description="Components that are not there are skipped with a warning",
    claims=[
        present(
            MAIN,
            r"(?s)ErrorKind::NotFound => (?:false|\{\s*warn!\([^;{}]*\{\}[^;{}]*\);\s*false\s*\}),?\s*"
            r'_ => panic!\(\s*"Path existence check failed for',
        )
    ],
)
snp_debug_off = Control(
    "snp-debugging-refused",
    "The launch policy of SEV-SNP allows no debugging and no migration",
    provides=["debug-disabled-by-default"],
    description="196608 is threads allowed and the bit that must be set; the platform's report carries the policy",
    claims=[
        *default_in_each("hypervisor", "snp_guest_policy", 196608, tees=("snp",)),
        present(
            RS_QEMU,
            r"\.set_policy\(self\.config\.security_info\.snp_guest_policy\);",
            when=RUST,
        ),
        absent(RS_QEMU, r"(?s)\.set_policy\(.*\.set_policy\(", when=RUST),
        present(
            RS_QEMU, r"(?s)fn set_policy\(&mut self, policy: u32\)[^{]*\{\s*self\.policy = policy;", when=RUST
        ),
        present("src/runtime/pkg/katautils/config.go", r"^\s*SnpGuestPolicy:\s+h\.SnpGuestPolicy,$", when=GO),
        present(
            "src/runtime/virtcontainers/qemu_amd64.go",
            r"^\s*snpGuestPolicy:\s+config\.SnpGuestPolicy,$",
            when=GO,
        ),
        present(
            "src/runtime/virtcontainers/qemu_amd64.go", r"^\s*SnpGuestPolicy:\s+q\.snpGuestPolicy,$", when=GO
        ),
        present(
            GO_QEMU,
            r"(?s)if object\.SnpGuestPolicy != nil \{\s*objectParams = append\(objectParams, "
            r'fmt\.Sprintf\("policy=%d", \*object\.SnpGuestPolicy\)\)',
            when=GO,
        ),
    ],
    references=[
        "https://www.amd.com/content/dam/amd/en/documents/epyc-technical-docs/specifications/56860.pdf"
    ],
)
tdx_exceptions_off = Control(
    "tdx-page-exceptions-off",
    "A TDX guest is started so that its host cannot turn missing pages into exceptions",
    provides=["interface-disabled"],
    claims=[
        present(
            RS_QEMU,
            r"(?s)impl ObjectTdxGuest \{.{0,400}sept_ve_disable: true,",
            when={**RUST, "tee": "tdx", "hypervisor": "qemu"},
        ),
    ],
)
tdx_debug_off = Control(
    "tdx-debugging-off",
    "A TDX guest is started without its debug attribute",
    provides=["debug-disabled-by-default"],
    claims=[
        present(
            "src/runtime-rs/crates/runtimes/virt_container/src/sandbox.rs",
            r"(?s)TdxConfig \{.{0,400}debug: false,",
            when={**RUST, "tee": "tdx", "hypervisor": "qemu"},
        ),
        present(
            RS_QEMU,
            r"debug: if debug \{ Some\(debug\) \} else \{ None \},",
            when={**RUST, "tee": "tdx", "hypervisor": "qemu"},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/qemu/inner.rs",
            r"(?s)\.add_tdx_protection_device\(\s*(?:[^,;]*,\s*){4}tdx_config\.debug,\s*\)",
            when={**RUST, "tee": "tdx", "hypervisor": "qemu"},
        ),
        present(
            "src/runtime/virtcontainers/qemu_amd64.go",
            r"(?s)Type:\s+govmmQemu\.TDXGuest,.{0,200}Debug:\s+false,",
            when={**GO, "tee": "tdx", "hypervisor": "qemu"},
        ),
    ],
)
se_image = Control(
    "secure-execution-image",
    "Kernel, root file system and command line of Secure Execution are one image, encrypted for listed machines",
    provides=["measured-boot", "verified-root-filesystem", "integrity-protection"],
    description="The ultravisor refuses a changed image; which image runs shows its header in the attestation. The "
    "build does not check the keys of the machines unless it is given certificates",
    claims=[
        present(SE_BUILD, r"^\s*eval genprotimg \\", when={"tee": "se"}),
        present(SE_BUILD, r'^\s*--parmfile="\$\{parmfile\}" \\', when={"tee": "se"}),
        present(SE_BUILD, r'^\s*"\$\{hkd_options\}" \\$', when={"tee": "se"}),
        present(
            SE_BUILD,
            r'^\s*--ramdisk="\$\{install_src_dir\}/(?:\$\{initrd_name\}|kata-containers-initrd-confidential\.img)" \\$',
            when={"tee": "se"},
        ),
        *each_template(r'^kernel = "@KERNEL(PATH_QEMU_SE(_RUNTIME_RS)?|SEPATH)@"$', tees=("se",)),
    ],
)
appraisal = Control(
    "evidence-appraised",
    "The attestation service checks signature, freshness and reference values of evidence",
    provides=["attestation", "replay-protection", "peer-authentication"],
    description="Code and policy of another project and of its operator, outside this repository",
    claims=[
        proposed(
            "The attestation service checks signature, freshness and reference values of evidence",
            evidence="https://github.com/confidential-containers/trustee/blob/258ea4acb7b9bd865fce5c63a539f2120dba8298/"
            "attestation-service/README.md",
        ),
    ],
    references=[TRUSTEE, "https://www.rfc-editor.org/rfc/rfc9334"],
)
broker_admin_key = Control(
    "broker-administration-signed",
    "Changes at the key broker need a token signed by its administrator",
    provides=["peer-authentication", "authorization-policy"],
    description="Depends on the configuration of the broker: not checked here",
    claims=[
        proposed(
            "The key broker is set up to ask for a token of its administrator",
            evidence="https://github.com/confidential-containers/trustee/blob/258ea4acb7b9bd865fce5c63a539f2120dba8298/"
            "kbs/docs/admin.md",
        ),
    ],
    references=[TRUSTEE],
)
resource_policy = Control(
    "resource-policy",
    "The key broker releases a resource where its policy allows it for the appraised claims",
    provides=["authorization-policy", "attestation"],
    description="Depends on the policy that its operator sets: not checked here",
    claims=[
        proposed(
            "The operator of the key broker sets a policy that asks for the appraised claims",
            evidence="https://github.com/confidential-containers/trustee/blob/258ea4acb7b9bd865fce5c63a539f2120dba8298/"
            "kbs/sample_policies/README.md",
        ),
    ],
    references=[TRUSTEE],
)
vendor_chain = Control(
    "vendor-chain-signed",
    "Certificates and revocation lists are signed by the vendor",
    provides=["integrity-protection", "provenance"],
    description="Checked by the attestation service, outside this repository",
    claims=[
        proposed(
            "The attestation service verifies certificates up to the root of the vendor",
            evidence="https://github.com/confidential-containers/trustee/blob/258ea4acb7b9bd865fce5c63a539f2120dba8298/"
            "attestation-service/docs/amd-offline-certificate-cache.md",
        ),
    ],
    references=[TRUSTEE],
)
gpu_report_signed = Control(
    "gpu-report-signed",
    "The report of a GPU is signed by a key of the device",
    provides=["integrity-protection"],
    description="By the device and its vendor: not checked here",
    claims=[
        proposed(
            "The device signs its report with a key of its own, whose certificate the vendor signed",
            evidence="https://docs.nvidia.com/attestation/attestation-client-tools-sdk/latest/local-verifier/"
            "introduction.html",
        ),
    ],
)
gpu_attester = Control(
    "gpu-attester-chosen-by-init",
    "With a GPU the init of the guest chooses the attester that gathers its evidence, and not a request",
    provides=["fixed-executable-paths"],
    claims=[
        present(
            MAIN,
            r'(?s)let attester_variant = env::var\("KATA_ATTESTER_VARIANT"\)',
            when={"pod_resources": "on"},
        ),
        absent(CONFIG, r"attester_variant", when={"pod_resources": "on"}),
    ],
)
machine_annotations = Control(
    "machine-request-listed",
    "A request for a machine of the cloud carries a fixed set of values, not the pod's annotations",
    provides=["allow-list"],
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/remote/inner.rs",
            r"(?s)fn prepare_annotations\(.{0,200}let mut annotations: HashMap<String, String> = HashMap::new\(\);",
            when={**RUST, "hypervisor": "remote"},
        ),
        present(
            "src/runtime-rs/crates/hypervisor/src/remote/inner.rs",
            r"^\s*annotations: self\.prepare_annotations\(annotations\),$",
            when={**RUST, "hypervisor": "remote"},
        ),
        absent(
            "src/runtime-rs/crates/hypervisor/src/remote/inner.rs",
            r"annotations\.extend\(",
            when={**RUST, "hypervisor": "remote"},
        ),
        present(
            "src/runtime/virtcontainers/remote.go",
            r"(?s)\tannotations := map\[string\]string\{\}\n(\tannotations\[[\w.]+\] = [^\n]*\n)+\n"
            r"\treq := &pb\.CreateVMRequest\{[^}]*Annotations:\s+annotations,",
            when={**GO, "hypervisor": "remote"},
        ),
    ],
)
machine_timeout = Control(
    "machine-start-timeout",
    "The start of a machine of the cloud ends after a set time",
    provides=["timeout"],
    description="The call that asks for the machine before has no limit of its own",
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/remote/inner.rs",
            r"(?s)(?:timeout = timeout\.max\(configured_timeout\)|let timeout = min_timeout);.{0,400}"
            r"context::with_timeout\(",
            when={**RUST, "hypervisor": "remote"},
        ),
        present(
            "src/runtime/virtcontainers/remote.go",
            r"context\.WithTimeout\(context\.Background\(\), time\.Duration\(timeout\)\*time\.Second\)",
            when={**GO, "hypervisor": "remote"},
        ),
    ],
)
tunnel_required = Control(
    "machine-needs-a-tunnel",
    "An answer without a socket for the agent is an error",
    provides=["fail-closed"],
    claims=[
        present(
            "src/runtime-rs/crates/hypervisor/src/remote/inner.rs",
            r"(?s)if resp\.agentSocketPath\.is_empty\(\) \{\s*return Err\(",
            when={**RUST, "hypervisor": "remote"},
        ),
        present(
            "src/runtime/virtcontainers/remote.go",
            r'(?s)if res\.AgentSocketPath == "" \{\s*return errors\.New\(',
            when={**GO, "hypervisor": "remote"},
        ),
    ],
)
tunnel_tls = Control(
    "tunnel-mutual-tls",
    "Adaptor and forwarder speak TLS with certificates on both sides",
    provides=["tls", "encryption-in-transit", "peer-authentication"],
    description="Default of the other project, can be switched off; the keys of the forwarder come with the user data "
    "that node and cloud see. Not checked here",
    claims=[
        proposed(
            "Adaptor and forwarder are left at their default, TLS with certificates on both sides",
            evidence=f"{ADAPTOR}/blob/main/src/cloud-api-adaptor/docs/tls-proxy-forwarder.md",
        ),
    ],
    references=[f"{ADAPTOR}/blob/main/src/cloud-api-adaptor/docs/tls-proxy-forwarder.md"],
)
cloud_tls = Control(
    "cloud-api-tls",
    "The programming interface of the cloud is reached over TLS with a token",
    provides=["tls", "peer-authentication"],
    description="Code of the adaptor and of the provider: not checked here",
    claims=[
        proposed(
            "The adaptor calls the cloud by the library of its provider, over TLS and with a token",
            evidence=ADAPTOR,
        ),
    ],
    references=[ADAPTOR],
)
hub_parser = Control(
    "data-hub-generated-parser",
    "Calls to the data hub are coded by what is generated from protocol definitions",
    provides=["type-safe-parser"],
    claims=[
        present("src/libs/protocols/protos/confidential_data_hub.proto", r"^service SealedSecretService \{"),
        present("src/libs/protocols/build.rs", r'^\s*"protos/confidential_data_hub\.proto",'),
    ],
)
