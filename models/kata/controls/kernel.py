"""Defences of host kernel, QEMU and virtiofsd, which this repository only configures: proposed."""

from __future__ import annotations

from threatmodel.dsl import Control, proposed, value

vhost_descriptor_checks = Control(
    "vhost-descriptor-checks",
    "vhost copies each descriptor and translates its address through the table of guest memory",
    provides=["bounds-checked-descriptors", "copies-before-use"],
    description="Code of the host kernel, whose version the node decides: not checked here",
    claims=[
        proposed(
            "vhost copies each descriptor and translates its address before it uses it",
            evidence="https://github.com/torvalds/linux/blob/master/drivers/vhost/vhost.c",
        ),
    ],
    references=["https://github.com/torvalds/linux/blob/master/drivers/vhost/vhost.c"],
)
qemu_virtqueue_mapping = Control(
    "qemu-virtqueue-mapping",
    "QEMU maps each descriptor through the address space of the guest",
    provides=["bounds-checked-descriptors"],
    description="Code of QEMU: not checked here. What a device model reads again later is not covered",
    claims=[
        proposed(
            "QEMU maps each descriptor through the address space of the guest",
            evidence="https://www.qemu.org/docs/master/devel/virtio-backends.html",
        ),
    ],
    references=["https://www.qemu.org/docs/master/devel/virtio-backends.html"],
)
vfio_reset = Control(
    "vfio-device-reset",
    "VFIO resets a device before somebody else gets it",
    provides=["reset-between-tenants"],
    description="Depends on what reset the device offers and on the host kernel: not checked here",
    claims=[
        proposed(
            "The device can be reset, and the kernel does it before somebody else gets it",
            evidence="https://docs.kernel.org/driver-api/vfio.html",
        ),
    ],
    references=["https://docs.kernel.org/driver-api/vfio.html"],
)
virtiofsd_reader = Control(
    "virtiofsd-reader",
    "virtiofsd reads requests through the checked accessors of vm-memory",
    provides=["bounds-checked-descriptors", "volatile-access-checked"],
    description="Code of virtiofsd: not checked here",
    claims=[
        value("versions.yaml", "externals.virtiofsd.url", "https://gitlab.com/virtio-fs/virtiofsd"),
        proposed(
            "virtiofsd reads descriptors by the accessors of vm-memory, which check each against guest memory",
            evidence="https://gitlab.com/virtio-fs/virtiofsd",
        ),
    ],
    references=["https://gitlab.com/virtio-fs/virtiofsd"],
)
