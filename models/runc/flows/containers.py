"""Where a container meets runc and the node's kernel."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..confinement import confinement
from ..controls import kubernetes, runc
from ..options import RuncOptions


def containers(o: RuncOptions) -> None:
    """Start, system calls, files, streams."""
    _start(o)
    _kernel(o)
    _files()


def _start(o: RuncOptions) -> None:
    Flow(
        "K11",
        "runc-init",
        "host-kernel",
        "Mounts, labels, kernel settings",
        over="system calls",
        description="A pod may ask for a folder of the node, unless admission refuses it",
        authentication="in-process",
        traits=["system-calls", "mount-requests"],
        data=[data.pod_spec],
        controls=[
            runc.confined_paths,
            runc.procfs_handles,
            *([kubernetes.restricted_admission] if o.restricted else []),
        ],
    )
    Flow(
        "K12",
        "runc-init",
        "containers",
        "Workload executed",
        protocol="execve",
        over="process start",
        authentication="in-process",
        description="The same process: runc init confines itself and becomes the workload",
        traits=["process-exec", "stdio", "carries-secrets"],
        data=[data.pod_spec, data.workload_secrets, data.stdin],
        controls=[runc.closed_descriptors, runc.fails_closed],
    )
    Flow(
        "K17",
        "container-rootfs",
        "runc-init",
        "Paths of the root file system",
        over="file",
        description="Mount points, devices and masked paths below a tree that image and workload write; the place of "
        "CVE-2019-19921, CVE-2025-31133, CVE-2025-52565, CVE-2025-52881 and CVE-2026-41579",
        traits=["path-names", "mount-requests"],
        data=[data.image_layers, data.workload_data],
        controls=[
            runc.confined_paths,
            runc.proc_mounts,
            runc.masked_paths,
            runc.procfs_handles,
            runc.own_root,
        ],
    )
    Flow(
        "R30",
        "containers",
        "runc-init",
        "What a process that enters can meet",
        over="/proc of the container",
        description="exec joins the namespaces of a container that is already hostile: its processes see runc init; the "
        "place of CVE-2019-5736 and CVE-2024-21626",
        traits=["path-names"],
        data=[data.workload_data],
        controls=[runc.sealed_binary, runc.closed_descriptors, runc.confined_paths],
    )


def _kernel(o: RuncOptions) -> None:
    Flow(
        "K10",
        "containers",
        "host-kernel",
        "System calls of the workload",
        over="system calls",
        description="All that stands between workload and node: there is no second kernel. "
        + (
            "Filtered by the default profile"
            if o.restricted
            else "Seccomp is unconfined unless somebody asks for a profile"
        ),
        traits=["system-calls"],
        data=[data.workload_data],
        controls=[*confinement(o), kubernetes.device_list, runc.cgroup_first],
    )


def _files() -> None:
    Flow(
        "K13",
        "containers",
        "shim-runc",
        "Output and exit",
        over="pipe",
        traits=["stdio", "byte-stream"],
        data=[data.workload_output],
    )
    Flow(
        "K16",
        "containers",
        "container-rootfs",
        "Files written",
        over="system calls",
        authentication="file-permissions",
        traits=["filesystem-requests", "path-names"],
        data=[data.workload_data],
    )
    Flow(
        "R31",
        "pod-volumes",
        "container-rootfs",
        "Volumes mounted",
        protocol="bind mount",
        over="mount",
        authentication="file-permissions",
        traits=["carries-secrets"],
        data=[data.workload_secrets, data.workload_data],
        controls=[runc.read_only_mounts],
    )
    Flow(
        "R32",
        "containers",
        "pod-volumes",
        "Volumes written",
        over="system calls",
        authentication="file-permissions",
        description="Space and number of files have a limit only where the pod sets one and the kubelet measures",
        traits=["path-names"],
        data=[data.workload_data],
        controls=[runc.read_only_mounts],
    )
    Flow(
        "R33",
        "kubelet",
        "pod-volumes",
        "Secrets, tokens, sub paths",
        over="file",
        authentication="file-permissions",
        traits=["carries-secrets", "path-names"],
        data=[data.workload_secrets],
    )
