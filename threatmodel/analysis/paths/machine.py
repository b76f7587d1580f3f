"""What whoever runs code in a boundary has over the machine that it is a part of."""

from __future__ import annotations

from dataclasses import dataclass

from threatmodel.analysis.world import SystemIndex
from threatmodel.system import Boundary, Element
from threatmodel.system.risk import PRIVILEGES

_ROOT = PRIVILEGES.index("root")
_KERNEL = PRIVILEGES.index("kernel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The boundary that is the machine, and the elements in it that the element's privilege rules. `by_right`: a kernel
    needs nothing for it."""

    machine: str
    elements: tuple[str, ...]
    by_right: bool


def spread(element: Element, index: SystemIndex) -> Spread:
    """What code with root's or a kernel's privilege has: the processes and stores of its machine that have no more.

    The machine is the widest boundary around it with the same privilege, or, where the boundary above has no privilege of
    its own (it stands for a virtual machine or a place), that one. A kernel's machine is also the boundary above its own.
    """
    boundary = index.boundaries[element.boundary]
    power = _power(boundary)
    machine = boundary
    while machine.parent is not None:
        above = index.boundaries[machine.parent]
        given = _power(above)
        if given == power or (power == _KERNEL and machine is boundary):
            machine = above
            continue
        machine = above if given == 0 else machine
        break
    ruled = tuple(
        other.id
        for other in index.system.elements
        if other.id != element.id
        and other.kind in {"process", "datastore"}
        and machine.id in index.chains[other.id]
        and _power(index.boundaries[other.boundary]) <= power
    )
    able = element.kind == "process" and power >= _ROOT
    return Spread(machine=machine.id, elements=ruled if able else (), by_right=power == _KERNEL)


def _power(boundary: Boundary) -> int:
    return PRIVILEGES.index(boundary.privilege)
