"""F27 and F75 of peer pods: adaptor, cloud, tunnel and machine of the pod."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import assets_guest as assets
from .. import data, trust
from ..controls import guest_attestation as coco
from ..options import KataOptions


def guest_peer(o: KataOptions) -> None:
    """What there is only where the virtual machine is the cloud's."""
    if o.local:
        return
    _adaptor()
    _machine(o)
    _tunnel()


def _adaptor() -> None:
    Flow(
        "F27.secrets",
        "adaptor-secrets",
        "hyp-remote",
        "Credentials and settings",
        over="environment, file",
        authentication="file-permissions",
        traits=["carries-secrets", "carries-configuration"],
        data=[assets.cloud_credentials],
    )
    Flow(
        "F27.secrets.set",
        "node-admin",
        "adaptor-secrets",
        "Credentials put in place",
        protocol="Kubernetes secret",
        over="file",
        authentication="file-permissions",
        traits=["carries-secrets", "carries-configuration"],
        data=[assets.cloud_credentials],
    )
    Flow(
        "F27.keys",
        "hyp-remote",
        "adaptor-secrets",
        "Keys made for a tunnel",
        over="file",
        authentication="file-permissions",
        traits=["carries-secrets"],
        data=[assets.tunnel_keys],
    )


def _machine(o: KataOptions) -> None:
    measured = trust.launch(o)
    Flow(
        "F27.boot",
        "pod-vm-image",
        "guest-rootfs",
        "Root file system of the machine",
        over="disk of the cloud",
        description="Made beforehand; the owner of the cloud account can change it",
        traits=["binds-code", "block-device"],
        data=[data.guest_image],
        controls=measured,
    )
    Flow(
        "F27.image",
        "node-admin",
        "pod-vm-image",
        "Image brought into the cloud",
        protocol="HTTPS",
        over="tcp",
        encryption="tls",
        authentication="token",
        traits=["remote", "binds-code"],
        data=[data.guest_image],
        controls=[coco.cloud_tls],
    )
    Flow(
        "F75.cloud",
        "cloud-api",
        "cloud-metadata",
        "User data of a machine",
        over="inside of the cloud",
        description="Initdata, certificates of the tunnel and addresses",
        traits=["carries-configuration", "carries-secrets"],
        data=[assets.machine_data, data.initdata, assets.tunnel_keys],
    )
    Flow(
        "F75.machine",
        "cloud-metadata",
        "guest-init",
        "User data at the start",
        protocol="HTTP",
        over="tcp",
        description="Read by a program of the machine's start and handed on as files (cloud-api-adaptor, "
        "cmd/process-user-data)",
        traits=["remote", "carries-configuration", "serialized-objects", "carries-secrets"],
        data=[assets.machine_data, data.initdata, assets.tunnel_keys],
    )
    Flow(
        "F75",
        "guest-init",
        "agent",
        "Policy of initdata",
        protocol="Rego",
        over="file",
        port="/run/peerpod/policy.rego",
        authentication="file-permissions",
        description="In the place of the policy of the image; the machine has no disk with initdata "
        "(cloud-api-adaptor, docs/initdata.md)",
        traits=["carries-configuration", "serialized-objects"],
        data=[data.guest_policy],
    )
    Flow(
        "F75.pod",
        "containers",
        "cloud-metadata",
        "Metadata asked for by a container",
        protocol="HTTP",
        over="tcp",
        description="The image forwards the address for the pod on some clouds (cloud-api-adaptor, setup-nat-for-imds)",
        traits=["queries", "plaintext-network", "path-names"],
        data=[assets.machine_data],
    )
    Flow(
        "F75.pod.reply",
        "cloud-metadata",
        "containers",
        "Metadata for a container",
        protocol="HTTP",
        over="tcp",
        traits=["plaintext-network"],
        data=[assets.machine_data],
    )


def _tunnel() -> None:
    Flow(
        "F27.tunnel",
        "hyp-remote",
        "agent-forwarder",
        "Calls of the agent in a tunnel",
        protocol="ttrpc in TLS",
        over="tcp",
        authentication="mutual",
        encryption="tls",
        port="15150",
        description="By default with TLS, and with keys of both ends from the adaptor (cloud-api-adaptor, "
        "docs/tls-proxy-forwarder.md)",
        traits=["remote", "control-api", "serialized-objects", "process-exec"],
        data=[data.agent_requests, data.workload_secrets],
        controls=[coco.tunnel_tls],
    )
    Flow(
        "F27.tunnel.reply",
        "agent-forwarder",
        "hyp-remote",
        "Answers of the agent in a tunnel",
        protocol="ttrpc in TLS",
        over="tcp",
        authentication="mutual",
        encryption="tls",
        traits=["remote", "serialized-objects", "stdio"],
        data=[data.agent_replies, data.workload_output],
        controls=[coco.tunnel_tls],
    )
    Flow(
        "F27.forward",
        "agent-forwarder",
        "agent",
        "Calls handed to the agent",
        protocol="ttrpc (AgentService)",
        over="uds",
        port="/run/kata-containers/agent.sock",
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", "process-exec"],
        data=[data.agent_requests],
    )
    Flow(
        "F27.any",
        "cloud-peer",
        "agent-forwarder",
        "Port of the forwarder from the cloud",
        protocol="ttrpc in TLS",
        over="tcp",
        port="15150",
        authentication="mutual",
        encryption="tls",
        description="Reachable for whoever the network of the cloud lets through",
        traits=["remote", "control-api"],
        data=[data.agent_requests],
        controls=[coco.tunnel_tls],
    )
    Flow(
        "F27.packets",
        "hyp-remote",
        "guest-kernel",
        "Packets of the pod in a tunnel",
        protocol="VXLAN",
        over="udp",
        description="Between the network of the node and the one of the machine (cloud-api-adaptor, "
        "docs/architecture.md)",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )
    Flow(
        "F27.packets.peer",
        "cloud-peer",
        "guest-kernel",
        "Packets from the cloud to the machine",
        over="udp, tcp",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )
