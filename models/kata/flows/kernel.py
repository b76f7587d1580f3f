"""K30 to K59: kernels, networks and images."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import confidential, host, sharing, vmm
from ..controls import devices_vmm as monitors
from ..options import KataOptions

VHOST = ("VHOST_SET_MEM_TABLE", "VHOST_SET_VRING_ADDR")
NESTED = {
    "x86_64": "nested VMX or SVM",
    "s390x": "nested SIE",
}  # elsewhere no monitor offers it unless told to


def kernel(o: KataOptions) -> None:
    """Exits, ioctls, packets and the way of images."""
    if o.local:
        _exits(o)
    _packets()
    _pull()
    _images(o)


def _exits(o: KataOptions) -> None:
    mshv = o.host_hv == "mshv"
    vhost = o.vhost_kernel or o.vhost_vsock
    if mshv:
        _root_partition()
    if o.hypervisor in ("qemu", "clh") and o.arch in NESTED and not o.confidential:
        _nested(o)
    Flow(
        "K30",
        "guest-kernel",
        "mshv" if mshv else "host-kernel",
        "VM exits",
        protocol="MSHV" if mshv else "KVM",
        over="hardware virtualisation",
        traits=["hypercalls"],
        data=[data.guest_memory],
        controls=[confidential.memory_encryption] if o.confidential else [],
    )
    Flow(
        "K31",
        o.vmm,
        "host-kernel",
        "MSHV calls" if mshv else "KVM and vhost calls" if vhost else "KVM calls",
        protocol="ioctl",
        over="/dev/mshv" if mshv else "/dev/kvm, /dev/vhost-*" if vhost else "/dev/kvm",
        authentication="file-permissions",
        traits=["system-calls", "hypercalls"],
        operations=["MSHV_RUN_VP", "MSHV_SET_GUEST_MEMORY"]
        if mshv
        else ["KVM_RUN", "KVM_SET_USER_MEMORY_REGION", *(VHOST if vhost else ())],
        data=[data.guest_memory, data.host_resources],
    )
    Flow(
        "K32",
        "host-kernel",
        o.vmm,
        "Exits for the VMM to emulate",
        protocol="MSHV intercept message" if mshv else "kvm_run",
        over="shared page",
        shares_memory=True,
        authentication="in-process",
        traits=["hypercalls"],
        data=[data.descriptors],
    )
    Flow(
        "K33",
        o.shim,
        "host-kernel",
        "Mounts, network, cgroups",
        over="system calls, netlink",
        authentication="file-permissions",
        traits=["system-calls", "mount-requests"],
        data=[data.host_resources, data.network_config],
    )


def _root_partition() -> None:
    Flow(
        "K30.intercept",
        "mshv",
        "host-kernel",
        "Intercepts for the root partition",
        protocol="MSHV",
        over="synthetic interrupt, shared page",
        shares_memory=True,
        traits=["hypercalls"],
        data=[data.descriptors],
    )
    Flow(
        "K31.root",
        "host-kernel",
        "mshv",
        "Hypercalls of the root partition",
        protocol="MSHV",
        over="hypercall",
        traits=["hypercalls"],
        data=[data.guest_memory],
    )


def _nested(o: KataOptions) -> None:
    """QEMU passes on what the host's processor model has; Cloud Hypervisor does so unless told otherwise.

    Neither TDX nor SEV-SNP nor Secure Execution lets a protected guest run guests of its own.
    """
    mshv = o.host_hv == "mshv"
    switched = o.hypervisor == "clh" and (mshv or (o.runtime == "rust" and o.nested == "off"))
    Flow(
        "K30.nested",
        "guest-kernel",
        "mshv" if mshv else "host-kernel",
        "Virtualisation inside of the guest",
        protocol=NESTED[o.arch],
        over="hardware virtualisation",
        description="Where the node's kernel allows it, a guest runs guests of its own",
        traits=["hypercalls"],
        data=[data.guest_memory],
        controls=[monitors.nested_off] if switched else [],
    )


def _packets() -> None:
    Flow(
        "K40",
        "network-peer",
        "host-kernel",
        "Packets to the pod",
        protocol="IP",
        over="network",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )
    Flow(
        "K41",
        "host-kernel",
        "network-peer",
        "Packets of the pod",
        protocol="IP",
        over="network",
        traits=["network-packets", "remote", "plaintext-network"],
        data=[data.packets],
    )


def _pull() -> None:
    Flow(
        "K50",
        "cri-containerd",
        "registry",
        "Image requests",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        port="443",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "queries"],
        data=[data.pod_spec],
        controls=[host.image_digests],
    )
    Flow(
        "K50.reply",
        "registry",
        "cri-containerd",
        "Manifests and layers",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "archives", "serialized-objects", "binds-code"],
        data=[data.image_layers],
        controls=[host.image_digests, host.confined_unpack],
    )
    Flow(
        "K51",
        "image-author",
        "registry",
        "Image push",
        protocol="HTTPS (OCI distribution)",
        over="tcp",
        authentication="token",
        encryption="tls",
        traits=["remote", "archives", "binds-code"],
        data=[data.image_layers],
    )
    Flow(
        "K52",
        "cri-containerd",
        "image-store",
        "Layers unpacked",
        over="file",
        authentication="file-permissions",
        traits=["archives", "path-names"],
        data=[data.image_layers],
        controls=[host.confined_unpack],
    )


def _images(o: KataOptions) -> None:
    if o.shared_fs != "none":
        Flow(
            "K53",
            "image-store",
            "host-share",
            "Root file systems bound",
            over="bind mount by the shim",
            authentication="file-permissions",
            traits=["mount-requests", "path-names"],
            data=[data.image_layers],
        )
        Flow(
            "K53.names",
            "host-share",
            o.shim,
            "Mount points found by name",
            over="file",
            authentication="file-permissions",
            description="The shim mounts, unmounts and removes below a tree of which the guest can change parts",
            traits=["path-names"],
            data=[data.fuse_requests],
            controls=[
                *([sharing.share_read_only] if sharing.serves_read_only(o) else []),
                host.umount_no_follow,
            ],
        )
    Flow(
        "K54",
        "guest-image",
        o.machine,
        "Guest image read",
        over="file",
        authentication="file-permissions",
        traits=["binds-code", "image-mapping"],
        data=[data.guest_image],
        controls=[vmm.image_read_only] if o.local and o.tee != "se" else [],
    )
