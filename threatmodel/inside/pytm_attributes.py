"""What pytm's own conditions would see of a plain pytm file: read from its objects after pytm's `check()`.

Runs in the loader's child process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

import pytm
from pytm.base import DataSet
from pytm.element import Element as PytmElement

from threatmodel.system.pytm import (
    ControlValues,
    Item,
    Items,
    NodeKind,
    Opaque,
    Plain,
    PytmClass,
    PytmDatum,
    PytmModel,
    PytmNode,
    ToDatum,
    ToNode,
    Value,
    Word,
)

_LEFT_OUT = frozenset(
    {
        "assumptions",
        "carriedBy",
        "description",
        "findings",
        "is_drawn",
        "note",
        "overrides",
        "processedBy",
        "severity",
        "sourceFiles",
        "uuid",
    }
)
"""Attributes that conditions have no business with, or that pytm changes while it asks them."""
_NOTHING = object()
_AS_IT_IS = frozenset({bool, float, int, str, type(None)})
_NODE_KINDS: tuple[tuple[type, NodeKind], ...] = ((pytm.Dataflow, "flow"), (pytm.Boundary, "boundary"))
_ENUMS: tuple[type[Enum], ...] = (
    pytm.Action,
    pytm.Classification,
    pytm.DatastoreType,
    pytm.Lifetime,
    pytm.TLSVersion,
)


def pytm_model(tm: Any, id_of: Callable[[Any], str | None]) -> PytmModel:
    """The model as pytm's conditions see it. `id_of` gives the id of an element, flow or boundary, None for others.

    Raises:
        Exception: whatever pytm's own check of the model raises.
    """
    tm.check()
    return _Reader(tm, id_of).model()


class _Reader:
    def __init__(self, tm: Any, id_of: Callable[[Any], str | None]) -> None:
        state = pytm.TM._state
        ids = {id(item): found for item in state.elements if (found := id_of(item)) is not None}
        self._tm, self._ids = tm, ids
        self._elements = [item for item in state.elements if id(item) in ids]
        self._all_data = list(state.data)
        self._data = {id(item): number for number, item in enumerate(self._all_data)}
        self._excluded = [str(sid) for sid in state.threats_excluded]
        self._classes: dict[type, int] = {}
        self._made: list[PytmClass] = []
        self._usual: dict[type, dict[str, Any]] = {}
        self._controls = {name: _plain(value) for name, value in self._set_by_hand(pytm.Controls(), {})}

    def model(self) -> PytmModel:
        nodes = tuple(self._node(item) for item in self._elements)
        data = tuple(
            PytmDatum(cls=self._class(type(item)), attributes=self._attributes(item))
            for item in self._all_data
        )
        return PytmModel(
            controls=self._controls,
            classes=tuple(self._made),
            nodes=nodes,
            data=data,
            assumed=_assumed(a for a in self._tm.assumptions if len(a.exclude) > 0),
        )

    def _node(self, item: Any) -> PytmNode:
        return PytmNode(
            id=self._ids[id(item)],
            kind=next((kind for cls, kind in _NODE_KINDS if isinstance(item, cls)), "element"),
            cls=self._class(type(item)),
            attributes=self._attributes(item),
            forced=_forced(item),
            # what the model leaves out by name counts before any assumption
            assumed={**_assumed(item.assumptions), **dict.fromkeys(self._excluded, "")},
        )

    def _attributes(self, item: Any) -> dict[str, Value]:
        """What differs from the defaults of the object's class."""
        defaults = self._made[self._class(type(item))].defaults
        found: dict[str, Value] = {}
        for name, value in self._set_by_hand(item, self._usual[type(item)]):
            given = self._value(value)
            if name not in defaults or not _same(given, defaults[name]):
                found[name] = given
        return found

    @staticmethod
    def _set_by_hand(item: Any, usual: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Declared attributes, and those that pytm keeps although no class declares them; not those that plainly have
        their default, which are most."""
        for held in (vars(item), item.model_extra or {}):
            for name, value in held.items():
                other = usual.get(name, _NOTHING)
                if value is other:  # most are
                    continue
                kind = type(value)
                same = kind is type(other) and kind in _AS_IT_IS and value == other
                if not same and name not in _LEFT_OUT:
                    yield name, value

    def _class(self, cls: type) -> int:
        if cls not in self._classes:
            self._classes[cls] = len(self._made)
            fields: Mapping[str, Any] = cls.model_fields  # type: ignore[attr-defined]
            usual = {
                name: field.get_default(call_default_factory=True)
                for name, field in fields.items()
                if name not in _LEFT_OUT and not field.is_required()
            }
            self._usual[cls] = usual
            defaults = {name: self._value(value) for name, value in usual.items()}
            own = [base for base in cls.__mro__ if base.__module__.partition(".")[0] == "pytm"]
            self._made.append(
                PytmClass(
                    classes=tuple(base.__name__ for base in own),
                    defaults=defaults,
                    opaque=tuple(sorted({*(_LEFT_OUT & fields.keys()), *_of_the_model(cls, fields)})),
                )
            )
        return self._classes[cls]

    def _value(self, value: Any) -> Value:
        match value:
            case pytm.Controls():
                own = self._set_by_hand(value, self._controls)
                return ControlValues(controls={name: _plain(held) for name, held in own})
            case DataSet():
                order = {id(item): self._data.get(id(item), len(self._data)) for item in value}
                held = sorted(value, key=lambda item: (order[id(item)], str(type(item)), str(item)))
                return Items(items=tuple(self._item(item) for item in held), named=True)
            case list():
                return Items(items=tuple(self._item(item) for item in value), named=False)
            case _:
                return self._item(value)

    def _item(self, value: Any) -> Item:
        if isinstance(value, PytmElement):
            found = self._ids.get(id(value))
            return Opaque(opaque=type(value).__name__) if found is None else ToNode(node=found)
        if isinstance(value, pytm.Data):
            number = self._data.get(id(value))
            return Opaque(opaque="Data") if number is None else ToDatum(datum=number)
        return _plain(value)


def _plain(value: Any) -> Plain | Word | Opaque:
    match value:
        case Enum() if type(value) in _ENUMS:
            return Word(enum=type(value).__name__, word=value.name)
        case None | bool():
            return value
        case int() | str() if type(value) in (int, str):
            return value
        case float() if type(value) is float and math.isfinite(value):
            return value
        case _:
            return Opaque(opaque=type(value).__name__)


def _same(one: Value, other: Value) -> bool:
    """The same value and the same kind of value: True is not 1."""
    return type(one) is type(other) and one == other


def _of_the_model(cls: type, fields: Mapping[str, Any]) -> Iterator[str]:
    """Methods and properties that a class of the model has itself."""
    for base in cls.__mro__:
        if base.__module__.partition(".")[0] == "pytm":
            return
        yield from (
            name for name in vars(base) if not name.startswith(("_", "model_")) and name not in fields
        )


def _forced(item: Any) -> tuple[str, ...]:
    """The threats that overrides force: as in pytm, a flow has none that one of its ends has too."""
    forced = _ids(item)
    if isinstance(item, pytm.Dataflow):
        forced -= _ids(item.source) | _ids(item.sink)
    return tuple(sorted(forced))


def _ids(item: Any) -> set[str]:
    return {finding.threat_id for finding in item.overrides}


def _assumed(assumptions: Iterator[Any] | list[Any]) -> dict[str, str]:
    """Threats that assumptions exclude, with the name of the first one that does."""
    found: dict[str, str] = {}
    for assumption in assumptions:
        for sid in sorted(assumption.exclude):
            found.setdefault(sid, assumption.name)
    return found
