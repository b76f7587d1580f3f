"""Boundaries, elements and flows: pytm's classes with strict signatures and explicit ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, get_args

import pytm
from pydantic import ConfigDict

from threatmodel.core.diagnostics import Place
from threatmodel.dsl.declare import Control, Data
from threatmodel.dsl.operation import Operation, checked_operations
from threatmodel.dsl.session import current, reference
from threatmodel.dsl.strict import (
    checked_arguments,
    checked_id,
    checked_references,
    checked_texts,
    checked_word,
    taken_by,
)
from threatmodel.system import Boundary as BoundaryValue
from threatmodel.system import Element as ElementValue
from threatmodel.system import Flow as FlowValue
from threatmodel.system.model import Authentication, ElementKind, Encryption, Privilege

_Meta: Any = type(pytm.Boundary)
_CONFIG = ConfigDict(extra="forbid", defer_build=True)
_PRIVILEGES: tuple[str, ...] = get_args(Privilege)
_AUTHENTICATIONS: tuple[str, ...] = get_args(Authentication)
_ENCRYPTIONS: tuple[str, ...] = get_args(Encryption)
_INTERNAL = frozenset({"findings", "is_drawn", "severity", "uuid"})


class _StrictMeta(_Meta):  # type: ignore[misc]
    """Checks the arguments before pydantic sees them, so that one bad name does not hide the next."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805 - a metaclass
        place = current().place()
        if not checked_arguments(cls.__name__, taken_by(cls), args, kwargs, place):
            return _Broken(str(args[0]) if args else "invalid")
        return super().__call__(*args, **kwargs)


class _Broken:
    """Stands in for an object that could not be made; its problem is reported already."""

    def __init__(self, id_: str) -> None:
        self.id = id_


class _Strict:
    """Attributes of a pytm object cannot be added or changed after it was made. Each is equal to itself only.

    What pytm keeps of it is made when somebody asks for an attribute of pytm's: a model is built once for each
    configuration, and nearly nobody asks.
    """

    _native: ClassVar[Any]
    """pytm's class."""
    __eq__ = object.__eq__  # pytm asks for each new one whether it is among all those before
    __hash__ = object.__hash__

    def _later(self, anchor: str, *args: Any, **kwargs: Any) -> None:
        """What pytm's class is to be called with."""
        self.__dict__.update(_anchor=anchor, _arguments=(args, kwargs), _sealed=True)

    @property
    def id(self) -> str:
        """The explicit, stable id."""
        return str(self.__dict__["_anchor"])

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there (yet)."""
        own = self.__dict__
        if "_arguments" not in own:
            return super().__getattr__(name)  # type: ignore[misc]  # pydantic's
        args, kwargs = own.pop("_arguments")
        own["_sealed"] = False
        self._native.__init__(self, *args, **kwargs)  # takes another dictionary for the attributes
        self.__dict__.update(_anchor=own["_anchor"], _sealed=True)
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if self.__dict__.get("_sealed") and not name.startswith("_") and name not in _INTERNAL:
            current().report(
                "M018",
                f'{type(self).__name__} "{self.id}": "{name}" is set after it was made',
                current().place(),
                "give it to the constructor",
            )
            return
        super().__setattr__(name, value)


def _begin(cls: type, id_: Any) -> tuple[str, str, Place]:
    place = current().place()
    where = f"{cls.__name__} {id_!r}"
    if not current().building:
        current().report("M017", f"{where} is made at module level", place, "make it inside build()")
    return checked_id(where, id_, place), where, place


def _natives(items: Iterable[Any]) -> list[pytm.Data]:
    if isinstance(items, str) or not isinstance(items, Iterable):
        return []
    return [item.native for item in items if isinstance(item, Data) and hasattr(item, "_asset")]


class Boundary(_Strict, pytm.Boundary, metaclass=_StrictMeta):  # type: ignore[misc]
    """A trust boundary with the privilege that code inside it has. `inside` nests it in another one."""

    model_config = _CONFIG
    _native = pytm.Boundary

    def __init__(
        self,
        id: str,
        *,
        name: str,
        privilege: Privilege,
        inside: Boundary | str | None = None,
        description: str = "",
        controls: Iterable[Control | str] = (),
    ) -> None:
        anchor, where, place = _begin(type(self), id)
        parent = inside if isinstance(inside, Boundary) else None
        self._later(anchor, name=name, description=description, inBoundary=parent)
        current().boundaries.append(
            BoundaryValue(
                id=anchor,
                name=name,
                privilege=checked_word(where, "privilege", privilege, _PRIVILEGES, place),
                parent=None if inside is None else reference(inside),
                description=description,
                controls=checked_references(where, "controls", controls, place),
                place=place,
            )
        )


class _Node(_Strict):
    """What processes, stores, external entities and actors have in common."""

    model_config = _CONFIG
    _kind: ClassVar[ElementKind]

    def __init__(
        self,
        id: str,
        *,
        inside: Boundary | str,
        name: str = "",
        description: str = "",
        runs_as: str = "",
        language: str = "",
        multiple: bool = False,
        traits: Iterable[str] = (),
        data: Iterable[Data | str] = (),
        controls: Iterable[Control | str] = (),
    ) -> None:
        anchor, where, place = _begin(type(self), id)
        boundary = inside if isinstance(inside, Boundary) else None
        self._later(anchor, name=name or anchor, description=description, inBoundary=boundary)
        current().elements.append(
            ElementValue(
                id=anchor,
                name=name or anchor,
                kind=self._kind,
                boundary=reference(inside),
                description=description,
                runs_as=runs_as,
                language=language.lower(),
                multiple=multiple,
                traits=frozenset(checked_texts(where, "traits", traits, place)),
                data=checked_references(where, "data", data, place),
                controls=checked_references(where, "controls", controls, place),
                place=place,
            )
        )


class Process(_Node, pytm.Process, metaclass=_StrictMeta):  # type: ignore[misc]
    """Running code: a process, a kernel, a thread group with a job of its own."""

    _kind = "process"
    _native = pytm.Process


class Datastore(_Node, pytm.Datastore, metaclass=_StrictMeta):  # type: ignore[misc]
    """Data at rest: a file, an image, a socket folder with state."""

    _kind = "datastore"
    _native = pytm.Datastore


class ExternalEntity(_Node, pytm.ExternalEntity, metaclass=_StrictMeta):  # type: ignore[misc]
    """A system outside the model's power: a registry, an API server."""

    _kind = "external"
    _native = pytm.ExternalEntity


