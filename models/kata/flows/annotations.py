"""F02, its annotations: each family has its own gate, or none."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import host_pods, pod_input
from ..options import KataOptions

KERNEL = ("kernel_params", "kernel_verity_params", "enable_iommu")
SIZE = ("default_vcpus", "default_memory")
ENABLED = {
    "none": (),
    "initdata": ("cc_init_data",),
    "kernel": KERNEL,
    "kernel-size": (*KERNEL, *SIZE),
    "kernel-size-initdata": (*KERNEL, *SIZE, "cc_init_data"),
}
REMOTE = {
    "go": ("machine_type", *SIZE, "image", "default_gpus", "gpu_model", "cc_init_data"),
    "rust": ("machine_type", *SIZE, "default_gpus", "default_gpu_model", "cc_init_data"),
}


RUNTIME = (
    "disable_guest_seccomp", "sandbox_cgroup_only", "disable_new_netns", "create_container_timeout",
    "experimental", "enable_pprof", "enable_vcpus_pinning",
)  # fmt: skip
ONLY = {"go": ("experimental_force_guest_pull",), "rust": ("shared_mounts",)}


def annotation_families(o: KataOptions) -> None:
    """Annotations arrive with the bundle; each family has its own gate, or none."""
    Flow(
        "F02.hypervisor",
        "cri-containerd",
        o.shim,
        "Hypervisor annotations",
        protocol="io.katacontainers.config.hypervisor.*",
        over="OCI bundle",
        authentication="file-permissions",
        traits=["carries-configuration", "path-names", "command-line"],
        data=[data.pod_annotations],
        controls=[
            pod_input.annotation_allow_list,
            pod_input.fixed_paths,
            pod_input.no_virtiofsd_arguments,
            pod_input.config_validation,
            host_pods.unlisted_refused if o.runtime == "go" else host_pods.unlisted_ignored,
        ],
    )
    if enabled(o):
        _enabled(o)
    Flow(
        "F02.runtime",
        "cri-containerd",
        o.shim,
        "Runtime annotations",
        protocol="io.katacontainers.config.runtime.*",
        over="OCI bundle",
        authentication="file-permissions",
        description="enable_annotations is about hypervisor annotations only",
        traits=["carries-configuration"],
        operations=[*RUNTIME, *ONLY[o.runtime]],
        data=[data.pod_annotations],
        controls=[host_pods.values_typed],
    )
    Flow(
        "F02.mounts",
        "cri-containerd",
        o.shim,
        "Host bind mounts by annotation",
        protocol="io.katacontainers.config.runtime.sandbox_bind_mounts",
        over="OCI bundle",
        authentication="file-permissions",
        traits=["carries-configuration", "mount-requests"],
        data=[data.pod_annotations],
        controls=[pod_input.bind_mounts_refused],
    )
    Flow(
        "F02.config",
        "cri-containerd",
        o.shim,
        "Choice of the configuration file",
        protocol="annotation config_path, KATA_CONF_FILE",
        over="OCI bundle, environment",
        authentication="file-permissions",
        traits=["carries-configuration", "path-names"],
        data=[data.pod_annotations],
        controls=[pod_input.config_path_ignored],
    )


def enabled(o: KataOptions) -> tuple[str, ...]:
    """The hypervisor annotations that a pod may use in this configuration."""
    return REMOTE[o.runtime] if o.annotations == "remote" else ENABLED[o.annotations]


def _enabled(o: KataOptions) -> None:
    Flow(
        "F02.enabled",
        "cri-containerd",
        o.shim,
        "Annotations enabled by default",
        protocol="hypervisor annotations on the default list",
        over="OCI bundle",
        authentication="file-permissions",
        description="Kernel parameters of the pod's own guest among them" if o.kernel_params_open else "",
        traits=[
            "carries-configuration",
            "resource-requests",
            *(["command-line"] if o.kernel_params_open else []),
        ],
        operations=list(enabled(o)),
        data=[data.pod_annotations],
        controls=[
            pod_input.fixed_paths,
            *([host_pods.processors_bounded] if "default_vcpus" in enabled(o) else []),
        ],
    )
