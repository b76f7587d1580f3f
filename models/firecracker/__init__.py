"""Firecracker as a model: read options.py first, then zones.py, elements.py and flows."""

from __future__ import annotations

from threatmodel.dsl import Model

from . import adversaries, components, data, views  # noqa: F401 - they register what stands at module level
from .elements import elements
from .flows.control import control
from .flows.devices import devices
from .flows.files import files
from .flows.machine import machine
from .flows.network import network
from .options import FirecrackerOptions
from .zones import boundaries


def build(o: FirecrackerOptions) -> None:
    """One configuration: zones, what is in them, what passes between."""
    boundaries(o)
    elements(o)
    for flows in (control, files, machine, devices, network):
        flows(o)


MODEL = Model(
    "firecracker",
    name="Firecracker",
    options=FirecrackerOptions,
    build=build,
    description="A virtual machine monitor for one microVM per process, started by a jailer and driven over a local "
    "socket",
)
