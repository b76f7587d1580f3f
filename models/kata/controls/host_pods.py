"""Defences against what a pod author writes: names and values of annotations, and their way to the shim."""

from __future__ import annotations

from threatmodel.dsl import Control, absent, key_set, present

from .pod_input import PATH_LISTS

GO_KEYS = "src/runtime/virtcontainers/pkg/annotations/annotations.go"
RS_KEYS = "src/libs/kata-types/src/annotations/mod.rs"
RUST = {"runtime": "rust"}
GO = {"runtime": "go"}
GO_OCI = "src/runtime/pkg/oci/utils.go"
RS_ANNOTATIONS = "src/libs/kata-types/src/annotations/mod.rs"
RS_BLOCK = "src/libs/kata-types/src/config/hypervisor/mod.rs"
CONTAINERD = "tools/packaging/kata-deploy/binary/src/runtime/containerd.rs"
WEBHOOK = "tools/testing/kata-webhook"

unlisted_refused = Control(
    "unlisted-annotation-refused",
    "A pod with a hypervisor annotation that is not enabled is refused",
    provides=["fail-closed"],
    description="In the Go runtime. The Rust runtime logs it and starts the pod without it",
    claims=[
        present(
            GO_OCI,
            r"(?s)func addAnnotations\([^{]*\{\s*for key := range ocispec\.Annotations \{\s*"
            r"if !checkAnnotationNameIsValid\([^{]*\{\s*return fmt\.Errorf\(\"annotation %v is not enabled\", key\)",
            when=GO,
        ),
    ],
)
unlisted_ignored = Control(
    "unlisted-annotation-ignored",
    "A hypervisor annotation that is not enabled changes nothing",
    provides=["deny-by-default"],
    description="In the Rust runtime, which starts the pod all the same",
    claims=[
        present(
            RS_ANNOTATIONS,
            r'(?s)_ => \{\s*warn!\(sl!\(\), "Annotation \{\} not enabled", key\);\s*\}',
            when=RUST,
        ),
    ],
)
names_known = Control(
    "runtime-parts-known",
    "An annotation can name only a runtime, hypervisor or agent that is there",
    provides=["allow-list"],
    description="Three words for the runtime; for hypervisor and agent the sections of the configuration file",
    claims=[
        present(
            RS_ANNOTATIONS,
            r'(?s)let runtime = vec!\["virt-container", "linux-container", "wasm-container"\];\s*'
            r"if runtime\.contains\(&value\.as_str\(\)\) \{",
            when=RUST,
        ),
        present(RS_ANNOTATIONS, r"if config\.hypervisor\.contains_key\(hv\) \{", when=RUST),
        present(RS_ANNOTATIONS, r"if config\.agent\.contains_key\(ag\) \{", when=RUST),
    ],
)
values_typed = Control(
    "annotation-values-typed",
    "Numbers and switches of annotations are parsed as such, or the pod is refused",
    provides=["input-validation", "type-safe-parser"],
    description="Texts are not: names of kernel modules and their parameters, shared mounts (Rust), a policy (Go)",
    claims=[
        # keys of the families that no list guards are those that the model names
        key_set(GO_KEYS, r"io\.katacontainers\.config\.agent\.([a-z_]+)", operations_of="F02.agent", when=GO),
        key_set(
            RS_KEYS, r"io\.katacontainers\.config\.agent\.([a-z_]+)", operations_of="F02.agent", when=RUST
        ),
        key_set(
            RS_KEYS,
            r"io\.katacontainers\.config\.runtime\.([a-z_]+)",
            operations_of=["F02.runtime", "F02.modes", "F02.parts"],
            except_={"sandbox_bind_mounts"},
            when=RUST,
        ),
        present(
            GO_OCI,
            r"(?s)\) setBool\(f func\(bool\)\) error \{.{0,120}boolValue, err := strconv\.ParseBool\(value\)\s*"
            r"if err != nil \{\s*return fmt\.Errorf\(",
            when=GO,
        ),
        present(
            GO_OCI,
            r"(?s)uintValue, err := strconv\.ParseUint\(value, 10, 64\)\s*if err != nil \{\s*return fmt\.Errorf\(",
            when=GO,
        ),
        present(
            RS_ANNOTATIONS,
            r"(?s)KATA_ANNO_CFG_DISABLE_NEW_NETNS => match self\.get_value::<bool>\(key\) \{.{0,300}"
            r"Err\(_e\) => \{\s*return Err\(bool_err\);",
            when=RUST,
        ),
    ],
)
modes_known = Control(
    "network-and-vfio-modes-known",
    "Network model and VFIO mode of an annotation must be known words",
    provides=["allow-list", "configuration-validation"],
    description="In the Go runtime at once; in the Rust runtime with the validation of the whole configuration",
    claims=[
        present(
            GO_OCI,
            r"(?s)if err := runtimeConfig\.InterNetworkModel\.SetModel\(value\); err != nil \{\s*return fmt\.Errorf\(",
            when=GO,
        ),
        present(
            GO_OCI,
            r"(?s)if err := sbConfig\.VfioMode\.VFIOSetMode\(value\); err != nil \{\s*return fmt\.Errorf\(",
            when=GO,
        ),
    ],
)
processors_bounded = Control(
    "processors-bounded",
    "The number of processors of an annotation is compared with a maximum",
    provides=["bounded-allocation"],
    description="That of the machine in the Go runtime, of the hypervisor in the Rust runtime. Memory has a minimum only",
    claims=[
        present(
            GO_OCI,
            r"(?s)if vcpus > float32\(numCPUs\) && sbConfig\.HypervisorType != vc\.RemoteHypervisor \{\s*"
            r"return fmt\.Errorf\(",
            when=GO,
        ),
        present(
            RS_ANNOTATIONS,
            r"(?s)if num_cpus\s*> get_hypervisor_plugin\(hypervisor_name\)\s*\.unwrap\(\)\s*"
            r"\.get_max_cpus\(\) as f32\s*\{\s*return Err\(",
            when=RUST,
        ),
    ],
)
data_paths_listed = Control(
    "store-and-entropy-paths-listed",
    "Paths of the socket store and of the entropy source must be on their lists",
    provides=["allow-list"],
    claims=[
        *(
            present(
                GO_OCI,
                rf"(?s)if !checkPathIsInGlobs\(runtime\.HypervisorConfig\.{name}, value\) \{{\s*return fmt\.Errorf\(",
                when=GO,
            )
            for name in ("VhostUserStorePathList", "EntropySourceList")
        ),
        *PATH_LISTS,
        *(
            present(
                RS_BLOCK,
                rf"(?s)fn validate_{name}<[^{{]*\{{\s*validate_path_pattern\(&self\.valid_{paths}, path\)",
                when=RUST,
            )
            for name, paths in (
                ("vhost_user_store_path", "vhost_user_store_paths"),
                ("entropy_source", "entropy_sources"),
            )
        ),
        present(RS_ANNOTATIONS, r"hv\.blockdev_info\.validate_vhost_user_store_path\(value\)\?;", when=RUST),
        present(RS_ANNOTATIONS, r"hv\.machine_info\.validate_entropy_source\(value\)\?;", when=RUST),
    ],
)
passed_annotations = Control(
    "passed-annotations-listed",
    "The container manager hands on annotations of Kata's own prefix, and termination messages of containers",
    provides=["allow-list"],
    description="The installer writes it for containerd. For CRI-O it writes no list",
    claims=[
        present(
            CONTAINERD,
            r'let pod_annotations = "\[\\"io\.katacontainers\.\*\\"\]";',
            when={"cri": "containerd"},
        ),
        present(
            CONTAINERD,
            r'let container_annotations = "\[\\"io\.kubernetes\.container\.terminationMessage\*\\"\]";',
            when={"cri": "containerd"},
        ),
        present(
            CONTAINERD,
            r'(?s)&format!\("\{runtime_table\}\.pod_annotations"\),\s*params\.pod_annotations,',
            when={"cri": "containerd"},
        ),
        absent(
            CONTAINERD,
            r'let pod_annotations = "\[\\"([^i]|i[^o]|io\.[^k]|[^"]*\\",)',
            when={"cri": "containerd"},
        ),
    ],
)
webhook_tls = Control(
    "webhook-tls",
    "The webhook is asked over TLS, with a certificate that the registration names",
    provides=["tls", "encryption-in-transit"],
    claims=[
        present(
            f"{WEBHOOK}/main.go", r"http\.ListenAndServeTLS\(port, cfg\.certFile, cfg\.keyFile, whHandler\)"
        ),
        present(f"{WEBHOOK}/deploy/webhook-registration.yaml.tpl", r"^\s*caBundle: CA_BUNDLE$"),
        present(f"{WEBHOOK}/create-certs.sh", r'sed "s/CA_BUNDLE/\$\{CA_BUNDLE\}/"'),
    ],
)
webhook_typed = Control(
    "webhook-typed",
    "The webhook reads a review as a pod by generated types",
    provides=["type-safe-parser"],
    claims=[present(f"{WEBHOOK}/main.go", r"Obj:\s+&corev1\.Pod\{\}")],
)
webhook_confined = Control(
    "webhook-confined",
    "The webhook runs as a user without rights, capabilities or escalation, under a filter of system calls",
    provides=["least-privilege-user", "capability-drop", "no-new-privileges", "syscall-filter"],
    claims=[
        present(f"{WEBHOOK}/deploy/webhook.yaml", r"^\s*runAsNonRoot: true$"),
        present(f"{WEBHOOK}/deploy/webhook.yaml", r"^\s*allowPrivilegeEscalation: false$"),
        present(f"{WEBHOOK}/deploy/webhook.yaml", r"(?s)drop:\s*- ALL"),
        present(f"{WEBHOOK}/deploy/webhook.yaml", r"(?s)seccompProfile:\s*type: RuntimeDefault"),
    ],
)
policy_images_tls = Control(
    "policy-images-over-tls",
    "genpolicy fetches images over TLS unless a registry is named as insecure",
    provides=["tls", "encryption-in-transit"],
    claims=[
        present(
            "src/tools/genpolicy/src/registry.rs",
            r"protocol: ClientProtocol::HttpsExcept\(config\.insecure_registries\.clone\(\)\),",
        ),
    ],
)
policy_cache_locked = Control(
    "policy-cache-locked",
    "The cache of layers is read under a lock, and one that does not fit is dropped",
    provides=["type-safe-parser"],
    claims=[
        present("src/tools/genpolicy/src/layers_cache.rs", r"FileExt::try_lock_shared\(&file\)\?;"),
        present(
            "src/tools/genpolicy/src/layers_cache.rs",
            r"return Self::delete_incompatible_cache\(filename, file, e\.to_string\(\)\);",
        ),
    ],
)
