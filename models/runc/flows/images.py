"""The way of images and of releases."""

from __future__ import annotations

from threatmodel.dsl import Flow

from .. import data
from ..controls import kubernetes, runc


def images() -> None:
    """Pull, unpack, mount."""
    _pull()
    Flow(
        "R20",
        "image-store",
        "container-rootfs",
        "Root file system mounted",
        protocol="overlayfs",
        over="mount",
        authentication="file-permissions",
        description="Layers below, a writable layer above; files of a layer may be shared by pods in the page cache",
        traits=["binds-code"],
        data=[data.image_layers],
    )
    Flow(
        "K55",
        "runc-releases",
        "runc",
        "Release artefacts",
        protocol="HTTPS",
        over="tcp",
        authentication="server-certificate",
        encryption="tls",
        traits=["remote", "binds-code"],
        data=[data.release_artefacts],
        controls=[runc.signed_release],
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
        controls=[kubernetes.image_digests],
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
        description="containerd can ask a verifier program about an image; none is there by default",
        traits=["remote", "archives", "serialized-objects", "binds-code"],
        data=[data.image_layers],
        controls=[kubernetes.image_digests, kubernetes.confined_unpack],
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
        controls=[kubernetes.confined_unpack],
    )
