"""A condition asked part by part: what each part answers for one adversary, and which values that rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from threatmodel.rules.language import Variables, World
from threatmodel.rules.outline import Outline, PartKind, Term
from threatmodel.system import DataAsset, Element, Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A value of the model. `of` is the id of the thing that has it, empty where it is the threatened one itself."""

    text: str
    value: str
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a part answers. `held` is None for a number, and where the `note` says that it is not known; `number` is None
    for a test.

    `seen` are the values that a test or number rests on. `items` are those of `any` and `all`. `note`: what else there is
    to say of the answer.
    """

    text: str
    kind: PartKind
    held: bool | None
    number: int | None = None
    seen: tuple[Seen, ...] = ()
    parts: tuple[Answer, ...] = ()
    items: tuple[ItemAnswer, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAnswer:
    """One item of `any` or `all`, by id. `asked` is False where a guard leaves it out; then `answer` is that guard's."""

    id: str
    asked: bool
    answer: Answer


def evaluate(part: Outline, world: World, variables: Variables) -> Answer:
    """The part and all parts in it, whether or not the engine would have looked at them."""
    value = part.code.code(world, variables)
    is_test = part.code.type == "bool"
    return Answer(
        text=part.text,
        kind=part.kind,
        held=bool(value) if is_test else None,
        number=None if is_test else int(value),
        seen=tuple(_seen(term, world, variables) for term in part.terms),
        parts=tuple(evaluate(inner, world, variables) for inner in part.parts),
        items=tuple(_items(part, world, variables)) if part.items else (),
    )


def _items(part: Outline, world: World, variables: Variables) -> list[ItemAnswer]:
    assert part.items is not None  # the caller looked
    assert part.body is not None  # a loop has one
    out = []
    for item in part.items.code(world, variables):
        inside = {**variables, part.variable: item}
        guards = [evaluate(guard, world, inside) for guard in part.guards]
        failed = next((guard for guard in guards if not guard.held), None)
        answer = failed or evaluate(part.body, world, inside)
        out.append(ItemAnswer(id=item.id, asked=failed is None, answer=answer))
    return out


def _seen(term: Term, world: World, variables: Variables) -> Seen:
    value = term.code.code(world, variables)
    holder = term.holder.code(world, variables) if term.holder else None
    subject = next(iter(variables.values()))
    of = "" if holder is None or holder is subject else holder.id
    return Seen(text=" ".join(term.code.text.split()), value=shown(value), of=of)


def shown(value: Any) -> str:
    """A value of the model as an author would write it; things of the model by their ids."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case Element() | Flow() | DataAsset():
            return value.id
        case frozenset():
            return _listed([f'"{item}"' for item in sorted(value)])
        case tuple() | list():
            return _listed([shown(item) for item in value])
        case _:
            return str(value)


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items) or "empty"
