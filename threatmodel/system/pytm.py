"""A plain pytm model as pytm's own conditions see it: attributes of elements, flows, boundaries and data.

The values are those after pytm's `check()`, which fills in defaults. A node holds only what differs from the defaults of
its class. Elements are named by the ids of the system, data by their position.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

Plain = bool | int | float | str | None
NodeKind = Literal["element", "flow", "boundary"]
ENUMS: Mapping[str, tuple[str, ...]] = {
    "Action": ("NO_ACTION", "RESTRICT", "IGNORE"),
    "Classification": ("UNKNOWN", "PUBLIC", "RESTRICTED", "SENSITIVE", "SECRET", "TOP_SECRET"),
    "DatastoreType": ("UNKNOWN", "FILE_SYSTEM", "SQL", "LDAP", "AWS_S3"),
    "Lifetime": ("NONE", "UNKNOWN", "SHORT", "LONG", "AUTO", "MANUAL", "HARDCODED"),
    "TLSVersion": ("NONE", "SSLv1", "SSLv2", "SSLv3", "TLSv10", "TLSv11", "TLSv12", "TLSv13"),
}
"""pytm's enumerations, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A member of one of pytm's enumerations: `TLSVersion`, `TLSv12`."""

    enum: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToNode:
    """An element, flow or boundary, by id."""

    node: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDatum:
    """One of the model's data, by its position."""

    datum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque:
    """A value that is not carried over, by the name of its type. A condition that reads it cannot be evaluated."""

    opaque: str


Item = Plain | Word | ToNode | ToDatum | Opaque


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list, or pytm's set of data, which answers to the names of its members."""

    items: tuple[Item, ...]
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlValues:
    """A `Controls` object: what differs from its defaults."""

    controls: Mapping[str, Plain | Word | Opaque]


Value = Item | Items | ControlValues


@dataclass(frozen=True, slots=True, kw_only=True)
class PytmClass:
    """A class of the model: the pytm classes that it is, its own first, and what its attributes are unless set.

    `opaque` are names of attributes, properties and methods that are not carried over.
    """

    classes: tuple[str, ...]
    defaults: Mapping[str, Value]
    opaque: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PytmNode:
    """An element, flow or boundary. `cls` is the position of its class.

    `forced` are ids of pytm's threats that an override of the model forces here whether or not the condition holds;
    `assumed` are those that an assumption excludes here, with the assumption's name.
    """

    id: str
    kind: NodeKind
    cls: int
    attributes: Mapping[str, Value]
    forced: tuple[str, ...] = ()
    assumed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PytmDatum:
    """One of the model's data. `cls` is the position of its class."""

    cls: int
    attributes: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class PytmModel:
    """All that pytm's `resolve()` reads. `assumed` are threats that an assumption about the whole model excludes, with
    its name."""

    controls: Mapping[str, Plain | Word | Opaque]
    classes: tuple[PytmClass, ...]
    nodes: tuple[PytmNode, ...]
    data: tuple[PytmDatum, ...]
    assumed: Mapping[str, str] = field(default_factory=dict)

    def dangling(self, ids: Mapping[NodeKind, Collection[str]]) -> str:
        """The first name that leads nowhere, in words; empty where all is well. `ids` are those of the system."""
        known: set[str] = set()
        for node in self.nodes:
            if node.id not in ids[node.kind] or node.id in known:
                return f"{node.kind} {node.id}"
            known.add(node.id)
        holders: tuple[PytmNode | PytmDatum, ...] = (*self.nodes, *self.data)
        for position in (holder.cls for holder in holders):
            if not 0 <= position < len(self.classes):
                return f"class {position}"
        maps = [
            self.controls,
            *(cls.defaults for cls in self.classes),
            *(each.attributes for each in holders),
        ]
        for value in (value for attributes in maps for value in attributes.values()):
            if lost := self._lost(value, known):
                return lost
        return ""

    def _lost(self, value: Value, known: Collection[str]) -> str:
        match value:
            case ToNode() if value.node not in known:
                return f"node {value.node}"
            case ToDatum() if not 0 <= value.datum < len(self.data):
                return f"datum {value.datum}"
            case Word() if value.word not in ENUMS.get(value.enum, ()):
                return f"word {value.enum}.{value.word}"
            case Items():
                return next((lost for item in value.items if (lost := self._lost(item, known))), "")
            case ControlValues():
                return next(
                    (lost for item in value.controls.values() if (lost := self._lost(item, known))), ""
                )
            case _:
                return ""
