"""The parts of a condition as a tree: what held, what did not, and with which values of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from collateral.explain.model import ExplainFile
from collateral.report.trees import Mark, Node
from threatmodel.analysis.evaluation import Answer, ItemAnswer, Seen
from threatmodel.analysis.explanation import Answered, PartAnswer

_MOST_ITEMS = 4
"""Items of `any` and `all` that are shown one by one; the others are counted."""
_MOST_IDS = 6


def condition_nodes(file: ExplainFile) -> list[Node]:
    """A node for each part that has to hold."""
    tree = _Tree()
    return [tree.part(part) for part in file.explanation.parts]


class _Tree:
    """Makes the nodes. A list of texts, such as traits, is told where it is first needed and called known after that."""

    def __init__(self) -> None:
        self._told: set[Seen] = set()

    def part(self, part: PartAnswer) -> Node:
        if not part.answers:
            why = "no adversary has a foothold in this configuration"
            return Node(mark="failed", text=part.text, details=(why,))
        if len(part.answers) > 1:
            mark: Mark = "held" if any(found.answer.held for found in part.answers) else "failed"
            return Node(mark=mark, text=part.text, children=tuple(map(self._answered, part.answers)))
        found = part.answers[0]
        made = self.node(found.answer)
        return replace(made, details=(*made.details, _whom(found))) if part.adversarial else made

    def _answered(self, found: Answered) -> Node:
        """What a part is worth for some of the adversaries; its text is above."""
        made = self.node(found.answer)
        values = (
            [*self._values(_plain(found.answer)), *made.details]
            if found.answer.kind in _TOLD
            else made.details
        )
        return Node(
            mark=made.mark,
            text=f"for {', '.join(found.adversaries)}",
            details=tuple(dict.fromkeys(values)),
            children=made.children,
        )

    def node(self, answer: Answer) -> Node:
        """The answer with all answers in it."""
        if answer.kind in {"any", "all"}:
            return Node(
                mark=_mark(answer),
                text=answer.text,
                details=_quantity(answer),
                children=tuple(self._items(answer)),
            )
        bare = _plain(answer)
        values = self._values(bare)
        text = f"{answer.text}  ({values[0]})" if len(values) == 1 and not bare.note else answer.text
        details = tuple(values) if text == answer.text else ()
        return Node(
            mark=_mark(answer),
            text=text,
            details=(*details, bare.note) if bare.note else details,
            children=tuple(self.node(part) for part in bare.parts),
        )

    def _values(self, answer: Answer) -> list[str]:
        return [self._value(seen) for seen in answer.seen if seen.of or seen.text != answer.text]

    def _value(self, seen: Seen) -> str:
        if "," in seen.value and seen in self._told:
            return f"{seen.text} as above"
        self._told.add(seen)
        return value_of(seen)

    def _items(self, answer: Answer) -> Iterator[Node]:
        """The items that decide, one by one where they are few; the others by what fails in them."""
        deciding = [
            item for item in answer.items if item.asked and bool(item.answer.held) is (answer.kind == "any")
        ]
        if answer.kind == "any":
            yield from (Node(mark="held", text=_holding(item)) for item in deciding[:_MOST_ITEMS])
        else:
            yield from (self._item(item) for item in deciding[:_MOST_ITEMS])
        if (more := len(deciding) - _MOST_ITEMS) > 0:
            yield Node(text=f"and {more} more in the same way")
        failing: dict[tuple[str, ...], list[str]] = {}
        for item in answer.items:
            if item not in deciding and not (item.asked and item.answer.held):
                word = "fails" if item.asked else "left out"
                failing.setdefault((word, *_failed(item.answer)), []).append(item.id)
        for (word, *texts), ids in failing.items():
            yield Node(
                mark="failed" if word == "fails" else "", text=f"{word} {'; '.join(texts)}: {_some(ids)}"
            )

    def _item(self, item: ItemAnswer) -> Node:
        made = self.node(item.answer)
        return replace(made, text=item.id if item.answer.kind in {"and", "or"} else f"{item.id}  {made.text}")


def _holding(item: ItemAnswer) -> str:
    """The item, with the things whose values make it hold."""
    return " ".join((item.id, *_others(item)))


def _others(item: ItemAnswer) -> Iterator[str]:
    found = dict.fromkeys(seen.of for seen in _all_seen(item.answer) if seen.of not in ("", item.id))
    if found:
        yield f"({', '.join(found)})"


def _all_seen(answer: Answer) -> Iterator[Seen]:
    yield from answer.seen
    for part in answer.parts:
        yield from _all_seen(part)


def _failed(answer: Answer) -> tuple[str, ...]:
    """The parts that keep an item from holding."""
    parts = answer.parts if answer.kind == "and" else (answer,)
    return tuple(part.text for part in parts if not part.held)


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - _MOST_IDS
    return ", ".join(ids[:_MOST_IDS]) + (f" and {more} more" if more > 0 else "")


_TOLD = frozenset({"test", "not"})


def _plain(answer: Answer) -> Answer:
    """`not` of a test is as good as that test: its values are the same, and its own mark says the rest."""
    if answer.kind == "not" and answer.parts[0].kind == "test":
        return answer.parts[0]
    return answer


def _whom(found: Answered) -> str:
    ids = found.adversaries
    if len(ids) == 1:
        return f"for {ids[0]}, the only adversary with a foothold"
    return f"the same for all {len(ids)} adversaries with a foothold"


def _mark(answer: Answer) -> Mark:
    if answer.held is None:
        return "unknown" if answer.kind != "number" else ""
    return "held" if answer.held else "failed"


def value_of(seen: Seen) -> str:
    """`flow.encryption is "none"`; where another thing has the value, its id too. Of a test itself the id alone: a mark
    says the rest."""
    if seen.value in {"true", "false"} and seen.of:
        return seen.of
    return f"{seen.text} is {seen.value}" + (f", of {seen.of}" if seen.of else "")


def _quantity(answer: Answer) -> tuple[str, ...]:
    asked = [item for item in answer.items if item.asked]
    held = sum(bool(item.answer.held) for item in asked)
    left = len(answer.items) - len(asked)
    out = f"; {left} left out by the condition itself" if left else ""
    if not answer.items:
        return (f"there is nothing to ask, so it {'holds' if answer.held else 'does not hold'}",)
    return (f"{held} of {len(asked)} hold{out}",)


def listed(items: Iterable[str]) -> str:
    """With commas; a word where there is nothing."""
    return ", ".join(items) or "nothing"
