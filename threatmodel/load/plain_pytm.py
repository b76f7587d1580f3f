"""Plain pytm files: read unchanged, and what pytm would have ignored silently is reported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytm

from threatmodel.core.diagnostics import Place, Severity, nearest
from threatmodel.core.ids import valid_id
from threatmodel.core.plain import to_plain
from threatmodel.dsl.session import Session
from threatmodel.system import Boundary, Configuration, DataAsset, Element, Flow, SystemModel
from threatmodel.system.model import ElementKind


class Processed(BaseException):
    """Raised in place of pytm's own `process`, which reads the command line and writes to standard output."""


@contextmanager
def capture() -> Iterator[list[Any]]:
    """While active, `tm.process()` hands its model over and ends the file."""
    found: list[Any] = []
    original = pytm.TM.process

    def process(tm: Any) -> None:
        found.append(tm)
        raise Processed

    pytm.TM.process = process
    try:
        yield found
    finally:
        pytm.TM.process = original


_KINDS: tuple[tuple[type, ElementKind], ...] = (
    (pytm.Datastore, "datastore"),
    (pytm.ExternalEntity, "external"),
    (pytm.Actor, "actor"),
)
_OUTSIDE = "outside"


def convert(tm: Any, session: Session) -> dict[str, Any]:
    """The system that a plain pytm file describes, in one configuration called `default`."""
    names = _Names(session)
    state = pytm.TM._state
    boundaries = [
        Boundary(
            id=names.id(item),
            name=item.name,
            privilege="user",
            parent=names.id(item.inBoundary) if item.inBoundary else None,
            description=item.description,
        )
        for item in state.boundaries
    ]
    boundaries.append(Boundary(id=_OUTSIDE, name="Outside every boundary", privilege="none"))
    drawn = [item for item in state.elements if not isinstance(item, pytm.Boundary | pytm.Dataflow)]
    elements = [_element(item, names) for item in drawn]
    flows = [_flow(item, names) for item in state.flows]
    data = [
        DataAsset(id=names.id(item), name=item.name, description=item.description, secret=item.isCredentials)
        for item in state.data
    ]
    for item in [*state.boundaries, *drawn, *state.flows, *state.data]:
        _report_ignored(item, session)
    configuration = Configuration(name="default", options={})
    system = SystemModel(
        configuration=configuration,
        boundaries=tuple(boundaries),
        elements=tuple(elements),
        flows=tuple(flows),
    )
    return {
        "id": names.slug(tm.name),
        "name": tm.name,
        "description": tm.description,
        "default_configuration": "default",
        "data": to_plain(data),
        "systems": [to_plain(system)],
    }


def _element(item: Any, names: _Names) -> Element:
    kind: ElementKind = next((word for cls, word in _KINDS if isinstance(item, cls)), "process")
    return Element(
        id=names.id(item),
        name=item.name,
        kind=kind,
        boundary=names.id(item.inBoundary) if item.inBoundary else _OUTSIDE,
        description=item.description,
        data=tuple(names.id(found) for found in sorted(getattr(item, "data", ()), key=lambda d: str(d.name))),
    )


def _flow(item: Any, names: _Names) -> Flow:
    controls = item.controls
    return Flow(
        id=names.id(item),
        source=names.id(item.source),
        target=names.id(item.sink),
        name=item.name,
        protocol=item.protocol,
        port=str(item.dstPort) if item.dstPort >= 0 else "",
        description=item.description,
        authentication="mutual" if controls.authenticatesSource else "none",
        encryption="tls" if controls.isEncrypted else "none",
        data=tuple(names.id(found) for found in sorted(item.data, key=lambda d: str(d.name))),
    )


def _report_ignored(item: Any, session: Session) -> None:
    for holder, label in ((item, item.name), (getattr(item, "controls", None), f"{item.name}.controls")):
        extra = getattr(holder, "model_extra", None) or {}
        known = type(holder).model_fields if holder is not None else {}
        for name in sorted(extra):
            session.report(
                "M030",
                f'{type(item).__name__} "{label}": pytm ignores the unknown attribute "{name}"',
                Place(session.shown),
                nearest(name, known),
                Severity.WARNING,
            )


class _Names:
    """Ids made from names: stable while a name does; clashes are numbered in the order of the file and reported."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ids: dict[int, str] = {}
        self._taken: set[str] = {_OUTSIDE}

    @staticmethod
    def slug(name: str) -> str:
        text = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:56].strip("-")
        return text if valid_id(text) else f"x-{text}".strip("-")

    def id(self, item: Any) -> str:
        if id(item) not in self._ids:
            wanted = slug = self.slug(item.name)
            number = 1
            while slug in self._taken:
                number += 1
                slug = f"{wanted}-{number}"
            if slug != wanted:
                self._session.report(
                    "M031",
                    f'the name "{item.name}" stands twice; its id is {slug}',
                    Place(self._session.shown),
                    "ids made from names change with them; give explicit ids with threatmodel.dsl",
                    Severity.WARNING,
                )
            self._taken.add(slug)
            self._ids[id(item)] = slug
        return self._ids[id(item)]
