"""Files of the source that carry a boundary: which mean something else, and whether model and documents followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collateral.gate.meaning import meaning
from collateral.gate.model import Touched
from collateral.policy import BoundaryPath
from threatmodel.analysis.change import Difference, ModelChange
from threatmodel.analysis.modeldiff import compare_systems
from threatmodel.core.globs import select
from threatmodel.source import SourceTree
from threatmodel.system import Boundary, Element, Flow, Project, SystemModel

Part = tuple[str, str]
"""Kind and id of a part of the model."""
_LINK = "link"


class Meanings:
    """The meaning of files of two trees, each read once."""

    def __init__(self, base: SourceTree, head: SourceTree) -> None:
        self._trees = (base, head)
        self._others = tuple(frozenset((*tree.links(), *tree.submodules())) for tree in self._trees)
        self._paths = tuple(
            (*tree.paths(), *sorted(others)) for tree, others in zip(self._trees, self._others, strict=True)
        )
        self._known: dict[str, tuple[str, str]] = {}

    def unread(self, globs: Iterable[str]) -> tuple[str, ...]:
        """Links and submodules of HEAD that a glob matches: where they lead is not compared."""
        return tuple(sorted(self.matched(globs) & self._others[1]))

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
            old, new = (self._read(tree, path) for tree in self._trees)
            same = old is not None and old == new
            self._known[path] = ("same", "same") if same else (self._of(0, path, old), self._of(1, path, new))
        return self._known[path]

    def _of(self, side: int, path: str, data: bytes | None) -> str:
        if data is None:
            return _LINK if path in self._others[side] else ""
        return meaning(data, path)

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
) -> tuple[tuple[Touched, ...], tuple[str, ...], tuple[str, ...]]:
    """The entries with files that mean something else, those that could not be looked at, and notes."""
    found: list[Touched] = []
    undone: list[str] = []
    notes: list[str] = []
    named = frozenset(_ids(projects[1]))
    for entry in entries:
        notes += (f"boundary path {entry.name}: {note}" for note in _notes(entry, meanings, named))
        if not meanings.matched(entry.paths):
            undone.append(
                f"boundary path {entry.name}: no file of either source matches {', '.join(entry.paths)}"
            )
            continue
        if files := meanings.changed(entry.paths):
            written = (meanings.in_head(path) for path in meanings.changed(entry.documents))
            documents = any(written) if entry.documents else None
            found.append(
                Touched(
                    name=entry.name,
                    files=files,
                    elements=entry.elements,
                    model_followed=followed(entry.elements, change.model, projects),
                    documents_followed=documents,
                    in_head=meanings.in_head(files[0]),
                )
            )
    return tuple(found), tuple(undone), tuple(notes)


def _notes(entry: BoundaryPath, meanings: Meanings, named: frozenset[str]) -> Iterator[str]:
    yield from (f"HEAD has no {id_}" for id_ in entry.elements if id_ not in named)
    for path in meanings.unread(entry.paths):
        yield f"{path} is a link or a submodule; where it leads is not compared"


def _ids(project: Project) -> Iterator[str]:
    for system in project.systems:
        parts: tuple[Boundary | Element | Flow, ...] = (*system.boundaries, *system.elements, *system.flows)
        yield from (part.id for part in parts)


def followed(
    elements: tuple[str, ...], changes: Iterable[ModelChange], projects: tuple[Project, Project]
) -> bool:
    """True where the model changed in meaning, around the elements if there are any. A picture or an answer has none."""
    real = [item for item in changes if item.kind not in {"view", "answer"}]
    if not elements:
        return bool(real)
    near = frozenset(part for project in projects for part in _around(project, frozenset(elements)))
    return any((item.kind, item.id) in near for item in real) or any(
        _told_apart(projects[1].system(item.id), projects[0], near)
        for item in real
        if item.kind == "configuration" and item.state == "added"
    )


def _told_apart(added: SystemModel, base: Project, near: frozenset[Part]) -> bool:
    """True where these parts are in the new configuration as they are in none of BASE."""
    return all(
        any((item.kind, item.id) in near for item in compare_systems(old, added)) for old in base.systems
    )


def _around(project: Project, elements: frozenset[str]) -> Iterator[Part]:
    """The elements, the boundaries that they live in, their flows; the controls, data, components of all these, and
    the adversaries who are at the elements."""
    yield from (("element", id_) for id_ in elements)
    for system in project.systems:
        yield from _near(system, elements)
    for component in project.components:
        if not elements.isdisjoint(component.runs_in):
            yield "component", component.id
    for adversary in project.adversaries:
        if not elements.isdisjoint(adversary.controls):
            yield "adversary", adversary.id


def _near(system: SystemModel, elements: frozenset[str]) -> Iterator[Part]:
    parents: Mapping[str, str | None] = {b.id: b.parent for b in system.boundaries}
    inside: set[str] = set()
    for element in system.elements:
        at: str | None = element.boundary if element.id in elements else None
        while at is not None and at not in inside:
            inside.add(at)
            at = parents.get(at)
    homes = [boundary for boundary in system.boundaries if boundary.id in inside]
    flows = [flow for flow in system.flows if not elements.isdisjoint((flow.source, flow.target))]
    own = [element for element in system.elements if element.id in elements]
    yield from (("boundary", boundary.id) for boundary in homes)
    yield from (("flow", flow.id) for flow in flows)
    data: list[Element | Flow] = [*own, *flows]
    guarded: list[Boundary | Element | Flow] = [*homes, *own, *flows]
    yield from (("control", id_) for item in guarded for id_ in item.controls)
    yield from (("data", id_) for item in data for id_ in item.data)