class Actor(_Node, pytm.Actor, metaclass=_StrictMeta):  # type: ignore[misc]
    """A person."""

    _kind = "actor"
    _native = pytm.Actor


class Flow(_Strict, pytm.Dataflow, metaclass=_StrictMeta):  # type: ignore[misc]
    """A directed data flow from `source` to `target`. A reply that matters is a flow of its own (`F60.reply`)."""

    model_config = _CONFIG
    _native = pytm.Dataflow

    def __init__(
        self,
        id: str,
        source: Any,
        target: Any,
        name: str,
        *,
        protocol: str = "",
        over: str = "",
        port: str | int = "",
        description: str = "",
        authentication: Authentication = "none",
        encryption: Encryption = "none",
        shares_memory: bool = False,
        traits: Iterable[str] = (),
        operations: Iterable[str | Operation] = (),
        data: Iterable[Data | str] = (),
        controls: Iterable[Control | str] = (),
    ) -> None:
        anchor, where, place = _begin(type(self), id)
        names, facts = checked_operations(where, operations, place)
        self.__dict__.update(_anchor=anchor, _sealed=True)  # ids alone are no ends of a flow of pytm's
        if isinstance(source, pytm.Element) and isinstance(target, pytm.Element):
            self._later(
                anchor, source, target, name, protocol=protocol, description=description, data=_natives(data)
            )
        current().flows.append(
            FlowValue(
                id=anchor,
                source=reference(source),
                target=reference(target),
                name=name,
                protocol=protocol,
                over=over,
                port=str(port),
                description=description,
                authentication=checked_word(where, "authentication", authentication, _AUTHENTICATIONS, place),
                encryption=checked_word(where, "encryption", encryption, _ENCRYPTIONS, place),
                shares_memory=bool(shares_memory),
                traits=frozenset(checked_texts(where, "traits", traits, place)),
                operations=names,
                operation_facts=facts,
                data=checked_references(where, "data", data, place),
                controls=checked_references(where, "controls", controls, place),
                place=place,
            )
        )


Dataflow = Flow
