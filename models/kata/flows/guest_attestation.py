"""F65, F70 to F75: calls of the data hub by service, reports of the platform, and the services of the guest's owner."""

from __future__ import annotations

from threatmodel.dsl import Control, Flow, Operation

from .. import assets_guest as assets
from .. import data, trust
from ..controls import confidential, other_projects
from ..controls import guest_attestation as coco
from ..elements.devices_hardware import assignable
from ..elements.devices_storage import extended
from ..options import KataOptions

CDH = "/run/confidential-containers/cdh.sock"
UNITS = "By a unit of the machine's image (cloud-api-adaptor, podvm/files)"


def guest_attestation(o: KataOptions) -> None:
    """Only where the guest is built to distrust its host."""
    if not o.coco:
        return
    _hub(o)
    _start(o)
    _trustee(o)
    _administration()
    if o.confidential:
        _report(o)
        _vendor()
        if o.local:
            _launch(o)
    if o.pod_resources == "on" and assignable(o) and o.confidential:
        _gpu()


def _hub(o: KataOptions) -> None:
    _call(
        "F70.unseal",
        "Sealed secrets to be opened",
        [Operation("UnsealSecret", parses="sealed secret as text", note="SealedSecretService")],
        ["carries-secrets"],
        [coco.component_timeouts, coco.sealed_marked],
    )
    Flow(
        "F70.sealed",
        "guest-share",
        "agent",
        "Files with sealed secrets",
        over="file",
        description="Every file of a mount is looked at; links are followed",
        traits=["path-names", "serialized-objects"],
        data=[assets.sealed_secrets],
        controls=[coco.sealed_places, coco.sealed_marked],
    )
    Flow(
        "F70.opened",
        "agent",
        "guest-share",
        "Opened secrets beside the sealed ones",
        over="file",
        authentication="file-permissions",
        traits=["carries-secrets", "path-names"],
        data=[assets.unsealed_secrets],
    )
    _call(
        "F70.mount",
        "Volumes to be encrypted and mounted",
        [Operation("SecureMount", parses="kind, options, flags, mount point", note="SecureMountService")],
        ["mount-requests", "path-names"],
        [coco.component_timeouts, coco.encrypted_mounts],
    )
    Flow(
        "F70.volume",
        "cdh",
        "secure-mounts",
        "Encrypted file systems",
        protocol="LUKS2 with integrity",
        over="device mapper, mount",
        authentication="file-permissions",
        encryption="storage",
        traits=["mount-requests"],
        data=[assets.volume_keys, data.workload_data],
        controls=[coco.encrypted_mounts],
    )
    Flow(
        "F70.volume.use",
        "secure-mounts",
        "container-init",
        "Volumes and layers from encrypted disks",
        over="bind mount",
        authentication="file-permissions",
        traits=["mount-requests", "path-names"],
        data=[data.workload_data],
        controls=[coco.encrypted_mounts],
    )
    _call(
        "F70.resource",
        "Resources of the key broker",
        [Operation("GetResource", parses="path of a resource", note="GetResourceService")],
        ["path-names", "secret-release"],
        [coco.component_timeouts],
    )
    _call(
        "F70.pull",
        "Images to be pulled",
        [Operation("PullImage", parses="name of an image, folder for the bundle", note="ImagePullService")],
        ["path-names"],
        [coco.pull_timeout, coco.pull_confined],
    )
    Flow(
        "F70.pause",
        "guest-extensions" if extended(o) else "guest-rootfs",
        "agent",
        "Pause program of the guest",
        over="file",
        authentication="file-permissions",
        traits=["binds-code"],
        data=[data.guest_image],
        controls=[coco.pause_from_guest, *trust.launch(o), *trust.components(o)],
    )


def _call(
    id_: str, name: str, operations: list[Operation], traits: list[str], controls: list[Control]
) -> None:
    Flow(
        id_,
        "agent",
        "cdh",
        name,
        protocol="ttrpc",
        over="uds",
        port=CDH,
        authentication="file-permissions",
        traits=["control-api", "serialized-objects", *traits],
        operations=operations,
        data=[assets.sealed_secrets if id_ == "F70.unseal" else data.agent_requests],
        controls=[coco.hub_parser, *controls],
    )


