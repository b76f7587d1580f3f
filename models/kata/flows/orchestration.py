"""F01 to F10: from the cluster and the administrator to the shim."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_host, data
from ..controls import devices_storage, host, host_shim, pod_input
from ..options import KataOptions

TASK_CALLS = [
    "Create", "Start", "Delete", "Exec", "ResizePty", "State", "Pause", "Resume", "Kill", "Pids",
    "CloseIO", "Connect", "Shutdown", "Stats", "Update", "Wait",
]  # fmt: skip


def orchestration(o: KataOptions) -> None:
    """Pods on their way to a sandbox, and the interfaces of the administrator."""
    if o.kubernetes:
        _pods(o)
        _cluster(o)
    _shim_start(o)
    _shim_calls(o)
    _administration(o)


def _pods(o: KataOptions) -> None:
    Flow(
        "K01",
        "pod-author",
        "kube-apiserver",
        "Pod with annotations",
        protocol="HTTPS",
        over="tcp",
        port="6443",
        authentication="token",
        encryption="tls",
        traits=["control-api", "serialized-objects", "remote", "resource-requests"],
        data=[data.pod_spec, data.pod_annotations, data.initdata],
        controls=[host.api_server_tls, host.api_limits],
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
        data=[data.pod_spec, data.pod_annotations, data.workload_secrets],
        controls=[host.api_server_tls, host.api_limits],
    )
    Flow(
        "F01",
        "kubelet",
        "cri-containerd",
        "Container runtime interface",
        protocol="gRPC (CRI)",
        over="uds",
        port="/run/containerd/containerd.sock" if o.cri == "containerd" else "/run/crio/crio.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "mount-requests", "carries-secrets"],
        operations=["RunPodSandbox", "StopPodSandbox", "CreateContainer", "StartContainer", "Exec", "Attach"],
        data=[data.pod_spec, data.pod_annotations, data.workload_secrets],
        controls=[host.root_socket],
    )


def _cluster(o: KataOptions) -> None:
    """What only a node of a cluster has."""
    if o.pod_resources == "off":
        asked = [host.pod_resources_off]
    else:
        asked = [host_shim.pod_resources_timeout] if o.runtime == "rust" else []
        Flow(
            "F06.devices",
            "device-plugin",
            "kubelet",
            "Devices of the node",
            protocol="gRPC (device plugin)",
            over="uds",
            port="/var/lib/kubelet/device-plugins",
            authentication="file-permissions",
            traits=["serialized-objects", "device-assignment"],
            operations=["Register", "ListAndWatch", "Allocate"],
            data=[assets_host.device_allocations],
            controls=[host.root_socket],
        )
    Flow(
        "F06",
        "kubelet",
        o.shim,
        "Device identities",
        protocol="gRPC (pod resources)",
        over="uds",
        port="/var/lib/kubelet/pod-resources/kubelet.sock",
        authentication="file-permissions",
        description="Only where pod_resource_api_sock is set",
        traits=["serialized-objects"],
        operations=["Get"],
        data=[data.pod_spec],
        controls=[*asked, host.root_socket],
    )
    Flow(
        "F10.write",
        "csi-directvolume",
        "direct-volumes",
        "Volume description kept",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "mount-requests"],
        data=[data.volume_info],
        controls=[devices_storage.volume_record_mode] if o.runtime == "go" else [],
    )
    Flow(
        "F96",
        "kubelet",
        "csi-directvolume",
        "Volume requests",
        protocol="gRPC (CSI)",
        over="uds",
        port="/var/lib/kubelet/plugins/csi-kata-directvolume",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "mount-requests"],
        operations=[
            "NodeStageVolume",
            "NodePublishVolume",
            "NodeUnpublishVolume",
            "NodeUnstageVolume",
            "NodeExpandVolume",
        ],
        data=[data.pod_spec, data.volume_info],
        controls=[host.root_socket],
    )


def _shim_start(o: KataOptions) -> None:
    unmount = [host.umount_no_follow] if o.shared_fs != "none" else []
    block = (
        [pod_input.block_use_off]
        if o.block_rootfs == "off" and o.runtime == "go" and o.hypervisor in ("qemu", "clh")
        else []
    )
    Flow(
        "F02",
        "cri-containerd",
        o.shim,
        "Shim start with bundle",
        protocol="exec, OCI bundle",
        over="process start",
        authentication="file-permissions",
        traits=["process-exec", "serialized-objects", "path-names", "mount-requests", "resource-requests"],
        data=[data.pod_spec, *([data.initdata] if o.tee != "none" else [])],
        controls=[*([pod_input.no_host_devices] if o.kubernetes else []), *block, *unmount],
    )
    Flow(
        "K03",
        "configuration",
        o.shim,
        "Runtime configuration",
        protocol="TOML",
        over="file",
        authentication="file-permissions",
        traits=["carries-configuration", "serialized-objects", "path-names"],
        data=[data.runtime_configuration],
        controls=[pod_input.config_validation],
    )
    Flow(
        "F07",
        "cni-plugin",
        o.shim,
        "Network of the pod",
        protocol="netlink, JSON (DAN)",
        over="netns, file",
        port="/run/kata-containers/dans",
        authentication="file-permissions",
        traits=["carries-configuration", "serialized-objects", "path-names"],
        data=[data.network_config],
    )


def _shim_calls(o: KataOptions) -> None:
    Flow(
        "F03",
        "cri-containerd",
        o.shim,
        "Task API",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "process-exec", "path-names", "resource-requests"],
        operations=TASK_CALLS,
        data=[data.pod_spec, data.stdin],
        controls=[
            host.root_socket,
            *([host.umount_no_follow] if o.shared_fs != "none" else []),
            *([host_shim.shim_address] if o.runtime == "rust" else []),
        ],
    )
    if o.runtime == "rust" and o.cri == "containerd":
        Flow(
            "F04",
            "cri-containerd",
            o.shim,
            "Sandbox API",
            protocol="ttrpc",
            over="uds",
            authentication="file-permissions",
            traits=["control-api", "serialized-objects"],
            operations=[
                "CreateSandbox", "StartSandbox", "Platform", "StopSandbox", "WaitSandbox",
                "SandboxStatus", "PingSandbox", "ShutdownSandbox",
            ],
            data=[data.pod_spec],
            controls=[host.root_socket],
        )  # fmt: skip
    Flow(
        "F05.events",
        o.shim,
        "cri-containerd",
        "Events",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["serialized-objects"],
        operations=["TaskExit", "TaskOOM"],
        data=[data.agent_replies],
        controls=[host.root_socket],
    )
    Flow(
        "F05.stdio",
        o.shim,
        "cri-containerd",
        "Container output",
        over="fifo",
        authentication="file-permissions",
        traits=["stdio", "byte-stream", "log-records"],
        data=[data.workload_output],
    )


def _administration(o: KataOptions) -> None:
    tool = "kata-runtime" if o.runtime == "go" else "kata-ctl"
    for number, name in enumerate(("kata-runtime", "kata-ctl"), 1):
        Flow(
            f"K04.{number}",
            "node-admin",
            name,
            "Administration commands",
            over="command line",
            authentication="file-permissions",
            traits=["command-line", "control-api"],
            data=[data.admin_requests],
        )
    Flow(
        "F08",
        tool,
        o.shim,
        "Metrics and address of the agent",
        protocol="HTTP/1",
        over="uds",
        port="shim-monitor.sock",
        authentication="file-permissions",
        traits=["queries"],
        operations=["GET /metrics", "GET /agent-url"],
        data=[data.admin_requests],
        controls=[host.management_socket, *([host_shim.management_routes] if o.runtime == "rust" else [])],
    )
    Flow(
        "F09",
        "sandbox-state",
        o.shim,
        "State read again",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects", "carries-configuration"],
        data=[data.sandbox_state],
        controls=[
            host_shim.state_typed,
            host_shim.state_mode if o.runtime == "go" else host_shim.state_path_checked,
        ],
    )
    Flow(
        "F09.write",
        o.shim,
        "sandbox-state",
        "State kept",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[data.sandbox_state],
        controls=[host_shim.state_mode] if o.runtime == "go" else [host_shim.state_path_checked],
    )
    Flow(
        "F10",
        "direct-volumes",
        o.shim,
        "Volume description",
        protocol="JSON",
        over="file",
        port="mountInfo.json",
        authentication="file-permissions",
        traits=["serialized-objects", "mount-requests", "path-names"],
        data=[data.volume_info],
        controls=[devices_storage.volume_path_encoded],
    )
