"""What surrounds the node: tenants, the control plane and external services."""

from __future__ import annotations

from threatmodel.dsl import Actor, ExternalEntity, Process

from .. import data
from ..controls import host
from ..options import KataOptions


def outside(o: KataOptions) -> None:
    """People, cluster services and external services."""
    if o.kubernetes:
        _tenant()
    _control_plane(o)
    _external(o)


def _tenant() -> None:
    Actor(
        "pod-author",
        inside="tenant",
        name="Pod author",
        description="May create pods of a Kata runtime class",
    )
    Process(
        "genpolicy",
        inside="workstation",
        name="genpolicy",
        language="rust",
        description="Derives an agent policy from a pod; runs where the author works",
        traits=["pulls-artefacts", "parses-images"],
        data=[data.guest_policy],
    )


def _control_plane(o: KataOptions) -> None:
    Actor("node-admin", inside="control-plane", name="Node administrator")
    if o.kubernetes:
        ExternalEntity(
            "kube-apiserver",
            inside="control-plane",
            name="API server",
            traits=["orchestrates", "network-facing", "shared-by-tenants", "stores-secrets"],
            data=[data.pod_spec, data.pod_annotations, data.workload_secrets, data.cluster_credentials],
            controls=[host.api_server_tls],
        )
    Process(
        "log-parser",
        inside="control-plane",
        name="Log parser",
        language="go",
        description="Reads logs of Kata components offline",
        data=[data.guest_logs],
    )


def _external(o: KataOptions) -> None:
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
    ExternalEntity("prometheus", inside="external", name="Prometheus", traits=["aggregates-metrics"])
    if o.local:
        ExternalEntity("otlp-collector", inside="external", name="Trace collector", data=[data.traces])
    ExternalEntity(
        "kata-releases",
        inside="external",
        name="Kata releases",
        description="Release artefacts and container images of the project",
        traits=["supplies-code", "network-facing"],
        data=[data.release_artefacts, data.guest_image],
    )
    if o.coco:
        ExternalEntity(
            "kbs",
            inside="trustee",
            name="Key broker service",
            description="Appraises evidence and releases secrets (Trustee)",
            traits=["network-facing", "stores-secrets", "attests-platform"],
            data=[data.released_secrets],
        )
