"""An operation of a flow that says more than its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from threatmodel.core.diagnostics import Place
from threatmodel.dsl.declare import StrictMeta
from threatmodel.dsl.session import current
from threatmodel.dsl.strict import checked_texts
from threatmodel.system import OperationFact


class Operation(metaclass=StrictMeta):
    """One call that a flow offers: the policy rule that decides on it, and what its receiver parses."""

    def __init__(self, name: str, *, policy: str = "", parses: str = "", note: str = "") -> None:
        self.fact = OperationFact(name=name, policy=policy, parses=parses, note=note)


def checked_operations(
    where: str, value: Any, place: Place
) -> tuple[tuple[str, ...], tuple[OperationFact, ...]]:
    """The names of all operations, and the facts of those that have some. A name that stands twice is reported."""
    if value == ():
        return (), ()
    if isinstance(value, str) or not isinstance(value, Iterable):
        return checked_texts(where, "operations", value, place), ()
    names, facts = [], []
    for item in value:
        fact = getattr(item, "fact", None) if isinstance(item, Operation) else None
        names.append(fact.name if fact else str(getattr(item, "id", item)))
        facts += [fact] if fact else []
    if "" in names:
        current().report("M004", f"{where}: an operation has no name", place, 'write Operation("…")')
    for name in sorted(
        {name for name in names if names.count(name) > 1} if len({*names}) < len(names) else ()
    ):
        current().report("M006", f'{where}: operation "{name}" stands twice', place, "leave one out")
    return tuple(names), tuple(facts)
