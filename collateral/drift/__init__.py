"""What changed on the surface of a system between two releases of its source, and whether its model followed."""

from collateral.drift.model import EXTRACTS, Extracts, Source
from collateral.drift.reader import extracts_schema, load_extracts, read_extracts
from collateral.drift.waivers import WAIVERS, DriftWaiver, load_waivers, read_waivers, waivers_schema

__all__ = [
    "EXTRACTS",
    "WAIVERS",
    "DriftWaiver",
    "Extracts",
    "Source",
    "extracts_schema",
    "load_extracts",
    "load_waivers",
    "read_extracts",
    "read_waivers",
    "waivers_schema",
]
