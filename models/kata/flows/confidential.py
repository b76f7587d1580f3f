"""F70 to F75: the attestation components of a confidential guest, and what they fetch."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data, trust
from ..controls import confidential, guest_attestation, other_projects
from ..options import KataOptions


def confidential_guest(o: KataOptions) -> None:
    """Flows that exist in a confidential guest only."""
    if o.coco:
        _components(o)
        _remote(o)
    if o.tee != "none" and o.local:
        _initdata(o)


def _components(o: KataOptions) -> None:
    Flow(
        "F70",
        "agent",
        "cdh",
        "Secrets, mounts, image pulls",
        protocol="ttrpc",
        over="uds",
        port="/run/confidential-containers/cdh.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "mount-requests", "path-names"],
        operations=["UnsealSecret", "SecureMount", "GetResource", "PullImage"],
        data=[data.agent_requests],
    )
    Flow(
        "F70.reply",
        "cdh",
        "agent",
        "Unsealed secrets and results",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["carries-secrets", "serialized-objects"],
        data=[data.released_secrets],
    )
    Flow(
        "F71",
        "cdh",
        "aa",
        "Token and evidence requests",
        protocol="ttrpc",
        over="uds",
        port="attestation-agent.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects"],
        operations=["GetToken", "GetEvidence"],
        data=[data.evidence],
    )
    Flow(
        "F71.reply",
        "aa",
        "cdh",
        "Tokens and evidence",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["carries-secrets", "serialized-objects", *trust.evidence_traits(o)],
        description=""
        if o.confidential
        else "Evidence without hardware behind it: it proves nothing about the guest",
        data=[data.evidence],
        controls=trust.evidence(o, confidential.attested_release),
    )
    Flow(
        "F72",
        "containers",
        "api-server-rest",
        "Resource requests",
        protocol="HTTP",
        over="loopback",
        port="8006",
        description="Open to every container of the pod; the port is that of guest-components, api-server-rest"
        + ("" if o.local else "; started with all its features (cloud-api-adaptor, podvm/files)"),
        traits=["control-api", "secret-release", "path-names"],
        operations=["GET resource"] if o.local else ["GET resource", "GET token", "GET evidence"],
        data=[data.released_secrets],
        controls=[confidential.rest_resource_only, other_projects.rest_loopback] if o.local else [],
    )
    Flow(
        "F72.cdh",
        "api-server-rest",
        "cdh",
        "Resource requests passed on",
        protocol="ttrpc",
        over="uds",
        authentication="file-permissions",
        traits=["control-api", "path-names"],
        operations=["GetResource"],
        data=[data.released_secrets],
    )
    Flow(
        "F72.reply",
        "api-server-rest",
        "containers",
        "Resources",
        protocol="HTTP",
        over="loopback",
        traits=["carries-secrets"],
        data=[data.released_secrets],
    )


def _remote(o: KataOptions) -> None:
    tls = [*trust.evidence(o, confidential.attested_release), confidential.broker_tls]
    Flow(
        "F73",
        "aa",
        "kbs",
        "Evidence",
        protocol="HTTPS (RCAR)",
        over="tcp",
        authentication="attestation" if o.confidential else "none",
        encryption="tls",
        description="" if o.confidential else "Made by software: nothing of it is attested by hardware",
        traits=["remote", "serialized-objects", "secret-release", *trust.evidence_traits(o)],
        data=[data.evidence],
        controls=tls,
    )
    Flow(
        "F73.reply",
        "kbs",
        "cdh",
        "Released secrets",
        protocol="HTTPS (RCAR)",
        over="tcp",
        authentication="attestation" if o.confidential else "server-certificate",
        encryption="tls",
        traits=["remote", "carries-secrets", "secret-release"],
        data=[data.released_secrets],
        controls=tls,
    )
    Flow(
        "F74",
        "cdh",
        "registry",
        "Image requests of the guest",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        port="443",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "queries"],
        data=[data.pod_spec],
        controls=[confidential.guest_pull],
    )
    Flow(
        "F74.reply",
        "registry",
        "cdh",
        "Image layers for the guest",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "archives", "binds-code", "serialized-objects"],
        data=[data.image_layers],
        controls=[confidential.guest_pull, other_projects.layers_checked],
    )
    Flow(
        "F74.store",
        "cdh",
        "guest-image-store",
        "Unpacked images",
        over="file",
        authentication="file-permissions",
        traits=["archives", "path-names"],
        data=[data.image_layers],
    )
    Flow(
        "F74.mount",
        "guest-image-store",
        "agent",
        "Root file systems",
        over="mount",
        authentication="file-permissions",
        traits=["mount-requests", "binds-code"],
        data=[data.image_layers],
    )


def _initdata(o: KataOptions) -> None:
    Flow(
        "F75.write",
        o.shim,
        "initdata-disk",
        "Initdata unpacked and written",
        protocol="gzip, TOML",
        over="file",
        authentication="file-permissions",
        traits=["archives", "serialized-objects"],
        data=[data.initdata, data.pod_annotations],
    )
    Flow(
        "F75",
        "initdata-disk",
        "agent",
        "Initdata",
        protocol="magic, length, gzip, TOML",
        over="block device",
        description="The agent allocates as much as the length says and unpacks without a limit; without a disk that "
        "starts with the mark it goes on without initdata",
        traits=["archives", "length-prefixed", "serialized-objects", "carries-configuration"],
        data=[data.initdata, data.guest_policy],
        controls=[
            guest_attestation.initdata_form,
            *([confidential.initdata_bound, confidential.attested_guest] if trust.initdata_bound(o) else []),
        ],
    )
