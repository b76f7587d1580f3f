"""Two configurations beside each other: what only one of them has, and what is not the same, each in its own picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from threatmodel.diagrams.changes import before_after, marked_words
from threatmodel.diagrams.dfd import Diagram, Mark
from threatmodel.system import SystemModel

_KEY = (
    "+ thick line: only in this configuration, not in the other one",
    "~ dashed line, number in a hexagon: in both, and not the same",
    "thin and grey, without a sign: the same in both",
    "sharp box: external entity; crossed corners: actor; rounded box: process; double line: several instances",
    "two bars: data store; box around others: trust boundary; two heads: flows in both directions",
)


def side_by_side(
    first: SystemModel, second: SystemModel, changed: Mapping[str, Mark]
) -> tuple[Diagram | None, Diagram | None]:
    """A picture of each configuration with what differs from the other one, and its neighbours in grey.

    `changed` has the ids of elements, flows and boundaries that are not in both, or not the same: `removed` for what
    only the first has, `added` for what only the second has. None where a side has nothing of it.
    """
    return (
        _side(first, second, {id_: mark for id_, mark in changed.items() if mark != "added"}),
        _side(second, first, {id_: mark for id_, mark in changed.items() if mark != "removed"}),
    )


def _side(here: SystemModel, other: SystemModel, changed: Mapping[str, Mark]) -> Diagram | None:
    marks: dict[str, Mark] = {
        id_: "changed" if mark == "changed" else "added" for id_, mark in changed.items()
    }
    diagram = before_after(here, here, marks)
    if diagram is None:
        return None
    name, beside = here.configuration.name, other.configuration.name
    title = f"{name}: what {beside} does not have, or has otherwise"
    return replace(diagram, id=f"side-{name}", title=title, alt=_words(diagram, title), key=_KEY)


def _words(diagram: Diagram, title: str) -> str:
    marks: tuple[tuple[Mark, str], ...] = (("added", "Only here"), ("changed", "Not the same"))
    return " ".join([f"{title}.", *marked_words(diagram, marks)])
