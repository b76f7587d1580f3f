"""Which defences of its start and of its kernel a guest has. They differ by platform; a stand-in for a TEE has none."""

from __future__ import annotations

from threatmodel.dsl import Control

from .controls import confidential, devices_storage, guest, guest_agent, guest_attestation
from .elements.devices_storage import extended
from .options import KataOptions


def launch(o: KataOptions) -> list[Control]:
    """Measurement of what is started. How the cloud measures the machine of a peer pod is not visible in this source."""
    if not o.confidential:
        return []
    if not o.local:
        return [confidential.attested_guest]
    first = guest_attestation.se_image if o.tee == "se" else confidential.measured_launch
    return [first, confidential.attested_guest]


def launch_policy(o: KataOptions) -> list[Control]:
    """What the launch allows the host to do with a running guest, where the shim says it."""
    if not o.local or o.hypervisor != "qemu":
        return []
    said = {"tdx": [guest_attestation.tdx_debug_off], "snp": [guest_attestation.snp_debug_off]}
    return said.get(o.tee, [])


def rootfs(o: KataOptions) -> list[Control]:
    """The root hash of the guest image. Secure Execution has its root file system in the encrypted image."""
    return [confidential.verity_rootfs] if o.local and o.tee in ("tdx", "snp") else []


def components(o: KataOptions) -> list[Control]:
    """The root hash of where the attestation components come from: an extension, or the guest image."""
    return [devices_storage.extension_verified] if extended(o) and rootfs(o) else rootfs(o)


def evidence(o: KataOptions, *controls: Control) -> list[Control]:
    """What rests on evidence: without hardware behind it anyone can make some, and it shows nothing."""
    return list(controls) if o.confidential else []


def evidence_traits(o: KataOptions) -> list[str]:
    """What evidence is on its way: statements of the platform, or such that software made up."""
    return ["attestation-evidence", *([] if o.confidential else ["software-evidence"])]


def initdata_bound(o: KataOptions) -> bool:
    """True where the shim has the digest of initdata put into the launch, and the guest compares it."""
    return o.local and o.tee in ("tdx", "snp")


def own_kernel(o: KataOptions) -> bool:
    """True where the guest runs a kernel that this project builds, and not one of a cloud or of Azure Linux."""
    return o.local and not (o.hypervisor == "clh" and o.host_hv == "mshv")


def kernel(o: KataOptions) -> list[Control]:
    """How the kernel of the guest was built."""
    seeded = [guest.kernel_seeded] if o.tee in ("tdx", "snp") else []
    return [guest.minimal_kernel, *seeded] if own_kernel(o) else []


def no_loopback(o: KataOptions) -> list[Control]:
    """Whether a container can reach the agent's port over vsock inside of the guest."""
    return [guest_agent.no_loopback] if own_kernel(o) else []
