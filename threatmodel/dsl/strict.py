"""Constructors that refuse unknown names with file, line and the nearest right name."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from threatmodel.core.diagnostics import Place, nearest
from threatmodel.core.ids import ID_RULE, valid_id
from threatmodel.dsl.session import current, reference

_PLAIN = {"str": (str, "text"), "bool": (bool, "True or False")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """Whether calls of one shape are right in names and number, and whose kinds are still to be looked at."""

    right: bool
    positional: tuple[tuple[int, type], ...]
    named: tuple[tuple[str, type], ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a constructor takes: its signature, and the parts of it that decide whether a call is plainly right."""

    signature: inspect.Signature
    known: tuple[str, ...]
    positional: tuple[str, ...]
    required: frozenset[str]
    kinds: Mapping[str, type]
    rest: bool
    _shapes: dict[tuple[Any, ...], _Shape] = field(default_factory=dict)
    """What was found of calls by their shape: the number of arguments without a name, and the names of the others."""

    def fits(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """True for a call that is right in names, number and kinds. A call that is not is looked at in detail."""
        shape = (len(args), *kwargs)
        found = self._shapes.get(shape)
        if found is None:
            found = self._shapes[shape] = self._judged(shape)
        if not found.right:
            return False
        for at, kind in found.positional:
            if not isinstance(args[at], kind):
                return False
        for name, kind in found.named:  # noqa: SIM110 - asked for each object of a model, so it makes no generator
            if not isinstance(kwargs[name], kind):
                return False
        return True

    def _judged(self, shape: tuple[Any, ...]) -> _Shape:
        number, *named = shape
        given = [*self.positional[:number], *named]
        right = (
            not self.rest
            and number <= len(self.positional)
            and len({*given}) == len(given)
            and self.required <= {*given} <= {*self.known}
        )
        return _Shape(
            right=right,
            positional=tuple(
                (at, self.kinds[name])
                for at, name in enumerate(self.positional[:number])
                if name in self.kinds
            ),
            named=tuple((name, self.kinds[name]) for name in named if name in self.kinds),
        )


@cache
def taken_by(cls: type) -> _Taken:
    """What a class takes. A model makes thousands of objects of a handful of classes."""
    signature = inspect.signature(cls.__init__)  # type: ignore[misc]  # of a class that models use
    own = [parameter for name, parameter in signature.parameters.items() if name != "self"]
    return _Taken(
        signature=signature,
        known=tuple(parameter.name for parameter in own),
        positional=tuple(x.name for x in own if x.kind is x.POSITIONAL_OR_KEYWORD),
        required=frozenset(x.name for x in own if x.default is x.empty),
        kinds={
            x.name: _PLAIN[str(x.annotation)][0]
            for x in own
            if str(x.annotation) in _PLAIN and x.name != "id"
        },
        rest=any(x.kind in (x.VAR_POSITIONAL, x.VAR_KEYWORD) for x in own),
    )


def checked_arguments(
    where: str, taken: _Taken, args: tuple[Any, ...], kwargs: dict[str, Any], place: Place
) -> bool:
    """Report unknown and missing arguments of a constructor. Unknown ones are taken out of `kwargs`.

    Returns False where the object cannot be made at all.
    """
    if taken.fits(args, kwargs):
        return True
    session = current()
    for name in [name for name in kwargs if name not in taken.known]:
        del kwargs[name]
        hint = nearest(name, taken.known) or f"it takes {', '.join(taken.known)}"
        session.report("M003", f'{where} has no attribute "{name}"', place, hint)
    try:
        bound = taken.signature.bind(None, *args, **kwargs)
    except TypeError as error:
        session.report("M004", f"{where}: {error}", place, f"it takes {', '.join(taken.known)}")
        return False
    good = True
    for name, value in bound.arguments.items():
        parameter = taken.signature.parameters[name]
        kind, words = _PLAIN.get(str(parameter.annotation), (object, ""))
        for item in value if parameter.kind is parameter.VAR_POSITIONAL else (value,):
            if name != "id" and not isinstance(item, kind):
                session.report("M004", f"{where}: {name} is {words}, not {item!r}"[:300], place)
                good = False
    return good


def checked_id(where: str, value: Any, place: Place) -> str:
    """The id, reported where its form is wrong."""
    if not isinstance(value, str) or not valid_id(value):
        current().report("M005", f"{where}: {value!r} is not an id", place, f"an id is {ID_RULE}")
        return value if isinstance(value, str) else "invalid"
    return value


def checked_word(where: str, what: str, value: Any, words: Sequence[str], place: Place) -> Any:
    """One of a closed set of words; the first one stands in where the value is not among them."""
    if value not in words:
        known = list(words)
        hint = nearest(str(value), known) or f"one of {', '.join(known)}"
        current().report("M011", f'{where}: {what} cannot be "{value}"', place, hint)
        return known[0]
    return value


def checked_references(where: str, what: str, value: Any, place: Place) -> tuple[str, ...]:
    """The ids of a list of objects or texts. A lone object or text is an error."""
    if value == ():
        return ()
    if isinstance(value, str) or hasattr(value, "id") or not isinstance(value, Iterable):
        current().report("M004", f"{where}: {what} is a list", place, f"write {what}=[…]")
        return ()
    return tuple(reference(item) for item in value)


def checked_texts(where: str, what: str, value: Any, place: Place) -> tuple[str, ...]:
    """A list of texts. A lone text is an error: its letters would be taken one by one."""
    if value == ():
        return ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        current().report("M004", f"{where}: {what} is a list, not {value!r}", place, f"write {what}=[…]")
        return ()
    return tuple(str(item) for item in value)
