"""What runs and lies on the node, in the container, and around them. Ids are those of the Kata Containers model where the
thing is the same."""

from __future__ import annotations

from threatmodel.dsl import Actor, Datastore, ExternalEntity, Process

from . import data
from .controls import kubernetes, runc
from .options import RuncOptions

ROOT = "host-userspace"


def elements(o: RuncOptions) -> None:
    """All elements of one configuration."""
    _outside()
    _orchestration(o)
    _runtime()
    _stores()
    _container(o)


def _outside() -> None:
    Actor("pod-author", inside="tenant", name="Pod author", description="May create pods in one namespace")
    Actor("node-admin", inside="control-plane", name="Node administrator")
    ExternalEntity(
        "kube-apiserver",
        inside="control-plane",
        name="API server",
        traits=["orchestrates", "network-facing", "shared-by-tenants", "stores-secrets"],
        data=[data.pod_spec, data.workload_secrets],
        controls=[kubernetes.api_server_tls],
    )
    ExternalEntity(
        "registry",
        inside="external",
        name="Image registry",
        traits=["network-facing", "supplies-code", "shared-by-tenants"],
        data=[data.image_layers],
    )
    Actor("image-author", inside="external", name="Image author")
    ExternalEntity(
        "network-peer", inside="external", name="Network peer", description="Any host that can send packets"
    )
    ExternalEntity(
        "runc-releases",
        inside="external",
        name="runc releases",
        description="Release artefacts of the project; most nodes get runc from a distribution or with containerd",
        traits=["supplies-code", "network-facing"],
        data=[data.release_artefacts],
    )


def _orchestration(o: RuncOptions) -> None:
    Process(
        "kubelet",
        inside=ROOT,
        name="kubelet",
        language="go",
        runs_as="uid 0",
        traits=["orchestrates", "network-facing", "shared-by-tenants", "stores-secrets"],
        data=[data.pod_spec, data.workload_secrets],
        controls=[kubernetes.restricted_admission] if o.restricted else [],
    )
    Process(
        "cri-containerd",
        inside=ROOT,
        name="containerd",
        language="go",
        runs_as="uid 0",
        description="Pulls images and writes the specification: namespaces, capabilities, masked paths, seccomp",
        traits=["orchestrates", "parses-images", "pulls-artefacts", "spawns-processes", "shared-by-tenants"],
        data=[data.pod_spec, data.image_layers],
    )
    ExternalEntity("cni-plugin", inside=ROOT, name="CNI plugin", data=[data.network_config])
    Actor(
        "local-user",
        inside="local-users",
        name="Local process",
        runs_as="unprivileged user",
        description="A program on the node that has nothing to do with containers",
    )


def _runtime() -> None:
    Process(
        "shim-runc",
        inside=ROOT,
        name="containerd shim",
        language="go",
        runs_as="uid 0",
        description="containerd-shim-runc-v2: starts runc, keeps the streams of the containers, reports their end",
        traits=["spawns-processes", "broker", "logs-events"],
        data=[data.pod_spec, data.workload_output],
        controls=[kubernetes.shim_per_pod],
    )
    Process(
        "runc",
        inside=ROOT,
        name="runc",
        language="go",
        runs_as="uid 0",
        description="Creates, starts and ends containers; one process for each operation",
        traits=["spawns-processes", "configuration-driven"],
        data=[data.pod_spec, data.container_state],
        controls=[runc.local_only, runc.container_id, runc.sealed_binary],
    )
    Process(
        "runc-init",
        inside=ROOT,
        name="runc init",
        language="go",
        runs_as="uid 0, until it becomes the workload",
        description="Go, with a C part that enters the namespaces. Mounts and confines in the container's namespaces, "
        "then executes the workload",
        traits=["mounts-filesystems", "spawns-processes"],
        data=[data.pod_spec],
        controls=[runc.fails_closed, runc.closed_descriptors, runc.confined_paths, runc.own_keyring],
    )
    Process(
        "host-kernel",
        inside="host-kernel-zone",
        name="Host kernel",
        language="c",
        runs_as="kernel",
        description="System calls, namespaces, cgroups, overlay file system and network of all containers",
        traits=["kernel", "shared-by-tenants", "mounts-filesystems"],
        data=[data.host_resources, data.host_files],
    )


def _stores() -> None:
    Datastore(
        "configuration",
        inside=ROOT,
        name="containerd config",
        description="/etc/containerd/config.toml",
        runs_as="owner root",
        traits=["stores-state"],
        data=[data.runtime_configuration],
        controls=[kubernetes.root_socket],
    )
    Datastore(
        "oci-bundle",
        inside=ROOT,
        name="OCI bundle",
        description="config.json and the mount point of the root file system",
        data=[data.pod_spec, data.workload_secrets],
    )
    Datastore(
        "sandbox-state",
        inside=ROOT,
        name="State of runc",
        traits=["stores-state"],
        data=[data.container_state],
        controls=[runc.state_mode],
    )
    Datastore(
        "image-store",
        inside=ROOT,
        name="Image store",
        description="Layers and snapshots of containerd; layers are shared by the containers of all pods",
        traits=["shared-by-tenants", "stores-state"],
        data=[data.image_layers],
    )
    Datastore(
        "pod-volumes",
        inside=ROOT,
        name="Volumes of pods",
        description="Secrets, tokens, emptyDir and mounted volumes below /var/lib/kubelet/pods",
        data=[data.workload_secrets, data.workload_data],
    )
    Datastore(
        "container-logs",
        inside=ROOT,
        name="Container logs",
        description="Files that containerd writes and the kubelet serves",
        traits=["stores-state"],
        data=[data.workload_output],
    )


def _container(o: RuncOptions) -> None:
    runs_as = "as the image says, often uid 0"
    if o.restricted:
        runs_as = "a user other than root"
    elif o.mapped:
        runs_as = "as the image says; uid 0 is an ordinary user of the node"
    Process(
        "containers",
        inside="container",
        name="Containers of the pod",
        runs_as=runs_as,
        multiple=True,
        traits=["executes-supplied-code", "shared-kernel", "network-facing"],
        data=[data.workload_data, data.workload_secrets],
    )
    Datastore(
        "container-rootfs",
        inside="container",
        name="Container file systems",
        description="Overlay of image layers and a writable layer, and volumes, as the containers see them",
        data=[data.workload_data, data.image_layers],
    )
