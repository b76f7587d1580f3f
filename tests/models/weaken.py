"""What a change that switches off a control is, and which controls fall by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.models.outside import DAY
from threatmodel.claims.check import Tree
from threatmodel.claims.ledger import check_claims
from threatmodel.core.globs import select
from threatmodel.system import Project

Edit = tuple[str, str, str]
"""Path, old text, which stands there once, and new text. An empty old text: the new one is put at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakening:
    """A change of the release, as somebody would commit it.

    `also`: controls that the same change switches off beside the one that it is about. `keeps`: the text stays that one
    knows the defence by; it moved under a condition, is overridden, is left out by an early return, or its default
    changed elsewhere.
    """

    control: str
    edits: tuple[Edit, ...]
    also: tuple[str, ...] = ()
    keeps: bool = False

    @property
    def name(self) -> str:
        """The control and the file of the first edit."""
        return f"{self.control}@{self.edits[0][0].rpartition('/')[2]}"


def weakening(
    control: str,
    path: str,
    old: str,
    new: str,
    *,
    more: Sequence[Edit] = (),
    also: Sequence[str] = (),
    keeps: bool = False,
) -> Weakening:
    """A change of one file, or of `more`."""
    return Weakening(control=control, edits=((path, old, new), *more), also=tuple(also), keeps=keeps)


@dataclass(frozen=True, slots=True)
class Edited:
    """A tree in which some files have another text."""

    tree: Tree
    texts: Mapping[str, bytes]

    def paths(self) -> tuple[str, ...]:
        return self.tree.paths()

    def read(self, path: str) -> bytes:
        return self.texts[path] if path in self.texts else self.tree.read(path)


def edited(tree: Tree, edits: Iterable[Edit]) -> Edited:
    """The tree with the edits.

    Raises:
        ValueError: an old text does not stand in its file once.
    """
    texts: dict[str, bytes] = {}
    for path, old, new in edits:
        text = (texts[path] if path in texts else tree.read(path)).decode()
        if old and text.count(old) != 1:
            raise ValueError(f"{path} holds this {text.count(old)} times, not once: {old!r}")
        texts[path] = (text.replace(old, new) if old else text + new).encode()
    return Edited(tree, texts)


def fallen(project: Project, tree: Tree, change: Weakening) -> frozenset[str]:
    """The controls that are verified in a configuration before the change, and not after it."""
    return frozenset(
        control for control, before, after in _states(project, tree, change) if before == "verified" != after
    )


def contradicted(project: Project, tree: Tree, change: Weakening) -> frozenset[str]:
    """The controls that the source contradicts in a configuration after the change, and not before it."""
    return frozenset(
        control
        for control, before, after in _states(project, tree, change)
        if before != "contradicted" == after
    )


def _states(project: Project, tree: Tree, change: Weakening) -> Iterator[tuple[str, str, str]]:
    """Control and states before and after the change in each configuration, where a claim reads a changed file."""
    after = edited(tree, change.edits)
    near = tuple(
        control
        for control in project.controls
        if any(select(after.texts, glob) for claim in control.claims for glob in claim.paths)
    )
    part = replace(project, controls=near)
    one, other = (check_claims(part, {"": side}, as_of=DAY).states for side in (tree, after))
    for (name, control), state in one.items():
        yield control, state, other[name, control]


def found(change: Weakening, controls: frozenset[str]) -> bool:
    """Whether the right control fell, and none that the change has nothing to do with."""
    return change.control in controls <= {change.control, *change.also}


def report(project: Project, tree: Tree, changes: Sequence[Weakening]) -> Iterator[str]:
    """A line for each change with the controls that fell, and the figure."""
    hits: list[Weakening] = []
    for change in changes:
        controls = fallen(project, tree, change)
        hits += [change] if found(change, controls) else []
        words = "found" if hits[-1:] == [change] else "MISSED"
        keeps = "  (keeps the text)" if change.keeps else ""
        yield f"{words}  {change.name}{keeps}: {', '.join(sorted(controls)) or 'no control fell'}"
    kept = [change for change in changes if change.keeps]
    yield (
        f"{len(hits)} of {len(changes)} found by the right control, "
        f"{sum(change.keeps for change in hits)} of {len(kept)} of those that keep the text"
    )
