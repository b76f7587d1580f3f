"""Plain pytm files: read unchanged, and what pytm would have ignored silently is reported."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import pytm

from threatmodel.core.diagnostics import Place, Severity, nearest
from threatmodel.core.ids import valid_id
from threatmodel.dsl.session import Session
from threatmodel.inside.pytm_attributes import pytm_model
from threatmodel.system import Boundary, Configuration, DataAsset, Element, Flow, Project, SystemModel
from threatmodel.system.model import ElementKind
from threatmodel.system.pytm import PytmModel


class Processed(BaseException):
    """Raised in place of pytm's own `process`, which reads the command line and writes to standard output."""


@dataclass(slots=True)
class Captured:
    """The model that was handed over, and where its objects were made and changed.

    `places` maps an object (by identity) and an attribute to a place; an empty attribute is the constructor.
    """

    session: Session
    model: Any = None
    places: dict[tuple[int, str], Place] = field(default_factory=dict)

    def note(self, item: Any, attribute: str, frame: FrameType | None) -> None:
        """Keep the line of the model file from which pytm was called; the first one counts."""
        while frame is not None and not self.session.own(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is not None:
            self.places.setdefault((id(item), attribute), self.session.place(frame))

    def place(self, item: Any, attribute: str = "") -> Place:
        """Where the attribute was set, else where the object was made, else the file."""
        made = self.places.get((id(item), ""), Place(self.session.shown))
        return self.places.get((id(item), attribute), made)


@contextmanager
def capture(session: Session) -> Iterator[Captured]:
    """While active, `tm.process()` hands its model over and ends the file; lines are noted."""
    found = Captured(session)
    kept = [(cls, name, cls.__dict__.get(name)) for cls in _NOTED for name in ("__init__", "__setattr__")]
    kept.append((pytm.TM, "process", pytm.TM.process))

    def process(tm: Any) -> None:
        found.model = found.model or tm
        raise Processed

    pytm.TM.process = process
    for cls in _NOTED:
        _note_calls(cls, found)
    try:
        yield found
    finally:
        for cls, name, original in kept:
            if original is None:
                delattr(cls, name)
            else:
                setattr(cls, name, original)


_NOTED: tuple[Any, ...] = (pytm.Element, pytm.Data, pytm.Controls)


def _note_calls(cls: Any, found: Captured) -> None:
    init, setter = cls.__init__, cls.__setattr__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - takes the place of one
        found.note(self, "", sys._getframe(1))
        init(self, *args, **kwargs)

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 - takes the place of one
        if name not in type(self).model_fields:
            found.note(self, name, sys._getframe(1))
        setter(self, name, value)

    cls.__init__ = __init__
    cls.__setattr__ = __setattr__


_KINDS: tuple[tuple[type, ElementKind], ...] = (
    (pytm.Datastore, "datastore"),
    (pytm.ExternalEntity, "external"),
    (pytm.Actor, "actor"),
)
_OUTSIDE = "outside"


def convert(captured: Captured) -> Project:
    """The system that a plain pytm file describes, in one configuration called `default`."""
    tm = captured.model
    names = _Names(captured)
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
        _report_ignored(item, captured)
    captured.session.report(
        "M032",
        "a pytm file names no adversary, so only pytm's own threats can be asked for: that there is no other "
        "says nothing",
        Place(captured.session.shown),
        "the pack pytm asks for those; name adversaries with threatmodel.dsl for others",
        Severity.WARNING,
    )
    configuration = Configuration(name="default", options={})
    system = SystemModel(
        configuration=configuration,
        boundaries=tuple(boundaries),
        elements=tuple(elements),
        flows=tuple(flows),
    )
    return Project(
        id=names.slug(tm.name),
        name=tm.name,
        description=tm.description,
        default_configuration="default",
        data=tuple(data),
        systems=(system,),
        pytm=_as_pytm_sees_it(captured, names),
    )


def _as_pytm_sees_it(captured: Captured, names: _Names) -> PytmModel | None:
    """For pytm's own library; None where pytm itself would stop. Comes last: pytm's check changes the objects."""
    report, tm, file = captured.session.report, captured.model, Place(captured.session.shown)
    if tm.threatsFile != pytm.TM.model_fields["threatsFile"].get_default(call_default_factory=True):
        report("M041", "a threats file of the model's own takes no part", file, severity=Severity.WARNING)
    for item in pytm.TM._state.boundaries:
        if item.overrides:
            report(
                "M042",
                f'boundary "{item.name}": an override makes no threat at a boundary',
                captured.place(item, "overrides"),
                severity=Severity.WARNING,
            )
    try:
        return pytm_model(tm, names.known)
    except Exception as error:
        report(
            "M040",
            f"pytm's own check stops at the model: {type(error).__name__}: {error}"[:500],
            file,
            "pytm's library cannot be asked",
            Severity.WARNING,
        )
        return None


def _element(item: Any, names: _Names) -> Element:
    kind: ElementKind = next((word for cls, word in _KINDS if isinstance(item, cls)), "process")
    return Element(
        id=names.id(item),
        name=item.name,
        kind=kind,
        boundary=names.id(item.inBoundary) if item.inBoundary else _OUTSIDE,
        description=item.description,
        data=_data_ids(getattr(item, "data", ()), names),
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
        data=_data_ids(item.data, names),
    )


def _data_ids(held: Iterable[Any], names: _Names) -> tuple[str, ...]:
    """The data of an element or flow. pytm takes words in their place, which are none of the model's data."""
    data = [item for item in held if isinstance(item, pytm.Data)]
    return tuple(names.id(item) for item in sorted(data, key=lambda item: str(item.name)))


def _report_ignored(item: Any, captured: Captured) -> None:
    for holder, label in ((item, item.name), (getattr(item, "controls", None), f"{item.name}.controls")):
        extra = getattr(holder, "model_extra", None) or {}
        known = type(holder).model_fields if holder is not None else {}
        for name in sorted(extra):
            captured.session.report(
                "M030",
                f'{type(item).__name__} "{label}": pytm ignores the unknown attribute "{name}"',
                captured.place(holder, name),
                nearest(name, known),
                Severity.WARNING,
            )


class _Names:
    """Ids made from names: stable while a name does; clashes are numbered in the order of the file and reported."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured
        self._ids: dict[int, str] = {}
        self._taken: set[str] = {_OUTSIDE}

    @staticmethod
    def slug(name: str) -> str:
        text = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:56].strip("-")
        return text if valid_id(text) else f"x-{text}".strip("-")

    def known(self, item: Any) -> str | None:
        """The id of an object that has one."""
        return self._ids.get(id(item))

    def id(self, item: Any) -> str:
        if id(item) not in self._ids:
            wanted = slug = self.slug(item.name)
            number = 1
            while slug in self._taken:
                number += 1
                slug = f"{wanted}-{number}"
            if slug != wanted:
                self._captured.session.report(
                    "M031",
                    f'the name "{item.name}" stands twice; its id is {slug}',
                    self._captured.place(item),
                    "ids made from names change with them; give explicit ids with threatmodel.dsl",
                    Severity.WARNING,
                )
            self._taken.add(slug)
            self._ids[id(item)] = slug
        return self._ids[id(item)]
