"""What a guest that distrusts its host relies on outside, and what stands between a node and a peer pod."""

from __future__ import annotations

from threatmodel.dsl import Actor, Boundary, Datastore, ExternalEntity, Process

from .. import assets_guest as assets
from .. import data
from ..options import KataOptions

COMPONENTS = "guest-components"


def attestation_zones(o: KataOptions) -> None:
    """Boundaries of the services, and of the cloud of a peer pod."""
    if o.coco:
        Boundary(
            "trustee",
            name="Trustee",
            privilege="elevated",
            inside="external",
            description="Services of the guest's owner: they judge evidence and hold secrets",
        )
    if o.confidential:
        Boundary(
            "vendors",
            name="Vendors of hardware",
            privilege="elevated",
            inside="external",
            description="Whoever makes the processor or GPU and signs for its keys",
        )
    if not o.local:
        Boundary(
            "cloud-network",
            name="Network of the cloud",
            privilege="none",
            inside="external",
            description="Other machines that can send packets to the machine of a pod",
        )
        Boundary(
            "adaptor-zone",
            name="Container of the adaptor",
            privilege="root",
            inside="host-userspace",
            description="Of another project; may administer network and mounts of the node (cloud-api-adaptor, charts)",
        )


def attestation_side(o: KataOptions) -> None:
    """Services, their people, and stores in the guest."""
    if o.coco:
        _stores(o)
        _services(o)
    if not o.local:
        _peer(o)


def _stores(o: KataOptions) -> None:
    Datastore(
        "initdata-files",
        inside=COMPONENTS,
        name="Initdata (guest)",
        description="Initdata as read, and the configurations of attestation agent and data hub from it",
        data=[data.initdata],
    )
    Datastore(
        "secure-mounts",
        inside=COMPONENTS,
        name="Encrypted volumes",
        description="File systems on devices of the host that the guest encrypts",
        data=[data.workload_data, assets.volume_keys],
    )
    if o.confidential:
        Process(
            "tee-module",
            inside="guest-kernel-zone",
            name="TEE driver (guest)",
            language="c",
            runs_as="kernel of the guest",
            description="Asks the platform for reports over the launch measurements",
            traits=["attests-platform", "measured"],
            data=[assets.measurements],
        )


def _services(o: KataOptions) -> None:
    ExternalEntity(
        "attestation-service",
        inside="trustee",
        name="Attestation service",
        description="Judges evidence by reference values and policy, and signs the result",
        traits=["attests-platform", "policy-decision"],
        data=[assets.attestation_policy, assets.attestation_tokens],
    )
    ExternalEntity(
        "reference-values",
        inside="trustee",
        name="Reference values",
        description="RVPS: measurements that a good guest has",
        traits=["stores-state"],
        data=[assets.reference_values],
    )
    Actor(
        "trustee-admin",
        inside="trustee",
        name="Owner of the guest",
        description="Sets policies, reference values and secrets of the key broker",
    )
    Actor(
        "kbs-client",
        inside="external",
        name="Client of the key broker",
        description="Anyone who can send requests to the key broker, in a guest or not",
    )
    if o.confidential:
        ExternalEntity(
            "vendor-certificates",
            inside="vendors",
            name="Certificates of vendors",
            description="Chains and revocation lists for the keys of platforms",
            traits=["network-facing"],
            data=[assets.vendor_certificates],
        )


def _peer(o: KataOptions) -> None:
    Process(
        "agent-forwarder",
        inside="guest-root",
        name="Agent forwarder",
        language="go",
        runs_as="uid 0 of the guest",
        description="Takes the agent's calls off the network of the cloud; code of another project",
        traits=["broker", "network-facing"],
        data=[data.agent_requests, assets.tunnel_keys],
    )
    Datastore(
        "adaptor-secrets",
        inside="adaptor-zone",
        name="Settings of the adaptor",
        description="Credentials of the cloud, images, networks and machine types",
        traits=["stores-secrets"],
        data=[assets.cloud_credentials, assets.tunnel_keys],
    )
    Datastore(
        "pod-vm-image",
        inside="cloud",
        name="Image of pod machines",
        description="Kernel, agent and attestation components as an image of the cloud",
        traits=["supplies-code", "shared-by-tenants", *(["measured"] if o.confidential else [])],
        data=[data.guest_image],
    )
    ExternalEntity(
        "cloud-metadata",
        inside="cloud",
        name="Metadata of the cloud",
        description="Hands its user data to a machine",
        traits=["network-facing"],
        data=[assets.machine_data],
    )
    Actor(
        "cloud-peer",
        inside="cloud-network",
        name="Machine of the cloud",
        description="Another machine, of this or of another customer",
    )