def _start(o: KataOptions) -> None:
    where = "guest-extensions" if extended(o) else "guest-rootfs"
    for target, name in (
        ("aa", "attestation agent"),
        ("cdh", "data hub"),
        ("api-server-rest", "REST server"),
    ):
        Flow(
            f"F79.{target}",
            where,
            target,
            f"Program of the {name}",
            over="process start",
            authentication="file-permissions",
            traits=["binds-code", "process-exec"],
            data=[data.guest_image, assets.component_manifest],
            description="" if o.local else UNITS,
            controls=[
                *trust.launch(o),
                *trust.components(o),
                *([coco.components_or_panic] if o.local else []),
            ],
        )
    Flow(
        "F75.files",
        "agent" if o.local else "guest-init",
        "initdata-files",
        "Initdata and configurations from it",
        protocol="TOML",
        over="file",
        authentication="file-permissions",
        description="" if o.local else "In /run/peerpod (cloud-api-adaptor, docs/initdata.md)",
        traits=["carries-configuration"],
        data=[data.initdata],
        controls=[coco.initdata_form] if o.local else [],
    )
    bound = []
    if trust.initdata_bound(o):
        bound = [coco.initdata_passed, confidential.initdata_bound, other_projects.initdata_compared]
    for target, name in (("aa", "attestation agent"), ("cdh", "data hub")):
        Flow(
            f"F75.{target}",
            "initdata-files",
            target,
            f"Configuration of the {name}",
            protocol="TOML",
            over="file",
            authentication="file-permissions",
            description="Which key broker is asked, with which certificate; image policy and registries",
            traits=["carries-configuration", "serialized-objects"],
            data=[data.initdata, assets.image_policy],
            controls=bound,
        )


def _trustee(o: KataOptions) -> None:
    judged = trust.evidence(o, coco.appraisal)
    Flow(
        "F73.appraise",
        "kbs",
        "attestation-service",
        "Evidence to be judged",
        protocol="function call or gRPC",
        over="tcp",
        description=""
        if o.confidential
        else "Of a guest without a TEE: made by software, so that anyone can make it",
        traits=[*trust.evidence_traits(o), "serialized-objects", "control-api"],
        data=[data.evidence],
        controls=judged,
    )
    Flow(
        "F73.result",
        "attestation-service",
        "kbs",
        "Signed result",
        protocol="JSON web token",
        over="tcp",
        traits=["attestation-evidence", "serialized-objects"],
        data=[assets.attestation_tokens],
        controls=judged,
    )
    Flow(
        "F73.values",
        "reference-values",
        "attestation-service",
        "Measurements of a good guest",
        over="tcp",
        traits=["carries-configuration"],
        data=[assets.reference_values],
    )
    Flow(
        "F73.any",
        "kbs-client",
        "kbs",
        "Requests of any client",
        protocol="HTTPS (RCAR)",
        over="tcp",
        encryption="tls",
        description="The broker is open to whoever can reach it: evidence decides, not the address",
        traits=["remote", "control-api", "serialized-objects", "secret-release", "path-names"],
        operations=[
            Operation("auth", parses="kind of TEE, version", note="Answers with a challenge"),
            Operation("attest", parses="evidence, public key", note="Answers with a token"),
            Operation("resource", policy="resource policy of the broker", parses="path, token or session"),
        ],
        data=[data.evidence, data.released_secrets],
        controls=trust.evidence(o, coco.appraisal, coco.resource_policy),
    )
    Flow(
        "F73.token",
        "kbs",
        "aa",
        "Challenge and token",
        protocol="HTTPS (RCAR)",
        over="tcp",
        encryption="tls",
        authentication="server-certificate",
        traits=["remote", "serialized-objects", "carries-secrets"],
        data=[assets.attestation_tokens],
        controls=[*judged, confidential.broker_tls],
    )
    Flow(
        "F73.policy",
        "kbs",
        "cdh",
        "Image policy, keys, registry accounts",
        protocol="HTTPS (RCAR)",
        over="tcp",
        encryption="tls",
        authentication="attestation" if o.confidential else "server-certificate",
        description="Decides which images are accepted, and opens encrypted layers",
        traits=["remote", "carries-configuration", "carries-secrets"],
        data=[assets.image_policy],
        controls=[*trust.evidence(o, coco.resource_policy), confidential.broker_tls],
    )


