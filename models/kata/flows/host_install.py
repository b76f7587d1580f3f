"""K60 to K65, F94 to F96 in detail: from chart and images to a node that runs Kata."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_host as assets
from .. import data
from ..controls import host, host_install, host_pods
from ..options import KataOptions


def node_installation(o: KataOptions) -> None:
    """Installer in both modes, volume driver, and the making of policies."""
    _sources()
    _files(o)
    if o.deploy == "daemonset":
        _daemonset()
    else:
        _jobs()
    _chart_jobs()
    _volumes()
    _policies()


def _sources() -> None:
    Flow(
        "K60.image",
        "kata-registry",
        "cri-containerd",
        "Images of installer and monitor",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        description="By tag, pulled each time; no signature is checked",
        traits=["remote", "archives", "binds-code"],
        data=[assets.installer_images],
        controls=[host.image_digests],
    )
    Flow(
        "K60.chart",
        "kata-registry",
        "node-admin",
        "Chart",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "archives", "carries-configuration"],
        data=[assets.chart_values],
    )
    Flow(
        "K60.archive",
        "kata-releases",
        "node-admin",
        "Archive of a release",
        protocol="HTTPS",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        description="Installed by hand instead of by the chart",
        traits=["remote", "archives", "binds-code"],
        data=[data.release_artefacts],
    )
    Flow(
        "K62.values",
        "node-admin",
        "kube-apiserver",
        "Chart with its values",
        protocol="HTTPS",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["control-api", "carries-configuration", "serialized-objects", "remote"],
        operations=[
            "shims.*.allowedHypervisorAnnotations", "customRuntimes", "containerd.userDropIn", "debug",
            "deploymentMode", "monitor.enabled",
        ],
        data=[assets.chart_values],
        controls=[host.api_server_tls],
    )  # fmt: skip
    Flow(
        "K62.custom",
        "kube-apiserver",
        "kata-deploy",
        "Custom runtimes and drop-ins",
        protocol="ConfigMap",
        over="mounted files",
        authentication="token",
        encryption="tls",
        description="TOML that is laid over the shipped configuration and over the container manager's",
        traits=["carries-configuration", "path-names", "remote"],
        data=[assets.chart_values, data.runtime_configuration],
        controls=[host.api_server_tls],
    )


def _files(o: KataOptions) -> None:
    Flow(
        "K61.programs",
        "cri-containerd",
        "kata-deploy",
        "Container of the installer",
        protocol="pod of a daemon set" if o.deploy == "daemonset" else "pod of a job",
        over="process start",
        authentication="file-permissions",
        description="With folders of the node mounted",
        traits=["carries-configuration"],
        data=[data.pod_spec],
        controls=[host_install.host_programs_read_only],
    )
    Flow(
        "K61.units",
        "kata-deploy",
        "systemd-units",
        "Units and drop-ins",
        over="file",
        authentication="file-permissions",
        description="Folder of systemd mounted for writing; it has the snapshotter's unit",
        traits=["carries-configuration", "process-exec"],
        data=[assets.systemd_units],
    )
    Flow(
        "K61.read",
        "systemd-units",
        "systemd",
        "Units read",
        over="file",
        authentication="file-permissions",
        traits=["carries-configuration", "process-exec"],
        data=[assets.systemd_units],
    )
    Flow(
        "F95.reply",
        "systemd",
        "kata-deploy",
        "Results of systemd",
        protocol="D-Bus",
        over="uds",
        port="/run/systemd/private",
        authentication="file-permissions",
        traits=["serialized-objects", "length-prefixed"],
        data=[assets.systemd_units],
        controls=[host_install.systemd_client_bounded],
    )
    Flow(
        "F95.restart",
        "systemd",
        "cri-containerd",
        "Restart of the container manager",
        over="signal, process start",
        authentication="file-permissions",
        traits=["control-api", "process-exec"],
        data=[assets.manager_configuration],
    )
    if o.local and o.image_source in ("nydus", "guest-pull"):
        Flow(
            "K61.snapshotter",
            "systemd",
            "nydus-snapshotter",
            "Snapshotter started",
            over="process start",
            authentication="file-permissions",
            traits=["process-exec", "carries-configuration"],
            data=[assets.systemd_units],
            controls=[
                host_install.snapshotter_restarted,
                *([host_install.snapshotter_pinned] if o.image_source == "guest-pull" else []),
            ],
        )


def _daemonset() -> None:
    for id_, source, name in (
        ("K64", "kubelet", "Probes of the installer"),
        ("K64.any", "network-peer", "Probes from the network"),
    ):
        Flow(
            id_,
            source,
            "kata-deploy",
            name,
            protocol="HTTP/1",
            over="tcp",
            port="0.0.0.0:8090",
            traits=["queries", "plaintext-network"],
            operations=["GET /healthz", "GET /readyz"],
            data=[assets.installer_health],
            controls=[host_install.health_paths],
        )
    Flow(
        "F94.settings",
        "kube-apiserver",
        "kata-deploy",
        "Settings of the kubelet",
        protocol="HTTPS (nodes/proxy)",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["serialized-objects", "remote"],
        operations=["GET nodes/proxy/configz"],
        data=[data.runtime_configuration],
        controls=[host.api_server_tls, host_install.installer_role],
    )


def _jobs() -> None:
    Flow(
        "F94.nodes",
        "kube-apiserver",
        "deploy-dispatcher",
        "Nodes, and results of jobs",
        protocol="HTTPS",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["serialized-objects", "remote"],
        data=[assets.node_labels],
        controls=[host.api_server_tls, host_install.dispatcher_role],
    )
    Flow(
        "F94.job",
        "kube-apiserver",
        "kubelet",
        "Job for one node",
        protocol="HTTPS watch",
        over="tcp",
        authentication="mutual",
        encryption="tls",
        description="Its container holds no token",
        traits=["control-api", "serialized-objects", "mount-requests", "remote"],
        data=[data.pod_spec, assets.chart_values],
        controls=[host.api_server_tls, host_install.jobs_without_token, host_install.job_deadline],
    )


def _chart_jobs() -> None:
    Flow(
        "F94.chart",
        "chart-jobs",
        "kube-apiserver",
        "Verification, removal of roles",
        protocol="HTTPS",
        over="tcp",
        authentication="token",
        encryption="tls",
        description="The token for removal may delete roles and accounts of the whole cluster, while it lives",
        traits=["control-api", "remote"],
        operations=[
            "pods create, delete",
            "clusterroles delete",
            "clusterrolebindings delete",
            "serviceaccounts delete",
        ],
        data=[data.cluster_credentials],
        controls=[host.api_server_tls],
    )
    Flow(
        "F94.chart-image",
        "kata-registry",
        "chart-jobs",
        "Image with kubectl",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        description="Tag latest",
        traits=["remote", "binds-code"],
        data=[assets.installer_images],
        controls=[host.image_digests],
    )
    Flow(
        "K63.schedule",
        "kube-apiserver",
        "kubelet",
        "Runtime classes and labels",
        protocol="HTTPS watch",
        over="tcp",
        authentication="mutual",
        encryption="tls",
        description="A pod comes to nodes that are labelled as ready",
        traits=["carries-configuration", "remote"],
        data=[assets.node_labels],
        controls=[host.api_server_tls],
    )


def _volumes() -> None:
    Flow(
        "F96.provision",
        "csi-sidecars",
        "csi-directvolume",
        "Volumes made and removed",
        protocol="gRPC (CSI)",
        over="uds",
        port="/csi/csi.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "path-names", "resource-requests"],
        operations=["CreateVolume", "DeleteVolume", "ControllerExpandVolume", "Probe", "GetPluginInfo"],
        data=[data.volume_info],
        controls=[host.root_socket],
    )
    Flow(
        "F96.claims",
        "kube-apiserver",
        "csi-sidecars",
        "Claims for volumes",
        protocol="HTTPS watch",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["serialized-objects", "remote", "resource-requests"],
        data=[data.pod_spec],
        controls=[host.api_server_tls, host.api_limits],
    )
    Flow(
        "F96.volumes",
        "csi-sidecars",
        "kube-apiserver",
        "Volumes reported",
        protocol="HTTPS",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["control-api", "remote"],
        data=[data.volume_info, data.cluster_credentials],
        controls=[host.api_server_tls],
    )
    Flow(
        "F96.register",
        "csi-sidecars",
        "kubelet",
        "Driver registered",
        protocol="gRPC (plugin registration)",
        over="uds",
        port="/var/lib/kubelet/plugins_registry",
        authentication="file-permissions",
        traits=["serialized-objects", "path-names"],
        data=[data.volume_info],
        controls=[host.root_socket],
    )
    Flow(
        "F96.alive",
        "kubelet",
        "csi-sidecars",
        "Probe of the driver",
        protocol="HTTP/1",
        over="tcp",
        traits=["queries", "plaintext-network"],
        operations=["GET /healthz"],
        data=[assets.installer_health],
    )


def _policies() -> None:
    Flow(
        "K65.account",
        "registry-credentials",
        "genpolicy",
        "Account at the registry",
        protocol="Docker configuration, credential helper",
        over="file, process start",
        authentication="file-permissions",
        traits=["carries-secrets"],
        data=[assets.registry_credentials],
    )
    Flow(
        "K65.login",
        "genpolicy",
        "registry",
        "Requests with the author's account",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["remote", "carries-secrets", "queries"],
        data=[assets.registry_credentials, data.pod_spec],
        controls=[host_pods.policy_images_tls],
    )
    Flow(
        "K65.cache",
        "layers-cache",
        "genpolicy",
        "Layers known from before",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        description="What stands here goes into the policy without a look at the layer",
        traits=["serialized-objects", "carries-configuration"],
        data=[assets.layers_record],
        controls=[host_pods.policy_cache_locked],
    )
    Flow(
        "K65.remember",
        "genpolicy",
        "layers-cache",
        "Layers remembered",
        protocol="JSON",
        over="file",
        authentication="file-permissions",
        traits=["serialized-objects"],
        data=[assets.layers_record],
    )
