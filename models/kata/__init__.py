"""Kata Containers as a model: read choices.py and options.py first, then zones.py, then elements and flows."""

from __future__ import annotations

from threatmodel.dsl import Model

from . import (  # noqa: F401 - they register what stands at module level
    adversaries,
    assets_devices,
    assets_guest,
    assets_host,
    assets_pipeline,
    assets_supply,
    components,
    data,
    views,
)
from .elements.devices_hardware import device_zones, hardware
from .elements.devices_storage import device_stores
from .elements.guest import guest_side
from .elements.guest_attestation import attestation_side, attestation_zones
from .elements.guest_parts import guest_parts, guest_zones
from .elements.host import host_side
from .elements.host_node import node_parts, node_zones
from .elements.host_supply import pipeline_parts, pipeline_zones
from .elements.outside import outside
from .elements.supply import supply_side
from .elements.vmm import monitor
from .flows.annotations import annotation_families
from .flows.confidential import confidential_guest
from .flows.devices import devices
from .flows.devices_images import device_images
from .flows.devices_io import device_io
from .flows.devices_memory import device_memory
from .flows.devices_volumes import device_volumes
from .flows.guest_api import guest_api
from .flows.guest_attestation import guest_attestation
from .flows.guest_inside import guest_inside
from .flows.guest_peer import guest_peer
from .flows.host_annotations import node_annotations
from .flows.host_install import node_installation
from .flows.host_observe import node_observation
from .flows.host_orchestration import node_orchestration
from .flows.host_supply import pipeline_inside
from .flows.in_guest import in_guest
from .flows.kernel import kernel
from .flows.operations import operations
from .flows.orchestration import orchestration
from .flows.platform import platform
from .flows.supply import supply_chain
from .flows.switches import switched
from .flows.vmm_control import vmm_control
from .flows.vsock import vsock
from .options import KataOptions
from .zones import boundaries


def build(o: KataOptions) -> None:
    """One configuration: zones, what is in them, what passes between."""
    boundaries(o)
    for zones in (device_zones, guest_zones, attestation_zones, node_zones, pipeline_zones):
        zones(o)
    for elements in (
        outside,
        host_side,
        node_parts,
        monitor,
        hardware,
        device_stores,
        guest_side,
        guest_parts,
        attestation_side,
        supply_side,
        pipeline_parts,
    ):
        elements(o)
    for flows in (
        orchestration,
        annotation_families,
        vmm_control,
        devices,
        device_images,
        device_volumes,
        device_memory,
        device_io,
        platform,
        vsock,
        in_guest,
        confidential_guest,
        guest_api,
        guest_inside,
        guest_attestation,
        guest_peer,
        kernel,
        operations,
        supply_chain,
        pipeline_inside,
        switched,
        node_orchestration,
        node_annotations,
        node_observation,
        node_installation,
    ):
        flows(o)


MODEL = Model(
    "kata-containers",
    name="Kata Containers",
    options=KataOptions,
    build=build,
    description="Containers in virtual machines: one VM per pod, driven by a shim on the node and an agent in the guest",
)
