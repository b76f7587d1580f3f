"""What commands print as JSON where an overlay was given: the same format, with the marked items beside it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

from collateral.bundle.threats import ThreatsFile
from collateral.outputs import ScansFile
from collateral.overlay.files import HeldFile
from collateral.pentest.files import PlanFile

_Kind = TypeVar("_Kind", "PrivateThreatsFile", "PrivateScansFile", "PrivatePlanFile")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateThreatsFile(ThreatsFile):
    """`threatmodel threats --format json --overlay DIR`."""

    embargoed: HeldFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateScansFile(ScansFile):
    """`threatmodel scan --format json --overlay DIR`."""

    embargoed: HeldFile


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivatePlanFile(PlanFile):
    """`threatmodel pentest plan --format json --overlay DIR`."""

    embargoed: HeldFile


def beside(kind: type[_Kind], value: Any, held: HeldFile) -> _Kind:
    """A value of the base of `kind`, with the items."""
    fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return kind(**fields, embargoed=held)
