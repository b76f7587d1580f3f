"""F70 to F78 and what happens between agent, kernel and containers."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import confidential, guest
from ..options import KataOptions


def in_guest(o: KataOptions) -> None:
    """Flows that stay in the guest, and how its start is configured."""
    _start(o)
    _policy()
    _containers()
    if o.confidential:
        _components()
        _remote()
        _initdata(o)


def _start(o: KataOptions) -> None:
    measured = [confidential.measured_launch, confidential.attested_guest] if o.confidential else []
    Flow(
        "F76.boot",
        o.vmm,
        "guest-kernel",
        "Kernel and its command line",
        over="guest memory",
        shares_memory=True,
        description="kernel_params of the configuration and of an annotation that is enabled by default",
        traits=["carries-configuration", "binds-code"],
        data=[data.guest_image, data.runtime_configuration, data.pod_annotations],
        controls=[*measured, *([confidential.verity_rootfs] if o.confidential else [])],
    )
    Flow(
        "F76",
        "guest-kernel",
        "agent",
        "Agent options of the command line",
        protocol="agent.*",
        over="/proc/cmdline",
        traits=["carries-configuration"],
        operations=[
            "agent.debug_console", "agent.debug_console_vport", "agent.log_vport", "agent.server_addr",
            "agent.config_file", "agent.guest_components_procs", "agent.guest_components_rest_api",
            "agent.https_proxy", "agent.trace", "agent.devmode",
        ],
        data=[data.runtime_configuration, data.pod_annotations],
        controls=measured,
    )  # fmt: skip
    if o.hypervisor == "qemu":
        Flow(
            "F76.firmware",
            o.vmm,
            "guest-fw",
            "Firmware and its tables",
            over="guest memory",
            shares_memory=True,
            traits=["binds-code", "carries-configuration"],
            data=[data.guest_image],
            controls=measured,
        )
    Flow(
        "F78",
        "guest-kernel",
        "agent",
        "Device events",
        protocol="uevent",
        over="netlink",
        authentication="in-process",
        traits=["hot-plug"],
        data=[data.descriptors],
    )
    Flow(
        "K14",
        "guest-rootfs",
        "agent",
        "Programs and files of the image",
        over="file",
        authentication="file-permissions",
        traits=["binds-code", "carries-configuration"],
        data=[data.guest_image],
        controls=[confidential.verity_rootfs] if o.confidential else [],
    )


def _policy() -> None:
    Flow(
        "K15",
        "agent",
        "policy-engine",
        "Request to be judged",
        protocol="JSON",
        over="function call",
        authentication="in-process",
        encryption="in-process",
        traits=["serialized-objects", "queries", "carries-configuration"],
        data=[data.agent_requests, data.guest_policy],
        controls=[guest.policy_fail_closed],
    )
    Flow(
        "K15.reply",
        "policy-engine",
        "agent",
        "Verdict",
        over="function call",
        authentication="in-process",
        encryption="in-process",
        data=[data.guest_policy],
        controls=[guest.policy_fail_closed],
    )


def _containers() -> None:
    Flow(
        "K10",
        "containers",
        "guest-kernel",
        "System calls of the workload",
        over="system calls",
        description="Guest seccomp and SELinux are off by default",
        traits=["system-calls"],
        data=[data.workload_data],
        controls=[guest.container_devices, guest.minimal_kernel],
    )
    Flow(
        "K11",
        "agent",
        "guest-kernel",
        "Mounts, network, modules",
        over="system calls",
        authentication="in-process",
        traits=["system-calls", "mount-requests"],
        data=[data.agent_requests],
    )
    Flow(
        "K12",
        "agent",
        "containers",
        "Start, exec and signals",
        protocol="clone, exec",
        over="process start",
        authentication="in-process",
        traits=["process-exec", "stdio", "carries-secrets"],
        data=[data.pod_spec, data.workload_secrets, data.stdin],
    )
    Flow(
        "K13",
        "containers",
        "agent",
        "Output, exit and proc entries",
        over="pipe",
        traits=["stdio", "byte-stream"],
        description="The agent reads what a container writes and looks at files that the container can change",
        data=[data.workload_output, data.workload_data],
    )
    Flow(
        "K16",
        "containers",
        "container-rootfs",
        "Files written",
        over="system calls",
        authentication="file-permissions",
        traits=["filesystem-requests", "path-names"],
        data=[data.workload_data],
    )
    Flow(
        "K17",
        "container-rootfs",
        "agent",
        "Paths set up by the agent",
        over="file",
        description="Mount points and working directories below a tree that the image and the workload write",
        traits=["path-names", "mount-requests"],
        data=[data.image_layers, data.workload_data],
    )
    Flow(
        "K18",
        "agent",
        "container-rootfs",
        "Folders named by container id",
        over="file",
        authentication="file-permissions",
        traits=["path-names"],
        data=[data.agent_requests],
        controls=[guest.verify_id],
    )


def _components() -> None:
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
        traits=["carries-secrets", "serialized-objects", "attestation-evidence"],
        data=[data.evidence],
    )
    Flow(
        "F72",
        "containers",
        "api-server-rest",
        "Resource requests",
        protocol="HTTP",
        over="loopback",
        description="Open to every container of the pod",
        traits=["control-api", "secret-release", "path-names"],
        operations=["GET resource"],
        data=[data.released_secrets],
        controls=[confidential.rest_resource_only],
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


def _remote() -> None:
    tls = [confidential.attested_release, confidential.broker_tls]
    Flow(
        "F73",
        "aa",
        "kbs",
        "Evidence",
        protocol="HTTPS (RCAR)",
        over="tcp",
        authentication="attestation",
        encryption="tls",
        traits=["remote", "serialized-objects", "secret-release", "attestation-evidence"],
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
        authentication="attestation",
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
        controls=[confidential.guest_pull],
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
        controls=[confidential.agent_pulls],
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
        description="The agent allocates as much as the length says and unpacks without a limit",
        traits=["archives", "length-prefixed", "serialized-objects", "carries-configuration"],
        data=[data.initdata, data.guest_policy],
        controls=[confidential.initdata_bound],
    )
