"""What Kubernetes, containerd, the network plug-in and the node's kernel do.

The source of runc cannot show it: no control here has a claim. Ids are those of the Kata Containers model where the
defence is the same.
"""

from __future__ import annotations

from threatmodel.dsl import Control

K8S = "https://kubernetes.io/docs"
CONTAINERD = "https://github.com/containerd/containerd/blob/main/docs"

api_server_tls = Control(
    "api-server-tls",
    "Clients of the API server use TLS and a token or certificate",
    provides=["tls", "encryption-in-transit", "peer-authentication", "authorization-policy"],
    references=[f"{K8S}/concepts/security/controlling-access/"],
)
api_limits = Control(
    "api-server-limits",
    "The API server limits size and nesting of objects and the rate of requests",
    provides=["rate-limit", "bounded-request-size", "bounded-nesting", "type-safe-parser"],
    references=[f"{K8S}/concepts/cluster-administration/flow-control/"],
)
restricted_admission = Control(
    "restricted-admission",
    "Pods that do not follow the profile restricted are refused",
    provides=["authorization-policy", "allow-list", "configuration-validation", "secure-defaults"],
    description="No paths of the node, no namespaces of the node, no privileged containers, a list of volume types",
    references=[
        f"{K8S}/concepts/security/pod-security-standards/",
        f"{K8S}/concepts/security/pod-security-admission/",
    ],
)
root_socket = Control(
    "root-owned-socket",
    "The socket is created by root and other users cannot open it",
    provides=["access-control-file-permissions", "access-limited-to-host-root"],
    references=[f"{CONTAINERD}/ops.md"],
)
pod_limits = Control(
    "pod-limits",
    "The pod has limits for memory and processor time",
    provides=["memory-quota", "cpu-quota"],
    description="Whoever creates the pod, or the administrator of its namespace, decides. Without that a container runs "
    "with unbounded resources; the profile restricted asks for none",
    references=[
        f"{K8S}/concepts/configuration/manage-resources-containers/",
        f"{K8S}/concepts/policy/limit-range/",
    ],
)
default_capabilities = Control(
    "default-capabilities",
    "The container has the fourteen capabilities that containerd gives and no other",
    provides=["capability-drop"],
    description="Among them DAC_OVERRIDE, MKNOD, NET_RAW, SETUID and SYS_CHROOT; not SYS_ADMIN",
    references=[
        "https://github.com/containerd/containerd/blob/main/pkg/oci/spec.go",
        "https://man7.org/linux/man-pages/man7/capabilities.7.html",
    ],
)
seccomp_runtime_default = Control(
    "seccomp-runtime-default",
    "System calls are filtered by the default profile of containerd",
    provides=["syscall-filter"],
    description="A list of allowed calls, the rest fails. What is allowed can still be used to attack the kernel, as the "
    "documents of Kubernetes say. Unconfined unless a pod, the profile or the kubelet's seccompDefault asks for it",
    references=[
        f"{K8S}/tutorials/security/seccomp/",
        f"{K8S}/concepts/security/linux-kernel-security-constraints/",
        "https://github.com/containerd/containerd/blob/main/contrib/seccomp/seccomp_default.go",
    ],
)
mandatory_access = Control(
    "default-apparmor-profile",
    "The default AppArmor profile of containerd, or SELinux, confines the container",
    provides=["mandatory-access-control"],
    description="AppArmor where the node's kernel has it and it was not switched off; SELinux where enable_selinux was "
    "set, which is false by default",
    references=[
        f"{CONTAINERD}/cri/config.md",
        f"{K8S}/concepts/security/linux-kernel-security-constraints/",
    ],
)
device_list = Control(
    "device-list",
    "A container can open a few harmless devices and no disk",
    provides=["device-not-exposed"],
    description="Making device nodes is allowed, opening them is not; unless the container is privileged",
    references=["https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-linux.md"],
)
shim_per_pod = Control(
    "shim-per-sandbox",
    "Each pod has a shim process of its own",
    provides=["single-tenant-instance", "process-isolation"],
    description="One shim serves the containers of a pod where the runtime groups them",
    references=["https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md"],
)
image_digests = Control(
    "image-digests",
    "Layers are fetched over TLS and compared with their digests",
    provides=["tls", "integrity-protection", "encryption-in-transit"],
    description="A registry can be configured without TLS. A tag is no digest: whoever can move it decides what it names",
    references=[f"{CONTAINERD}/content-flow.md", f"{CONTAINERD}/hosts.md"],
)
confined_unpack = Control(
    "layers-unpacked-below-a-root",
    "The container manager resolves names of a layer below the folder it unpacks to",
    provides=["path-resolution-confined"],
    references=["https://github.com/containerd/containerd/blob/main/pkg/archive/tar.go"],
)
network_namespace = Control(
    "network-namespace",
    "A pod has a network namespace of its own",
    provides=["network-isolation"],
    description="Unless hostNetwork is asked for. All pods may speak with each other until a network policy says "
    "otherwise, and policies need a plug-in that knows them",
    references=[f"{K8S}/concepts/security/multi-tenancy/"],
)
log_rotation = Control(
    "log-line-limit",
    "Lines of container logs are cut at a length",
    provides=["bounded-allocation"],
    description="max_container_log_line_size, 16 KiB by default",
    references=[f"{CONTAINERD}/cri/config.md"],
)
