"""Containers of installer, monitor and volume driver, files that they leave, and tools of administrators and authors."""

from __future__ import annotations

from threatmodel.dsl import Actor, Boundary, Datastore, ExternalEntity, Process

from .. import assets_host as assets
from .. import data
from ..controls import host_install, host_observe, host_pods
from ..options import KataOptions

ROOT = "host-userspace"
MANAGER_FILES = {
    "containerd": "Drop-in below the folder of containerd, named in its configuration",
    "cri-o": "/etc/crio/crio.conf.d/99-kata-deploy",
    "docker": "/etc/docker/daemon.json, written by hand",
}


def node_zones(o: KataOptions) -> None:
    """Containers that run as uid 0 with parts of the node, and places outside of it."""
    Boundary(
        "monitor-pod",
        name="Monitor's container",
        privilege="root",
        inside=ROOT,
        description="uid 0; mounts the folder of sandboxes of the Go runtime and the container manager's socket"
        if o.kubernetes
        else "No chart starts it; a process of the node, where an administrator does",
        controls=[host_observe.monitor_limits] if o.kubernetes else [],
    )
    Boundary(
        "artefact-registries",
        name="Project's registries",
        privilege="none",
        inside="external",
        description="quay.io and ghcr.io: images, charts and builders of the project",
    )
    if o.kubernetes:
        _cluster_zones()


def _cluster_zones() -> None:
    Boundary(
        "installer-pod",
        name="Installer's container",
        privilege="root",
        inside=ROOT,
        description="Not privileged; mounts systemd's socket and units, the container manager's files and /opt/kata",
    )
    Boundary(
        "volume-pod",
        name="Volume driver's containers",
        privilege="root",
        inside=ROOT,
        description="Privileged, with /dev and folders of the kubelet",
    )
    Boundary(
        "installation",
        name="Installation's namespace",
        privilege="elevated",
        inside="control-plane",
        description="Jobs of the chart, with tokens of their own",
    )
    Boundary(
        "admission",
        name="Admission webhook",
        privilege="user",
        inside="control-plane",
        description="Example of the repository, deployed by who wants it",
        controls=[host_pods.webhook_confined],
    )
    Boundary(
        "workstation",
        name="Author's workstation or CI",
        privilege="user",
        inside="tenant",
        description="Where policies are made",
    )


def node_parts(o: KataOptions) -> None:
    """Elements of the node and around it."""
    _files(o)
    _hooks()
    _tools(o)
    ExternalEntity(
        "kata-registry",
        inside="artefact-registries",
        name="Image registry of Kata",
        description="Images of installer, dispatcher and monitor, and charts; by tag unless the values name a digest",
        traits=["network-facing", "supplies-code"],
        data=[assets.installer_images],
    )
    if o.kubernetes:
        _installation(o)
        _authors()
    else:
        Actor(
            "docker-user",
            inside="control-plane",
            name="User of Docker",
            description="Whoever can open Docker's socket; no Kubernetes takes part",
        )


def _files(o: KataOptions) -> None:
    Datastore(
        "manager-config",
        inside=ROOT,
        name="Container manager config",
        description=MANAGER_FILES[o.cri],
        runs_as="owner root",
        traits=["stores-state", "shared-by-tenants"],
        data=[assets.manager_configuration],
    )
    Datastore(
        "journal",
        inside=ROOT,
        name="Journal of the node",
        traits=["shared-by-tenants", "stores-state"],
        data=[assets.node_journal],
    )


def _hooks() -> None:
    ExternalEntity(
        "host-hooks",
        inside=ROOT,
        name="Hooks of the node",
        runs_as="uid 0",
        description="Programs that plugins of the container manager put into the OCI specification",
        traits=["spawns-processes"],
        data=[assets.hook_state],
    )


def _tools(o: KataOptions) -> None:
    Process(
        "agent-ctl",
        inside=ROOT,
        name="kata-agent-ctl",
        language="rust",
        runs_as="uid 0",
        description="Test client that sends any request to an agent",
        traits=["debug-shell"],
        data=[data.agent_requests],
        controls=[host_install.tools_apart],
    )
    if o.runtime == "rust" and o.local:
        Process(
            "shim-ctl",
            inside=ROOT,
            name="shim-ctl",
            language="rust",
            runs_as="uid 0",
            description="Drives the runtime's libraries without a container manager; for development",
            traits=["configuration-driven", "spawns-processes", "debug-shell"],
            data=[data.runtime_configuration],
            controls=[host_install.shim_ctl_not_shipped],
        )


def _installation(o: KataOptions) -> None:
    Process(
        "kata-debug",
        inside=ROOT,
        name="kata-debug",
        runs_as="uid 0 of the node, by chroot",
        description="Image that collects journal, modules, kernel log and installed files; started by hand",
        traits=["debug-shell"],
        data=[assets.node_journal],
        controls=[host_install.debug_image_apart],
    )
    Datastore(
        "systemd-units",
        inside=ROOT,
        name="Units of systemd",
        description="/etc/systemd/system",
        runs_as="owner root",
        traits=["stores-state"],
        data=[assets.systemd_units],
    )
    Process(
        "chart-jobs",
        inside="installation",
        name="Jobs of the chart",
        description="Verification after an installation, removal of roles after it; run kubectl",
        traits=["orchestrates", "stores-secrets"],
        data=[data.cluster_credentials],
    )
    for name, title, user, traits in (
        ("csi-provisioner", "CSI provisioner", "privileged container", ["orchestrates", "stores-secrets"]),
        ("csi-registrar", "CSI registrar", "privileged container", ["broker"]),
        ("csi-liveness", "CSI liveness probe", "container", ["broker", "network-facing"]),
    ):
        Process(
            name,
            inside="volume-pod",
            name=title,
            language="go",
            runs_as=user,
            description="Sidecar of the Kubernetes project; the pod's token is mounted into it",
            traits=traits,
            data=[data.cluster_credentials, data.volume_info],
        )
    if o.pod_resources == "on":
        ExternalEntity(
            "device-plugin",
            inside=ROOT,
            name="Device plugin",
            description="Tells the kubelet which devices the node has",
            data=[assets.device_allocations],
        )


def _authors() -> None:
    Process(
        "kata-webhook",
        inside="admission",
        name="Runtime class webhook",
        language="go",
        runs_as="uid 1000",
        description="Gives pods a runtime class that have none; failurePolicy is Ignore",
        traits=["orchestrates", "network-facing"],
        data=[assets.admission_review],
        controls=[host_pods.webhook_confined],
    )
    Datastore(
        "registry-credentials",
        inside="workstation",
        name="Registry credentials",
        description="Docker's configuration and credential helpers of the user",
        data=[assets.registry_credentials],
    )
    Datastore(
        "layers-cache",
        inside="workstation",
        name="Cache of layers",
        description="layers-cache.json beside the policy, where asked for",
        traits=["stores-state"],
        data=[assets.layers_record],
    )
    Datastore(
        "policy-rules",
        inside="workstation",
        name="Rules of genpolicy",
        description="rules.rego and genpolicy-settings.json",
        traits=["supplies-code"],
        data=[assets.policy_settings],
    )