def _administration() -> None:
    Flow(
        "F73.admin",
        "trustee-admin",
        "kbs",
        "Policies and secrets of the broker",
        protocol="HTTPS",
        over="tcp",
        encryption="tls",
        authentication="token",
        traits=["remote", "control-api", "carries-configuration", "carries-secrets"],
        data=[assets.attestation_policy, data.released_secrets, assets.image_policy],
        controls=[coco.broker_admin_key],
    )
    Flow(
        "F73.reference",
        "trustee-admin",
        "reference-values",
        "New reference values",
        protocol="HTTPS or file",
        over="tcp",
        encryption="tls",
        authentication="token",
        traits=["remote", "carries-configuration"],
        data=[assets.reference_values],
        controls=[coco.broker_admin_key],
    )
    Flow(
        "F73.seal",
        "trustee-admin",
        "pod-author",
        "Sealed secrets for a pod",
        protocol="text",
        over="any",
        description="Harmless to whoever reads them; only an attested guest opens them",
        data=[assets.sealed_secrets],
    )


def _report(o: KataOptions) -> None:
    Flow(
        "F71.report",
        "aa",
        "tee-module",
        "Report over a challenge",
        protocol="configfs or ioctl",
        over="system calls",
        authentication="in-process",
        traits=["attestation-evidence", "length-prefixed"],
        data=[data.evidence],
    )
    Flow(
        "F71.report.reply",
        "tee-module",
        "aa",
        "Report or quote",
        over="system calls",
        authentication="in-process",
        traits=["attestation-evidence", "length-prefixed"],
        data=[data.evidence, assets.measurements],
        controls=[confidential.signed_quote, coco.appraisal],
    )
    if o.local:
        Flow(
            "F65",
            "processor",
            "tee-module",
            "Signed report of the platform",
            protocol={"tdx": "TDCALL", "snp": "SNP guest message", "se": "ultravisor call"}[o.tee],
            over="processor instruction",
            authentication="attestation",
            encryption="memory",
            description="Through the host where the platform wants it so, and sealed against it",
            traits=["attestation-evidence"],
            data=[data.evidence, assets.measurements],
            controls=[confidential.signed_quote, coco.appraisal],
        )


def _launch(o: KataOptions) -> None:
    Flow(
        "F65.launch",
        o.vmm,
        "processor",
        "Launch policy and first memory",
        protocol={"tdx": "TDX module", "snp": "SNP launch", "se": "ultravisor"}[o.tee],
        over="system calls of KVM",
        authentication="file-permissions",
        description={
            "tdx": "Debug attribute, MRCONFIGID; firmware is measured, kernel and command line by the firmware",
            "snp": "Guest policy, HOSTDATA, id block where one is set; firmware with hashes of kernel and command line",
            "se": "One encrypted image; the ultravisor refuses a changed one, but who has the public keys of the machine "
            "can make another",
        }[o.tee],
        traits=["carries-configuration", "binds-code"],
        data=[assets.launch_policy, assets.measurements],
        controls=[*trust.launch_policy(o), *trust.launch(o)],
    )
    if o.tee == "tdx" and o.hypervisor == "qemu":
        Flow(
            "F65.exceptions",
            "host-kernel",
            "guest-kernel",
            "Exceptions of virtual memory",
            protocol="#VE",
            over="hardware virtualisation",
            description="A page that the host takes away could become an exception of the guest",
            traits=["hypercalls"],
            data=[data.guest_memory],
            controls=[coco.tdx_exceptions_off] if o.runtime == "rust" else [],
        )


def _vendor() -> None:
    Flow(
        "F73.chain",
        "vendor-certificates",
        "attestation-service",
        "Chains and revocation lists",
        protocol="HTTPS",
        over="tcp",
        encryption="tls",
        authentication="server-certificate",
        traits=["remote", "serialized-objects"],
        data=[assets.vendor_certificates],
        controls=[coco.vendor_chain],
    )


def _gpu() -> None:
    Flow(
        "F71.gpu",
        "assigned-device",
        "aa",
        "Report of the GPU",
        protocol="SPDM or the vendor's library",
        over="driver of the guest",
        description="Gathered by the attester that the init of the guest chose",
        traits=["attestation-evidence", "length-prefixed", "serialized-objects"],
        data=[assets.gpu_evidence],
        controls=[coco.gpu_report_signed, coco.gpu_attester, coco.appraisal],
    )
    Flow(
        "F71.gpu.init",
        "assigned-device",
        "guest-init",
        "State of the GPU at start",
        over="driver of the guest",
        description="NVRC sets the GPU ready and says which attester is to run",
        traits=["direct-memory-access"],
        data=[assets.gpu_evidence],
    )
