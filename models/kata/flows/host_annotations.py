"""F02, annotations by their gate: paths, parts of the runtime, the agent; and what changes a pod before it is placed."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_host as assets
from .. import data
from ..controls import host, host_pods, pod_input
from ..options import KataOptions

AGENT = {
    "go": ["kernel_modules", "enable_tracing", "container_pipe_size", "policy"],
    "rust": ["kernel_modules", "enable_tracing", "container_pipe_size", "cdh_api_timeout_ms"],
}
OPERATIONS = {
    "containerd": [
        "runtime_path",
        "runtime_config_path",
        "snapshotter",
        "pod_annotations",
        "container_annotations",
    ],
    "cri-o": ["runtime_path", "runtime_config_path", "privileged_without_host_devices"],
    "docker": ["runtimeType"],
}


def node_annotations(o: KataOptions) -> None:
    """Ways of an annotation that the general flow does not tell apart."""
    _paths(o)
    _agent(o)
    _modes(o)
    if o.runtime == "rust":
        _parts(o)
    _containers(o)
    _passing(o)
    if o.kubernetes:
        _admission()


def _paths(o: KataOptions) -> None:
    listed = [pod_input.annotation_allow_list]
    listed.append(host_pods.unlisted_refused if o.runtime == "go" else host_pods.unlisted_ignored)
    Flow(
        "F02.boot",
        "cri-containerd",
        o.shim,
        "Files to boot, by annotation",
        protocol="io.katacontainers.config.hypervisor.*",
        over="OCI bundle",
        authentication="file-permissions",
        description="Only where the list enables them; "
        + ("they must exist, " if o.runtime == "rust" else "")
        + "no list says where they may lie"
        + ("; the list of peer pods has image" if o.annotations == "remote" and o.runtime == "go" else ""),
        traits=["carries-configuration", "path-names"],
        operations=["kernel", "initrd", "image", "firmware", "kernel_hash", "image_hash"],
        data=[data.pod_annotations],
        controls=listed,
    )
    Flow(
        "F02.stores",
        "cri-containerd",
        o.shim,
        "Sockets and sources, by annotation",
        protocol="io.katacontainers.config.hypervisor.*",
        over="OCI bundle",
        authentication="file-permissions",
        traits=["carries-configuration", "path-names"],
        operations=["vhost_user_store_path", "entropy_source"],
        data=[data.pod_annotations],
        controls=[*listed, host_pods.data_paths_listed],
    )


def _agent(o: KataOptions) -> None:
    Flow(
        "F02.agent",
        "cri-containerd",
        o.shim,
        "Annotations for the agent",
        protocol="io.katacontainers.config.agent.*",
        over="OCI bundle",
        authentication="file-permissions",
        description="Outside enable_annotations; names and parameters of kernel modules are not looked at",
        traits=["carries-configuration", "command-line"],
        operations=AGENT[o.runtime],
        data=[data.pod_annotations],
        controls=[host_pods.values_typed],
    )


def _modes(o: KataOptions) -> None:
    Flow(
        "F02.modes",
        "cri-containerd",
        o.shim,
        "Network model and VFIO mode",
        protocol="io.katacontainers.config.runtime.{internetworking_model,vfio_mode}",
        over="OCI bundle",
        authentication="file-permissions",
        description="Outside enable_annotations",
        traits=["carries-configuration"],
        operations=["internetworking_model", "vfio_mode"],
        data=[data.pod_annotations],
        controls=[host_pods.modes_known] if o.runtime == "go" else [pod_input.config_validation],
    )


def _parts(o: KataOptions) -> None:
    Flow(
        "F02.parts",
        "cri-containerd",
        o.shim,
        "Choice of runtime and hypervisor",
        protocol="io.katacontainers.config.runtime.{name,hypervisor_name,agent_name}",
        over="OCI bundle",
        authentication="file-permissions",
        traits=["carries-configuration"],
        operations=["name", "hypervisor_name", "agent_name"],
        data=[data.pod_annotations],
        controls=[host_pods.names_known, pod_input.config_validation],
    )


def _containers(o: KataOptions) -> None:
    Flow(
        "F02.container",
        "cri-containerd",
        o.shim,
        "Annotations of a container",
        protocol="io.katacontainers.container.resource.*, io.katacontainers.fs-opt.*",
        over="OCI bundle",
        authentication="file-permissions",
        description="Swap of a container; options of its file system come from the snapshotter",
        traits=["carries-configuration", "resource-requests"],
        operations=["swappiness", "swap_in_bytes", "fs-opt.*"],
        data=[data.pod_annotations],
    )


def _passing(o: KataOptions) -> None:
    listed = [host_pods.passed_annotations] if o.cri == "containerd" else []
    Flow(
        "K63.read",
        "manager-config",
        "cri-containerd",
        "Shims, and annotations to pass on",
        protocol="TOML" if o.kubernetes else "JSON",
        over="file",
        authentication="file-permissions",
        description={
            "containerd": "pod_annotations names Kata's prefix",
            "cri-o": "The installer's drop-in has no list of annotations; CRI-O's own default counts",
            "docker": "Docker's list of runtimes; there is no list of annotations",
        }[o.cri],
        traits=["carries-configuration", "path-names", "serialized-objects"],
        operations=OPERATIONS[o.cri],
        data=[assets.manager_configuration],
        controls=[*listed, *([pod_input.no_host_devices] if o.kubernetes else [])],
    )


def _admission() -> None:
    Flow(
        "K01.admission",
        "kube-apiserver",
        "kata-webhook",
        "Pod under admission",
        protocol="HTTPS (AdmissionReview)",
        over="tcp",
        port="443 to 8080",
        authentication="server-certificate",
        encryption="tls",
        description="The caller shows no certificate",
        traits=["control-api", "serialized-objects", "remote"],
        operations=["/mutate"],
        data=[assets.admission_review],
        controls=[host_pods.webhook_tls, host_pods.webhook_typed],
    )
    Flow(
        "K01.mutation",
        "kata-webhook",
        "kube-apiserver",
        "Runtime class for a pod",
        protocol="HTTPS (AdmissionReview)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        description="A webhook that does not answer leaves the pod without Kata",
        traits=["carries-configuration", "serialized-objects", "remote"],
        data=[assets.admission_review],
        controls=[host_pods.webhook_tls, host.api_limits],
    )
