"""From the cluster to a container. Ids are those of the Kata Containers model where the flow is the same."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import kubernetes, runc
from ..options import RuncOptions


def orchestration(o: RuncOptions) -> None:
    """Pods on their way to a container."""
    _pods(o)
    _shim()
    _runc(o)
    _administration()


def _pods(o: RuncOptions) -> None:
    admitted = [kubernetes.restricted_admission] if o.restricted else []
    Flow(
        "K01",
        "pod-author",
        "kube-apiserver",
        "Pod",
        protocol="HTTPS",
        over="tcp",
        port="6443",
        authentication="token",
        encryption="tls",
        description="Without admission a pod may ask for paths, namespaces and devices of the node",
        traits=["control-api", "serialized-objects", "remote", "resource-requests"],
        data=[data.pod_spec],
        controls=[kubernetes.api_server_tls, kubernetes.api_limits, *admitted],
    )
    Flow(
        "K02",
        "kube-apiserver",
        "kubelet",
        "Pods of this node, secrets",
        protocol="HTTPS watch",
        over="tcp",
        authentication="mutual",
        encryption="tls",
        traits=["control-api", "serialized-objects", "carries-secrets", "remote"],
        data=[data.pod_spec, data.workload_secrets],
        controls=[kubernetes.api_server_tls, kubernetes.api_limits, *admitted],
    )
    Flow(
        "F01",
        "kubelet",
        "cri-containerd",
        "Container runtime interface",
        protocol="gRPC (CRI)",
        over="uds",
        port="/run/containerd/containerd.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "mount-requests", "carries-secrets"],
        operations=["RunPodSandbox", "StopPodSandbox", "CreateContainer", "StartContainer", "Exec", "Attach"],
        data=[data.pod_spec, data.workload_secrets],
        controls=[kubernetes.root_socket, *admitted],
    )
    Flow(
        "F01.local",
        "local-user",
        "cri-containerd",
        "Requests of another local process",
        protocol="gRPC",
        over="uds",
        port="/run/containerd/containerd.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "process-exec"],
        data=[data.pod_spec],
        controls=[kubernetes.root_socket],
    )


def _shim() -> None:
    Flow(
        "F02",
        "cri-containerd",
        "shim-runc",
        "Shim start with bundle",
        protocol="exec, OCI bundle",
        over="process start",
        authentication="file-permissions",
        traits=["process-exec", "serialized-objects", "path-names"],
        data=[data.pod_spec],
    )
    Flow(
        "F03",
        "cri-containerd",
        "shim-runc",
        "Task API",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "process-exec", "resource-requests"],
        operations=[
            "Create",
            "Start",
            "Delete",
            "Exec",
            "State",
            "Pause",
            "Resume",
            "Kill",
            "Update",
            "Wait",
        ],
        data=[data.pod_spec, data.stdin],
        controls=[kubernetes.root_socket],
    )
    Flow(
        "F05.events",
        "shim-runc",
        "cri-containerd",
        "Events",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        operations=["TaskExit", "TaskOOM"],
        data=[data.container_state],
        controls=[kubernetes.root_socket],
    )
    Flow(
        "F05.stdio",
        "shim-runc",
        "cri-containerd",
        "Container output",
        over="fifo",
        authentication="file-permissions",
        traits=["stdio", "byte-stream", "log-records"],
        data=[data.workload_output],
        controls=[kubernetes.log_rotation],
    )
    Flow(
        "R01",
        "cri-containerd",
        "oci-bundle",
        "Specification written",
        protocol="JSON (config.json)",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.pod_spec],
    )
    Flow(
        "R02",
        "cri-containerd",
        "container-logs",
        "Container logs",
        over="file",
        authentication="file-permissions",
        traits=["log-records"],
        data=[data.workload_output],
        controls=[kubernetes.log_rotation],
    )
    Flow(
        "R03",
        "container-logs",
        "kubelet",
        "Logs served",
        over="file",
        authentication="file-permissions",
        traits=["log-records", "path-names"],
        data=[data.workload_output],
    )


def _runc(o: RuncOptions) -> None:
    Flow(
        "R10",
        "shim-runc",
        "runc",
        "create, start, exec, kill, delete",
        protocol="command line",
        over="process start",
        authentication="file-permissions",
        traits=["process-exec", "command-line"],
        data=[data.pod_spec],
        controls=[runc.container_id],
    )
    Flow(
        "R11",
        "oci-bundle",
        "runc",
        "Specification read",
        protocol="JSON (config.json)",
        over="file",
        authentication="file-permissions",
        traits=[
            "serialized-objects",
            "carries-configuration",
            "mount-requests",
            "path-names",
            "resource-requests",
        ],
        description="Written by containerd from what the pod asks for; hooks of the specification run as root",
        data=[data.pod_spec],
        controls=[
            runc.specification_checked,
            *([kubernetes.restricted_admission] if o.restricted else []),
        ],
    )
    Flow(
        "R12",
        "runc",
        "sandbox-state",
        "State kept",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.container_state],
        controls=[runc.state_mode],
    )
    Flow(
        "R13",
        "sandbox-state",
        "runc",
        "State read again",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "carries-configuration"],
        data=[data.container_state],
        controls=[runc.state_mode],
    )
    Flow(
        "R14",
        "runc",
        "runc-init",
        "Configuration of the container",
        protocol="netlink and JSON",
        over="socket pair",
        authentication="in-process",
        traits=["serialized-objects", "process-exec"],
        data=[data.pod_spec],
        controls=[runc.sealed_binary],
    )
    Flow(
        "R15",
        "runc",
        "host-kernel",
        "Cgroups and namespaces",
        over="system calls",
        authentication="file-permissions",
        traits=["system-calls", "resource-requests"],
        data=[data.pod_spec, data.host_resources],
        controls=[runc.cgroup_first, kubernetes.pod_limits, runc.specification_checked],
    )


def _administration() -> None:
    Flow(
        "K03",
        "configuration",
        "cri-containerd",
        "Runtime configuration",
        protocol="TOML",
        over="file",
        authentication="file-permissions",
        traits=["carries-configuration", "serialized-objects", "path-names"],
        data=[data.runtime_configuration],
    )
    Flow(
        "K04",
        "node-admin",
        "configuration",
        "Configuration edited",
        over="file",
        authentication="file-permissions",
        traits=["carries-configuration"],
        data=[data.runtime_configuration],
    )
    Flow(
        "F07",
        "cni-plugin",
        "host-kernel",
        "Network of the pod",
        protocol="netlink",
        over="netlink",
        authentication="file-permissions",
        traits=["system-calls"],
        data=[data.network_config],
    )
