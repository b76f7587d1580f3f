"""Values that pytm's conditions work on: what pydantic objects of pytm answer, without pytm.

Where an answer would need more than the model carries over, `Unsupported` is raised; it is never taken for "no match".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

from threatmodel.system.pytm import (
    ENUMS,
    ControlValues,
    Items,
    Opaque,
    PytmDatum,
    PytmModel,
    PytmNode,
    ToDatum,
    ToNode,
    Value,
)
from threatmodel.system.pytm import Word as WordName

_ORDERED = frozenset({"Classification", "TLSVersion"})
_IDENTITY = ("name", "description", "format", "classification")
"""pytm's data are equal where these are."""


class Unsupported(Exception):
    """What a condition asks for is not carried over, or not part of the evaluator."""


class Word:
    """A member of an enumeration: one object per member, ordered where pytm orders it."""

    __slots__ = ("enum", "rank", "word")

    def __init__(self, enum: str, word: str) -> None:
        self.enum, self.word = enum, word
        self.rank = ENUMS[enum].index(word)

    def _other(self, other: object) -> int:
        if isinstance(other, Word) and other.enum == self.enum and self.enum in _ORDERED:
            return other.rank
        raise TypeError("no order")

    def __lt__(self, other: object) -> bool:
        return self.rank < self._other(other)

    def __le__(self, other: object) -> bool:
        return self.rank <= self._other(other)

    def __gt__(self, other: object) -> bool:
        return self.rank > self._other(other)

    def __ge__(self, other: object) -> bool:
        return self.rank >= self._other(other)


WORDS: Mapping[tuple[str, str], Word] = {
    (enum, word): Word(enum, word) for enum, words in ENUMS.items() for word in words
}


class Node(dict[str, Any]):
    """An object with attributes: an element, flow, boundary, datum or set of controls. Equal to itself only, but for
    data."""

    __slots__ = ("classes", "datum", "opaque")

    def __init__(
        self,
        values: Mapping[str, Any],
        classes: frozenset[str],
        opaque: frozenset[str],
        *,
        datum: bool = False,
    ) -> None:
        super().__init__(values)
        self.classes, self.opaque, self.datum = classes, opaque, datum

    def __missing__(self, name: str) -> NoReturn:
        if name in self.opaque:
            raise Unsupported(f'"{name}" is not carried over')
        raise AttributeError(name)

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        raise TypeError("has no length")

    def __iter__(self) -> Iterator[str]:
        raise Unsupported("a loop over the attributes of an object")

    def __contains__(self, name: object) -> bool:
        raise Unsupported("a test whether something is in an object")

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Node):
            return NotImplemented
        if not (self.datum and other.datum):
            raise Unsupported("two objects are compared")
        return all(self[name] == other[name] for name in _IDENTITY)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = object.__hash__  # type: ignore[assignment]  # a dict has none


class DataSet(list[Any]):
    """pytm's set of data: it holds data, and answers to their names too."""

    __slots__ = ("names",)

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__(items)
        self.names = frozenset(name for item in self if isinstance(name := _name(item), str))

    def __contains__(self, item: object) -> bool:
        return item in self.names if isinstance(item, str) else super().__contains__(item)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return other in self.names
        if isinstance(other, DataSet):
            return len(self) == len(other) and all(item in other for item in self)
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # as a set

    def _unsupported(self, _: object) -> NoReturn:
        raise Unsupported("sets of data are compared or added")

    __lt__ = __le__ = __gt__ = __ge__ = __add__ = __radd__ = _unsupported


_STRANGE = object()
_AS_IT_IS = frozenset({bool, float, int, str, type(None)})


def _name(item: object) -> object:
    return dict.get(item, "name") if isinstance(item, Node) else None


def nodes_of(model: PytmModel) -> list[Node]:
    """The elements, flows and boundaries of a model, each with its attributes, in the model's order."""
    return _Builder(model).nodes


class _Builder:
    """Turns references into the objects that they lead to. What a class or most objects share is made once."""

    def __init__(self, model: PytmModel) -> None:
        classes = [(frozenset(cls.classes), frozenset(cls.opaque)) for cls in model.classes]
        self._data = [Node({}, *classes[datum.cls], datum=True) for datum in model.data]
        self.nodes = [Node({}, *classes[node.cls]) for node in model.nodes]
        self._by_id = {node.id: made for node, made in zip(model.nodes, self.nodes, strict=True)}
        self._controls = Node({}, frozenset({"Controls"}), frozenset())
        self._fill(self._controls, model.controls)
        usual: list[dict[str, Any]] = []
        for cls, known in zip(model.classes, classes, strict=True):
            made = Node({}, *known)
            self._fill(made, cls.defaults)
            usual.append(dict(made.items()))
        holders: tuple[PytmNode | PytmDatum, ...] = (*model.data, *model.nodes)
        # a set of data knows their names, so data come first
        for holder, made in zip(holders, (*self._data, *self.nodes), strict=True):
            made.update(usual[holder.cls])
            self._fill(made, holder.attributes)

    def _fill(self, made: Node, attributes: Mapping[str, Value]) -> None:
        for name, value in attributes.items():
            if type(value) in _AS_IT_IS:
                made[name] = value
            elif isinstance(value, Opaque):
                made.pop(name, None)
                made.opaque |= {name}
            else:
                made[name] = self._value(value)

    def _value(self, value: Value) -> Any:
        match value:
            case ToDatum():
                return self._data[value.datum]
            case ToNode():
                return self._by_id[value.node]
            case Items():
                items = [self._value(item) for item in value.items]
                return DataSet(items) if value.named else items
            case WordName():
                return WORDS[value.enum, value.word]
            case ControlValues():
                return self._controls_with(value)
            case Opaque():  # inside a list: an object without any attribute that is known
                return _STRANGE
            case _:
                return value

    def _controls_with(self, value: ControlValues) -> Node:
        usual = self._controls
        if not value.controls:
            return usual
        made = Node({}, usual.classes, usual.opaque)
        made.update(usual.items())
        self._fill(made, value.controls)
        return made
