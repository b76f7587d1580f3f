"""Programs and stores of the guest beside agent and workload, and the containers next to a container."""

from __future__ import annotations

from threatmodel.dsl import Boundary, Datastore, Process

from .. import assets_devices, assets_guest, data, trust
from ..controls import guest, guest_agent
from ..options import KataOptions
from .devices_hardware import assignable
from .devices_storage import extended

ROOT = "guest-root"


def guest_zones(o: KataOptions) -> None:
    """Boundaries inside of the guest."""
    Boundary(
        "neighbour-zone",
        name="Other containers of the pod",
        privilege="user",
        inside=ROOT,
        description="Namespaces of their own, but the network and often volumes and shared memory of the pod",
        controls=[guest.rustjail],
    )
    if o.coco:
        Boundary(
            "guest-components",
            name="Attestation components",
            privilege="root",
            inside=ROOT,
            description="Programs of another project that the agent starts; processes of the guest's root",
        )
    if o.console:
        Boundary(
            "debug-session",
            name="Debug session",
            privilege="root",
            inside=ROOT,
            description="What somebody does who came in by the debug console",
        )


def guest_parts(o: KataOptions) -> None:
    """What is in the guest of this configuration."""
    _start(o)
    _containers()
    _switched(o)
    if extended(o):
        _extensions(o)
    if assignable(o) and o.arch != "s390x":
        Datastore(
            "guest-cdi",
            inside=ROOT,
            name="CDI specs (guest)",
            description="/var/run/cdi: which nodes, mounts and hooks belong to a device",
            data=[assets_devices.device_descriptions],
        )


def _start(o: KataOptions) -> None:
    nvrc = o.pod_resources == "on"
    Process(
        "guest-init",
        inside=ROOT,
        name="NVRC" if nvrc else "Init of the guest",
        language="rust" if nvrc else "c",
        runs_as="uid 0 of the guest, process 1",
        description="Loads drivers of the GPU and starts the agent"
        if nvrc
        else "systemd starts the agent as a unit; in images without it the agent is process 1 itself",
        traits=["spawns-processes", "mounts-filesystems", *_measured(o)],
        data=[data.guest_image],
    )
    Process(
        "container-init",
        inside=ROOT,
        name="Container set-up",
        language="rust",
        runs_as="uid 0 of the guest until it gives it up",
        description="Child of the agent that enters namespaces, mounts, and becomes the container's program",
        traits=["mounts-filesystems", "spawns-processes"],
        data=[data.pod_spec],
        controls=[guest.agent_rust],
    )


def _containers() -> None:
    Process(
        "neighbours",
        inside="neighbour-zone",
        name="Neighbour containers",
        runs_as="as their images say",
        multiple=True,
        description="Side cars and other containers of the same pod, with images of other authors",
        traits=["executes-supplied-code", "shared-kernel"],
        data=[data.workload_data, data.workload_secrets],
    )
    Datastore(
        "pod-volumes",
        inside=ROOT,
        name="Volumes of the pod",
        description="Empty directories, shared memory and volumes that several containers mount",
        data=[assets_guest.pod_shared, assets_devices.scratch_blocks],
    )
    Datastore(
        "guest-share",
        inside=ROOT,
        name="Shared folder (guest)",
        description="/run/kata-containers/shared/containers: files copied in, or the folder shared by the host",
        data=[assets_guest.mounted_files, assets_guest.termination_messages],
        controls=[guest.copy_file_scoped],
    )


def _switched(o: KataOptions) -> None:
    if o.mem_agent == "on":
        Process(
            "mem-agent",
            inside=ROOT,
            name="Memory agent",
            language="rust",
            runs_as="threads of the agent",
            description="Ages and compacts memory, and fills swap, by the pressure that it sees",
            traits=["configuration-driven"],
            data=[assets_guest.swap_blocks],
            controls=[guest.agent_rust],
        )
    if o.guest_hooks == "on":
        Process(
            "hook-runs",
            inside=ROOT,
            name="Hooks of the guest",
            runs_as="uid 0 of the guest",
            description="Programs of the image, run before start, after start and after stop of a container",
            traits=["spawns-processes", *_measured(o)],
            data=[assets_guest.hook_programs],
            controls=[guest_agent.hook_files],
        )
    if o.console:
        Process(
            "debug-shell",
            inside="debug-session",
            name="Debug shell",
            runs_as="uid 0 of the guest",
            description="A shell of the image or of the development kit",
            traits=["debug-shell"],
            data=[data.workload_data],
            controls=[guest_agent.console_shells],
        )


def _extensions(o: KataOptions) -> None:
    Process(
        "extension-mounter",
        inside=ROOT,
        name="Extension mounter",
        runs_as="uid 0 of the guest",
        description="Finds an extension by its serial number, opens it with dm-verity and mounts it read-only",
        traits=["mounts-filesystems", "parses-images", *_measured(o)],
        data=[assets_devices.extension_image_data],
        controls=[guest_agent.mounter_strict],
    )
    Datastore(
        "guest-extensions",
        inside=ROOT,
        name="Extensions (guest)",
        description="/run/kata-extensions/<name>: attestation components or drivers, and the manifest",
        traits=["supplies-code"],
        data=[assets_devices.extension_image_data, assets_guest.component_manifest],
        controls=trust.components(o),
    )


def _measured(o: KataOptions) -> list[str]:
    return ["measured"] if o.confidential else []
