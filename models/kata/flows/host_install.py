"""K60 to K65, F94 to F96 in detail: from chart and images to a node that runs Kata."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_host as assets
from .. import data
from ..controls import host, host_install, host_pods
from ..options import KataOptions


def node_installation(o: KataOptions) -> None:
    """Installer in both modes, volume driver, and the making of policies."""
    _archive()
    if not o.kubernetes:
        return
    _sources()
    _files(o)
    _snapshotter(o)
    if o.deploy == "daemonset":
        _daemonset()
    else:
        _jobs()
    _chart_jobs()
    _volumes()
    _policies()


def _archive() -> None:
    Flow(
        "K60.archive",
        "kata-releases",
        "node-admin",
        "Archive of a release",
        protocol="HTTPS",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        description="Installed by hand instead of by the chart; no signature is there to be checked",
        traits=["remote", "archives", "binds-code"],
        data=[data.release_artefacts],
    )


def _sources() -> None:
    Flow(
        "K60",
        "kata-registry",
        "cri-containerd",
        "Images of installer and monitor",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        description="By tag unless the values name a digest, pulled each time; no signature is checked. The image of the "
        "installer holds all that it installs",
        traits=["remote", "archives", "binds-code"],
        data=[assets.installer_images, data.release_artefacts],
        controls=[host.image_digests, host.confined_unpack],
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
        "kubelet",
        "kata-deploy",
        "Custom runtimes and drop-ins",
        protocol="ConfigMap, TOML",
        over="mounted files",
        authentication="file-permissions",
        description="TOML that is laid over the shipped configuration and over the container manager's",
        traits=["carries-configuration", "path-names"],
        data=[assets.chart_values, data.runtime_configuration],
    )


def _files(o: KataOptions) -> None:
    Flow(
        "K61.start",
        "cri-containerd",
        "kata-deploy",
        "Container of the installer",
        protocol="pod of a daemon set" if o.deploy == "daemonset" else "pod of a job",
        over="process start",
        authentication="file-permissions",
        description="With folders of the node mounted",
        traits=["carries-configuration"],
        data=[assets.chart_values],
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


def _snapshotter(o: KataOptions) -> None:
    """The installer brings it for images that the guest pulls; for others an administrator does."""
    if o.local and o.image_source in ("nydus", "guest-pull"):
        Flow(
            "K61.snapshotter",
            "systemd",
            "nydus-snapshotter",
            "Snapshotter started",
            over="process start",
            authentication="file-permissions",
            description="Unit of the installer" if o.image_source == "guest-pull" else "Installed by hand",
            traits=["process-exec", "carries-configuration"],
            data=[assets.systemd_units],
            controls=[host_install.snapshotter_restarted] if o.image_source == "guest-pull" else [],
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
        "F94.templates",
        "kubelet",
        "deploy-dispatcher",
        "Templates of jobs",
        protocol="ConfigMap, YAML",
        over="mounted files",
        authentication="file-permissions",
        description="They run as uid 0 on each node",
        traits=["serialized-objects", "binds-code"],
        data=[assets.chart_values],
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
    for id_, source, target, name, traits, operations in (
        (
            "F96.provision", "csi-provisioner", "csi-directvolume", "Volumes made and removed",
            ["control-api", "serialized-objects", "path-names", "resource-requests"],
            ["CreateVolume", "DeleteVolume", "GetPluginInfo"],
        ),
        (
            "F96.info", "csi-registrar", "csi-directvolume", "Name of the driver", ["queries", "serialized-objects"],
            ["GetPluginInfo"],
        ),
        (
            "F96.probe", "csi-liveness", "csi-directvolume", "Probe of the driver", ["queries"], ["Probe"],
        ),
        (
            "F96.register", "csi-registrar", "kubelet", "Driver registered", ["serialized-objects", "path-names"],
            ["GetInfo", "NotifyRegistrationStatus"],
        ),
    ):  # fmt: skip
        registered = target == "kubelet"
        Flow(
            id_,
            source,
            target,
            name,
            protocol="gRPC (plugin registration)" if registered else "gRPC (CSI)",
            over="uds",
            port="/var/lib/kubelet/plugins_registry" if registered else "/csi/csi.sock",
            authentication="file-permissions",
            traits=traits,
            operations=operations,
            data=[data.volume_info],
            controls=[host.root_socket],
        )
    Flow(
        "F96.claims",
        "kube-apiserver",
        "csi-provisioner",
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
        "csi-provisioner",
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
        "F96.alive",
        "kubelet",
        "csi-liveness",
        "Probe of the driver from outside",
        protocol="HTTP/1",
        over="tcp",
        port="9898",
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
