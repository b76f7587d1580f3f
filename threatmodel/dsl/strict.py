"""Constructors that refuse unknown names with file, line and the nearest right name."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from functools import cache
from typing import Any

from threatmodel.core.diagnostics import Place, nearest
from threatmodel.core.ids import ID_RULE, valid_id
from threatmodel.dsl.session import current, reference

_PLAIN = {"str": (str, "text"), "bool": (bool, "True or False")}


@cache
def signature_of(cls: type) -> inspect.Signature:
    """What a class takes. A model makes thousands of objects of a handful of classes."""
    return inspect.signature(cls.__init__)  # type: ignore[misc]  # of a class that models use


def checked_arguments(
    where: str, signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any], place: Place
) -> bool:
    """Report unknown and missing arguments of a constructor. Unknown ones are taken out of `kwargs`.

    Returns False where the object cannot be made at all.
    """
    session = current()
    known = [name for name in signature.parameters if name != "self"]
    for name in [name for name in kwargs if name not in known]:
        del kwargs[name]
        hint = nearest(name, known) or f"it takes {', '.join(known)}"
        session.report("M003", f'{where} has no attribute "{name}"', place, hint)
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError as error:
        session.report("M004", f"{where}: {error}", place, f"it takes {', '.join(known)}")
        return False
    good = True
    for name, value in bound.arguments.items():
        parameter = signature.parameters[name]
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


def checked_word(where: str, what: str, value: Any, words: Iterable[str], place: Place) -> Any:
    """One of a closed set of words; the first one stands in where the value is not among them."""
    known = list(words)
    if value not in known:
        hint = nearest(str(value), known) or f"one of {', '.join(known)}"
        current().report("M011", f'{where}: {what} cannot be "{value}"', place, hint)
        return known[0]
    return value


def checked_references(where: str, what: str, value: Any, place: Place) -> tuple[str, ...]:
    """The ids of a list of objects or texts. A lone object or text is an error."""
    if isinstance(value, str) or hasattr(value, "id") or not isinstance(value, Iterable):
        current().report("M004", f"{where}: {what} is a list", place, f"write {what}=[…]")
        return ()
    return tuple(reference(item) for item in value)


def checked_texts(where: str, what: str, value: Any, place: Place) -> tuple[str, ...]:
    """A list of texts. A lone text is an error: its letters would be taken one by one."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        current().report("M004", f"{where}: {what} is a list, not {value!r}", place, f"write {what}=[…]")
        return ()
    return tuple(str(item) for item in value)
