"""Files of the source that carry a boundary: which mean something else, and whether model and documents followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collateral.gate.meaning import meaning
from collateral.gate.model import Touched
from collateral.policy import BoundaryPath
from threatmodel.analysis.change import Difference
from threatmodel.core.globs import select
from threatmodel.source import SourceTree
from threatmodel.system import Boundary, Element, Flow, Project

_ANYWHERE = frozenset({"data", "adversary", "option", "configuration"})
"""Kinds that no element owns: a change of one may be the answer to any change of the source."""


class Meanings:
    """The meaning of files of two trees, each read once."""

    def __init__(self, base: SourceTree, head: SourceTree) -> None:
        self._trees = (base, head)
        self._paths = (base.paths(), head.paths())
        self._known: dict[str, tuple[str, str]] = {}

    def matched(self, globs: Iterable[str]) -> frozenset[str]:
        """The files of either tree that one of the globs matches. Go's test files are in no product."""
        found = {path for glob in globs for paths in self._paths for path in select(paths, glob)}
        return frozenset(path for path in found if not path.endswith("_test.go"))

    def changed(self, globs: Iterable[str]) -> tuple[str, ...]:
        """The files that mean something else, those that are in HEAD first. A file that only moved between the globs is
        none.

        Raises:
            SourceUnavailable: a file cannot be read.
        """
        pairs = {path: self._pair(path) for path in sorted(self.matched(globs))}
        changed = {path: pair for path, pair in pairs.items() if pair[0] != pair[1]}
        gone = [path for path, pair in changed.items() if not pair[1]]
        for new in [path for path, pair in changed.items() if not pair[0]]:
            old = next((path for path in gone if changed[path][0] == changed[new][1]), None)
            if old is not None:
                gone.remove(old)
                del changed[old], changed[new]
        return tuple(sorted(changed, key=lambda path: (path in gone, path)))

    def in_head(self, path: str) -> bool:
        """True where HEAD has the file."""
        return bool(self._pair(path)[1])

    def _pair(self, path: str) -> tuple[str, str]:
        if path not in self._known:
            data = [self._read(tree, path) for tree in self._trees]
            same = data[0] is not None and data[0] == data[1]
            self._known[path] = (
                ("same", "same")
                if same
                else (
                    meaning(data[0], path) if data[0] is not None else "",
                    meaning(data[1], path) if data[1] is not None else "",
                )
            )
        return self._known[path]

    @staticmethod
    def _read(tree: SourceTree, path: str) -> bytes | None:
        try:
            return tree.read(path)
        except KeyError:
            return None


def touched(
    entries: Iterable[BoundaryPath],
    meanings: Meanings,
    change: Difference,
    projects: tuple[Project, Project],
) -> tuple[tuple[Touched, ...], tuple[str, ...]]:
    """The entries with files that mean something else, and those that could not be looked at."""
    found: list[Touched] = []
    undone: list[str] = []
    for entry in entries:
        if not meanings.matched(entry.paths):
            undone.append(
                f"boundary path {entry.name}: no file of either source matches {', '.join(entry.paths)}"
            )
            continue
        if files := meanings.changed(entry.paths):
            documents = bool(meanings.changed(entry.documents)) if entry.documents else None
            found.append(
                Touched(
                    name=entry.name,
                    files=files,
                    elements=entry.elements,
                    model_followed=_followed(entry.elements, change, projects),
                    documents_followed=documents,
                    in_head=meanings.in_head(files[0]),
                )
            )
    return tuple(found), tuple(undone)


def _followed(elements: tuple[str, ...], change: Difference, projects: tuple[Project, Project]) -> bool:
    """True where the model changed in meaning, around these elements where there are any."""
    if not elements:
        return bool(change.model)
    near = frozenset(id_ for project in projects for id_ in _around(project, frozenset(elements)))
    return any(item.kind in _ANYWHERE or item.id in near for item in change.model)


def _around(project: Project, elements: frozenset[str]) -> Iterable[str]:
    """The elements, the boundaries that they live in, their flows, and the controls and components of all these."""
    yield from elements
    for system in project.systems:
        parents: Mapping[str, str | None] = {b.id: b.parent for b in system.boundaries}
        inside: set[str] = set()
        for element in system.elements:
            at: str | None = element.boundary if element.id in elements else None
            while at is not None and at not in inside:
                inside.add(at)
                at = parents.get(at)
        flows = {f.id for f in system.flows if f.source in elements or f.target in elements}
        yield from inside
        yield from flows
        items: tuple[Boundary | Element | Flow, ...] = (*system.boundaries, *system.elements, *system.flows)
        for item in items:
            if item.id in elements or item.id in inside or item.id in flows:
                yield from item.controls
    for component in project.components:
        if not elements.isdisjoint(component.runs_in):
            yield component.id
