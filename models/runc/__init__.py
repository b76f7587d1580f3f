"""Containers of runc on one node as a model: a baseline for comparisons. Read options.py first, then zones.py."""

from __future__ import annotations

from threatmodel.dsl import Model

from . import adversaries, components, data, views  # noqa: F401 - they register what stands at module level
from .elements import elements
from .flows.containers import containers
from .flows.images import images
from .flows.network import network
from .flows.orchestration import orchestration
from .options import RuncOptions
from .zones import boundaries


def build(o: RuncOptions) -> None:
    """One configuration: zones, what is in them, what passes between."""
    boundaries(o)
    elements(o)
    orchestration(o)
    images()
    containers(o)
    network()


MODEL = Model(
    "runc",
    name="runc containers",
    options=RuncOptions,
    build=build,
    description="Containers as processes of the node's kernel: kubelet, containerd, a shim for each pod, and runc",
)
