"""What stands at module level of a model: data assets, controls, adversaries, components, views, answers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, get_args

import pytm

from threatmodel.core.diagnostics import Place
from threatmodel.dsl.claims import WhenOption, when_options
from threatmodel.dsl.session import current
from threatmodel.dsl.strict import (
    checked_arguments,
    checked_id,
    checked_references,
    checked_texts,
    checked_word,
    taken_by,
)
from threatmodel.system import STRIDE, Claim, DataAsset, Stride
from threatmodel.system import Adversary as AdversaryValue
from threatmodel.system import CodeKind as CodeKindValue
from threatmodel.system import Component as ComponentValue
from threatmodel.system import Control as ControlValue
from threatmodel.system import NotApplicable as NotApplicableValue
from threatmodel.system import View as ViewValue
from threatmodel.system.model import Kind, Level, Role


def _bare(cls: Any) -> Any:
    return object.__new__(cls)


class StrictMeta(type):
    """Checks the arguments before `__init__`, so that one bad name does not hide the next."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        place = current().place()
        if not checked_arguments(cls.__name__, taken_by(cls), args, kwargs, place):
            made: Any = _bare(cls)
            object.__setattr__(made, "id", str(args[0]) if args else "invalid")
            return made
        return super().__call__(*args, **kwargs)


class _Declared(metaclass=StrictMeta):
    id: str

    def _named(self, id_: Any) -> tuple[str, Place]:
        place = current().place()
        where = f"{type(self).__name__} {id_!r}"
        object.__setattr__(self, "id", checked_id(where, id_, place))
        if current().building:
            current().report(
                "M017", f"{where} is made inside build()", place, "it belongs at module level, once"
            )
        return where, place

    def __setattr__(self, name: str, value: Any) -> None:
        current().report(
            "M018",
            f'{type(self).__name__} "{self.id}": "{name}" is set after it was made',
            current().place(),
            "give it to the constructor",
        )


_CLASSIFICATION = {
    "none": pytm.Classification.PUBLIC,
    "low": pytm.Classification.RESTRICTED,
    "medium": pytm.Classification.SENSITIVE,
    "high": pytm.Classification.SECRET,
}


class Data(_Declared):
    """A data asset. `origin`: ids of the elements that author its content, so that taint can be followed."""

    _asset: DataAsset

    def __init__(
        self,
        id: str,
        *,
        name: str,
        description: str = "",
        confidentiality: Level = "low",
        integrity: Level = "low",
        availability: Level = "low",
        secret: bool = False,
        origin: Iterable[str] = (),
    ) -> None:
        where, place = self._named(id)
        levels = {
            what: checked_word(where, what, value, get_args(Level), place)
            for what, value in (
                ("confidentiality", confidentiality),
                ("integrity", integrity),
                ("availability", availability),
            )
        }
        asset = DataAsset(
            id=self.id,
            name=name,
            description=description,
            secret=secret,
            origin=checked_texts(where, "origin", origin, place),
            place=place,
            **levels,
        )
        object.__setattr__(self, "_asset", asset)
        current().data.append(asset)

    @cached_property
    def native(self) -> pytm.Data:
        """The pytm object that flows carry; its classification is the asset's confidentiality."""
        asset = self._asset
        return pytm.Data(
            name=asset.name,
            description=asset.description,
            classification=_CLASSIFICATION[asset.confidentiality],
            isCredentials=asset.secret,
        )


class Control(_Declared):
    """A defence that the model claims: its control classes, and the claims that prove it."""

    def __init__(
        self,
        id: str,
        title: str,
        *,
        provides: Iterable[str],
        claims: Iterable[Claim] = (),
        description: str = "",
        references: Iterable[str] = (),
    ) -> None:
        where, place = self._named(id)
        listed: tuple[Any, ...] = tuple(claims) if hasattr(claims, "__iter__") else (claims,)
        if not all(isinstance(claim, get_args(Claim)) for claim in listed):
            current().report(
                "M004",
                f"{where}: claims is a list of claims",
                place,
                'write claims=[present("file", "pattern")]',
            )
            listed = ()
        current().controls.append(
            ControlValue(
                id=self.id,
                title=title,
                provides=checked_texts(where, "provides", provides, place),
                claims=listed,
                description=description,
                references=checked_texts(where, "references", references, place),
                place=place,
            )
        )


class Adversary(_Declared):
    """A named attacker and the elements and boundaries under its power from the start."""

    def __init__(
        self,
        id: str,
        *,
        name: str,
        description: str = "",
        family: str = "",
        controls: Iterable[str] = (),
        goals: Iterable[str] = (),
        when: WhenOption = None,
    ) -> None:
        where, place = self._named(id)
        current().adversaries.append(
            AdversaryValue(
                id=self.id,
                name=name,
                description=description,
                family=family,
                controls=checked_references(where, "controls", controls, place),
                goals=checked_texts(where, "goals", goals, place),
                when=when_options(when),
                place=place,
            )
        )


class Component(_Declared):
    """A place in the source: path globs, and the elements in which it runs or its role. `symbols`: globs of the functions
    and types that are meant, by their qualified names; all where there are none."""

    def __init__(
        self,
        id: str,
        *globs: str,
        runs_in: Iterable[str] = (),
        role: Role | None = None,
        symbols: Iterable[str] = (),
    ) -> None:
        where, place = self._named(id)
        if role is not None:
            role = checked_word(where, "role", role, get_args(Role), place)
        runs = checked_references(where, "runs_in", runs_in, place)
        if bool(runs) == bool(role):
            current().report("M004", f"{where}: give runs_in or a role, one of the two", place)
        current().components.append(
            ComponentValue(
                id=self.id,
                globs=tuple(globs),
                symbols=checked_texts(where, "symbols", symbols, place),
                runs_in=runs,
                role=role,
                place=place,
            )
        )


class CodeKind(_Declared):
    """Source of a kind of its own: `test`, `example`, `generated` or `vendored`, whatever component it belongs to. Globs
    of paths, and in `symbols` of qualified names; of each at least one must match where there are any."""

    def __init__(self, id: str, kind: Kind, *globs: str, symbols: Iterable[str] = ()) -> None:
        where, place = self._named(id)
        names = checked_texts(where, "symbols", symbols, place)
        if not globs and not names:
            current().report("M004", f"{where}: give globs or symbols", place)
        current().code_kinds.append(
            CodeKindValue(
                id=self.id,
                kind=checked_word(where, "kind", kind, get_args(Kind), place),
                globs=tuple(globs),
                symbols=names,
                place=place,
            )
        )


class View(_Declared):
    """A named selection of elements across boundaries; elements absent from a configuration are left out there."""

    def __init__(self, id: str, *, name: str, elements: Iterable[str], description: str = "") -> None:
        where, place = self._named(id)
        current().views.append(
            ViewValue(
                id=self.id,
                name=name,
                description=description,
                elements=checked_references(where, "elements", elements, place),
                place=place,
            )
        )


class NotApplicable(_Declared):
    """A STRIDE category does not apply at these elements and flows, because … An answer where there are threats is an
    error: `threatmodel coverage` and `check` tell it. `source`: a public place where somebody says so."""

    def __init__(
        self,
        id: str,
        category: Stride,
        *,
        at: Iterable[str],
        reason: str,
        source: str = "",
        when: WhenOption = None,
    ) -> None:
        where, place = self._named(id)
        current().answers.append(
            NotApplicableValue(
                id=self.id,
                category=checked_word(where, "category", category, STRIDE, place),
                at=checked_references(where, "at", at, place),
                reason=reason,
                source=source,
                when=when_options(when),
                place=place,
            )
        )
