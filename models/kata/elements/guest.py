"""What runs and lies in the virtual machine."""

from __future__ import annotations

from threatmodel.dsl import Datastore, Process

from .. import data, trust
from ..controls import confidential, guest
from ..options import KataOptions

ROOT = "guest-root"
KERNEL = "guest-kernel-zone"
CONTAINER = "guest-container"
COMPONENTS = "guest-components"
POLICY = {
    "allow-all": "the document in the image allows all but five calls",
    "off": "not in this agent",
    "genpolicy": "the document is made from the specification of the pod",
    "custom": "the document is the author's own",
}


def guest_side(o: KataOptions) -> None:
    """Kernel, agent and workload of one pod."""
    _kernel(o)
    _agent(o)
    _workload()
    if o.coco:
        _confidential(o)


def _kernel(o: KataOptions) -> None:
    measured = ["measured"] if o.confidential else []
    launch = trust.launch(o)
    Process(
        "guest-kernel",
        inside=KERNEL,
        name="Guest kernel",
        language="c",
        runs_as="kernel of the guest",
        traits=["kernel", "shared-kernel", "mounts-filesystems", *measured],
        data=[data.guest_memory, data.workload_data],
        controls=[*trust.kernel(o), *launch],
    )
    if o.hypervisor == "qemu" and o.tee != "se":
        Process(
            "guest-fw",
            inside=KERNEL,
            name="Guest firmware",
            language="c",
            runs_as="before the kernel",
            description="OVMF of the TEE"
            if o.confidential
            else "Firmware that QEMU brings unless one is configured",
            traits=["boots-guest", *measured],
            data=[data.guest_image],
            controls=[*launch, *trust.launch_policy(o)],
        )


def _agent(o: KataOptions) -> None:
    Process(
        "agent",
        inside=ROOT,
        name="Kata agent",
        language="rust",
        runs_as="uid 0 of the guest",
        description="Starts containers, mounts, sets up network and devices; guest SELinux and seccomp off by default",
        traits=[
            "spawns-processes",
            "mounts-filesystems",
            "configuration-driven",
            "logs-events",
            "broker",
            *(["measured"] if o.confidential else []),
        ],
        data=[data.agent_requests, data.workload_secrets, data.guest_policy],
        controls=[guest.agent_rust],
    )
    Process(
        "policy-engine",
        inside=ROOT,
        name="Policy engine",
        language="rust",
        runs_as="library of the agent",
        description=f"Evaluates Rego for each request; {POLICY[o.policy]}",
        traits=["policy-decision"],
        data=[data.guest_policy],
        controls=[
            *([guest.policy_fail_closed] if o.policy != "off" else []),
            *([confidential.pod_policy] if o.pod_judged else []),
        ],
    )
    Datastore(
        "guest-rootfs",
        inside=ROOT,
        name="Guest root file system",
        traits=["supplies-code", *(["measured"] if o.confidential else [])],
        data=[data.guest_image],
        controls=trust.rootfs(o),
    )


def _workload() -> None:
    Process(
        "containers",
        inside=CONTAINER,
        name="Containers of the pod",
        runs_as="as the image says, often uid 0 in the container",
        multiple=True,
        traits=["executes-supplied-code", "shared-kernel", "network-facing"],
        data=[data.workload_data, data.workload_secrets],
        controls=[guest.rustjail],
    )
    Datastore(
        "container-rootfs",
        inside=CONTAINER,
        name="Container file systems",
        description="Root file systems and volumes as the containers see them",
        data=[data.workload_data, data.image_layers],
    )


def _confidential(o: KataOptions) -> None:
    measured = ["measured"] if o.confidential else []
    Process(
        "aa",
        inside=COMPONENTS,
        name="Attestation agent",
        language="rust",
        runs_as="uid 0 of the guest",
        description="" if o.confidential else "Without a TEE its evidence is a sample that anyone can make",
        traits=["attests-platform", *measured],
        data=[data.evidence],
    )
    Process(
        "cdh",
        inside=COMPONENTS,
        name="Confidential data hub",
        language="rust",
        runs_as="uid 0 of the guest",
        description="Fetches secrets, mounts encrypted volumes, pulls images",
        traits=["pulls-artefacts", "parses-images", "stores-secrets", "mounts-filesystems", *measured],
        data=[data.released_secrets, data.image_layers],
    )
    Process(
        "api-server-rest",
        inside=COMPONENTS,
        name="REST server (guest)",
        language="rust",
        runs_as="uid 0 of the guest",
        traits=["broker", *measured],
        data=[data.released_secrets],
    )
    Datastore(
        "guest-image-store",
        inside=ROOT,
        name="Pulled images (guest)",
        description="/run/kata-containers/image",
        data=[data.image_layers],
    )
