"""Interfaces that an option or an annotation switches on, and smaller ways into agent and shim."""

from __future__ import annotations

from threatmodel.dsl import Datastore, ExternalEntity, Flow, Process

from .. import assets_guest, assets_supply, data, trust
from ..controls import guest_agent, host, host_install, switches
from ..elements.devices_storage import extended
from ..options import KataOptions


def switched(o: KataOptions) -> None:
    """Each with the control that it is off, where it is."""
    _guest(o)
    _shim(o)
    if o.kubernetes:
        _installation(o)


def _guest(o: KataOptions) -> None:
    measured = trust.launch(o)
    Flow(
        "F77",
        "guest-rootfs",
        "agent",
        "Environment of the agent",
        over="environment of the unit",
        authentication="file-permissions",
        traits=["carries-configuration"],
        operations=[
            "KATA_AGENT_SERVER_ADDR", "KATA_AGENT_LOG_LEVEL", "KATA_AGENT_TRACING", "KATA_AGENT_POLICY_FILE",
            "KATA_ATTESTER_VARIANT",
        ],
        data=[data.guest_image],
        controls=measured,
    )  # fmt: skip
    Flow(
        "F79",
        "guest-extensions" if extended(o) else "guest-rootfs",
        "agent",
        "Components of extension images",
        protocol="TOML",
        over="file",
        port="/run/kata-extensions/<name>/etc/kata-extensions/components.toml",
        authentication="file-permissions",
        description="Says which programs the agent starts",
        traits=["carries-configuration", "binds-code", "process-exec"],
        data=[data.guest_image, assets_guest.component_manifest],
        controls=[
            *measured,
            *trust.components(o),
            guest_agent.manifest_paths,
            guest_agent.manifest_strict,
        ],
    )
    Flow(
        "F79.hooks",
        "guest-rootfs",
        "agent",
        "Hooks of the guest",
        over="file",
        authentication="file-permissions",
        description="guest_hook_path: programs of the image that run as root of the guest beside a container",
        traits=["binds-code", "process-exec"],
        data=[data.guest_image, assets_guest.hook_programs],
        controls=[*measured, *([switches.hooks_off] if o.guest_hooks == "off" and not o.coco else [])],
    )
    Datastore(
        "policy-log",
        inside="guest-root",
        name="Policy log",
        description="policy.jsonl in the temporary folder, at debug level",
        data=[assets_supply.policy_log],
    )
    Flow(
        "F80",
        "agent",
        "policy-log",
        "Requests as logged",
        protocol="JSON lines",
        over="file",
        authentication="file-permissions",
        traits=["log-records", "carries-secrets"],
        data=[assets_supply.policy_log, data.agent_requests],
    )


def _shim(o: KataOptions) -> None:
    ExternalEntity("jaeger", inside="external", name="Jaeger collector", data=[data.traces])
    Flow(
        "F92",
        o.shim,
        "jaeger",
        "Spans of the shim",
        protocol="HTTP",
        over="tcp",
        port="jaeger_endpoint",
        authentication="token",
        description="User and password stand in configuration.toml",
        traits=["plaintext-network", "carries-secrets", "log-records"],
        data=[data.traces],
        controls=[switches.tracing_off] if o.tracing == "off" else [],
    )
    if o.runtime == "go":
        Flow(
            "F08.profiles",
            "node-admin",
            o.shim,
            "Profiles of the shim",
            protocol="HTTP/1",
            over="uds",
            port="shim-monitor.sock",
            authentication="file-permissions",
            description="By configuration or by an annotation of the pod",
            traits=["debug", "queries"],
            operations=["/debug/vars", "/debug/pprof/*"],
            data=[data.admin_requests],
            controls=[switches.pprof_off] if o.pprof == "off" else [],
        )


def _installation(o: KataOptions) -> None:
    Process(
        "systemd",
        inside="host-userspace",
        name="systemd",
        language="c",
        runs_as="uid 0",
        traits=["spawns-processes", "configuration-driven"],
    )
    Flow(
        "F95",
        "kata-deploy",
        "systemd",
        "Units and restarts",
        protocol="D-Bus",
        over="uds",
        port="/run/systemd/private",
        authentication="file-permissions",
        description="Whoever drives systemd is root of the node",
        traits=["control-api", "process-exec"],
        data=[data.release_artefacts],
    )
    if o.deploy == "job":
        Process(
            "deploy-dispatcher",
            inside="installation",
            name="Installation dispatcher",
            language="rust",
            runs_as="uid 65532",
            description="Makes one installation job for each node; its token lists and labels nodes and makes jobs",
            traits=["orchestrates", "stores-secrets"],
            data=[data.cluster_credentials],
            controls=[host_install.dispatcher_confined],
        )
        Flow(
            "F94.dispatch",
            "deploy-dispatcher",
            "kube-apiserver",
            "Jobs and node labels",
            protocol="HTTPS",
            encryption="tls",
            authentication="token",
            traits=["control-api", "remote"],
            operations=[
                "nodes list, get, patch",
                "jobs list, get, create, delete",
                *(
                    ["nodes/proxy get"]
                    if o.image_source == "erofs" or (o.image_source == "guest-pull" and o.cri == "cri-o")
                    else []
                ),
            ],
            data=[data.cluster_credentials],
            controls=[host.api_server_tls, host_install.dispatcher_role],
        )
